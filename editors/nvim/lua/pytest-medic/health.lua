-- :checkhealth pytest-medic
local settings = require("pytest-medic.settings")

local M = {}

local function first_line(command)
  local ok, process = pcall(vim.system, command, { text = true, timeout = 5000 })
  if not ok then return nil end
  local done = process:wait()
  return done.code == 0 and vim.trim(done.stdout):match("[^\n]*") or nil
end

local function check_settings()
  vim.health.start("Settings")
  local problems = settings.problems()
  for _, problem in ipairs(problems) do
    vim.health.error(problem)
  end
  if #problems == 0 then vim.health.ok("`vim.g.pytest_medic` is valid") end
end

local function check_program()
  vim.health.start("Program")
  local program = settings.get("cmd")[1]
  if vim.fn.executable(program) == 0 then
    vim.health.error(("no program `%s` on PATH"):format(program), {
      "Install it into the environment that Neovim is started from, or set the full path:",
      'vim.g.pytest_medic = { cmd = { "/path/to/pytest-medic", "server" } }',
    })
    return
  end
  local version = first_line({ program, "--version" })
  if version then
    vim.health.ok(("%s at %s"):format(version, vim.fn.exepath(program)))
  else
    vim.health.error(("`%s --version` failed"):format(vim.fn.exepath(program)), "Run it in a terminal to see why.")
  end
end

local function check_clients()
  vim.health.start("Servers")
  local clients = vim.lsp.get_clients({ name = "pytest-medic" })
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    vim.health.ok(("serves %s (%d buffer%s)"):format(client.config.root_dir, buffers, buffers == 1 and "" or "s"))
  end
  if #clients == 0 then vim.health.info("none runs; one starts when a Python file of a project is opened") end
end

local function check_project()
  vim.health.start("Project")
  local client = vim.lsp.get_clients({ name = "pytest-medic" })[1]
  local root = client and client.config.root_dir or vim.fn.getcwd()
  local log = vim.fs.joinpath(root, "test_run.log")
  if vim.uv.fs_stat(log) then
    vim.health.ok("has a log: " .. log)
  else
    vim.health.info("no test_run.log yet: `:Medic run`, or `pytest | tee test_run.log` in " .. root)
  end
end

--- Where `:Medic debug` and the lens "Debug" would go.
local function check_debugger()
  vim.health.start("Debugger")
  local found, dap = pcall(require, "dap")
  if not found then
    vim.health.info("no nvim-dap: tests can be run, but not debugged")
  elseif not dap.adapters.python then
    vim.health.warn("nvim-dap has no adapter called `python`", "Install nvim-dap-python, or set `dap.adapters.python`.")
  else
    vim.health.ok("nvim-dap with an adapter called `python`")
  end
end

function M.check()
  check_settings()
  check_program()
  check_clients()
  check_project()
  check_debugger()
end

return M
