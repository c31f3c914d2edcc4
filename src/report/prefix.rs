//! What a CI system puts before every line: stamps, job names, a left indent.

/// A prefix as a pattern: a digit stands for any digit, all else for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    shape: Vec<u8>,
}

impl Prefix {
    /// What stands before the rule on a session's first line; `None` where nothing does.
    pub(super) fn of_session_start(line: &str) -> Option<Self> {
        let rule = line.find("= test session starts =")?;
        let before = line[..rule].trim_end_matches('=');
        before.ends_with([' ', '\t']).then(|| Self::of_text(before)) // with `-s` a test's letter may stand there
    }

    /// The prefix that most of the first lines begin with, for runs that print no session start.
    pub(super) fn of_majority<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (mut shapes, mut total) = (Vec::<(Self, usize)>::new(), 0);
        for line in lines.filter(|line| !line.trim().is_empty()) {
            total += 1;
            let Some(length) = known_prefix(line) else { continue };
            let shape = Self::of_text(&line[..length]);
            match shapes.iter_mut().find(|(known, _)| *known == shape) {
                Some((_, count)) => *count += 1,
                None => shapes.push((shape, 1)),
            }
        }
        shapes.into_iter().find(|(_, count)| *count * 2 > total).map(|(shape, _)| shape)
    }

    fn of_text(text: &str) -> Self {
        let digit = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
        Self { shape: text.bytes().map(digit).collect() }
    }

    /// The line without the prefix; lines of other writers stay as they are.
    pub(super) fn strip<'a>(&self, line: &'a str) -> &'a str {
        let bytes = line.as_bytes();
        let fits = |length: usize| {
            bytes.len() >= length
                && self.shape[..length].iter().zip(bytes).enumerate().all(|(at, (&shape, &byte))| match shape {
                    b'0' => byte.is_ascii_digit(),
                    b'O' if at > 1 && self.shape[at - 1] == b'0' => matches!(byte, b'O' | b'E'), // GitLab's stream
                    b' ' if at > 1 && self.shape[at - 1] == b'O' => matches!(byte, b' ' | b'+'), // continued line
                    shape => byte == shape,
                })
        };
        if fits(self.shape.len()) {
            return line.get(self.shape.len()..).unwrap_or(line);
        }
        let short = self.shape.trim_ascii_end().len();
        if short > 0 && bytes.len() == short && fits(short) { "" } else { line }
    }
}

/// The length of a stamp or name that a known system begins its lines with.
fn known_prefix(line: &str) -> Option<usize> {
    let columns = line.match_indices('\t').nth(1).map_or(0, |(at, _)| at + 1); // `gh run view --log`
    stamped(&line[columns..]).map(|length| columns + length).or_else(|| stamped(line)).or_else(|| composed(line))
}

/// `2026-01-05T10:00:00.1370003Z `, `[2026-01-05T10:00:00.000Z] `, `2026-01-05T10:00:00.000000Z 01O `, `10:00:00  `.
fn stamped(line: &str) -> Option<usize> {
    let open = usize::from(line.starts_with('['));
    let rest = &line[open..];
    if fits(rest, "00:00:00  ") && open == 0 {
        return Some(10);
    }
    if !fits(rest, "0000-00-00T00:00:00") {
        return None;
    }
    let end = open + 19 + rest[19..].find('Z')? + 1;
    let fraction = &rest[19..end - open - 1];
    if !fraction.bytes().all(|b| b == b'.' || b.is_ascii_digit()) {
        return None;
    }
    let rest = &line[end..];
    let close = if open == 1 { "] " } else { " " };
    if !rest.starts_with(close) {
        return (rest.is_empty() && open == 0).then_some(end);
    }
    let end = end + close.len();
    let gitlab = fits(&line[end..], "00O") || fits(&line[end..], "00E");
    Some(if gitlab && line.len() >= end + 4 && line.is_char_boundary(end + 4) { end + 4 } else { end })
}

/// `tests-1  | ` of docker compose.
fn composed(line: &str) -> Option<usize> {
    let bar = line.find(" | ")?;
    let name = line[..bar].trim_end();
    let numbered = name.rsplit_once('-').is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    numbered.then_some(bar + 3)
}

fn fits(text: &str, pattern: &str) -> bool {
    text.len() >= pattern.len()
        && pattern.bytes().zip(text.bytes()).all(|(p, t)| if p == b'0' { t.is_ascii_digit() } else { p == t })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_start_shows_the_prefix() {
        for prefix in ["job\tRun pytest\t2026-01-05T10:00:00.1370003Z ", "10:00:00  ", "tests-1  | ", "    "] {
            let found = Prefix::of_session_start(&format!("{prefix}=== test session starts ===")).unwrap();
            assert_eq!(found.strip(&format!("{}E   x", prefix.replace('3', "7"))), "E   x");
            assert_eq!(found.strip(prefix.trim_end()), "");
            assert_eq!(found.strip("another writer"), "another writer");
        }
        assert_eq!(Prefix::of_session_start("=== test session starts ==="), None);
    }

    #[test]
    fn without_a_session_start_the_majority_decides() {
        let lines = ["[2026-01-05T10:00:00.000Z] + pytest", "[2026-01-05T10:00:00.137Z] FF [100%]"];
        assert_eq!(Prefix::of_majority(lines.into_iter()).unwrap().strip(lines[1]), "FF [100%]");
        let one = ["2026-01-05T10:00:00Z log line", "FF", "=== FAILURES ===", "x"];
        assert_eq!(Prefix::of_majority(one.into_iter()), None);
    }

    #[test]
    fn gitlab_marks_stream_and_continuation() {
        let line = "2026-01-05T10:00:00.000000Z 01O === test session starts ===";
        let prefix = Prefix::of_session_start(line).unwrap();
        assert_eq!(prefix.strip("2026-01-05T10:00:00.000000Z 02E text"), "text");
        assert_eq!(prefix.strip("2026-01-05T10:00:00.000000Z 01O+more"), "more");
    }
}
