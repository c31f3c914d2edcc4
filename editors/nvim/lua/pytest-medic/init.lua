-- What other configuration may call. There is no setup: `vim.g.pytest_medic` holds the settings.
local M = {}

--- What goes on now ("pytest-medic: Healing 40%"), or "": for a status line.
function M.status() return require("pytest-medic.progress").status() end

--- How many failures are shown, everywhere or in one buffer.
function M.failed(buffer) return #require("pytest-medic.failures").list(buffer) end

return M
