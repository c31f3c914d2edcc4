-- What `vim.lsp.config("pytest-medic", {...})` builds on, in Neovim 0.11 and later.
return require("pytest-medic.client").config()
