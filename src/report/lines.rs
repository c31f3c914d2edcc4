//! Bytes as they come, to whole lines: split on `\n` only, since anything else occurs inside test output.

/// A longer line is cut: no line of pytest's own is near it, and memory stays flat.
const MAX_LINE: usize = 1 << 20;

/// Holds the piece of a line whose end has not come yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    carry: Vec<u8>,
}

impl Lines {
    /// Calls `each` with every line that `bytes` completes, without its `\n`.
    pub(super) fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..at], &rest[at + 1..]);
            if self.carry.is_empty() {
                each(&line[..line.len().min(MAX_LINE)]);
            } else {
                self.keep(line);
                each(&self.carry);
                self.carry.clear();
            }
            rest = after;
        }
        self.keep(rest);
    }

    /// The unfinished last line.
    pub(super) fn rest(&self) -> &[u8] {
        &self.carry
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.carry.len());
        self.carry.extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunks: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<u8>) {
        let (mut lines, mut seen) = (Lines::default(), Vec::new());
        for chunk in chunks {
            lines.feed(chunk, |line| seen.push(line.to_vec()));
        }
        (seen, lines.rest().to_vec())
    }

    #[test]
    fn lines_are_the_same_however_they_come() {
        let whole = split(&[b"one\ntwo\x0c\rthree\n\nfour"]);
        assert_eq!(whole.0, [&b"one"[..], b"two\x0c\rthree", b""]);
        assert_eq!(split(&[b"on", b"e\ntwo\x0c\rth", b"ree\n", b"\nfo", b"ur"]), whole);
    }

    #[test]
    fn an_endless_line_is_cut() {
        let long = vec![b'x'; MAX_LINE + 10];
        let in_one = split(&[&long, b"\n"]).0;
        let mut terminated = long.clone();
        terminated.push(b'\n');
        assert_eq!(in_one, split(&[&terminated]).0);
        assert_eq!(in_one[0].len(), MAX_LINE);
    }
}
