//! Questions to the client that have no answer yet, for those who need the answer before they begin.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many questions are open.
#[derive(Default)]
pub struct Questions {
    open: Mutex<usize>,
    closed: Condvar,
}

/// An open question; it is closed when this goes, answered or not.
pub struct Question(Arc<Questions>);

impl Questions {
    /// A question is asked.
    pub fn ask(self: &Arc<Self>) -> Question {
        *self.lock() += 1;
        Question(self.clone())
    }

    /// Waits until no question is open, at most `limit`.
    pub fn settle(&self, limit: Duration) {
        let waited = self.closed.wait_timeout_while(self.lock(), limit, |open| *open > 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.closed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_goes_on_when_the_last_question_is_closed() {
        let questions = Arc::new(Questions::default());
        let (first, second) = (questions.ask(), questions.ask());
        let waiting = std::thread::spawn({
            let questions = questions.clone();
            move || questions.settle(Duration::from_secs(60))
        });
        drop(first);
        assert!(!waiting.is_finished());
        drop(second);
        waiting.join().unwrap();
        questions.settle(Duration::ZERO);
    }
}
