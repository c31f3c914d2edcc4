//! Definitions that a commit removed, paired with those that took their place.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::syntax::outline::{Item, ItemKind, Outline};
use crate::syntax::tokens::{bare, is_name, string_body};
use crate::workspace::builtins::is_pythons;
use crate::workspace::opposites::are_opposed;
use crate::workspace::similar_names::likeness;

use super::align::alike;
use super::commit::File;

/// A removed definition (index into the old outline) and its successor (index into the new one).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DefinitionPair {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) score: f64,
    /// Whether the two do the same, but for names.
    pub(super) is_same: bool,
}

/// Pairs below this are chance.
pub(super) const LEAST_SCORE: f64 = 0.45;
/// More removed or added definitions than this are a rewrite.
const MOST: usize = 400;
/// Fewer tokens than this are a line or two.
const SHORT_BODY: usize = 30;

impl File {
    /// The removed definitions of this file with their successors in it, each used once.
    pub(super) fn renamed(&self) -> &[DefinitionPair] {
        self.definitions.get_or_init(|| Arc::new(pair(self)))
    }

    /// Indexes into the old outline of what is gone.
    pub(super) fn removed(&self) -> Vec<usize> {
        let edits = self.edits();
        missing(&edits.before, &edits.after)
    }

    /// Indexes into the new outline of what came.
    pub(super) fn added(&self) -> Vec<usize> {
        let edits = self.edits();
        missing(&edits.after, &edits.before)
    }
}

/// The items of `one` that `other` has under no equal path.
fn missing(one: &Outline, other: &Outline) -> Vec<usize> {
    let known: HashSet<String> = other.items.iter().map(|item| other.path_of(item)).collect();
    (0..one.items.len()).filter(|&index| !known.contains(&one.path_of(&one.items[index]))).collect()
}

fn pair(file: &File) -> Vec<DefinitionPair> {
    let (removed, added) = (file.removed(), file.added());
    if removed.len() > MOST || added.len() > MOST {
        return Vec::new();
    }
    let (before, after) = (&file.edits().before, &file.edits().after);
    let old: Vec<Sketch<'_>> = removed.iter().map(|&index| Sketch::of(before, index, file.before())).collect();
    let new: Vec<Sketch<'_>> = added.iter().map(|&index| Sketch::of(after, index, file.after())).collect();
    let mut scored: Vec<DefinitionPair> = Vec::new();
    for (left, &old_index) in old.iter().zip(&removed) {
        for (right, &new_index) in new.iter().zip(&added) {
            if let Some(score) = left.likeness_to(right).filter(|score| *score >= LEAST_SCORE) {
                let is_same = left.is_same(right);
                scored.push(DefinitionPair { old: old_index, new: new_index, score, is_same });
            }
        }
    }
    // What the successor calls is its helper, however much of the body went there.
    let calls = |caller: usize, called: usize| {
        let at = |index: usize| added.iter().position(|other| *other == index);
        let names = |caller: usize, called: usize| new[caller].body.contains(&new[called].item.name.as_str());
        at(caller).zip(at(called)).is_some_and(|(caller, called)| names(caller, called) && !names(called, caller))
    };
    let helped: Vec<bool> = scored
        .iter()
        .map(|pair| {
            scored.iter().any(|other| other.old == pair.old && other.new != pair.new && calls(other.new, pair.new))
        })
        .collect();
    let mut helped = helped.into_iter();
    scored.retain(|_| helped.next() != Some(true));
    scored.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (mut gone, mut came): (HashSet<usize>, HashSet<usize>) = Default::default();
    scored.retain(|pair| {
        let free = !gone.contains(&pair.old) && !came.contains(&pair.new);
        if free {
            gone.insert(pair.old);
            came.insert(pair.new);
        }
        free
    });
    scored
}

/// What a definition is compared by.
pub(super) struct Sketch<'t> {
    item: &'t Item,
    scope: String,
    /// Tokens of its body without its own name.
    body: Vec<&'t str>,
    /// All of its tokens but the name where it is defined.
    whole: Vec<&'t str>,
    neighbours: [Option<&'t str>; 2],
}

impl<'t> Sketch<'t> {
    pub(super) fn of(outline: &'t Outline, index: usize, text: &'t str) -> Self {
        let item = &outline.items[index];
        let path = outline.path_of(item);
        let scope = path.rsplit_once('.').map_or(String::new(), |(scope, _)| scope.to_string());
        let span = match item.kind {
            // Where a value was assigned is more than its name; the scope of a class or function is all.
            ItemKind::Variable => item.value.clone().unwrap_or(item.range.end..item.span.end.max(item.range.end)),
            _ => item.span.clone(),
        };
        let code = text.get(span).unwrap_or("");
        let mut whole = bare(code);
        let body = whole.iter().copied().filter(|token| *token != item.name).collect();
        if let Some(at) = whole.iter().position(|token| *token == item.name).filter(|_| item.kind != ItemKind::Variable)
        {
            whole.remove(at);
        }
        let siblings: Vec<(usize, &Item)> =
            outline.children(item.parent).filter(|(_, i)| i.kind == item.kind).collect();
        let at = siblings.iter().position(|(sibling, _)| *sibling == index);
        let name = |at: Option<usize>| at.and_then(|at| siblings.get(at)).map(|(_, item)| item.name.as_str());
        let neighbours = [name(at.and_then(|at| at.checked_sub(1))), name(at.map(|at| at + 1))];
        Self { item, scope, body, whole, neighbours }
    }

    /// How likely `other` is the same thing under its new name; `None` where it cannot be.
    pub(super) fn likeness_to(&self, other: &Self) -> Option<f64> {
        let (old, new) = (self.item, other.item);
        let is_class = |item: &Item| item.kind == ItemKind::Class;
        if is_class(old) != is_class(new) {
            return None;
        }
        let body = alike(&self.body, &other.body);
        let name = likeness(&old.name, &new.name);
        let scope = f64::from(self.scope == other.scope);
        let place = self.neighbours.iter().zip(&other.neighbours).filter(|(a, b)| a == b).count() as f64 / 2.0;
        // `...` says nothing about who it is.
        let weight = (self.body.len().min(other.body.len()) as f64 / 12.0).min(1.0);
        let same_kind = if old.kind == new.kind { 1.0 } else { 0.6 };
        let signature = match (&old.signature, &new.signature) {
            (Some(old), Some(new)) => f64::from(old.parameters == new.parameters),
            (None, None) => f64::from(old.annotation == new.annotation),
            _ => 0.0,
        };
        let by_body = 0.2 + 0.4 * weight;
        let rest = 1.0 - by_body;
        let score = by_body * body + rest * (0.3 * signature + 0.2 * scope + 0.2 * place + 0.3 * name);
        Some(score * same_kind)
    }

    pub(super) fn body_likeness(&self, other: &Self) -> f64 {
        alike(&self.body, &other.body)
    }

    /// Whether the body is of a line or two.
    pub(super) fn is_short(&self) -> bool {
        self.body.len() < SHORT_BODY
    }

    /// Whether both do the same, but for names. A getter that became a property gives what it gave.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_plain = !self.whole.starts_with(&["@"]);
        let now = other.whole.strip_prefix(&["@", "property"]).filter(|_| is_plain).unwrap_or(&other.whole);
        are_same_but_for_names(&self.whole, now)
    }

    pub(super) fn is_class(&self) -> bool {
        self.item.kind == ItemKind::Class
    }
}

/// A removed or renamed parameter of a function that both versions have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ParameterPair {
    /// Index of the function into the new outline.
    pub(super) function: usize,
    /// Its successor; `None` where it was dropped.
    pub(super) new: Option<String>,
    pub(super) score: f64,
    /// Whether the function does with it what it did with the old one.
    pub(super) is_same: bool,
}

impl File {
    /// What became of the parameters called `name` that are gone.
    pub(super) fn parameter_pairs(&self, name: &str) -> Vec<ParameterPair> {
        let edits = self.edits();
        let mut found = Vec::new();
        for (index, old) in edits.before.items.iter().enumerate() {
            let Some(before) = old.signature.as_ref().filter(|signature| signature.parameter(name).is_some()) else {
                continue;
            };
            let Some(function) = self.successor(index) else { continue };
            let Some(after) = edits.after.items[function].signature.as_ref() else { continue };
            if after.parameter(name).is_some() {
                continue;
            }
            let position = before.parameters.iter().position(|parameter| parameter.name == name).unwrap_or(0);
            let gone = before.parameters.iter().filter(|p| after.parameter(&p.name).is_none()).count();
            let came: Vec<_> = after
                .parameters
                .iter()
                .enumerate()
                .filter(|(_, p)| !p.kind.is_variadic() && before.parameter(&p.name).is_none())
                .collect();
            let parameter = &before.parameters[position];
            let mut scored: Vec<(f64, bool, &str)> = came
                .iter()
                .map(|(at, candidate)| {
                    let only = f64::from(gone == 1 && came.len() == 1);
                    let same_place = f64::from(*at == position);
                    let annotated = candidate.annotation.is_some() && candidate.annotation == parameter.annotation;
                    let defaults = candidate.default.is_some() && candidate.default == parameter.default;
                    let same_type = f64::from(annotated || defaults);
                    let is_told = candidate.annotation.is_some() && parameter.annotation.is_some();
                    let other_type = f64::from(
                        is_told && candidate.annotation != parameter.annotation
                            || candidate.default.is_some() != parameter.default.is_some(),
                    );
                    let alike = likeness(name, &candidate.name);
                    let (in_body, is_same) = self.takes_over(index, function, name, &candidate.name);
                    let score = 0.1 + 0.15 * only + 0.15 * same_place + 0.15 * same_type + 0.25 * alike + 0.3 * in_body
                        - 0.15 * other_type;
                    (score, is_same, candidate.name.as_str())
                })
                .filter(|(score, ..)| *score >= LEAST_SCORE)
                .collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0));
            if scored.is_empty() {
                found.push(ParameterPair { function, new: None, score: 1.0, is_same: false });
            }
            found.extend(scored.into_iter().map(|(score, is_same, new)| ParameterPair {
                function,
                new: Some(new.to_string()),
                score,
                is_same,
            }));
        }
        found
    }

    /// How well a parameter does in the body of a function what another did before, 0 to 1: how much liker the
    /// bodies are once the one name is read as the other. A body without the name says nothing: a half. And whether
    /// they are the same then.
    fn takes_over(&self, before: usize, after: usize, old: &str, new: &str) -> (f64, bool) {
        let edits = self.edits();
        let body = |text: &'_ str, item: &Item| -> Vec<String> {
            let span = item.span.clone();
            let definition = bare(text.get(span).unwrap_or("")).into_iter().map(String::from);
            // The parameters are compared by themselves.
            definition.skip_while(|token| token != ":").collect()
        };
        let before = body(self.before(), &edits.before.items[before]);
        let after = body(self.after(), &edits.after.items[after]);
        let count = |body: &[String], name: &str| body.iter().filter(|token| *token == name).count();
        let (was, is) = (count(&before, old), count(&after, new));
        if was == 0 && is == 0 {
            return (0.5, false);
        }
        let read_as: Vec<&str> = before.iter().map(|token| if token == old { new } else { token.as_str() }).collect();
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let after: Vec<&str> = after.iter().map(String::as_str).collect();
        let gain = alike(&read_as, &after) - alike(&before, &after);
        let share = if gain > 0.0 { was.min(is) as f64 / was.max(is) as f64 } else { 0.0 };
        // Used as often as before, whatever else changed around it.
        (share, share == 1.0 || are_same_but_for_names(&read_as, &after))
    }

    /// The new version of an item of the old outline: of the same path, or the one it was renamed to.
    pub(super) fn successor(&self, index: usize) -> Option<usize> {
        let edits = self.edits();
        let path = edits.before.path_of(&edits.before.items[index]);
        let same = paths(&edits.after).get(&path).copied();
        same.or_else(|| self.renamed().iter().find(|pair| pair.old == index).map(|pair| pair.new))
    }
}

/// Whether two definitions do the same, but for names: their own and those that they use.
pub fn do_the_same(a: &str, b: &str) -> bool {
    are_same_but_for_names(&bare(a), &bare(b))
}

/// Whether two texts are the same once their own names are read alike. What Python names (`min`, `len`), numbers,
/// operators and words that mean the opposite are no such names; sentences are for people.
fn are_same_but_for_names(a: &[&str], b: &[&str]) -> bool {
    let is_sentence = |token: &str| token.starts_with(['"', '\'']) && token.contains(char::is_whitespace);
    let code = |tokens: &[&str]| -> Vec<String> {
        tokens.iter().filter(|token| !is_sentence(token)).map(|token| token.to_string()).collect()
    };
    let (a, b) = (code(a), code(b));
    let mut read_as: HashMap<&str, &str> = HashMap::new();
    let is_own = |name: &str| is_name(name) && !is_pythons(name);
    // `'a'` is `"a"`.
    let is_plain = |token: &str| token.starts_with(['"', '\'']);
    let is_text = |a: &str, b: &str| is_plain(a) && is_plain(b) && string_body(a) == string_body(b);
    a.len() == b.len()
        && a.iter().zip(&b).all(|(a, b)| {
            a == b
                || is_text(a, b)
                || is_own(a) && is_own(b) && !are_opposed(a, b) && *read_as.entry(a).or_insert(b) == b.as_str()
        })
}

fn paths(outline: &Outline) -> HashMap<String, usize> {
    outline.items.iter().enumerate().map(|(index, item)| (outline.path_of(item), index)).collect()
}
