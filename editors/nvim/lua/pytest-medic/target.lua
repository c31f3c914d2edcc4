-- Which tests a command means: this file, all, the one under the cursor, or those that are named.
local connection = require("pytest-medic.client")

local M = {}

--- The node id of the test around the cursor, such as `tests/test_x.py::TestY::test_z`; nil outside of tests.
function M.nearest()
  local row = vim.api.nvim_win_get_cursor(0)[1]
  local names, margin = {}, math.huge
  for number = row, 1, -1 do
    local line = vim.api.nvim_buf_get_lines(0, number - 1, number, true)[1]
    local indent = #line:match("^%s*")
    local test = line:match("^%s*def%s+(test[%w_]*)") or line:match("^%s*async%s+def%s+(test[%w_]*)")
    local class = line:match("^%s*class%s+(Test[%w_]*)")
    if #names == 0 and test or #names > 0 and class and indent < margin then
      table.insert(names, 1, #names == 0 and test or class)
      margin = indent
    elseif #names == 0 and number < row and line:match("^%S") and not line:match("^[@)%]}#]") then
      return nil -- the cursor is in something else at the top level
    end
  end
  if #names == 0 then return nil end
  return vim.api.nvim_buf_get_name(0) .. "::" .. table.concat(names, "::")
end

--- The argument of `pytest-medic.run` for what stands behind `:Medic run`; nil and a reason when it is unclear.
function M.parse(words)
  local path = vim.api.nvim_buf_get_name(0)
  local word = words[1] or (connection.is_test_file(path) and "file" or "all")
  local argument = { uri = path ~= "" and vim.uri_from_fname(path) or nil }
  if word == "nearest" then
    local nodeid = M.nearest()
    if not nodeid then return nil, "the cursor is in no test" end
    argument.tests = { nodeid }
  elseif word == "file" then
    argument.tests = { path }
  elseif word ~= "all" then
    argument.tests = words
  end
  return next(argument) and argument or vim.empty_dict()
end

return M
