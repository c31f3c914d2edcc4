//! `pytest-medic review`: walks the patches that wait, one decision each.

use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::json;

use super::style::{BAD, DIM, GOOD, NOTE, RESET, STRONG};
use super::{Failed, OK, Output, apply, out, project};
use crate::heal::clock;
use crate::heal::history::Outcome;
use crate::heal::patches::{PATCH_FOLDER, Patch, pending, remove};

/// Shows each fix that waits in .healing_fixes and asks what to do with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  pytest-medic review
  printf 'accept\\nskip\\n' | pytest-medic review

Answers: a(ccept), r(eject), s(kip), A (accept all that follow), q(uit). The end of the input quits.
A rejected fix is not proposed again for the same failure.")]
pub struct Args {
    /// How to print; `json` lists what waits and asks nothing.
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

/// Asks on the terminal, or reads answers from a pipe.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let root = snapshot.root().map(Path::to_path_buf).unwrap_or_default();
    let paths = pending(&root);
    if args.format == Output::Json {
        let all: Vec<_> = paths.iter().map(|path| listed(path)).collect();
        out::println!("{:#}", json!({ "schema": 1, "pending": all }));
        return Ok(OK);
    }
    if paths.is_empty() {
        out::println!("no fix waits in {PATCH_FOLDER}; `pytest-medic heal --suggest-only` leaves them there");
        return Ok(OK);
    }
    let mut answers = io::stdin().lock();
    Review { root, session: clock::compact(SystemTime::now()), counts: [0; 3] }.walk(&paths, &mut answers);
    Ok(OK)
}

fn listed(path: &Path) -> serde_json::Value {
    let name = path.to_string_lossy();
    match Patch::open(path) {
        Ok(patch) => {
            let evidence: Vec<_> =
                patch.header.iter().filter(|(key, _)| key == "Evidence").map(|(_, value)| value).collect();
            json!({
                "patch": name, "title": patch.get("Fix"), "nodeid": patch.get("Test"), "strategy": patch.get("Strategy"),
                "confidence": patch.get("Confidence").and_then(|value| value.parse::<f64>().ok()),
                "tier": patch.get("Tier").and_then(|tier| tier.split(' ').next()),
                "evidence": evidence, "diff": patch.diff,
            })
        }
        Err(error) => json!({ "patch": name, "error": error.to_string() }),
    }
}

struct Review {
    root: PathBuf,
    session: String,
    /// Accepted, rejected, skipped.
    counts: [usize; 3],
}

/// What a person answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Accept,
    AcceptAll,
    Reject,
    Skip,
    Quit,
}

impl Review {
    fn walk(mut self, paths: &[PathBuf], answers: &mut dyn BufRead) {
        let mut all = false;
        for (index, path) in paths.iter().enumerate() {
            let patch = match Patch::open(path) {
                Ok(patch) => patch,
                Err(error) => {
                    out::println!("{NOTE}passed over{RESET} {}: {error}", path.display());
                    continue;
                }
            };
            out::print!("\n{STRONG}{} of {}{RESET}  {}", index + 1, paths.len(), shown(&patch));
            let answer = if all { Answer::Accept } else { ask(answers) };
            all |= answer == Answer::AcceptAll;
            match answer {
                Answer::Accept | Answer::AcceptAll => self.accept(path),
                Answer::Reject => self.reject(path, &patch),
                Answer::Skip => self.counts[2] += 1,
                Answer::Quit => break,
            }
        }
        let [accepted, rejected, skipped] = self.counts;
        let waiting = pending(&self.root).len();
        out::println!(
            "\n{STRONG}{accepted} accepted, {rejected} rejected, {skipped} skipped{RESET}{DIM}; {waiting} still wait{RESET}"
        );
    }

    fn accept(&mut self, path: &Path) {
        match apply::take(&self.root, path, &self.session) {
            Ok(_) => {
                self.counts[0] += 1;
                out::println!("{GOOD}accepted{RESET}");
            }
            Err(error) => {
                self.counts[2] += 1;
                out::println!("{BAD}not applied{RESET}: {error}");
            }
        }
    }

    fn reject(&mut self, path: &Path, patch: &Patch) {
        apply::remember(&self.root, patch, Outcome::Rejected);
        match remove(path) {
            Ok(()) => {
                self.counts[1] += 1;
                out::println!("{NOTE}rejected{RESET}: it is not proposed again for this failure");
            }
            Err(error) => out::println!("{BAD}not removed{RESET}: {error}"),
        }
    }
}

/// Reads answers until one is understood; the end of the input quits.
fn ask(answers: &mut dyn BufRead) -> Answer {
    loop {
        out::print!("{STRONG}[a]ccept  [r]eject  [s]kip  [A]ll  [q]uit?{RESET} ");
        // A terminal that is gone shows nothing, and its input has ended as well.
        let _ = io::stdout().flush();
        let mut line = String::new();
        match answers.read_line(&mut line) {
            Ok(0) | Err(_) => return Answer::Quit,
            Ok(_) => {}
        }
        match answer(line.trim()) {
            Some(answer) => return answer,
            None => out::println!("{NOTE}a, r, s, A or q{RESET}"),
        }
    }
}

fn answer(word: &str) -> Option<Answer> {
    Some(match word {
        "a" | "y" | "yes" | "accept" => Answer::Accept,
        "A" | "all" => Answer::AcceptAll,
        "r" | "n" | "no" | "reject" => Answer::Reject,
        "s" | "" | "skip" => Answer::Skip,
        "q" | "quit" => Answer::Quit,
        _ => return None,
    })
}

/// The patch for a person: what it does, for which test, why, and the diff.
fn shown(patch: &Patch) -> String {
    let mut text = format!("{GOOD}{}{RESET}\n", patch.get("Fix").unwrap_or("a patch"));
    for (key, value) in patch.header.iter().filter(|(key, _)| !matches!(key.as_str(), "Fix" | "Signature" | "Id")) {
        let key = key.to_lowercase();
        text += &format!("  {DIM}{key}{RESET} {}\n", visible(value));
    }
    for line in patch.diff.lines().filter(|line| !line.starts_with("diff --git ")) {
        let style = match line.as_bytes().first() {
            Some(b'-') => format!("{BAD}"),
            Some(b'+') => format!("{GOOD}"),
            _ => format!("{DIM}"),
        };
        text += &format!("  {style}{}{RESET}\n", visible(line));
    }
    text
}

/// Without control characters: a patch file may come from anywhere, and must not steer the terminal.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::diagnose;
    use crate::fix::{Confidence, Evidence, Fix, Tier};
    use crate::heal::history::History;
    use crate::heal::patches::save;
    use crate::report::Failure;
    use crate::text::{Edit, FilePath};
    use crate::workspace::Snapshot;

    /// Three patches for three tests; the answers; what the files say then and what still waits.
    fn check(answers: &str, healed: [bool; 3], waiting: usize) {
        let root = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            let path = FilePath::new(&format!("test_{name}.py"));
            std::fs::write(root.path().join(path.as_str()), "old\n").unwrap();
            let fix = Fix {
                title: format!("Heal {name}"),
                strategy: "attribute-rename",
                edits: vec![Edit::replace(&path, 0..3, "new")],
                confidence: Confidence::new(0.9),
                evidence: vec![Evidence::hint("x")],
                tier: Tier::Review,
            };
            let failure = Failure { nodeid: format!("test_{name}.py::test_{name}"), ..Failure::default() };
            let snapshot = Snapshot::open(root.path());
            save(root.path(), &snapshot, &diagnose(&snapshot, &failure.into()), &fix).unwrap();
        }
        let review = Review { root: root.path().to_path_buf(), session: "s".to_string(), counts: [0; 3] };
        review.walk(&pending(root.path()), &mut answers.as_bytes());
        let texts = ["a", "b", "c"].map(|name| std::fs::read(root.path().join(format!("test_{name}.py"))).unwrap());
        assert_eq!(texts.map(|text| text == b"new\n"), healed, "{answers:?}");
        assert_eq!(pending(root.path()).len(), waiting, "{answers:?}");
        assert_eq!(History::open(root.path()).entries().len(), 3 - waiting, "{answers:?}");
        let lessons = std::fs::read_to_string(root.path().join("GRAVEYARD.md")).unwrap_or_default();
        for (name, healed) in ["a", "b", "c"].into_iter().zip(healed) {
            let entry = format!("**Test**: test_{name}.py::test_{name}\n");
            let is_new = |told: &str| told.contains(&entry) || told.contains(&format!("test_{name}.py::test_{name}"));
            assert_eq!(is_new(&lessons), healed, "{answers:?} {lessons}");
        }
    }

    #[test]
    fn each_answer_does_what_it_says() {
        check("a\nr\ns\n", [true, false, false], 1);
        check("what\nskip\nA\n", [false, true, true], 1);
        check("q\na\na\n", [false; 3], 3);
        check("accept\n", [true, false, false], 2);
        check("", [false; 3], 3);
    }
}
