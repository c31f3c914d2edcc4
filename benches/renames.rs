//! How often history finds what developers renamed: its pairs beside their own edits of the tests.
//!
//! ```text
//! cargo bench --bench renames -- REPOSITORY COMMIT...
//! cargo bench --bench renames -- --cases CASES.jsonl --mirrors FOLDER    lines with "repo" and "commit"
//! cargo bench --bench renames -- --last COUNT REPOSITORY...              the newest commits of each
//! cargo bench --bench renames -- ... --verbose                           every pair, not the wrong ones only
//! ```
//!
//! For each commit a repository of two commits is made, the product code before and after, with the tests
//! left as they were. Asked is what a healer asks: the names on test lines that the developer replaced and that
//! became rarer in the product code, once for names that the product defined less often after (functions,
//! classes, fields, parameters, modules) and once for names of others that it used. True is what the developer
//! wrote in their place, if it became commoner in tests and product alike. An answer is wrong where he wrote
//! another name or kept this one on those lines; where he dropped the lines nothing is decided.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pytest_medic::diagnosis::product::is_trusted;
use pytest_medic::syntax::Source;
use pytest_medic::syntax::outline::Outline;
use pytest_medic::syntax::tokens::{is_name, tokens};
use pytest_medic::workspace::history::{History, Rename, RenameKind};

/// What is asked for, and what came out.
#[derive(Default)]
struct Score {
    /// Pairs that the developer wrote and that the product code shows.
    real: usize,
    found: usize,
    /// Answers that the developer's edit decides.
    decided: usize,
    right: usize,
    undecided: usize,
    asked: usize,
    spent: Duration,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let verbose = arguments.iter().any(|argument| argument == "--verbose");
    let mut cases: BTreeSet<(PathBuf, String)> = BTreeSet::new();
    if let (Some(file), Some(mirrors)) = (option("--cases"), option("--mirrors")) {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        for case in text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
            let (Some(repo), Some(commit)) = (case["repo"].as_str(), case["commit"].as_str()) else { continue };
            cases.insert((Path::new(&mirrors).join(repo.replace('/', "+")).join("repo"), commit.to_string()));
        }
    } else if let Some(count) = option("--last") {
        for repository in
            arguments.iter().skip_while(|argument| **argument != count).skip(1).filter(|a| !a.starts_with("--"))
        {
            let repository = PathBuf::from(repository);
            let log =
                git(&repository, &["log", "--no-merges", "--min-parents=1", "--format=%H", "-n", &count, "--", "*.py"]);
            cases.extend(log.lines().map(|commit| (repository.clone(), commit.to_string())));
        }
    } else if let Some((repository, commits)) = arguments.split_first() {
        let commits = commits.iter().filter(|argument| !argument.starts_with("--"));
        cases.extend(commits.map(|commit| (PathBuf::from(repository), commit.clone())));
    }
    if cases.is_empty() {
        println!("names no commits: see the top of benches/renames.rs");
        return;
    }
    let mut totals: [Score; 2] = Default::default();
    for (repository, commit) in &cases {
        measure(repository, commit, verbose, &mut totals);
    }
    println!("{} commits", cases.len());
    for (what, total) in ["defined by the product", "used by the product"].iter().zip(&totals) {
        total.print(what);
    }
}

impl Score {
    fn print(&self, what: &str) {
        let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
        println!(
            "{what}: {} names asked, recall {}/{} ({:.1} %), precision {}/{} ({:.1} %), {} answers undecided, {:.1} ms a question",
            self.asked,
            self.found,
            self.real,
            share(self.found, self.real),
            self.right,
            self.decided,
            share(self.right, self.decided),
            self.undecided,
            self.spent.as_secs_f64() * 1000.0 / self.asked.max(1) as f64,
        );
    }
}

fn measure(repository: &Path, commit: &str, verbose: bool, scores: &mut [Score; 2]) {
    let changed = changed_files(repository, commit);
    let (tests, product): (Vec<_>, Vec<_>) = changed.into_iter().partition(|file| is_test(&file.path));
    let edits = Edits::of(&tests);
    let (before, after) = (counts(&product, |file| &file.before), counts(&product, |file| &file.after));
    let of = |counts: &HashMap<String, usize>, name: &str| counts.get(name).copied().unwrap_or(0);
    let rarer = |name: &str| of(&before, name) > of(&after, name);
    let asked: Vec<&String> = edits.replaced.keys().filter(|name| rarer(name)).collect();
    if asked.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    two_commits(folder.path(), &product, &tests);
    let history = History::open(Some(folder.path()));
    let short = &commit[..commit.len().min(10)];
    let repository = repository.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let (defined, still) = (definitions(&product, |file| &file.before), definitions(&product, |file| &file.after));
    for old in asked {
        let score = &mut scores[usize::from(of(&defined, old) <= of(&still, old))];
        score.asked += 1;
        let start = Instant::now();
        let found = history.renames_of(old);
        score.spent += start.elapsed();
        // A name that is code, not a string, is asked for.
        let fits = |rename: &&Rename| is_trusted(rename) && rename.kind != RenameKind::Literal && rename.new != **old;
        let trusted: Vec<&Rename> = found.iter().filter(fits).collect();
        let truth: Vec<&str> =
            edits.replaced[old].iter().map(String::as_str).filter(|new| of(&after, new) > of(&before, new)).collect();
        let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_string();
        let is_right = |rename: &&Rename| truth.contains(&last(&rename.new).as_str());
        let is_real = !truth.is_empty();
        score.real += usize::from(is_real);
        score.found += usize::from(is_real && trusted.iter().any(is_right));
        let verdict = match trusted.first() {
            None if is_real => "missed",
            None => continue,
            Some(best) if is_right(best) => "right",
            Some(_) if !is_real && !edits.kept.contains(old) => "undecided",
            Some(_) => "WRONG",
        };
        score.decided += usize::from(matches!(verdict, "right" | "WRONG"));
        score.right += usize::from(verdict == "right");
        score.undecided += usize::from(verdict == "undecided");
        if verbose || matches!(verdict, "WRONG" | "missed") {
            let told =
                |r: &Rename| format!("{} ({:?} {:.2}, {} callers)", r.new, r.kind, r.similarity, r.callers_moved);
            let told: Vec<String> = found.iter().take(3).map(told).collect();
            println!("{verdict:10} {repository} {short} {old} -> {}; developer: {}", told.join(", "), truth.join(", "));
        }
    }
}

/// How often each name stands in one side of the files.
fn counts(files: &[File], side: fn(&File) -> &Option<String>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for text in files.iter().filter_map(|file| side(file).as_deref()) {
        for name in tokens(text).into_iter().filter(|token| is_name(token)) {
            *counts.entry(name.to_string()).or_insert(0) += 1;
        }
    }
    counts
}

/// How often each name is defined in one side of the files: items, parameters, the modules themselves.
fn definitions(files: &[File], side: fn(&File) -> &Option<String>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for (file, text) in files.iter().filter_map(|file| Some((file, side(file).as_deref()?))) {
        let outline = Outline::of(&Source::parse(text));
        let parameters = outline.items.iter().filter_map(|item| item.signature.as_ref()).flat_map(|s| &s.parameters);
        let names = outline.items.iter().map(|item| item.name.clone()).chain(parameters.map(|p| p.name.clone()));
        let module = file.path.trim_end_matches(".py").trim_end_matches("/__init__");
        for name in names.chain(module.rsplit('/').next().map(String::from)) {
            *counts.entry(name).or_insert(0) += 1;
        }
    }
    counts
}

/// What the developer did to the names on the lines of the tests.
#[derive(Default)]
struct Edits {
    /// Names on replaced lines, with what stands in their place on lines that are like them.
    replaced: BTreeMap<String, BTreeSet<String>>,
    /// Names that still stand on the lines that came in their place.
    kept: BTreeSet<String>,
}

impl Edits {
    fn of(tests: &[File]) -> Self {
        let mut edits = Self::default();
        for file in tests {
            let (Some(before), Some(after)) = (&file.before, &file.after) else { continue };
            let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
            for op in similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new) {
                if op.tag() != similar::DiffTag::Equal {
                    edits.hunk(&old[op.old_range()], &new[op.new_range()]);
                }
            }
        }
        let (before, after) = (counts(tests, |file| &file.before), counts(tests, |file| &file.after));
        let of = |counts: &HashMap<String, usize>, name: &str| counts.get(name).copied().unwrap_or(0);
        for (old, truth) in &mut edits.replaced {
            truth.retain(|new| of(&before, old) > of(&after, old) && of(&after, new) > of(&before, new));
        }
        edits
    }

    fn hunk(&mut self, old: &[&str], new: &[&str]) {
        for line in old {
            let before = tokens(line);
            let alike = new.iter().map(|line| (likeness(&before, &tokens(line)), line));
            let best = alike.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(score, _)| *score >= 0.5);
            let after = best.map(|(_, line)| tokens(line)).unwrap_or_default();
            self.kept.extend(before.iter().filter(|token| after.contains(token)).map(|token| token.to_string()));
            for name in before.iter().filter(|token| is_name(token) && token.len() > 1 && !KEYWORDS.contains(*token)) {
                self.replaced.entry(name.to_string()).or_default();
            }
            for op in similar::capture_diff_slices(similar::Algorithm::Myers, &before, &after) {
                let (left, right) = (&before[op.old_range()], &after[op.new_range()]);
                if op.tag() != similar::DiffTag::Replace || left.len() != right.len() {
                    continue;
                }
                for (left, right) in left.iter().zip(right).filter(|(left, right)| is_name(left) && is_name(right)) {
                    if let Some(truth) = self.replaced.get_mut(*left).filter(|_| !KEYWORDS.contains(right)) {
                        truth.insert(right.to_string());
                    }
                }
            }
        }
    }
}

/// The share of equal tokens of two lines.
fn likeness(a: &[&str], b: &[&str]) -> f64 {
    let equal = similar::capture_diff_slices(similar::Algorithm::Myers, a, b);
    let equal: usize =
        equal.iter().filter(|op| op.tag() == similar::DiffTag::Equal).map(|op| op.old_range().len()).sum();
    2.0 * equal as f64 / (a.len() + b.len()).max(1) as f64
}

const KEYWORDS: [&str; 24] = [
    "None", "True", "False", "and", "as", "assert", "async", "await", "def", "class", "for", "from", "if", "else",
    "import", "in", "is", "not", "or", "return", "self", "with", "raise", "yield",
];

/// A file that a commit changed.
struct File {
    path: String,
    before: Option<String>,
    after: Option<String>,
}

fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = |part: &str| matches!(part, "tests" | "test" | "testing");
    name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py" || path.split('/').any(folder)
}

fn changed_files(repository: &Path, commit: &str) -> Vec<File> {
    let parent = format!("{commit}^1");
    let names = git(repository, &["diff-tree", "-r", "--no-renames", "--name-only", &parent, commit]);
    let text = |revision: &str, path: &str| {
        let shown = Command::new("git")
            .arg("-C")
            .arg(repository)
            .args(["show", &format!("{revision}:{path}")])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        shown.status.success().then(|| String::from_utf8(shown.stdout).ok()).flatten()
    };
    let python = names.lines().filter(|path| path.ends_with(".py"));
    python.map(|path| File { path: path.to_string(), before: text(&parent, path), after: text(commit, path) }).collect()
}

fn two_commits(folder: &Path, product: &[File], tests: &[File]) {
    git(folder, &["init", "-q"]);
    std::fs::write(folder.join(".keep"), "").expect("the folder can be written");
    for (subject, side) in [
        ("before", (|file: &File| file.before.clone()) as fn(&File) -> Option<String>),
        ("after", |file| file.after.clone()),
    ] {
        let texts =
            product.iter().map(|file| (file, side(file))).chain(tests.iter().map(|file| (file, file.before.clone())));
        let texts: HashMap<&str, Option<String>> = texts.map(|(file, text)| (file.path.as_str(), text)).collect();
        for (path, text) in texts {
            let path = folder.join(path);
            match text {
                Some(text) => {
                    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
                    std::fs::write(path, text).expect("a file can be written");
                }
                // It may not have been there.
                None => drop(std::fs::remove_file(path)),
            }
        }
        git(folder, &["add", "-A", "-f"]);
        let user = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false"];
        git(folder, &[&user[..], &["commit", "-q", "--allow-empty", "--no-verify", "-m", subject]].concat());
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
