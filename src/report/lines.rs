//! Bytes as they come, to whole lines: split on `\n` only, since anything else occurs inside test output.

use std::ops::Range;

/// A longer line is cut: no line of pytest's own is near it, and memory stays flat.
const MAX_LINE: usize = 1 << 20;
/// Whole lines that are looked at together: they stay in the nearest cache.
const PIECE: usize = 16 << 10;

/// Holds the piece of a line whose end has not come yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    carry: Vec<u8>,
}

impl Lines {
    /// Calls `each` with every line that `bytes` completes, without its `\n`.
    pub(super) fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        self.feed_pieces(bytes, |piece| split(piece).for_each(|line| each(&piece[line])));
    }

    /// Calls `each` with the lines that `bytes` completes, as many at once as stand together, without the last `\n`.
    pub(super) fn feed_pieces(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        let mut rest = bytes;
        if !self.carry.is_empty() {
            let Some(at) = memchr::memchr(b'\n', rest) else { return self.keep(rest) };
            self.keep(&rest[..at]);
            each(&self.carry);
            self.carry.clear();
            rest = &rest[at + 1..];
        }
        let last_end = |rest: &[u8]| memchr::memrchr(b'\n', &rest[..rest.len().min(PIECE)]);
        while let Some(end) = last_end(rest).or_else(|| memchr::memchr(b'\n', rest)) {
            each(&rest[..end.min(MAX_LINE)]); // only one line alone is longer than a piece
            rest = &rest[end + 1..];
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

/// Where the lines of a piece stand.
pub(super) fn split(piece: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', piece).chain([piece.len()]).map(move |end| std::mem::replace(&mut start, end + 1)..end)
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
    fn pieces_are_whole_lines_and_hold_them_all() {
        let text = "a line\n\nanother line\n".repeat(PIECE / 8);
        for chunk in [7, PIECE - 1, text.len()] {
            let (mut lines, mut pieces) = (Lines::default(), Vec::new());
            text.as_bytes()
                .chunks(chunk)
                .for_each(|bytes| lines.feed_pieces(bytes, |piece| pieces.push(piece.to_vec())));
            assert!(pieces.iter().all(|piece| piece.len() < PIECE));
            assert_eq!([pieces.join(&b'\n'), vec![b'\n']].concat(), text.as_bytes());
        }
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
