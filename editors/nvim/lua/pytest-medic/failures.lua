-- The failures that the server shows, wherever they are: as a list, as steps, as values behind lines.
-- All of it is a view on Neovim's diagnostics, which the server keeps in their place while text is edited.
local settings = require("pytest-medic.settings")

local M = {}

local SOURCE = "pytest-medic"
local TITLE = "pytest-medic: failing tests"
local namespace = vim.api.nvim_create_namespace("pytest-medic.values")

--- What the server knows of a diagnostic: { nodeid, expected, actual, stale }; nil when it is no failure.
local function facts(diagnostic)
  local data = vim.tbl_get(diagnostic, "user_data", "lsp", "data")
  if diagnostic.source ~= SOURCE or type(data) ~= "table" or type(data.nodeid) ~= "string" then return nil end
  return data
end

--- Every failure in the order of files and lines, as diagnostics; of one buffer when it is given.
function M.list(buffer)
  local failures = vim.tbl_filter(facts, vim.diagnostic.get(buffer))
  local name = {}
  for _, it in ipairs(failures) do
    name[it.bufnr] = name[it.bufnr] or vim.api.nvim_buf_get_name(it.bufnr)
  end
  table.sort(failures, function(a, b)
    if a.bufnr ~= b.bufnr then return name[a.bufnr] < name[b.bufnr] end
    if a.lnum ~= b.lnum then return a.lnum < b.lnum end
    return a.col < b.col
  end)
  return failures
end

--- The node ids of all failures, each once.
function M.nodeids()
  local seen = {}
  for _, it in ipairs(M.list()) do
    for _, nodeid in ipairs(facts(it).nodeids) do
      seen[nodeid] = true
    end
  end
  local nodeids = vim.tbl_keys(seen)
  table.sort(nodeids)
  return nodeids
end

--- The node id of the failure on the cursor's line; nil when there is none.
function M.at_cursor()
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  local here = vim.tbl_filter(function(it) return it.lnum <= line and line <= it.end_lnum end, M.list(0))
  return here[1] and facts(here[1]).nodeid
end

local function is_after(failure, buffer, line, column)
  if failure.bufnr ~= buffer then
    return vim.api.nvim_buf_get_name(failure.bufnr) > vim.api.nvim_buf_get_name(buffer)
  end
  return failure.lnum > line or (failure.lnum == line and failure.col > column)
end

local function is_here(failure, buffer, line, column)
  return failure.bufnr == buffer and failure.lnum == line and failure.col == column
end

--- Goes to the next failure (`step` 1) or the one before (-1), across files, round at the ends.
function M.jump(step)
  local failures = M.list()
  if #failures == 0 then
    vim.notify("pytest-medic: no failing tests")
    return
  end
  local buffer = vim.api.nvim_get_current_buf()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local first, last, by = 1, #failures, 1
  if step < 0 then first, last, by = #failures, 1, -1 end
  local target = failures[first]
  for index = first, last, by do
    local after = is_after(failures[index], buffer, row - 1, column)
    local before = not after and not is_here(failures[index], buffer, row - 1, column)
    if step > 0 and after or step < 0 and before then
      target = failures[index]
      break
    end
  end
  vim.cmd("normal! m'") -- so that CTRL-O leads back
  vim.bo[target.bufnr].buflisted = true
  vim.api.nvim_win_set_buf(0, target.bufnr)
  local last = vim.api.nvim_buf_line_count(target.bufnr) -- the text may be shorter than the server knows yet
  vim.api.nvim_win_set_cursor(0, { math.min(target.lnum + 1, last), target.col })
  -- Later, since the move of the cursor closes a float that is there already.
  vim.schedule(function() vim.diagnostic.open_float({ scope = "cursor", source = false, focus = false }) end)
end

local function set_quickfix(action)
  local items = vim.diagnostic.toqflist(M.list())
  for _, item in ipairs(items) do
    item.text = item.text:match("[^\n]*")
  end
  vim.fn.setqflist({}, action, { title = TITLE, items = items })
end

--- Opens the quickfix list of failures. It follows the server until another list takes its place.
function M.open_quickfix()
  if #M.list() == 0 then return vim.notify("pytest-medic: no failing tests") end
  set_quickfix(vim.fn.getqflist({ title = true }).title == TITLE and "r" or " ")
  vim.cmd.copen()
end

local function one_line(text) return vim.fn.strcharpart(vim.trim(text:gsub("%s+", " ")), 0, 80) end

local function show_values(buffer)
  vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  -- Where inlay hints are on, the server's own show the values.
  if not settings.get("virtual_text") or vim.lsp.inlay_hint.is_enabled({ bufnr = buffer }) then return end
  for _, failure in ipairs(M.list(buffer)) do
    local known = facts(failure)
    if type(known.actual) == "string" and not known.stale and failure.lnum < vim.api.nvim_buf_line_count(buffer) then
      vim.api.nvim_buf_set_extmark(buffer, namespace, failure.lnum, 0, {
        virt_text = { { " was " .. one_line(known.actual), "DiagnosticVirtualTextHint" } },
        hl_mode = "combine",
      })
    end
  end
end

--- Keeps the values and the quickfix list in step with the diagnostics.
function M.follow_diagnostics()
  vim.api.nvim_create_autocmd("DiagnosticChanged", {
    group = vim.api.nvim_create_augroup("pytest-medic.failures", {}),
    callback = function(event)
      if vim.api.nvim_buf_is_loaded(event.buf) then show_values(event.buf) end
      if vim.fn.getqflist({ title = true }).title == TITLE then set_quickfix("r") end
    end,
  })
end

return M
