-- Shows how far a run or a heal is, keeps its summary in :messages, and can end it.
local connection = require("pytest-medic.client")

local M = {}

--- The runs that the user asked for and that have not ended: token -> client.
local ours = {}
--- What goes on now, for a status line; "" when nothing does.
local now = ""

local function show(text)
  now = text
  vim.api.nvim_echo({ { text } }, false, {})
end

local function describe(value)
  local share = value.percentage and ("%d%%"):format(value.percentage)
  return table.concat(vim.tbl_filter(function(it) return it ~= nil and it ~= "" end, {
    "pytest-medic:",
    value.title or "",
    share or "",
    value.message or "",
  }), " ")
end

--- The text for a status line: `%{v:lua.require'pytest-medic'.status()}`.
function M.status() return now end

--- Remembers a run that the user asked for, so that its summary is told.
function M.expect(token, client) ours[tostring(token)] = { client = client, token = token } end

--- Whether a run that the user asked for goes on.
function M.is_running() return next(ours) ~= nil end

--- Ends every run that the user asked for; false when there was none.
function M.stop()
  for _, run in pairs(ours) do
    connection.cancel(run.client, run.token)
  end
  return M.is_running()
end

local function on_progress(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if not client or client.name ~= "pytest-medic" then return end
  local token, value = event.data.params.token, event.data.params.value
  if type(value) ~= "table" then return end
  if value.kind ~= "end" then return show(describe(value)) end
  show("")
  if not ours[tostring(token)] then return end
  ours[tostring(token)] = nil
  vim.notify(describe({ message = value.message or "the run ended" }))
  vim.api.nvim_exec_autocmds("User", { pattern = "MedicRunEnd", modeline = false })
end

function M.follow()
  vim.api.nvim_create_autocmd("LspProgress", {
    group = vim.api.nvim_create_augroup("pytest-medic.progress", {}),
    callback = on_progress,
  })
end

return M
