//! A change of a text that others changed meanwhile: what they did stays, whatever is done or undone.

use crate::text::{Edit, FilePath, apply};

use super::chain::lines_between;

/// What `now` becomes when that is done to it which makes `to` of `from`; `now` came from `from` as well. `None` where
/// both changed the same lines: which of them is meant only a person knows.
pub fn carried(path: &FilePath, from: &str, to: &str, now: &str) -> Option<String> {
    let (ours, theirs) = (lines_between(path, from, to), lines_between(path, from, now));
    if ours.iter().any(|ours| theirs.iter().any(|theirs| collide(ours, theirs))) {
        return None;
    }
    let ours = ours.into_iter().filter(|edit| !theirs.contains(edit));
    apply(from, &theirs.iter().cloned().chain(ours).collect::<Vec<_>>()).ok()
}

/// Whether two changes of one text meet. Lines that others put before or after those that we change do not; where we
/// put lines, nothing else may have changed.
fn collide(ours: &Edit, theirs: &Edit) -> bool {
    let (a, b) = (&ours.range, &theirs.range);
    let meet = if a.is_empty() { b.start <= a.end && a.start <= b.end } else { b.start < a.end && a.start < b.end };
    meet && ours != theirs
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "import a\n\ndef test_a():\n    a.old()\n";
    const NEW: &str = "import a\n\ndef test_a():\n    a.new()\n";

    fn taken_back(now: &str) -> Option<String> {
        carried(&FilePath::new("test_a.py"), NEW, OLD, now)
    }

    #[test]
    fn what_others_wrote_elsewhere_stays() {
        let mine = "\n\ndef test_mine():\n    a.new()\n";
        assert_eq!(taken_back(NEW).as_deref(), Some(OLD));
        assert_eq!(taken_back(&(NEW.to_string() + mine)), Some(OLD.to_string() + mine));
        let above = "# mine\n".to_string();
        assert_eq!(taken_back(&(above.clone() + NEW)), Some(above + OLD));
        let at = |text: &str| text.replace("    a.", "    # mine\n    a.");
        assert_eq!(taken_back(&at(NEW)), Some(at(OLD)));
    }

    #[test]
    fn what_is_as_it_was_stays() {
        assert_eq!(taken_back(OLD).as_deref(), Some(OLD));
    }

    #[test]
    fn the_same_lines_are_nobodys_but_a_persons() {
        assert_eq!(taken_back(&NEW.replace("a.new()", "a.new(1)")), None);
        assert_eq!(taken_back("import a\n"), None);
        assert_eq!(taken_back(NEW.trim_end()), None);
        let carried = |now: &str| carried(&FilePath::new("test_a.py"), "a\nb\n", "a\nus\nb\n", now);
        assert_eq!(carried("a\nthem\nb\n"), None);
        assert_eq!(carried("a\nb\nc\n").as_deref(), Some("a\nus\nb\nc\n"));
        assert_eq!(carried("a\nus\nb\n").as_deref(), Some("a\nus\nb\n"));
    }
}
