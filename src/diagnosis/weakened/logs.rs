//! What code tells the log.

use crate::syntax::tokens::{is_name, tokens};
use crate::workspace::similar_names::words;

/// Whether a line of code writes to a log. What the code itself opens as `log` is a file like any other.
pub(super) fn is_logged(line: &str, code: &str) -> bool {
    const STARTS: [&str; 7] = ["log.", "logger.", "logging.", "_log.", "_logger.", "LOG.", "print("];
    let line = line.trim_start().trim_start_matches("self.");
    let is_opened = |name: &str| tokens(code).windows(2).any(|pair| pair == ["as", name]);
    STARTS.iter().any(|start| line.starts_with(start) && !is_opened(start.trim_end_matches('.')))
}

/// The secrets that the log is told.
pub(super) fn told(code: &str) -> usize {
    const SECRETS: [&str; 6] = ["password", "passwd", "secret", "secrets", "token", "credentials"];
    let is_secret = |token: &&str| is_name(token) && words(token).iter().any(|word| SECRETS.contains(&word.as_str()));
    let logged = code.lines().filter(|line| is_logged(line, code));
    logged.map(|line| tokens(line).iter().filter(|token| is_secret(token)).count()).sum()
}
