//! Where the warning of a match stands.

use std::ops::Range;

use super::find::header_of;
use super::imports::Use;
use super::pattern::{Binding, Pattern, Subject};
use super::rule::{Expression, Unit};
use super::tree::{Id, Kind};

impl Subject<'_> {
    /// Where the warning stands: the first place is the squiggle.
    pub(super) fn places(&self, unit: &Unit, id: Id, binding: &Binding) -> Vec<Range<usize>> {
        let tree = self.tree;
        let range = |id: Id| tree.nodes[id].range.clone();
        let bound = |pattern: &Pattern| binding.nodes.get(&pattern.w).map(|id| range(*id));
        match unit {
            Unit::Expression(Expression { spots, .. }) if !spots.is_empty() => {
                let all: Vec<Range<usize>> = spots.iter().filter_map(|w| Some(range(*binding.nodes.get(w)?))).collect();
                let start = all.iter().map(|range| range.start).min().unwrap_or_default();
                let end = all.iter().map(|range| range.end).max().unwrap_or_default();
                std::iter::once(start..end).collect()
            }
            Unit::Expression(_) => {
                let awaited = tree.parent(id).filter(|parent| tree.kind(*parent) == Kind::Await);
                std::iter::once(range(id)).chain(awaited.map(range)).collect()
            }
            Unit::Statement(_) | Unit::Header { whole: false, .. } => vec![range(id)],
            Unit::Header { body, .. } => {
                let with = header_of(tree, id).unwrap_or(id);
                let head = self.head(with);
                std::iter::once(head).chain(body.iter().filter_map(bound)).collect()
            }
            Unit::Function(function) => {
                if let Some(returns) = function.returns.as_ref().and_then(bound) {
                    return vec![returns];
                }
                let name = tree.nodes[id].name.clone();
                let mut head = self.head(id);
                if function.decorators.is_empty() && function.scope.is_none() {
                    // From `def` on, below the decorators.
                    let decorators = tree.children(id).iter().filter(|id| tree.kind(**id) == Kind::Decorator);
                    let above = decorators.map(|id| tree.nodes[*id].range.end).max().unwrap_or(head.start);
                    head.start = name.start - tree.text[above..name.start].trim_start().len();
                }
                let defaults = function.defaults.iter().filter_map(bound);
                // The fixture that must not be requested, where nothing else tells the function.
                let wrong = function.parameters.first().filter(|_| function.calls.is_empty());
                let parameter =
                    wrong.and_then(|wrong| tree.parameters(id).find(|id| tree.name(*id) == wrong).map(range));
                parameter
                    .into_iter()
                    .chain([name, head])
                    .chain(defaults)
                    .chain(function.calls.iter().filter_map(bound))
                    .collect()
            }
            Unit::Import(moved) => match self.uses(moved, id) {
                Some(Use::Attribute) | None => vec![range(id)],
                _ => vec![range(tree.statement(id))],
            },
            Unit::Together(together) => {
                let parameters = self.requesting(together, id).unwrap_or_default();
                let name = tree.nodes[id].name.clone();
                std::iter::once(name).chain([self.head(id)]).chain(parameters.into_iter().map(range)).collect()
            }
        }
    }

    /// A compound statement up to its body.
    fn head(&self, id: Id) -> Range<usize> {
        let tree = self.tree;
        let start = tree.nodes[id].range.start;
        let body = tree.child(id, Kind::Block).map_or(tree.nodes[id].range.end, |block| tree.nodes[block].range.start);
        start..start + tree.text[start..body].trim_end().len()
    }
}
