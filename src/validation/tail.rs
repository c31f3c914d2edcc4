//! The events of a run, read while it writes them: a failure is known before the run ends.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::report::events::{self, Stream};
use crate::report::rebase::Rebase;
use crate::report::{Failure, Report};

/// How often a look is taken.
const TICK: Duration = Duration::from_millis(30);

/// Reads the events at `place` until the run has `ended` and says what they told. Whenever a failure came, `failed`
/// hears of all there are.
pub(super) fn follow(place: &Path, mut rebase: Rebase, ended: &AtomicBool, failed: &dyn Fn(&[Failure])) -> Report {
    let (mut stream, mut tail, mut told) = (Stream::default(), Tail::default(), 0);
    let mut take = |stream: &mut Stream, line: &str| {
        events::read(line).into_iter().for_each(|event| stream.take(rebase.apply(event)));
    };
    loop {
        // Read once more after the end: what was written last counts.
        let last = ended.load(Ordering::Acquire);
        tail.take(place, |line| take(&mut stream, line));
        if stream.failures().len() > told {
            told = stream.failures().len();
            failed(stream.failures());
        }
        if last {
            return stream.report();
        }
        std::thread::park_timeout(TICK);
    }
}

/// A growing file, line by line.
#[derive(Default)]
struct Tail {
    file: Option<File>,
    /// The beginning of a line whose end is not written yet.
    torn: Vec<u8>,
}

impl Tail {
    /// The lines that came since the last look. pytest makes the file when it starts.
    fn take(&mut self, place: &Path, mut line: impl FnMut(&str)) {
        self.file = self.file.take().or_else(|| File::open(place).ok());
        let Some(file) = &mut self.file else { return };
        // What cannot be read now is read next time, or is in the log.
        let _ = file.read_to_end(&mut self.torn);
        let whole = self.torn.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let text: Vec<u8> = self.torn.drain(..whole).collect();
        String::from_utf8_lossy(&text).lines().for_each(&mut line);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn lines_come_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("events.jsonl");
        let mut tail = Tail::default();
        let seen = |tail: &mut Tail| {
            let mut lines = Vec::new();
            tail.take(&place, |line| lines.push(line.to_string()));
            lines
        };
        assert!(seen(&mut tail).is_empty());
        let mut file = File::create(&place).unwrap();
        file.write_all(b"one\ntw").unwrap();
        assert_eq!(seen(&mut tail), ["one"]);
        file.write_all(b"o\nthree\n").unwrap();
        assert_eq!(seen(&mut tail), ["two", "three"]);
        assert!(seen(&mut tail).is_empty());
    }
}
