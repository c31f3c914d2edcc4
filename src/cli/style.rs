//! Colours with a meaning. `anstream` drops them where they are not wanted (a pipe, `NO_COLOR`).

use anstyle::{AnsiColor, Style};

/// Failures, errors, removed lines.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Healed, passed, added lines.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What a person should look at.
pub const NOTE: Style = AnsiColor::Yellow.on_default();
/// Places: `tests/test_a.py:12`.
pub const PLACE: Style = AnsiColor::Cyan.on_default();
/// Less important.
pub const DIM: Style = Style::new().dimmed();
/// Headings.
pub const STRONG: Style = Style::new().bold();
/// Back to plain.
pub const RESET: anstyle::Reset = anstyle::Reset;
