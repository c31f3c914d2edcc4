//! Terminal control sequences: what a person saw, without the bytes that coloured it.

use std::borrow::Cow;

/// `text` without CSI (`ESC [ … final`), OSC (`ESC ] … BEL` or `ESC ] … ESC \`) and other escape sequences.
pub(super) fn strip(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let Some(first) = memchr::memchr(ESC, bytes) else { return Cow::Borrowed(text) };
    let mut plain = String::with_capacity(text.len());
    let (mut done, mut at) = (0, first);
    loop {
        plain.push_str(&text[done..at]);
        done = sequence_end(text, at);
        match memchr::memchr(ESC, &bytes[done..]) {
            Some(next) => at = done + next,
            None => break,
        }
    }
    plain.push_str(&text[done..]);
    Cow::Owned(plain)
}

/// Whether a text holds anything that `strip` or `visible` takes away, or a byte order mark, which hides as well.
pub(super) fn may_hide(bytes: &[u8]) -> bool {
    memchr::memchr3(ESC, b'\r', 0xef, bytes).is_some()
}

/// What was visible of a line that redrew itself with `\r` (progress bars, "collecting …", GitLab sections).
pub(super) fn visible(line: &str) -> &str {
    if line.starts_with(['E', '>']) || memchr::memchr(b'\r', line.as_bytes()).is_none() {
        return line;
    }
    line.rsplit('\r').find(|part| !part.is_empty()).unwrap_or("")
}

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// The offset after the sequence that begins at `start`; a torn sequence ends the text.
fn sequence_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let end = match bytes.get(start + 1) {
        Some(b'[') => bytes[start + 2..].iter().position(|b| (0x40..=0x7e).contains(b)).map(|at| start + 3 + at),
        Some(b']') => bytes[start + 2..].iter().position(|&b| b == BEL || b == ESC).map(|at| {
            let end = start + 2 + at;
            if bytes[end] == ESC && bytes.get(end + 1) == Some(&b'\\') { end + 2 } else { end + 1 }
        }),
        Some(byte) if byte.is_ascii() => Some(start + 2),
        _ => Some(start + 1),
    };
    let mut end = end.unwrap_or(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_links_and_titles_go() {
        assert_eq!(strip("\x1b[1m\x1b[31mtests/a.py\x1b[0m:11: AssertionError"), "tests/a.py:11: AssertionError");
        assert_eq!(strip("\x1b]8;;file:///x\x1b\\name\x1b]8;;\x1b\\"), "name");
        assert_eq!(strip("\x1b]0;title\x07text"), "text");
    }

    #[test]
    fn a_torn_sequence_ends_the_text() {
        assert_eq!(strip("a\x1b["), "a");
        assert_eq!(strip("a\x1b]0;x"), "a");
        assert_eq!(strip("a\x1b"), "a");
        assert_eq!(strip("a\x1bé"), "aé");
        assert_eq!(strip("a\x1b[é1m"), "aé1m".get(0..0).map(|_| "a").unwrap_or_default());
    }

    #[test]
    fn the_last_redraw_is_what_was_seen() {
        assert_eq!(visible("collecting ...\rcollected 3 items"), "collected 3 items");
        assert_eq!(visible("E   ValueError: a\rb"), "E   ValueError: a\rb");
    }
}
