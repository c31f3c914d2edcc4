//! No check is removed, moved out of the way or loosened.

use std::cell::LazyCell;

use super::change::{Change, FileChange, Unit};
use super::checks::{Check, Kind, checks};
use super::expected::Operands;
use super::python::{callee, given_to, is_written_out, last};
use super::raises_kept::raises_kept;
use super::rows::{parts_merged, same_rows};
use super::softeners::softeners;
use super::strength::{Form, form_of_call, form_of_condition, keeps};
use super::tree_diff::differences;
use super::values_traced::checked_names;
use crate::syntax::tokens::{string_body, tokens};
use crate::syntax::{Node, ancestors};

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    file.units().iter().find_map(|(before, after)| broken_in(change, before, after))
}

fn broken_in(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let (old, new) = (checks(before), checks(after));
    if new.len() < old.len() {
        let (had, has) = (old.len(), new.len());
        return Some(format!("leaves {} with {has} checks where it had {had}", after.title()));
    }
    let judge = Judge { change, operands: Operands::new(change, before, after) };
    judge
        .all_kept(&old, &new)
        .or_else(|| parts_merged(before, after))
        .or_else(|| computed(change, &judge.operands, before, after))
        .or_else(|| softened(change, before, after))
}

/// An expected value that stands in a variable or in a parameter row may not come from the code under test either.
fn computed(change: &Change<'_>, operands: &Operands<'_, '_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let checked = LazyCell::new(|| checked_names(after.source, after.node));
    let is_expected = |node: Node<'_>| {
        ancestors(node).any(|outer| match outer.kind() {
            "assignment" => {
                outer.child_by_field_name("left").is_some_and(|left| checked.contains(after.source.slice(left)))
            }
            "call" => last(&callee(after.source, outer)) == "parametrize",
            _ => false,
        })
    };
    differences((before.source, before.node), (after.source, after.node)).into_iter().find_map(|difference| {
        let (was, is) = (difference.before?, difference.after?);
        let opened = is_written_out(was) && !is_written_out(is) && is_expected(is);
        // `list(lines("a"))` where `lines` gives a generator now: `"a"` is given to it as before.
        let is_made_list = change.compares_items()
            && given_to(was).is_some_and(|call| {
                let outer = given_to(is).map(|outer| callee(after.source, outer));
                matches!(outer.as_deref(), Some("list" | "tuple"))
                    && before.source.slice(call) == after.source.slice(is)
            });
        let opened = opened && !is_made_list;
        opened.then(|| operands.spelled_out(is).err())?
    })
}

struct Judge<'c, 't> {
    change: &'c Change<'c>,
    operands: Operands<'c, 't>,
}

impl<'t> Judge<'_, 't> {
    /// Every old check must find, in order, a new one that asks as much.
    fn all_kept(&self, old: &[Check<'t>], new: &[Check<'t>]) -> Option<String> {
        let mut next = 0;
        for (index, check) in old.iter().enumerate() {
            // Every old check that is still to come needs one of the new ones.
            let last = new.len() - (old.len() - index);
            let mut reasons = (next..=last).map(|at| self.kept(check, &new[at]).err());
            match reasons.by_ref().position(|reason| reason.is_none()) {
                Some(at) => next += at + 1,
                None => {
                    let reason = self.kept(check, &new[next]).err().unwrap_or_default();
                    return Some(format!("{}: {reason}", check.title()));
                }
            }
        }
        None
    }

    fn kept(&self, old: &Check<'t>, new: &Check<'t>) -> Result<(), String> {
        self.same_way(old, new)?;
        match (old.kind, new.kind) {
            (Kind::Raises(..), Kind::Raises(..)) => raises_kept(self.change, old, new),
            (Kind::Fail, Kind::Fail) => Ok(()),
            (Kind::Raises(..) | Kind::Fail, _) | (_, Kind::Raises(..) | Kind::Fail) => {
                Err("replaces the check by another kind of check".to_string())
            }
            _ => {
                let (before, after) = (form(old), form(new));
                keeps((old.source, &before), (new.source, &after), &|b, a| self.operands.kept(b, a))
            }
        }
    }

    /// The way to a check leads through the same branches, loops and functions.
    fn same_way(&self, old: &Check<'t>, new: &Check<'t>) -> Result<(), String> {
        let kinds = |check: &Check<'_>| check.around.iter().map(|around| around.kind).collect::<Vec<_>>();
        let (was, is) = (kinds(old), kinds(new));
        if was != is {
            let added = is.iter().find(|kind| !was.contains(kind)).or(is.last());
            return Err(match added {
                Some(kind) => format!("is reached only through another `{kind}`"),
                None => "is reached another way".to_string(),
            });
        }
        for (before, after) in old.around.iter().zip(&new.around) {
            let walks_on = || Some(same_rows((old.source, before.node?), (new.source, after.node?)));
            let is_alike = same_head(&before.head, &after.head) || before.kind == "for" && walks_on() == Some(true);
            if before.head != after.head && !is_alike {
                return Err(format!("is reached under another `{}`", after.kind));
            }
        }
        Ok(())
    }
}

/// Two conditions or iterables that differ in names only.
pub(super) fn same_head(before: &str, after: &str) -> bool {
    let (was, is): (Vec<_>, Vec<_>) = (tokens(before), tokens(after));
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_alphabetic() || c == '_') && !is_keyword(word) && string_body(word).is_none()
    };
    let alike = |b: &str, a: &str| b == a || is_name(b) && is_name(a) || same_text(b, a);
    was.len() == is.len() && was.iter().zip(&is).all(|(b, a)| alike(b, a))
}

/// Two f-strings that differ in names only.
fn same_text(before: &str, after: &str) -> bool {
    let is_formatted = |text: &str| string_body(text).is_some() && text.starts_with(['f', 'F']);
    let parts = |text: &str| text.split(['{', '}']).map(str::to_string).collect::<Vec<_>>();
    let (was, is) = (parts(before), parts(after));
    let alike = |(at, (b, a)): (usize, (&String, &String))| b == a || at % 2 == 1 && same_head(b, a);
    let is_pair = is_formatted(before) && is_formatted(after) && was.len() == is.len();
    is_pair && was.iter().zip(&is).enumerate().all(alike)
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "in" | "is" | "if" | "else" | "True" | "False" | "None" | "lambda" | "await")
}

fn form<'t>(check: &Check<'t>) -> Form<'t> {
    match check.kind {
        Kind::Assert(condition) => form_of_condition(condition),
        Kind::Call(call) => form_of_call(check.source, call),
        Kind::Raises(call, _) => Form::Truth(call),
        Kind::Fail => Form::Truth(check.node),
    }
}

/// Anywhere in the unit: a value that is sliced, rounded or lowered before it is compared is compared less.
fn softened(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let (was, is) = (softeners(before.source, &before.nodes()), softeners(after.source, &after.nodes()));
    let (what, _) = is.iter().find(|(what, count)| **count > was.get(*what).copied().unwrap_or(0))?;
    let renamed = what.trim_matches(['`', '(', ')']);
    let total = |counts: &std::collections::BTreeMap<String, usize>| counts.values().sum::<usize>();
    // `cart.size()` became `cart.len()`: a rename, told by the failure, wraps nothing.
    if total(&is) == total(&was) && change.is_named(renamed) {
        return None;
    }
    Some(format!("puts {what} into {}, so less is compared", after.title()))
}
