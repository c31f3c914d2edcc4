//! A run may begin above or below pytest's rootdir (a monorepo): the log tells files as they lie from where the run
//! began, our plugin's events as they lie from rootdir. Here the events speak as the log does.

use std::path::Path;

use super::events::Event;
use super::headline::file;
use super::{Failure, Frame};

/// Turns what lies relative to rootdir into what lies relative to the folder where the run began.
#[derive(Clone, Debug)]
pub struct Rebase {
    began: Vec<String>,
    /// `None` where rootdir is that folder, or not known.
    rootdir: Option<Vec<String>>,
}

impl Rebase {
    /// For a run that began in `folder`, an absolute path without links.
    pub fn to(folder: &Path) -> Self {
        Self { began: parts(&folder.to_string_lossy()), rootdir: None }
    }

    /// The event as the log would tell it. The first one names rootdir.
    pub fn apply(&mut self, mut event: Event) -> Event {
        match &mut event {
            Event::Start { rootdir, .. } => {
                self.rootdir = rootdir.as_deref().map(parts).filter(|rootdir| *rootdir != self.began);
            }
            _ if self.rootdir.is_none() => {}
            Event::Report(report) => {
                self.nodeid(&mut report.nodeid);
                report.failure.iter_mut().for_each(|failure| self.failure(failure));
            }
            Event::Warning(warning) => {
                warning.path.iter_mut().for_each(|path| self.path(path));
                warning.nodeids.iter_mut().for_each(|nodeid| self.nodeid(nodeid));
            }
            Event::Collected { .. } | Event::Finish { .. } => {}
        }
        event
    }

    fn failure(&self, failure: &mut Failure) {
        let causes = failure.chain.iter_mut().chain(&mut failure.group).flat_map(|cause| &mut cause.frames);
        let place = failure.runtime.iter_mut().flat_map(|runtime| &mut runtime.receiver_place);
        let frames = failure.frames.iter_mut().chain(causes).chain(place).map(|frame: &mut Frame| &mut frame.path);
        frames.chain(&mut failure.path).for_each(|path| self.path(path));
    }

    fn nodeid(&self, nodeid: &mut String) {
        let (path, test) = nodeid.split_at(file(nodeid).len());
        let mut path = path.to_string();
        self.path(&mut path);
        *nodeid = path + test;
    }

    /// Absolute paths lie outside of rootdir, `<string>` nowhere.
    fn path(&self, path: &mut String) {
        let Some(rootdir) = &self.rootdir else { return };
        if path.is_empty() || path.starts_with('<') || super::rule::is_absolute(path) {
            return;
        }
        let whole: Vec<String> = rootdir.iter().cloned().chain(parts(path)).collect();
        let shared = whole.iter().zip(&self.began).take_while(|(one, other)| one == other).count();
        let up = std::iter::repeat_n("..", self.began.len() - shared);
        let steps: Vec<&str> = up.chain(whole[shared..].iter().map(String::as_str)).collect();
        *path = if steps.is_empty() { ".".to_string() } else { steps.join("/") };
    }
}

/// The folders that lead to a path.
fn parts(path: &str) -> Vec<String> {
    let path = path.strip_prefix(r"\\?\").unwrap_or(path);
    path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::events;

    /// The node id, the path and the place that `line` tells in a run from `began` with `rootdir`.
    fn told(began: &str, rootdir: &str, nodeid: &str, path: &str) -> (String, String) {
        let mut rebase = Rebase::to(Path::new(began));
        let start = serde_json::json!({"event": "start", "rootdir": rootdir});
        let report = serde_json::json!({
            "event": "report", "nodeid": nodeid, "phase": "call", "outcome": "failed",
            "failure": {"path": path, "frames": [{"path": path, "line": 3}]},
        });
        let mut read = |line: serde_json::Value| rebase.apply(events::read(&line.to_string()).unwrap());
        read(start);
        let Event::Report(report) = read(report) else { panic!("it is a report") };
        let failure = report.failure.unwrap();
        assert_eq!(failure.path.as_ref(), Some(&failure.frames[0].path));
        (report.nodeid, failure.path.unwrap())
    }

    #[test]
    fn a_run_in_rootdir_is_told_as_it_is() {
        let expected = ("tests/t.py::test_a".to_string(), "tests/t.py".to_string());
        assert_eq!(told("/p", "/p", "tests/t.py::test_a", "tests/t.py"), expected);
    }

    #[test]
    fn a_run_above_rootdir_is_told_with_the_folders_between() {
        let (nodeid, path) = told("/p", "/p/packages/a", "tests/t.py::test_a[x/y::z]", "tests/t.py");
        assert_eq!(
            (nodeid.as_str(), path.as_str()),
            ("packages/a/tests/t.py::test_a[x/y::z]", "packages/a/tests/t.py")
        );
    }

    #[test]
    fn a_run_below_rootdir_is_told_without_them() {
        let (nodeid, path) = told("/p/packages/a", "/p", "packages/a/t.py::test_a", "packages/b/helper.py");
        assert_eq!((nodeid.as_str(), path.as_str()), ("t.py::test_a", "../b/helper.py"));
    }

    #[test]
    fn what_lies_elsewhere_stays() {
        let (_, path) = told("/p", "/p/a", "t.py::test_a", "/usr/lib/python3/json.py");
        assert_eq!(path, "/usr/lib/python3/json.py");
        assert_eq!(told("/p", "/p/a", "", "<string>"), (String::new(), "<string>".to_string()));
    }
}
