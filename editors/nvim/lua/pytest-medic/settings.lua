-- What the user chose in `vim.g.pytest_medic`, and the defaults.
local M = {}

local DEFAULTS = {
  cmd = { "pytest-medic", "server" },
  enabled = true, -- attach by itself
  virtual_text = true, -- the actual value behind a failing line
  settings = {}, -- as in [tool.pytest-medic] of pyproject.toml
}

--- The setting `name`, read anew each time, so that a change counts at once.
function M.get(name)
  local chosen = (vim.g.pytest_medic or {})[name]
  if chosen == nil then return DEFAULTS[name] end
  return chosen
end

--- What is wrong with `vim.g.pytest_medic`, one message each, for :checkhealth.
function M.problems()
  local chosen = vim.g.pytest_medic or {}
  if type(chosen) ~= "table" then return { "`vim.g.pytest_medic` must be a table, not a " .. type(chosen) } end
  local problems = {}
  for name, value in pairs(chosen) do
    local expected = DEFAULTS[name]
    if expected == nil then
      table.insert(problems, ("`vim.g.pytest_medic.%s` is not a setting; see |pytest-medic-settings|"):format(name))
    elseif type(value) ~= type(expected) then
      local message = "`vim.g.pytest_medic.%s` must be a %s, not a %s"
      table.insert(problems, message:format(name, type(expected), type(value)))
    end
  end
  return problems
end

return M
