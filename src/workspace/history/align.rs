//! Two versions of a file, statement by statement: what was replaced by what.

use std::time::{Duration, Instant};

use crate::syntax::outline::{ItemKind, Outline};
use crate::syntax::statements::statements;
use crate::syntax::tokens::{string_body, tokens};
use crate::syntax::{Source, outline::Item};

/// A file before and after a commit, understood.
#[derive(Debug, Default)]
pub(super) struct Edits {
    pub(super) before: Outline,
    pub(super) after: Outline,
    /// Statements that were replaced, in the order of the new text.
    pub(super) pairs: Vec<Pair>,
    /// Statements that went without successor.
    pub(super) removed: Vec<Side>,
    /// Statements that came without predecessor.
    pub(super) added: Vec<Side>,
}

/// A statement that was replaced by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) before: Side,
    pub(super) after: Side,
}

/// One side of a replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) text: String,
    /// 1-based.
    pub(super) line: u32,
    /// The scope of the function or class around it: `Cart.total`.
    pub(super) within: String,
}

/// Statements longer than this are data tables: they are cut there.
const LONGEST: usize = 4000;
/// How many statements of one replaced block are compared with each other.
const LARGEST_BLOCK: usize = 4096;
/// Statements less alike than this do not succeed each other.
const LEAST_ALIKE: f64 = 0.4;
const LIMIT: Duration = Duration::from_millis(500);

impl Edits {
    /// Aligns two texts of one file.
    pub(super) fn between(before: &str, after: &str) -> Self {
        let (old, new) = (Source::parse(before), Source::parse(after));
        let mut edits = Self { before: Outline::of(&old), after: Outline::of(&new), ..Self::default() };
        let old_sides = sides(&old, &edits.before);
        let new_sides = sides(&new, &edits.after);
        let key = |side: &Side| side.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let old_keys: Vec<String> = old_sides.iter().map(key).collect();
        let new_keys: Vec<String> = new_sides.iter().map(key).collect();
        let deadline = Some(Instant::now() + LIMIT);
        let ops = similar::capture_diff_slices_deadline(similar::Algorithm::Myers, &old_keys, &new_keys, deadline);
        for block in blocks(&ops) {
            edits.block(&old_sides[block.0.clone()], &new_sides[block.1.clone()]);
        }
        edits
    }

    fn block(&mut self, old: &[Side], new: &[Side]) {
        if let ([before], [after]) = (old, new)
            && gives_another_literal(&before.text, &after.text)
        {
            self.pairs.push(Pair { before: before.clone(), after: after.clone() });
            return;
        }
        let mut taken = vec![None; old.len()];
        let mut used = vec![false; new.len()];
        for (score, left, right) in candidates(old, new) {
            if score >= LEAST_ALIKE && taken[left].is_none() && !used[right] {
                taken[left] = Some(right);
                used[right] = true;
            }
        }
        for (left, right) in taken.iter().enumerate() {
            match right {
                Some(right) if tokens(&old[left].text) != tokens(&new[*right].text) => {
                    self.pairs.push(Pair { before: old[left].clone(), after: new[*right].clone() });
                }
                Some(_) => {}
                None => self.removed.push(old[left].clone()),
            }
        }
        self.added.extend(new.iter().zip(used).filter(|(_, used)| !used).map(|(side, _)| side.clone()));
    }
}

/// Pairs of a block with their likeness, best first. Small blocks are compared completely, large ones
/// along their diagonal.
fn candidates(old: &[Side], new: &[Side]) -> Vec<(f64, usize, usize)> {
    let old_tokens: Vec<Vec<&str>> = old.iter().map(|side| tokens(&side.text)).collect();
    let new_tokens: Vec<Vec<&str>> = new.iter().map(|side| tokens(&side.text)).collect();
    let complete = old.len().saturating_mul(new.len()) <= LARGEST_BLOCK;
    let mut found = Vec::new();
    for (left, tokens) in old_tokens.iter().enumerate() {
        let center = left * new.len() / old.len().max(1);
        let window = if complete { 0..new.len() } else { center.saturating_sub(3)..(center + 4).min(new.len()) };
        for right in window {
            let distance = (center as f64 - right as f64).abs() / (new.len().max(1) as f64);
            let score = alike(tokens, &new_tokens[right]);
            if score > 0.0 {
                found.push((score - 0.05 * distance, left, right));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found
}

/// `return "open"` that became `return "closed"`: too short to be alike by its tokens. A number is anybody's.
fn gives_another_literal(before: &str, after: &str) -> bool {
    let is_text = |token: &str| string_body(token).is_some_and(|text| text.len() > 3);
    match (tokens(before).as_slice(), tokens(after).as_slice()) {
        ([old, was], [new, is]) => old == new && was != is && is_text(was) && is_text(is),
        _ => false,
    }
}

/// The replaced blocks of a diff: runs of changes with nothing equal between.
fn blocks(ops: &[similar::DiffOp]) -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut found: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> = Vec::new();
    for op in ops.iter().filter(|op| op.tag() != similar::DiffTag::Equal) {
        let (old, new) = (op.old_range(), op.new_range());
        match found.last_mut() {
            Some(last) if last.0.end == old.start && last.1.end == new.start => {
                last.0.end = old.end;
                last.1.end = new.end;
            }
            _ => found.push((old, new)),
        }
    }
    found
}

fn sides(source: &Source, outline: &Outline) -> Vec<Side> {
    let scopes = Scopes::of(outline);
    let side = |statement: crate::syntax::statements::Statement| {
        let within = scopes.around(statement.range.start);
        let text = &source.text()[statement.range];
        let end = (0..=LONGEST.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        Side { text: text[..end].to_string(), line: statement.line, within }
    };
    statements(source).into_iter().map(side).collect()
}

/// The functions and classes of an outline, for asking what lies around an offset.
struct Scopes<'o> {
    outline: &'o Outline,
    /// Starts in text order.
    spans: Vec<&'o Item>,
}

impl<'o> Scopes<'o> {
    fn of(outline: &'o Outline) -> Self {
        let mut spans: Vec<&Item> = outline.items.iter().filter(|item| item.kind != ItemKind::Variable).collect();
        spans.sort_by_key(|item| item.span.start);
        Self { outline, spans }
    }

    fn around(&self, offset: usize) -> String {
        let before = self.spans.partition_point(|item| item.span.start <= offset);
        let mut current = before.checked_sub(1).map(|index| self.spans[index]);
        // Climb from the last definition that began before to the one that still lasts.
        while let Some(item) = current.filter(|item| offset >= item.span.end) {
            current = item.parent.map(|parent| &self.outline.items[parent]);
        }
        current.map(|item| self.outline.path_of(item)).unwrap_or_default()
    }
}

/// The likeness of two token lists, 0 to 1: shared pairs of neighbours and shared tokens (Dice).
pub(super) fn alike(a: &[&str], b: &[&str]) -> f64 {
    if a == b {
        return 1.0;
    }
    let shared = |mut left: Vec<(&str, &str)>, mut right: Vec<(&str, &str)>| {
        let total = left.len() + right.len();
        left.sort_unstable();
        right.sort_unstable();
        if total == 0 { 0.0 } else { 2.0 * common(&left, &right) as f64 / total as f64 }
    };
    let pairs = shared(pairs_of(a), pairs_of(b));
    let single = shared(a.iter().map(|t| (*t, "")).collect(), b.iter().map(|t| (*t, "")).collect());
    (pairs + single) / 2.0
}

fn pairs_of<'t>(tokens: &[&'t str]) -> Vec<(&'t str, &'t str)> {
    tokens.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

fn common<T: Ord>(a: &[T], b: &[T]) -> usize {
    let (mut left, mut right, mut count) = (0, 0, 0);
    while left < a.len() && right < b.len() {
        match a[left].cmp(&b[right]) {
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
            std::cmp::Ordering::Equal => {
                count += 1;
                left += 1;
                right += 1;
            }
        }
    }
    count
}

/// Single tokens that stand for each other in two statements: `(old, new)`.
pub(super) fn substitutions<'t>(before: &'t str, after: &'t str) -> Vec<(&'t str, &'t str)> {
    let (old, new) = (tokens(before), tokens(after));
    let mut found = Vec::new();
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new) {
        let (left, right) = (&old[op.old_range()], &new[op.new_range()]);
        if op.tag() == similar::DiffTag::Replace && left.len() == right.len() {
            found.extend(left.iter().copied().zip(right.iter().copied()).filter(|(left, right)| left != right));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(before: &str, after: &str) -> Vec<(String, String)> {
        Edits::between(before, after).pairs.into_iter().map(|pair| (pair.before.text, pair.after.text)).collect()
    }

    #[test]
    fn statements_find_their_successors_whatever_came_between() {
        let before = "def f():\n    a = get(1)\n    b = 2\n    c = put(a)\n";
        let after = "def f():\n    log()\n    a = fetch(1)\n    b = 2\n    extra()\n    c = put(a, b)\n";
        let expected = [("a = get(1)".into(), "a = fetch(1)".into()), ("c = put(a)".into(), "c = put(a, b)".into())];
        assert_eq!(pairs(before, after), expected);
    }

    #[test]
    fn a_text_that_is_all_a_statement_gives_has_its_successor() {
        let [before, after] = ["return 'open'", "return 'shut'"];
        let function = |body: &str| format!("def f():\n    {body}\n");
        assert_eq!(pairs(&function(before), &function(after)), [(before.to_string(), after.to_string())]);
        assert!(pairs(&function(before), &function("return is_open")).is_empty());
        assert!(pairs(&function("return 1"), &function("return 2")).is_empty());
    }

    #[test]
    fn reformatting_is_no_change() {
        assert!(pairs("f(a, b)\n", "f(\n    a, b)\n").is_empty());
        assert!(pairs("x = 1\n", "x = 1  # note\n").is_empty());
    }

    #[test]
    fn what_has_no_likeness_is_removed_and_added() {
        let edits = Edits::between("alpha(1)\n", "class B:\n    beta = 'x'\n");
        assert_eq!((edits.pairs.len(), edits.removed.len(), edits.added.len()), (0, 1, 2));
    }

    #[test]
    fn a_statement_knows_its_scope() {
        let edits = Edits::between(
            "class A:\n    def f(self):\n        x = 1\ny = 2\n",
            "class A:\n    def f(self):\n        x = 3\ny = 4\n",
        );
        assert_eq!(edits.pairs[0].after.within, "A.f");
        assert_eq!(edits.pairs[1].after.within, "");
    }

    #[test]
    fn substitutions_are_single_tokens() {
        assert_eq!(substitutions("a.total(x, y=1)", "a.sum(x, y=2)"), [("total", "sum"), ("1", "2")]);
        assert!(substitutions("f(a)", "f(a, b)").is_empty());
    }
}
