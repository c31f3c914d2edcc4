//! Runs that a person asked for: one at a time in each folder, shown as progress, ended on request.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tower_lsp::ls_types::ProgressToken;

use crate::report::{Failure, Report};
use crate::validation::runner::Cancel;

use super::Server;
use super::transport::Output;

/// The runs that are going on.
#[derive(Default)]
pub struct Runs {
    going: Mutex<Vec<Going>>,
    /// Folders that a person has had run in this session.
    asked: Mutex<HashSet<PathBuf>>,
    /// What has failed in runs that go on, by log.
    failing: Mutex<HashMap<PathBuf, Vec<Failure>>>,
    /// What runs of ours showed, by log, until the analysis takes it.
    finished: Mutex<HashMap<PathBuf, Report>>,
    numbered: AtomicU64,
}

struct Going {
    root: PathBuf,
    token: ProgressToken,
    cancel: Cancel,
}

impl Runs {
    /// A token of ours.
    pub fn token(&self) -> ProgressToken {
        ProgressToken::String(format!("pytest-medic-run-{}", self.numbered.fetch_add(1, Ordering::Relaxed)))
    }

    /// Notes that a run begins; `None` where one is going on in this folder already.
    pub fn begin(&self, root: &Path, token: &ProgressToken) -> Option<Cancel> {
        let mut going = self.lock();
        if going.iter().any(|run| run.root == root) {
            return None;
        }
        let cancel = Cancel::default();
        going.push(Going { root: root.to_path_buf(), token: token.clone(), cancel: cancel.clone() });
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(root.to_path_buf());
        Some(cancel)
    }

    /// Notes that the run in a folder has ended.
    pub fn end(&self, root: &Path) {
        self.lock().retain(|run| run.root != root);
    }

    /// Whether a person has asked for a run in this folder since the server started.
    pub fn were_asked_for(&self, root: &Path) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).contains(root)
    }

    /// Whether a run goes on in this folder.
    pub fn go_on_in(&self, root: &Path) -> bool {
        self.lock().iter().any(|run| run.root == root)
    }

    /// Keeps what has failed so far in a run that goes on: its log tells only at its end.
    pub fn failing(&self, log: &Path, failures: &[Failure]) {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).insert(log.to_path_buf(), failures.to_vec());
    }

    /// What has failed so far in the run of ours that writes `log`.
    pub fn failures(&self, log: &Path) -> Vec<Failure> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).get(log).cloned().unwrap_or_default()
    }

    /// Keeps what a run showed: more than its log alone tells.
    pub fn finished(&self, log: &Path, report: Report) {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).insert(log.to_path_buf(), report);
    }

    /// What a run of ours that wrote `log` showed.
    pub fn take_finished(&self, log: &Path) -> Option<Report> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).remove(log)
    }

    /// Whether anything runs.
    pub fn any(&self) -> bool {
        !self.lock().is_empty()
    }

    /// `window/workDoneProgress/cancel`.
    pub fn cancel(&self, token: &ProgressToken) {
        self.lock().iter().filter(|run| run.token == *token).for_each(|run| run.cancel.cancel());
    }

    /// Ends every run, and waits at most `limit` for their processes to be gone.
    pub fn cancel_all(&self, limit: Duration) {
        self.lock().iter().for_each(|run| run.cancel.cancel());
        let end = Instant::now() + limit;
        while self.any() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Going>> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Work-done progress under one token. Clients that show none hear nothing.
pub struct Progress {
    output: Output,
    token: ProgressToken,
    shown: bool,
    percentage: Option<u32>,
}

impl Progress {
    /// Begins to show progress. A token that the client gave is known to it; ours must be created first, and
    /// a client that does not answer in time is not shown any.
    pub fn begin(server: &Server, token: ProgressToken, given: bool, title: &str) -> Self {
        const PATIENCE: Duration = Duration::from_secs(2);
        let shown = given
            || server.world().abilities.progress && {
                let created = server.client.get().map(|(client, runtime)| {
                    let asked = client.create_work_done_progress(token.clone());
                    runtime.block_on(async { tokio::time::timeout(PATIENCE, asked).await })
                });
                matches!(created, Some(Ok(Ok(()))))
            };
        let progress = Self { output: server.output.clone(), token, shown, percentage: Some(0) };
        progress.send(json!({"kind": "begin", "title": title, "cancellable": true, "percentage": 0}));
        progress
    }

    /// Says how far it is.
    pub fn reached(&mut self, percentage: usize, message: &str) {
        self.percentage = Some(percentage.min(100) as u32);
        self.report(message);
    }

    /// Says what is being done.
    pub fn report(&mut self, message: &str) {
        self.send(json!({"kind": "report", "message": message, "cancellable": true, "percentage": self.percentage}));
    }

    /// Says how it ended.
    pub fn end(&self, message: &str) {
        self.send(json!({"kind": "end", "message": message}));
    }

    fn send(&self, value: Value) {
        if self.shown {
            let params = json!({"token": self.token, "value": value});
            self.output.send(&json!({"jsonrpc": "2.0", "method": "$/progress", "params": params}));
        }
    }
}

/// What a run prints moves the bar: pytest ends its lines with `[ 42%]`.
impl Write for Progress {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let seen = percentage(&String::from_utf8_lossy(bytes));
        if seen.is_some_and(|seen| Some(seen) != self.percentage) {
            self.percentage = seen;
            self.report("running");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The last `[ 42%]` in a piece of output.
fn percentage(text: &str) -> Option<u32> {
    let (before, _) = text.rsplit_once("%]")?;
    let digits = before.rsplit_once('[')?.1.trim();
    digits.parse().ok().filter(|percentage| *percentage <= 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_follows_what_pytest_prints() {
        assert_eq!(percentage("tests/a.py .. [ 42%]\ntests/b.py . [100%]\n"), Some(100));
        assert_eq!(percentage("tests/a.py F  [  7%]"), Some(7));
        assert_eq!(percentage("50 %] of [many%]"), None);
        assert_eq!(percentage(""), None);
    }

    #[test]
    fn a_folder_has_one_run_at_a_time_and_it_can_be_cancelled() {
        let runs = Runs::default();
        let (a, b) = (runs.token(), runs.token());
        let cancel = runs.begin(Path::new("/p"), &a).unwrap();
        assert!(runs.begin(Path::new("/p"), &b).is_none());
        assert!(runs.begin(Path::new("/q"), &b).is_some());
        runs.cancel(&a);
        assert!(cancel.is_cancelled());
        runs.end(Path::new("/p"));
        assert!(runs.begin(Path::new("/p"), &a).is_some());
    }
}
