//! Which format a run is written in, from its first bytes.

use super::Format;

/// A JSON or XML beginning is certain after this many bytes.
const ENOUGH: usize = 1024;

/// The format, as soon as it is certain.
pub(super) fn format(head: &[u8]) -> Option<Format> {
    let text = trimmed(head);
    match text.first() {
        None => None,
        Some(0xff) if head.len() < 2 => None, // perhaps the mark of UTF-16
        Some(b'<' | b'{') if text.len() < ENOUGH => None,
        Some(_) => Some(of_whole(head)),
    }
}

/// The format of what may be all there is.
pub(super) fn of_whole(head: &[u8]) -> Format {
    let text = trimmed(head);
    let text = &text[..text.len().min(ENOUGH)];
    let first_line = text.split(|&b| b == b'\n').next().unwrap_or(text);
    let has = |text: &[u8], word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    match text.first() {
        Some(b'<') if ["<testsuite", "<testcase"].iter().any(|tag| has(text, tag)) => Format::JunitXml,
        Some(b'{') if has(first_line, "\"$report_type\"") => Format::Reportlog,
        Some(b'{') if has(first_line, "\"event\"") => Format::Events,
        Some(b'{') if has(text, "\"created\"") || has(text, "\"exitcode\"") => Format::JsonReport,
        _ => Format::Terminal,
    }
}

/// Without a byte order mark and white space in front.
fn trimmed(head: &[u8]) -> &[u8] {
    head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_show_the_format() {
        for (text, expected) in [
            ("<?xml version=\"1.0\"?><testsuites>", Format::JunitXml),
            ("{\"pytest_version\": \"9.2.0\", \"$report_type\": \"SessionStart\"}\n", Format::Reportlog),
            ("{\"event\":\"start\",\"schema\":1}\n", Format::Events),
            ("{\n \"created\": 17.0, \"duration\": 1}", Format::JsonReport),
            ("=== test session starts ===", Format::Terminal),
            ("<Module test_a.py>\n", Format::Terminal),
            ("", Format::Terminal),
        ] {
            assert_eq!(of_whole(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_beginning_that_may_still_change_is_not_decided() {
        assert_eq!(format(b"{\"pyt"), None);
        assert_eq!(format(b"  \n"), None);
        assert_eq!(format(b"tests/a.py ."), Some(Format::Terminal));
    }
}
