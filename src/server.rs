//! The language server: failures as diagnostics, fixes as code actions, lessons as hovers.
