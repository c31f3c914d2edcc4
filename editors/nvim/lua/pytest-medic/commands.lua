-- :Medic and its subcommands.
local connection = require("pytest-medic.client")
local failures = require("pytest-medic.failures")
local progress = require("pytest-medic.progress")
local settings = require("pytest-medic.settings")
local target = require("pytest-medic.target")

local M = {}

local function warn(message) vim.notify("pytest-medic: " .. message, vim.log.levels.WARN) end

local function root()
  local client = connection.get()
  return client and client.config.root_dir or vim.fn.getcwd()
end

local function start(command, words)
  local argument, problem = target.parse(words)
  if not argument then return warn(problem) end
  connection.execute(command, argument, function(answer, client)
    if type(answer) == "table" and answer.token then progress.expect(answer.token, client) end
  end)
end

local function with_failure(command, answered)
  local nodeid = failures.at_cursor()
  if not nodeid then return warn("no failure on this line") end
  connection.execute(command, { nodeid = nodeid }, answered)
end

--- Hands tests over to nvim-dap.
local function debug_tests(argument)
  local found, dap = pcall(require, "dap")
  if not found then return warn("no debugger: install nvim-dap, with an adapter called `python`") end
  dap.run({
    type = "python",
    request = "launch",
    name = "pytest-medic",
    module = "pytest",
    args = argument.tests or {},
    cwd = root(),
  })
end

vim.lsp.commands["pytest-medic.debug"] = function(command) debug_tests(command.arguments[1]) end

local function complete_tests() return vim.list_extend({ "nearest", "file", "all" }, failures.nodeids()) end

--- One entry a subcommand: what it does with the words behind it, and what completes them.
local SUBCOMMANDS = {
  run = { run = function(words) start("pytest-medic.run", words) end, complete = complete_tests },
  heal = { run = function(words) start("pytest-medic.runAndHeal", words) end, complete = complete_tests },
  debug = {
    run = function(words)
      local argument, problem = target.parse(words)
      if not argument then return warn(problem) end
      debug_tests(argument)
    end,
    complete = complete_tests,
  },
  stop = {
    run = function()
      if not progress.stop() then warn("nothing runs") end
    end,
  },
  next = { run = function() failures.jump(1) end },
  prev = { run = function() failures.jump(-1) end },
  list = { run = failures.open_quickfix },
  evidence = { run = function() with_failure("pytest-medic.showEvidence") end },
  lesson = {
    run = function()
      with_failure("pytest-medic.recordLesson", function(answer)
        vim.notify(("pytest-medic: lesson recorded: %s (%s)"):format(answer.title, vim.fn.fnamemodify(answer.path, ":~:.")))
      end)
    end,
  },
  dismiss = {
    run = function(words)
      local nodeid = failures.at_cursor()
      if not nodeid then return warn("no failure on this line") end
      local function dismiss(reason)
        if reason and reason ~= "" then connection.execute("pytest-medic.dismiss", { nodeid = nodeid, reason = reason }) end
      end
      if #words > 0 then return dismiss(table.concat(words, " ")) end
      vim.ui.input({ prompt = "Why does it need no fix? " }, dismiss)
    end,
  },
  log = {
    run = function(words)
      local path = words[1] or vim.fs.joinpath(root(), "test_run.log")
      connection.execute("pytest-medic.readLog", { path = vim.fn.fnamemodify(path, ":p") })
    end,
    complete = function(lead) return vim.fn.getcompletion(lead, "file") end,
  },
  review = {
    run = function()
      local command, options = { settings.get("cmd")[1], "review" }, { cwd = root() }
      vim.cmd("botright new")
      if vim.fn.has("nvim-0.11") == 1 then
        options.term = true
        vim.fn.jobstart(command, options)
      else
        vim.fn.termopen(command, options)
      end
      vim.cmd.startinsert()
    end,
  },
}

--- Runs `:Medic` with its words.
function M.run(words)
  local subcommand = SUBCOMMANDS[words[1]]
  if not subcommand then
    local known = vim.tbl_keys(SUBCOMMANDS)
    table.sort(known)
    local problem = words[1] and ("no subcommand `%s`"):format(words[1]) or "a subcommand is missing"
    return warn(("%s; there are %s (:help pytest-medic-commands)"):format(problem, table.concat(known, ", ")))
  end
  subcommand.run(vim.list_slice(words, 2))
end

--- Completes `:Medic`, and the words behind a subcommand.
function M.complete(lead, line)
  local name, rest = line:match("^%s*%S*Medic!?%s+(%S+)(%s.*)$")
  local candidates
  if rest then
    local subcommand = SUBCOMMANDS[name]
    candidates = subcommand and subcommand.complete and subcommand.complete(lead) or {}
  else
    candidates = vim.tbl_keys(SUBCOMMANDS)
    table.sort(candidates)
  end
  return vim.tbl_filter(function(it) return vim.startswith(it, lead) end, candidates)
end

return M
