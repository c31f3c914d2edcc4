//! Literals that are written otherwise: `"up"` as `b"up"`, `9.99` as `Decimal("9.99")`, `["a"]` as `{"a"}`.

use super::abstraction::Sides;
use super::tree::{Id, Kind, Tree};

impl Sides<'_> {
    /// What of the correct side `c` is the literal or list `w` in other quotes or brackets.
    pub(super) fn respelled(&self, w: Id, c: Id) -> Option<Id> {
        let (kind, name) = (self.w.kind(w), self.w.name(w));
        let children =
            |tree: &Tree<'_>, id: Id| -> Vec<u64> { tree.children(id).iter().map(|child| tree.hash(*child)).collect() };
        let is_list = |kind: Kind| matches!(kind, Kind::List | Kind::Tuple | Kind::Set);
        let is_it = |other: Id| match self.c.kind(other) {
            new @ (Kind::Text | Kind::Bytes) => {
                kind != new && kind.is_literal() && kind != Kind::Constant && self.c.name(other) == name
            }
            new => kind != new && is_list(kind) && is_list(new) && children(self.w, w) == children(self.c, other),
        };
        self.c.descendants(c).find(|other| is_it(*other))
    }
}

/// What stands before and behind the content of a literal or list.
pub(super) fn marks<'t>(tree: &Tree<'t>, id: Id) -> (&'t str, &'t str) {
    let (range, content) = (tree.nodes[id].range.clone(), content(tree, id));
    (&tree.text[range.start..content.start], &tree.text[content.end..range.end])
}

/// The literal or list `id` between other marks, where that is the same.
pub(super) fn respelled(tree: &Tree<'_>, id: Id, opening: &str, closing: &str) -> Option<String> {
    let text = &tree.text[content(tree, id)];
    let length = tree.children(id).len();
    let written = match tree.kind(id) {
        Kind::Text => {
            let is_plain = length == 0 && text.is_ascii() && tree.slice(id).starts_with(['"', '\'']);
            return is_plain.then(|| format!("{}{}", opening.trim_end_matches(['"', '\'']), tree.slice(id)));
        }
        Kind::Bytes => return tree.slice(id).get(1..).map(str::to_string),
        // `{}` is no set, `(1)` no tuple.
        Kind::List | Kind::Tuple | Kind::Set => length > 1 || (length == 1 && !closing.ends_with(')')),
        _ => true,
    };
    written.then(|| format!("{opening}{text}{closing}"))
}

/// Where the content stands: between the quotes or brackets, or all of it.
fn content(tree: &Tree<'_>, id: Id) -> std::ops::Range<usize> {
    let range = tree.nodes[id].range.clone();
    match tree.kind(id) {
        Kind::Text | Kind::Bytes => tree.nodes[id].name.clone(),
        Kind::List | Kind::Tuple | Kind::Set if tree.slice(id).starts_with(['[', '(', '{']) => {
            range.start + 1..range.end - 1
        }
        _ => range,
    }
}
