//! Whether the product is again what it was before the test's own commit: what a commit changed together with the test,
//! and a later one (a merge, as a rule) lost.

use std::collections::HashSet;
use std::sync::Arc;

use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::history::Change;

use super::Site;
use super::product::{Hunk, hunks_of};

/// A change that came with the test and is gone again.
pub struct Undone {
    /// The subject of the commit that made it, with the test.
    pub made_by: String,
    /// The file that is as before, and the line of the change in the text that had it.
    pub path: FilePath,
    /// 1-based.
    pub line: u32,
    /// Hash and subject of the commit that took it back, where one is found.
    pub undone_by: Option<(String, String)>,
}

/// The first change of the product that the commit of the test (its last one, or the one that brought the failing line)
/// made and that is undone since, unless a commit says that it takes something back.
pub fn undone(snapshot: &Snapshot, site: &Site) -> Option<Undone> {
    let text = snapshot.text(&site.path)?;
    let failing = text.get(site.statement.clone())?.lines().next().unwrap_or_default().trim();
    let commits = snapshot.history().with_file(&site.path);
    let own = commits.iter().enumerate().filter(|(index, commit)| *index == 0 || brings(commit, &site.path, failing));
    let lost = own.flat_map(|(_, commit)| commit).filter(|change| !change.path.is_test_code()).find_map(|change| {
        let hunk = lost_hunk(snapshot, change)?;
        Some((change, hunk))
    });
    let (change, hunk) = lost?;
    let since = snapshot.history().changes_of(&change.path, &site.path);
    if since.iter().any(|later| takes_back(&later.subject)) {
        return None;
    }
    let text = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_string();
    let is_it =
        |later: &&Change| later.path == change.path && is_lost(&hunk, &text(&later.before), &text(&later.after));
    let undone_by = since.iter().find(is_it).map(|later| (later.commit.clone(), later.subject.clone()));
    Some(Undone { made_by: change.subject.clone(), path: change.path.clone(), line: hunk.line, undone_by })
}

/// Whether a commit brought a line of the test.
fn brings(commit: &[Change], test: &FilePath, line: &str) -> bool {
    let of_test = commit.iter().filter(|change| change.path == *test && change.before.is_some());
    of_test.flat_map(hunks_of).any(|hunk| hunk.added.iter().any(|added| added.trim() == line))
}

/// The hunk of a change that is gone from the file as it stands now.
fn lost_hunk(snapshot: &Snapshot, change: &Change) -> Option<Hunk> {
    let after = change.after.as_deref().filter(|_| change.before.is_some())?;
    let now = snapshot.text(&change.path).filter(|now| **now != *after)?;
    hunks_of(change).into_iter().find(|hunk| is_lost(hunk, after, &now))
}

/// Whether a text that had what a hunk brought has what stood there before it in its place: the whole, or one line.
fn is_lost(hunk: &Hunk, had: &str, has: &str) -> bool {
    let (old, new) = (code(&hunk.removed), code(&hunk.added));
    let (had, has): (Vec<&str>, Vec<&str>) = (lines(had).collect(), lines(has).collect());
    let is_less = |block: &[&str]| count(&has, block) < count(&had, block);
    let is_more = |block: &[&str]| count(&has, block) > count(&had, block);
    match (old.as_slice(), new.as_slice()) {
        ([], []) => false,
        // A definition that goes again is as well one that nobody wants any more.
        ([], new) => new.iter().all(|line| !defines(line)) && is_less(new) && !has_other(&had, &has, new),
        (old, []) => old.iter().all(|line| !defines(line)) && is_more(old),
        (old, new) => {
            let is_swapped = |old: &[&str], new: &[&str]| old != new && is_less(new) && is_more(old);
            let mut pairs = old.iter().zip(new).filter(|_| old.len() == new.len());
            is_swapped(old, new) || pairs.any(|(old, new)| is_swapped(&[old], &[new]))
        }
    }
}

/// Whether something came in the place of the lines that went.
fn has_other(had: &[&str], has: &[&str], gone: &[&str]) -> bool {
    let first = gone.first();
    let diff = ::similar::capture_diff_slices(::similar::Algorithm::Myers, had, has);
    let at = diff.iter().find(|op| had[op.old_range()].first() == first && op.tag() != ::similar::DiffTag::Equal);
    at.is_none_or(|op| !op.new_range().is_empty())
}

/// How often lines follow each other so.
fn count(text: &[&str], block: &[&str]) -> usize {
    text.windows(block.len()).filter(|window| *window == block).count()
}

/// The lines that do something: no blank ones, comments and imports.
fn code(of: &[String]) -> Vec<&str> {
    let is_code = |line: &&str| !["#", "import ", "from "].iter().any(|start| line.starts_with(start));
    let says = |line: &&str| line.chars().filter(|c| c.is_alphanumeric()).count() > 2;
    let lines: Vec<&str> = of.iter().flat_map(|line| lines(line)).filter(is_code).collect();
    if lines.iter().any(says) { lines } else { Vec::new() }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn defines(line: &str) -> bool {
    ["def ", "async def ", "class "].iter().any(|start| line.starts_with(start))
}

/// Whether a commit says that it takes something back.
fn takes_back(subject: &str) -> bool {
    const WORDS: [&str; 12] = [
        "revert",
        "reverts",
        "reverted",
        "reverting",
        "undo",
        "undoes",
        "undone",
        "rollback",
        "restore",
        "restores",
        "reinstate",
        "backout",
    ];
    let subject = subject.to_lowercase();
    let words: HashSet<&str> = subject.split(|c: char| !c.is_alphanumeric()).collect();
    let pairs = ["roll back", "rolls back", "back out", "backs out", "bring back", "put back", "go back", "goes back"];
    WORDS.iter().any(|word| words.contains(word)) || pairs.iter().any(|pair| subject.contains(pair))
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::Verdict;
    use crate::fix::Tier;
    use crate::fixture::Scene;

    /// The name of a method at first, then with its test, then now; and what is said of it.
    fn scene(names: [&str; 3]) -> Scene {
        let shop = |name: &str| format!("class Cart:\n    def {name}(self):\n        return 0\n");
        let [first, then, now] = names;
        Scene::parse(&format!(
            "#- earlier: shop.py\n{}#- before: shop.py\n{}#- shop.py\n{}#- tests/test_shop.py\nfrom shop import Cart\n\n\
             def test_total():\n    assert Cart().{then}() == 0\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             \x20   def test_total():\n>       assert Cart().{then}() == 0\n\
             E       AttributeError: 'Cart' object has no attribute '{then}'\n\n\
             tests/test_shop.py:4: AttributeError\n",
            shop(first),
            shop(then),
            shop(now)
        ))
    }

    #[test]
    fn what_came_with_the_test_and_went_again_is_a_persons_to_follow() {
        let lost = scene(["total", "net_total", "total"]).heal();
        assert_eq!(lost.diagnosis.verdict, Verdict::LikelyProductRegression, "{}", lost.diagnosis.reason);
        assert!(lost.diagnosis.reason.starts_with("shop.py is again what it was before"), "{}", lost.diagnosis.reason);
        assert!(lost.fixes.iter().all(|fix| fix.fix().tier == Tier::Review));
    }

    #[test]
    fn what_goes_on_from_there_is_followed() {
        let renamed = scene(["total", "net_total", "total_net"]).heal();
        assert_eq!(renamed.diagnosis.verdict, Verdict::OutdatedTest, "{}", renamed.diagnosis.reason);
        assert_eq!(renamed.fixes[0].fix().tier, Tier::Safe);
    }

    #[test]
    fn a_commit_that_says_so_takes_back_on_purpose() {
        assert!(super::takes_back("Revert \"Net totals\"") && super::takes_back("Roll back the totals"));
        assert!(!super::takes_back("Merge branch 'totals'"));
    }
}
