-- Proves the plugin in a real headless Neovim, against the real server and a real pytest.
--
--   nvim --headless -u NONE -l nvim.lua PYTEST-MEDIC          PYTHON names an interpreter with pytest
--
-- Where EDITORS_HOME holds nvim-dap and PYTHON has debugpy, a test is debugged with them.
--
-- Prints one line a check, then 'N passed, N failed'; exits 1 when a check failed.

local program = vim.fn.fnamemodify(assert(_G.arg[1], "which program?"), ":p")
local python = os.getenv("PYTHON") or "python3"
local here = vim.fs.dirname(vim.fn.fnamemodify(_G.arg[0], ":p"))
local WAIT_MS = tonumber(os.getenv("WAIT_MS") or 60000)

local folder = vim.uv.fs_realpath(vim.fn.fnamemodify(vim.fn.tempname(), ":h")) .. "/shop"
local test_file = folder .. "/tests/test_cart.py"
local FAILING = '    assert cart.totals() == 8'
local HEALED = '    assert cart.total() == 8'
local BUG = '    assert cart.discounted(percent=10) == 180'

local passed, failed = 0, 0
local function say(line) io.stdout:write(line, "\n") end

local function finish()
  say(("%d passed, %d failed"):format(passed, failed))
  vim.fn.delete(folder, "rf")
  os.exit(failed == 0 and 0 or 1)
end

local function check(name, body)
  local started = vim.uv.hrtime()
  local ok, said = xpcall(body, debug.traceback)
  local took = ("%.0f ms"):format((vim.uv.hrtime() - started) / 1e6)
  if ok then
    passed = passed + 1
    say(("ok    %s (%s)%s"):format(name, took, said and ": " .. said or ""))
  else
    failed = failed + 1
    say(("FAIL  %s (%s): %s"):format(name, took, said))
  end
  return ok
end

local function wait_for(what, probe)
  local found
  local ok = vim.wait(WAIT_MS, function()
    found = probe()
    return found and true or false
  end, 20)
  assert(ok, "timed out waiting for " .. what)
  return found
end

local function same(actual, expected)
  assert(vim.deep_equal(actual, expected), ("%s, not %s"):format(vim.inspect(actual), vim.inspect(expected)))
end

local function lines() return vim.api.nvim_buf_get_lines(0, 0, -1, true) end

local function line_of(text)
  for number, line in ipairs(lines()) do
    if line == text then return number end
  end
  error("no line is " .. text)
end

--- The failures that Neovim shows in the current buffer, as "line:text under the squiggle".
local function shown()
  return vim.tbl_map(function(it)
    -- Between an edit and the server's answer a diagnostic may stand behind the end of the text.
    local there, under = pcall(vim.api.nvim_buf_get_text, 0, it.lnum, it.col, it.end_lnum, it.end_col, {})
    return ("%d:%s"):format(it.lnum + 1, there and table.concat(under, "\n") or "?")
  end, require("pytest-medic.failures").list(0))
end

local function floating_text()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= "" then
      local text = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true), "\n")
      vim.api.nvim_win_close(window, true)
      return text
    end
  end
end

local notes = {}
vim.notify = function(message) table.insert(notes, message) end
local function noted(pattern)
  return vim.iter(notes):find(function(it) return it:find(pattern) end)
end

--- What a user sees as the menu of fixes; picks the first entry.
local menu
vim.ui.select = function(items, options, choose)
  menu = vim.tbl_map(options.format_item or tostring, items)
  choose(items[1], 1)
end

local made = vim.system({ here .. "/scene.sh", folder }, { env = { PYTHON = python }, text = true }):wait()
assert(made.code == 0, made.stderr)
vim.env.PATH = vim.fs.dirname(program) .. ":" .. vim.fs.dirname(vim.fn.exepath(python)) .. ":" .. vim.env.PATH
vim.cmd.cd(folder)

local nvim_dap = (os.getenv("EDITORS_HOME") or "") .. "/nvim-dap"
vim.opt.runtimepath:prepend(vim.fs.dirname(here) .. "/nvim")
if vim.uv.fs_stat(nvim_dap) then vim.opt.runtimepath:prepend(nvim_dap) end
vim.cmd("filetype plugin on")
vim.cmd("runtime! plugin/pytest-medic.lua")

local client
check("the server attaches without a setup call", function()
  vim.cmd.edit(test_file)
  client = wait_for("the client", function()
    local attached = vim.lsp.get_clients({ bufnr = 0, name = "pytest-medic" })[1]
    return attached and attached.initialized and attached
  end)
  same(client.config.root_dir, folder)
  return ("Neovim %s"):format(tostring(vim.version()))
end)
if not client then finish() end

check("each failure of the log shows once, at its exact place", function()
  local expected = { line_of(FAILING) .. ":totals", line_of(BUG) .. ":cart.discounted(percent=10) == 180" }
  wait_for("two failures", function() return #shown() >= 2 end)
  same(shown(), expected)
  return table.concat(shown(), ", ")
end)

check("the actual value stands behind the failing line", function()
  local namespace = vim.api.nvim_get_namespaces()["pytest-medic.values"]
  local marks = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })
  same(vim.tbl_map(function(mark) return { mark[2] + 1, mark[4].virt_text[1][1] } end, marks), {
    { line_of(BUG), " was 190" },
  })
end)

check(":Medic next and prev walk the failures, round at the ends", function()
  local function after(step)
    vim.cmd("Medic " .. step)
    local told = wait_for("the message at the cursor", floating_text)
    assert(told:find("Error: "), told)
    return vim.api.nvim_get_current_line()
  end
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  same({ after("next"), after("next"), after("next"), after("prev") }, { FAILING, BUG, FAILING, BUG })
end)

check(":Medic list fills the quickfix list", function()
  vim.cmd("Medic list")
  local items = vim.fn.getqflist()
  vim.cmd.cclose()
  same(vim.tbl_map(function(it) return it.lnum end, items), { line_of(FAILING), line_of(BUG) })
  return items[1].text
end)

check(":Medic debug hands the test around the cursor to nvim-dap", function()
  local seen
  package.loaded.dap = { run = function(configuration) seen = configuration end }
  vim.api.nvim_win_set_cursor(0, { line_of(FAILING), 0 })
  vim.cmd("Medic debug nearest")
  package.loaded.dap = nil
  assert(seen and seen.module == "pytest" and seen.args[1]:find("::test_prices_add_up", 1, true), vim.inspect(seen))
end)

--- nvim-dap and debugpy where they are installed, else why the debugger cannot be tried.
local function debugger()
  if not vim.uv.fs_stat(nvim_dap) then return nil, "no nvim-dap in " .. nvim_dap end
  if vim.system({ python, "-c", "import debugpy" }):wait().code ~= 0 then return nil, "no debugpy in " .. python end
  local dap = require("dap")
  dap.adapters.python = { type = "executable", command = python, args = { "-m", "debugpy.adapter" } }
  return dap
end

local dap, why_not = debugger()
if not dap then
  say("SKIP  the lens Debug hands the test to nvim-dap and debugpy: " .. why_not)
else
  check("the lens Debug hands the test to nvim-dap and debugpy, which stops in it", function()
    local params = { textDocument = vim.lsp.util.make_text_document_params() }
    local answer = assert(vim.lsp.buf_request_sync(0, "textDocument/codeLens", params, WAIT_MS))[client.id].result
    local lens = vim.iter(answer):find(function(it)
      return it.command.title == "Debug" and it.command.arguments[1].nodeid:find("::test_prices_add_up", 1, true)
    end)
    vim.api.nvim_win_set_cursor(0, { line_of(FAILING), 0 })
    dap.set_breakpoint()
    vim.lsp.commands[lens.command.command](lens.command)
    local frame = wait_for("the debugger to stop", function()
      local session = dap.session()
      return session and session.stopped_thread_id and session.current_frame
    end)
    same({ frame.name, frame.line }, { "test_prices_add_up", line_of(FAILING) })
    local value
    dap.session():evaluate("cart.total()", function(_, answered) value = answered and answered.result end)
    wait_for("the value", function() return value end)
    same(value, "8")
    dap.clear_breakpoints()
    dap.continue()
    wait_for("the end of the session", function() return dap.session() == nil end)
    vim.cmd.buffer(test_file)
    return ("stopped in %s, line %d"):format(frame.name, frame.line)
  end)
end

check(":Medic completes subcommands and node ids", function()
  same(vim.fn.getcompletion("Medic re", "cmdline"), { "review" })
  same(vim.fn.getcompletion("Medic heal tests/", "cmdline"), {
    "tests/test_cart.py::test_a_discount_is_a_share",
    "tests/test_cart.py::test_prices_add_up",
  })
end)

check("the test around the cursor is found", function()
  vim.api.nvim_win_set_cursor(0, { line_of(FAILING), 0 })
  same(require("pytest-medic.target").nearest(), test_file .. "::test_prices_add_up")
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  same(require("pytest-medic.target").nearest(), nil)
end)

check("hover says why the test failed", function()
  vim.api.nvim_win_set_cursor(0, { line_of(FAILING), #"    assert cart.to" })
  vim.lsp.buf.hover()
  local text = wait_for("the hover", floating_text)
  assert(text:find("has no attribute 'totals'", 1, true), text)
  return text:match("[^\n]+")
end)

check("the quick fix heals the line", function()
  vim.api.nvim_win_set_cursor(0, { line_of(FAILING), #"    assert cart.to" })
  local before = lines()
  local at = line_of(FAILING)
  vim.o.undolevels = vim.o.undolevels -- closes the undo block, as a keystroke would
  vim.lsp.buf.code_action({ context = { only = { "quickfix" }, diagnostics = {} } })
  wait_for("the edit", function() return lines()[at] == HEALED end)
  before[at] = HEALED
  same(lines(), before)
  return menu and menu[1]
end)

check("undo takes it back in one step, and the failure returns", function()
  vim.cmd.undo()
  local at = line_of(FAILING)
  wait_for("both failures", function() return shown()[1] == at .. ":totals" end)
end)

check("a failure moves with its line", function()
  local at = line_of(FAILING)
  vim.api.nvim_buf_set_lines(0, 0, 0, true, { "# one more line" })
  wait_for("the failure to move", function() return shown()[1] == (at + 1) .. ":totals" end)
  vim.cmd.undo()
  wait_for("the failure to move back", function() return shown()[1] == at .. ":totals" end)
  vim.cmd("silent write")
end)

check("a run in some other terminal is seen", function()
  local log = folder .. "/test_run.log"
  local whole = vim.fn.readfile(log)
  local green = { "test_an_empty_cart_costs_nothing", "test_prices_add_up", "test_a_discount_is_a_share" }
  local said = vim.tbl_map(function(name) return ("tests/test_cart.py::%s PASSED"):format(name) end, green)
  table.insert(said, 1, "============================= test session starts ==============================")
  table.insert(said, "============================== 3 passed in 0.01s ===============================")
  vim.fn.writefile(said, log)
  wait_for("the failures to go", function() return #shown() == 0 end)
  vim.fn.writefile(whole, log)
  wait_for("the failures to come back", function() return #shown() == 2 end)
end)

check(":Medic run nearest runs one test and keeps the result of the other", function()
  vim.api.nvim_win_set_cursor(0, { line_of(BUG), 0 })
  vim.cmd("Medic run nearest")
  local summary = wait_for("the end of the run", function() return noted("^pytest%-medic: 1 ") end)
  same(#shown(), 2)
  notes = {}
  return summary
end)

check(":Medic lesson records a failure and its fix, where there is one", function()
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.cmd("Medic lesson")
  assert(noted("no failure on this line"), vim.inspect(notes))
  vim.api.nvim_win_set_cursor(0, { line_of(FAILING), 0 })
  vim.cmd("Medic lesson")
  local said = wait_for("the answer", function() return noted("lesson recorded") end)
  local text = table.concat(vim.fn.readfile(folder .. "/GRAVEYARD.md"), "\n")
  assert(text:find("assert cart.total() == 8", 1, true), text)
  return said
end)

check(":Medic dismiss hides a failure with its reason, until it fails in another way", function()
  vim.api.nvim_win_set_cursor(0, { line_of(BUG), 0 })
  vim.cmd("Medic dismiss a bug, and known")
  wait_for("the failure to go", function() return #shown() == 1 end)
  local log = folder .. "/test_run.log"
  local other = vim.tbl_map(function(line) return (line:gsub("190", "191")) end, vim.fn.readfile(log))
  vim.fn.writefile(other, log)
  wait_for("another failure", function() return #shown() == 2 end)
end)

check(":Medic heal runs, heals and runs again, and leaves the product's bug alone", function()
  notes = {}
  vim.cmd("Medic heal")
  local summary = wait_for("the end of the run", function() return noted("^pytest%-medic: %d+ failed, ") end)
  wait_for("the healed line", function() return vim.tbl_contains(lines(), HEALED) end)
  assert(vim.tbl_contains(lines(), BUG), "the assertion that shows a bug was changed")
  wait_for("the bug alone to be shown", function() return vim.deep_equal(shown(), { line_of(BUG) .. ":cart.discounted(percent=10) == 180" }) end)
  return summary
end)

check("a wrong subcommand names the right ones", function()
  vim.cmd("Medic hael")
  assert(noted("no subcommand `hael`; there are debug, dismiss, evidence, heal"), vim.inspect(notes))
end)

check(":checkhealth is content", function()
  vim.cmd("silent checkhealth pytest-medic")
  local report = table.concat(lines(), "\n")
  vim.cmd("silent bwipeout!")
  assert(not report:find("ERROR") and report:find("serves " .. folder, 1, true), report)
  return report:match("(pytest%-medic %S+) at")
end)

check("a missing program is named where the server would be", function()
  vim.g.pytest_medic = { cmd = { "no-such-program", "server" } }
  vim.lsp.stop_client(client.id)
  wait_for("the exit", function() return #vim.lsp.get_clients({ name = "pytest-medic" }) == 0 end)
  notes = {}
  vim.bo.filetype = "python"
  assert(noted("no program `no%-such%-program` on PATH"), vim.inspect(notes))
  notes = {}
  vim.cmd("Medic run")
  local said = assert(noted("no program `no%-such%-program` on PATH"), vim.inspect(notes))
  vim.g.pytest_medic = nil
  vim.bo.filetype = "python"
  client = wait_for("the client to come back", function()
    return vim.lsp.get_clients({ bufnr = 0, name = "pytest-medic" })[1]
  end)
  return said
end)

check("the server stops with Neovim", function()
  local stopped = vim.lsp.enable and function() return client:is_stopped() end or function() return client.is_stopped() end
  vim.lsp.stop_client(client.id)
  wait_for("the exit", stopped)
end)

finish()
