//! Work that waits for a worker thread: each job at most once, done with the state of the moment it starts.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A set of jobs with the moment each is due. Asking twice for one job changes nothing, so a burst of a
/// thousand edits is one analysis.
#[derive(Debug)]
pub struct Jobs<J> {
    waiting: Mutex<Waiting<J>>,
    came: Condvar,
}

#[derive(Debug)]
struct Waiting<J> {
    due: HashMap<J, Instant>,
    closed: bool,
}

impl<J> Default for Jobs<J> {
    fn default() -> Self {
        Self { waiting: Mutex::new(Waiting { due: HashMap::new(), closed: false }), came: Condvar::new() }
    }
}

impl<J: Eq + Hash + Clone> Jobs<J> {
    /// Asks for `job` now.
    pub fn push(&self, job: J) {
        self.push_after(job, Duration::ZERO);
    }

    /// Asks for `job` after a while; it is not delayed further when it is asked for again.
    pub fn push_after(&self, job: J, delay: Duration) {
        let due = Instant::now() + delay;
        let mut waiting = self.lock();
        let slot = waiting.due.entry(job).or_insert(due);
        *slot = due.min(*slot);
        drop(waiting);
        self.came.notify_one();
    }

    /// The job that is due first, waited for; `None` after [`Jobs::close`].
    pub fn next(&self) -> Option<J> {
        let mut waiting = self.lock();
        loop {
            if waiting.closed {
                return None;
            }
            let now = Instant::now();
            let first = waiting.due.iter().min_by_key(|(_, due)| **due).map(|(job, due)| (job.clone(), *due));
            waiting = match first {
                Some((job, due)) if due <= now => {
                    waiting.due.remove(&job);
                    return Some(job);
                }
                Some((_, due)) => self.came.wait_timeout(waiting, due - now).unwrap_or_else(PoisonError::into_inner).0,
                None => self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Sends the workers home.
    pub fn close(&self) {
        self.lock().closed = true;
        self.came.notify_all();
    }

    /// Takes the jobs that still wait and that `matters`, due or not: for a worker on its way home.
    pub fn rest(&self, matters: impl Fn(&J) -> bool) -> Vec<J> {
        self.lock().due.extract_if(|job, _| matters(job)).map(|(job, _)| job).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<J>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_asked_for_often_is_done_once() {
        let jobs = Jobs::default();
        (0..100).for_each(|_| jobs.push("a"));
        assert_eq!(jobs.next(), Some("a"));
        jobs.close();
        assert_eq!(jobs.next(), None);
    }

    #[test]
    fn what_still_waits_at_the_end_can_be_taken() {
        let jobs = Jobs::default();
        jobs.push_after("keep", Duration::from_secs(60));
        jobs.push("look");
        jobs.close();
        assert_eq!(jobs.next(), None);
        assert_eq!(jobs.rest(|job| *job == "keep"), ["keep"]);
        assert_eq!(jobs.rest(|_| true), ["look"]);
    }

    #[test]
    fn what_is_due_first_comes_first_and_asking_again_does_not_delay() {
        let jobs = Jobs::default();
        jobs.push_after("later", Duration::from_millis(30));
        jobs.push_after("later", Duration::from_secs(60));
        jobs.push("now");
        assert_eq!(jobs.next(), Some("now"));
        assert_eq!(jobs.next(), Some("later"));
    }
}
