//! Objects of which the run printed nothing but `<…>`.

use crate::syntax::Node;

use super::super::constructors::{member, opaque};
use super::Pair;

/// Whether both are objects of one class that print nothing but where they were in memory: one is like the other, as
/// far as anybody can see, and whether they are equal the run tells.
pub(super) fn is_like(pair: &Pair<'_, '_>, was: Option<Node<'_>>, new: Node<'_>) -> bool {
    let class = |text: &str| opaque(text).and_then(|text| Some(text.split_once(" object at 0x")?.0.to_string()));
    let was = pair.was.zip(was).and_then(|(source, was)| class(source.slice(was)));
    was.is_some() && was == class(pair.printed.slice(new))
}

/// `core.Kind.MILK` for `core.Kind.TEA`, which was `<Kind.TEA: 1>` when it ran and has to be `<Kind.MILK: 2>`.
pub(super) fn other_member(pair: &Pair<'_, '_>, old: Node<'_>, was: Option<Node<'_>>, new: Node<'_>) -> Option<String> {
    let (was, is) = (member(pair.was?.slice(was?))?, member(pair.printed.slice(new))?);
    let (class, name) = is.rsplit_once('.')?;
    let before =
        pair.source.slice(old).strip_suffix(was).filter(|before| before.is_empty() || before.ends_with('.'))?;
    (was.rsplit_once('.')?.0 == class).then(|| format!("{before}{class}.{name}"))
}
