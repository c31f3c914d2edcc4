//! A comparison of numbers stays as exact as it was, and a comparison of tables as complete.

use crate::syntax::{Node, Source};

use super::change::{Change, FileChange};
use super::checks::is_assert_call;
use super::python::{callee, enclosing_call, keyword_of, last};
use super::timeouts_capped::number;
use super::tree_diff::{Difference, differences};

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    file.units().iter().find_map(|(before, after)| {
        let found = differences((before.source, before.node), (after.source, after.node));
        found.into_iter().find_map(|difference| judged(change, before.source, after.source, difference))
    })
}

/// Which way a setting loosens a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looser {
    /// `rel=0.1` accepts more than `rel=0.01`.
    Larger,
    /// `places=1` accepts more than `places=7`.
    Smaller,
    /// A flag: it may not change at all.
    Any,
}

fn setting(name: &str) -> Option<Looser> {
    Some(match name {
        "rel" | "abs" | "delta" | "rtol" | "atol" | "rel_tol" | "abs_tol" | "tol" | "tolerance" | "eps" | "epsilon" => {
            Looser::Larger
        }
        "places" | "decimal" | "significant" | "precision" | "digits" => Looser::Smaller,
        "nan_ok" | "equal_nan" | "any_order" | "ignore_order" | "strict" | "exact" => Looser::Any,
        name if name.starts_with("check_") || name.starts_with("ignore_") || name.starts_with("exclude") => Looser::Any,
        _ => return None,
    })
}

/// The setting that a value, or a whole keyword argument, makes in a call that compares.
fn setting_of<'s>(source: &'s Source, node: Node<'_>) -> Option<(&'s str, Looser)> {
    let call = enclosing_call(node)?;
    let name = callee(source, call);
    let compares = is_assert_call(&name) || matches!(last(&name), "approx" | "isclose" | "allclose" | "array_equal");
    let own = node.child_by_field_name("name").filter(|_| node.kind() == "keyword_argument");
    let keyword = own.map(|name| source.slice(name)).or_else(|| keyword_of(source, node))?;
    Some((keyword, setting(keyword).filter(|_| compares)?))
}

fn judged(change: &Change<'_>, old: &Source, new: &Source, difference: Difference<'_>) -> Option<String> {
    match (difference.before, difference.after) {
        (Some(before), Some(after)) => {
            let (name, looser) =
                setting_of(new, after).or_else(|| setting_of(old, before).map(|_| ("a tolerance", Looser::Any)))?;
            let exact = match (looser, number(old, before), number(new, after)) {
                (Looser::Larger, Some(was), Some(is)) => is <= was,
                (Looser::Smaller, Some(was), Some(is)) => is >= was,
                _ => false,
            };
            (!exact).then(|| format!("loosens `{name}`"))
        }
        (None, Some(after)) => setting_of(new, after).map(|(name, _)| format!("loosens the comparison by `{name}=`")),
        (Some(before), None) => {
            let (name, _) = setting_of(old, before)?;
            (!change.message().contains(name)).then(|| format!("takes `{name}=` from the comparison"))
        }
        _ => None,
    }
}
