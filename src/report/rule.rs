//! The small forms that pytest's output is made of: rules with a title, and `path:line:` locations.

/// The title of a rule: `=== FAILURES ===` with sign `=`. A title as wide as the screen leaves one sign on
/// each side; the length of a rule says nothing (CI prefixes and narrow terminals change it).
pub(super) fn title(line: &str, sign: char) -> Option<&str> {
    let line = line.trim_ascii_end();
    let inner = match sign.is_ascii() {
        true => between(line, sign as u8)?,
        false => line.trim_start_matches(sign).trim_end_matches(sign),
    };
    if inner.len() == line.len() {
        return None;
    }
    let inner = inner.strip_prefix(' ')?.strip_suffix(' ')?.trim();
    (!inner.is_empty() && !is_separator(inner, sign)).then_some(inner)
}

/// What stands between the signs at both ends.
fn between(line: &str, sign: u8) -> Option<&str> {
    let bytes = line.as_bytes();
    if bytes.first() != Some(&sign) || bytes.last() != Some(&sign) {
        return None;
    }
    let start = bytes.iter().position(|&byte| byte != sign)?;
    let end = bytes.iter().rposition(|&byte| byte != sign)? + 1;
    Some(&line[start..end])
}

/// `_ _ _ _`: between two frames of one traceback.
fn is_separator(inner: &str, sign: char) -> bool {
    inner.chars().all(|c| c == sign || c == ' ')
}

/// Whether the line separates two frames.
pub(super) fn separates_frames(line: &str) -> bool {
    line.starts_with("_ _") && is_separator(line, '_')
}

/// The first `::` of a text: a quicker search than one for any pattern.
pub(super) fn double_colon(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b':', bytes).find(|at| bytes.get(at + 1) == Some(&b':'))
}

/// `path:line: rest`, at the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location<'a> {
    pub(super) path: &'a str,
    pub(super) line: u32,
    pub(super) rest: &'a str,
}

impl<'a> Location<'a> {
    /// Reads `tests/test_a.py:12: AssertionError`, `C:\x\a.py:3: in f`, `<string>:1: ` and the like.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.first().is_none_or(|b| b.is_ascii_whitespace() || *b == b':') {
            return None;
        }
        let mut from = if has_drive(text) { 2 } else { 0 };
        loop {
            let colon = from + memchr::memchr(b':', &bytes[from..])?;
            let digits = bytes[colon + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            let end = colon + 1 + digits;
            if digits > 0 && bytes.get(end) == Some(&b':') && bytes.get(end + 1).is_none_or(|&b| b == b' ') {
                let line = text[colon + 1..end].parse().ok()?;
                let rest = text[end + 1..].strip_prefix(' ').unwrap_or("").trim_end();
                return Some(Self { path: &text[..colon], line, rest });
            }
            if bytes.get(colon + 1) == Some(&b' ') {
                return None; // `word: …` is a sentence
            }
            from = colon + 1;
        }
    }

    /// `in func`: an entry of the short style, which stands above its source.
    pub(super) fn function(&self) -> Option<&'a str> {
        let name = self.rest.strip_prefix("in ")?;
        (!name.is_empty() && !name.contains(' ')).then_some(name)
    }

    /// The exception that closes the deepest frame of the long style.
    pub(super) fn exception(&self) -> Option<&'a str> {
        is_dotted_name(self.rest).then(|| bare(self.rest))
    }
}

/// `C:\` or `C:/`.
fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'\\' | b'/')
}

/// Whether the path starts at a root or drive.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.starts_with("\\\\") || has_drive(path)
}

/// `shop.net.ApiError`, `tests.a.test_x.<locals>.Odd`.
pub(super) fn is_dotted_name(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(|part| part == "<locals>" || is_identifier(part))
}

/// A Python name.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// The last part of a dotted name.
pub(super) fn bare(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_has_a_title_whatever_its_width() {
        assert_eq!(title("=== FAILURES ===", '='), Some("FAILURES"));
        assert_eq!(title("_ test_long[a - b] _", '_'), Some("test_long[a - b]"));
        assert_eq!(title("__init__ is called __", '_'), None);
        assert_eq!(title("_ _ _ _ _ _", '_'), None);
        assert_eq!(title("==========", '='), None);
    }

    #[test]
    fn locations_of_all_systems() {
        let read =
            |text| Location::read(text).map(|at: Location<'_>| (at.path.to_string(), at.line, at.rest.to_string()));
        let some = |path: &str, line, rest: &str| Some((path.to_string(), line, rest.to_string()));
        assert_eq!(read("tests/a.py:11: AssertionError"), some("tests/a.py", 11, "AssertionError"));
        assert_eq!(read("tests/a.py:11: "), some("tests/a.py", 11, ""));
        assert_eq!(read("C:\\x\\a.py:3: in f"), some("C:\\x\\a.py", 3, "in f"));
        assert_eq!(read("<frozen x>:9: in g"), some("<frozen x>", 9, "in g"));
        assert_eq!(read("note: see a.py:3: in f"), None);
        assert_eq!(read(" a.py:3: in f"), None);
        assert_eq!(read("a.py:99999999999999: X"), None);
    }
}
