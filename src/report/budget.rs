//! Memory stays flat: how much of a run's failures is kept.

use super::{Captured, Failure};

/// Failures kept; pytest's counts still tell of the others.
const MAX_FAILURES: usize = 50_000;
/// Text of all failures together; beyond, a failure keeps what names it and loses what explains it.
const MAX_TEXT: usize = 48 << 20;
/// The message of such a failure.
const MAX_LEAN_MESSAGE: usize = 400;

/// What is left to fill.
#[derive(Clone, Debug, Default)]
pub(super) struct Budget {
    failures: usize,
    text: usize,
}

impl Budget {
    /// Whether no further failure is kept.
    pub(super) fn is_spent(&self) -> bool {
        self.failures >= MAX_FAILURES
    }

    /// The failure as far as there is room for it.
    pub(super) fn admit(&mut self, failure: Failure) -> Option<Failure> {
        if self.is_spent() {
            return None;
        }
        self.failures += 1;
        self.text += size(&failure);
        Some(if self.text > MAX_TEXT { lean(failure) } else { failure })
    }
}

fn size(failure: &Failure) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let captured = &failure.captured;
    let causes =
        failure.chain.iter().chain(&failure.group).map(|cause| text(&cause.message) + cause.frames.len() * 160);
    text(&failure.message)
        + text(&captured.stdout)
        + text(&captured.stderr)
        + text(&captured.log)
        + failure.frames.len() * 160
        + causes.sum::<usize>()
}

fn lean(mut failure: Failure) -> Failure {
    failure.captured = Captured::default();
    failure.chain.clear();
    failure.group.clear();
    failure.available_fixtures.clear();
    let keep = failure.frames.len().saturating_sub(4);
    failure.frames.drain(..keep);
    for frame in &mut failure.frames {
        frame.text = None;
    }
    if let Some(message) = &mut failure.message {
        let mut end = message.find('\n').unwrap_or(message.len()).min(MAX_LEAN_MESSAGE);
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        message.truncate(end);
    }
    failure
}
