//! Scenes: a small project, what pytest printed, and what must come out, in one string.
//!
//! ```text
//! #- shop.py                     opens a file of the project
//! #- before: shop.py             the same file at the commit before (git evidence)
//! #- earlier: shop.py            the same file one more commit ago, which brought the test
//! #- tests/test_cart.py          `$0` marks where the diagnostic must begin
//! #- message                     what that commit says of itself
//! #- test_run.log                what pytest printed (also .xml, .jsonl, .json)
//! #- GRAVEYARD.md                the lessons of the project
//! #- .venv/lib/python3.12/site-packages/numpy.py   an installed package; the scene is then played on a disk
//! #- healed                      the changed lines only, as a diff without context;
//!                                or `no fix`, optionally `no fix: part of the reason`
//! ```

use std::cell::OnceCell;
use std::sync::Arc;

use tempfile::TempDir;

use crate::diagnosis::diagnose;
use crate::graveyard::Graveyard;
use crate::heal::{Healing, heal_one};
use crate::report::{self, Report};
use crate::text::FilePath;
use crate::workspace::history::History;
use crate::workspace::{Config, Snapshot};

/// A scene, taken apart.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) files: Vec<(String, String)>,
    pub(crate) before: Vec<(String, String)>,
    pub(crate) earlier: Vec<(String, String)>,
    /// Where `$0` stands.
    pub(crate) mark: Option<(String, usize)>,
    pub(crate) log: String,
    /// What the last commit says.
    pub(crate) message: String,
    pub(crate) healed: String,
    /// Where its files are, if it has installed packages.
    folder: OnceCell<TempDir>,
}

impl Scene {
    pub(crate) fn parse(text: &str) -> Self {
        let mut scene = Self::default();
        let text = format!("\n{}", text.trim_start_matches('\n'));
        for section in text.split("\n#- ").skip(1) {
            let (name, body) = section.split_once('\n').unwrap_or((section, ""));
            let body = if body.is_empty() || body.ends_with('\n') { body.to_string() } else { format!("{body}\n") };
            scene.add(name.trim(), body);
        }
        scene
    }

    fn add(&mut self, name: &str, mut body: String) {
        if let Some(path) = name.strip_prefix("before: ") {
            self.before.push((path.to_string(), body));
        } else if let Some(path) = name.strip_prefix("earlier: ") {
            self.earlier.push((path.to_string(), body));
        } else if name.starts_with("test_run.") {
            self.log = body;
        } else if name == "message" {
            self.message = body;
        } else if name == "healed" {
            self.healed = body.trim_end().to_string();
        } else {
            if let Some(at) = body.find("$0") {
                body.replace_range(at..at + 2, "");
                self.mark = Some((name.to_string(), at));
            }
            self.files.push((name.to_string(), body));
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let snapshot = match self.files.iter().any(|(path, _)| path.starts_with(".venv/")) {
            true => Snapshot::open(self.folder.get_or_init(|| self.written()).path()),
            false => Snapshot::in_memory(self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))),
        };
        let graveyard = self.files.iter().find(|(path, _)| path == "GRAVEYARD.md");
        let lessons = graveyard.map(|(path, text)| Graveyard::parse(Some(FilePath::new(path)), text));
        let snapshot = snapshot.with_lessons(lessons.into_iter().map(Arc::new).collect());
        let texts = |files: &[(String, String)]| -> Vec<(FilePath, Arc<str>)> {
            files.iter().map(|(path, text)| (FilePath::new(path), Arc::from(text.as_str()))).collect()
        };
        let history = History::of_one_commit(texts(&self.before), &snapshot);
        let history = history.after_commit(texts(&self.earlier), &snapshot);
        let history = history.with_message(&self.message);
        let settings = self.files.iter().find(|(path, _)| path == "pyproject.toml");
        let config = settings.map(|(_, text)| Config::of_pyproject(text)).unwrap_or_default();
        snapshot.with_history(history).with_config(config)
    }

    fn written(&self) -> TempDir {
        let folder = tempfile::tempdir().expect("a test may write there");
        let marker = (".venv/pyvenv.cfg".to_string(), "home = /gone\n".to_string());
        for (path, text) in self.files.iter().chain([&marker]) {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("the folder is new");
            std::fs::write(path, text).expect("the folder is new");
        }
        folder
    }

    pub(crate) fn report(&self) -> Report {
        report::parse(self.log.as_bytes())
    }

    /// The healing of the scene's first failure, after its diagnostic was seen at the mark.
    pub(crate) fn heal(&self) -> Healing {
        let (snapshot, report) = (self.snapshot(), self.report());
        let failure = report.failures.first().unwrap_or_else(|| panic!("the log shows no failure:\n{}", self.log));
        let diagnosis = diagnose(&snapshot, &Arc::new(failure.clone()));
        if let Some((path, at)) = &self.mark {
            let site = diagnosis.site.as_ref().unwrap_or_else(|| panic!("no site for {failure:?}"));
            let text = snapshot.text(&site.path).unwrap_or_default();
            let seen = format!("{}: {}", site.path, &text[site.range.start..]);
            let marked = format!("{path}: {}", &snapshot.text(&FilePath::new(path)).unwrap()[*at..]);
            assert_eq!(seen.lines().next(), marked.lines().next(), "the diagnostic stands elsewhere");
        }
        heal_one(&snapshot, &report, diagnosis)
    }
}

/// Plays a scene: the best fix must change exactly the lines under `healed`, or there must be none.
#[track_caller]
pub(crate) fn check(scene: &str) {
    let scene = Scene::parse(scene);
    let healing = scene.heal();
    let outcome = outcome(&scene, &healing);
    if let Some(reason) = scene.healed.strip_prefix("no fix:") {
        assert!(outcome.contains(reason.trim()), "no fix, but not because of {:?}:\n{outcome}", reason.trim());
        assert!(healing.fixes.is_empty(), "a fix where none may be:\n{outcome}");
    } else if scene.healed == "no fix" {
        assert!(healing.fixes.is_empty(), "a fix where none may be:\n{outcome}");
    } else {
        assert_eq!(outcome, scene.healed, "refused: {:#?}", healing.refused);
    }
}

fn outcome(scene: &Scene, healing: &Healing) -> String {
    match healing.fixes.first() {
        Some(guarded) => changed_lines(&scene.snapshot(), &guarded.fix().edits),
        None => {
            let refused: Vec<_> = healing.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
            format!("no fix: {} {}", healing.diagnosis.reason, refused.join("; "))
        }
    }
}

fn changed_lines(snapshot: &Snapshot, edits: &[crate::text::Edit]) -> String {
    let healed = snapshot.with_edits(edits).expect("edits of a guarded fix fit their text");
    let mut paths: Vec<&FilePath> = edits.iter().map(|edit| &edit.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut lines = String::new();
    for path in paths {
        let (old, new) = (snapshot.text(path).unwrap_or_default(), healed.text(path).unwrap_or_default());
        for change in similar::TextDiff::from_lines(&*old, &*new).iter_all_changes() {
            if change.tag() != similar::ChangeTag::Equal {
                lines += &format!("{}{change}", change.tag());
            }
        }
    }
    lines.trim_end().to_string()
}
