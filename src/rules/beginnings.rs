//! One rule of two that change texts which begin alike.

use super::pattern::{Pattern, Shape};
use super::rewrite::Change;
use super::rule::{Rule, Unit};
use super::tree::{Id, Kind};

/// One rule for two that change texts which begin alike: `/mnt/lab/data` and `/mnt/lab/logs`.
pub(super) fn common_beginning(left: &Rule, right: &Rule) -> Option<Rule> {
    let ([Change::Name { w, text }], [Change::Name { w: other, text: other_text }]) =
        (left.changes.as_deref()?, right.changes.as_deref()?)
    else {
        return None;
    };
    let ([Unit::Expression(a)], [Unit::Expression(b)]) = (&left.units[..], &right.units[..]) else { return None };
    let (old, other_old) = (leaf_of(&a.pattern, *w)?, leaf_of(&b.pattern, *other)?);
    let (from, to) = beginning(&old, text)?;
    let (other_from, other_to) = beginning(&other_old, other_text)?;
    let from_is_common = common_start(&old, &other_old).starts_with(&from);
    if (from.trim_end_matches('/'), &to) != (other_from.trim_end_matches('/'), &other_to) || !from_is_common {
        return None;
    }
    let mut rule = left.clone();
    let longest = up_to_slash(common_start(&old, &other_old));
    let longest_new = format!("{to}{}", &longest[from.len()..]);
    let Unit::Expression(expression) = &mut rule.units[0] else { return None };
    expression.pattern.visit(&mut |pattern| {
        if pattern.w == *w && matches!(pattern.shape, Shape::Leaf { .. }) {
            pattern.shape = Shape::Beginning(longest.to_string());
        }
    });
    rule.changes = Some(vec![Change::Beginning { w: *w, old: longest.to_string(), new: longest_new }]);
    Some(rule)
}

/// The beginnings that differ: `/mnt` and `/srv` of `/mnt/lab/data` and `/srv/lab/data`.
fn beginning(old: &str, new: &str) -> Option<(String, String)> {
    let same: usize =
        old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let tail = &old[old.len() - same..];
    let cut = tail.find('/')?;
    let same = same - cut;
    Some((old[..old.len() - same].to_string(), new[..new.len() - same].to_string()))
}

fn common_start<'t>(left: &'t str, right: &str) -> &'t str {
    let same: usize = left.chars().zip(right.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    &left[..same]
}

fn up_to_slash(text: &str) -> &str {
    &text[..text.rfind('/').map_or(text.len(), |at| at + 1)]
}

fn leaf_of(pattern: &Pattern, w: Id) -> Option<String> {
    let mut found = None;
    pattern.clone().visit(&mut |pattern| {
        if let (true, Shape::Leaf { kind: Kind::Text, name }) = (pattern.w == w, &pattern.shape) {
            found = Some(name.clone());
        }
    });
    found
}
