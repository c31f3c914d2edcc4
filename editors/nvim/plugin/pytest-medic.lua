-- Attaches the server to Python files and defines :Medic. Nothing of the project runs before it is asked for.
if vim.g.loaded_pytest_medic then return end
vim.g.loaded_pytest_medic = true

if vim.fn.has("nvim-0.10") == 0 then
  vim.notify("pytest-medic needs Neovim 0.10 or later", vim.log.levels.WARN)
  return
end

require("pytest-medic.failures").follow_diagnostics()
require("pytest-medic.progress").follow()
require("pytest-medic.client").enable()

vim.api.nvim_create_user_command("Medic", function(call) require("pytest-medic.commands").run(call.fargs) end, {
  nargs = "*",
  desc = "Run, heal and walk failing tests",
  complete = function(lead, line) return require("pytest-medic.commands").complete(lead, line) end,
})
