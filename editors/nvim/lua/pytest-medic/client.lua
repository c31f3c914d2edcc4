-- The connection to `pytest-medic server`: the same on 0.10 as on 0.11 and later.
local settings = require("pytest-medic.settings")

local M = {}

local NAME = "pytest-medic"
local FILETYPES = { "python", "markdown" } -- markdown for GRAVEYARD.md only, see root()
local ROOT_MARKERS = { "pyproject.toml", "pytest.toml", "pytest.ini", "tox.ini", "setup.cfg", "setup.py", "GRAVEYARD.md", ".git" }

--- Whether pytest would collect `path` by its default names, or load it as a conftest.
function M.is_test_file(path)
  local name = vim.fs.basename(path)
  return name:match("^test_.*%.py$") ~= nil or name:match("_test%.py$") ~= nil or name == "conftest.py"
end

--- The folder to serve for a buffer; nil where the server has nothing to say.
function M.root(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  if path == "" or vim.bo[buffer].buftype ~= "" then return nil end
  if vim.bo[buffer].filetype ~= "python" and vim.fs.basename(path) ~= "GRAVEYARD.md" then return nil end
  local root = vim.fs.root(buffer, ROOT_MARKERS)
  if root or not M.is_test_file(path) then return root end
  return vim.fs.dirname(path)
end

--- Why no server can be started; nil when one can.
local function obstacle()
  local program = settings.get("cmd")[1]
  if vim.fn.executable(program) == 1 then return nil end
  local message = "no program `%s` on PATH; install it or set `vim.g.pytest_medic.cmd` (:checkhealth pytest-medic)"
  return message:format(program)
end

--- Tells, once, why nothing is shown in a buffer that the server would serve.
local function tell_obstacle(buffer)
  local why = M.root(buffer) and obstacle()
  if why then vim.notify_once("pytest-medic: " .. why, vim.log.levels.WARN) end
end

--- Applies a heal's edit and saves what had no unsaved changes before, since the next run reads the disk.
local function apply_edit(err, params, context)
  local clean = vim.tbl_filter(function(it) return vim.bo[it].buftype == "" and not vim.bo[it].modified end, vim.api.nvim_list_bufs())
  local answer = vim.lsp.handlers["workspace/applyEdit"](err, params, context)
  if require("pytest-medic.progress").is_running() then
    for _, buffer in ipairs(clean) do
      if vim.bo[buffer].modified then vim.api.nvim_buf_call(buffer, function() vim.cmd("silent update") end) end
    end
  end
  return answer
end

--- What Neovim can do, and a lens that debugs where nvim-dap is there.
local function capabilities()
  local dap = vim.api.nvim_get_runtime_file("lua/dap.lua", false)[1]
  local ours = { experimental = { pytestMedicDebug = dap ~= nil } }
  return vim.tbl_deep_extend("force", vim.lsp.protocol.make_client_capabilities(), ours)
end

--- The client's configuration, as `vim.lsp.config` takes it.
function M.config()
  return {
    cmd = settings.get("cmd"),
    filetypes = FILETYPES,
    root_dir = function(buffer, start)
      local root = M.root(buffer)
      if root and not obstacle() then start(root) end
    end,
    settings = { [NAME] = settings.get("settings") },
    capabilities = capabilities(),
    handlers = { ["workspace/applyEdit"] = apply_edit },
  }
end

local function attach_on_0_10(buffer)
  if not vim.tbl_contains(FILETYPES, vim.bo[buffer].filetype) then return end
  local config = M.config()
  config.root_dir(buffer, function(root)
    vim.lsp.start(vim.tbl_extend("force", config, { name = NAME, root_dir = root }), { bufnr = buffer })
  end)
end

--- Serves every fitting buffer from now on, and those that are open.
function M.enable()
  if not settings.get("enabled") then return end
  if vim.lsp.enable then vim.lsp.enable(NAME) end -- 0.11 and later; it finds lsp/pytest-medic.lua
  local function attach(buffer)
    tell_obstacle(buffer)
    if not vim.lsp.enable then attach_on_0_10(buffer) end
  end
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("pytest-medic.attach", {}),
    pattern = FILETYPES,
    callback = function(event) attach(event.buf) end,
  })
  vim.iter(vim.api.nvim_list_bufs()):filter(vim.api.nvim_buf_is_loaded):each(attach)
end

--- The client of the current buffer, or else any of ours; nil when none runs.
function M.get()
  return vim.lsp.get_clients({ name = NAME, bufnr = 0 })[1] or vim.lsp.get_clients({ name = NAME })[1]
end

local function fail(message) vim.notify("pytest-medic: " .. message, vim.log.levels.ERROR) end

--- Runs a command of the server, such as `pytest-medic.run`; `answer` gets its result, the user its error.
function M.execute(command, argument, answer)
  local client = M.get()
  if not client then return fail(obstacle() or "no server runs here; open a Python test, or see :checkhealth pytest-medic") end
  local params = { command = command, arguments = { argument } }
  local function handle(err, result)
    if err then return fail(err.message) end
    if answer then answer(result, client) end
  end
  -- The client's functions became methods in 0.11.
  if vim.lsp.enable then
    client:request("workspace/executeCommand", params, handle)
  else
    client.request("workspace/executeCommand", params, handle)
  end
end

--- Asks the server to end the work behind a progress token.
function M.cancel(client, token)
  local method, params = "window/workDoneProgress/cancel", { token = token }
  if vim.lsp.enable then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

return M
