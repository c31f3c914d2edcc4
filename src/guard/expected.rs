//! One operand of a check against its successor: renamed, called otherwise or with a new expected value, but
//! neither softened nor turned to look at something else.

use std::collections::HashSet;

use crate::diagnosis::Category;
use crate::fix::EvidenceKind;
use crate::syntax::{Node, Source, ancestors, children, descendants};

use super::change::{Change, Unit};
use super::python::{
    arguments, bare, callee, definition, dotted, flat, is_literal_token, is_written_out, last, string_value,
};
use super::softeners::{CONVERSIONS, ITEMS, SOFTENERS_IF_WRAPPED, calls, calls_of, is_dirty_equals};

/// Judges the operands of the checks of one pair of units.
pub(super) struct Operands<'c, 't> {
    pub(super) change: &'c Change<'c>,
    pub(super) before: &'c Unit<'t>,
    pub(super) after: &'c Unit<'t>,
    /// Names bound inside the unit as it is now: parameters and assignments.
    pub(super) locals: HashSet<String>,
}

impl<'c, 't> Operands<'c, 't> {
    pub(super) fn new(change: &'c Change<'c>, before: &'c Unit<'t>, after: &'c Unit<'t>) -> Self {
        Self { change, before, after, locals: bound_names(after) }
    }

    /// Whether `after` may stand where `before` stood.
    pub(super) fn kept(&self, before: Node<'t>, after: Node<'t>) -> Result<(), String> {
        let (before, after) = (bare(before), bare(after));
        let (was, is) = (flat(self.before.source, before), flat(self.after.source, after));
        if was == is {
            return Ok(());
        }
        match (is_written_out(before), is_written_out(after)) {
            (true, true) => self.value_kept(before, after),
            // `set()`, which has no literal, for `[]`.
            (true, false) if is_nothing(self.before.source, before) && is_empty_set(self.after.source, after) => {
                self.not_another(before, after)
            }
            (true, false) => self.spelled_out(after),
            (false, true) => self.constant_for(before),
            (false, false) => self.observed_kept(before, after),
        }
    }

    /// A new expected value: whether it may come in is `values-traced`'s question; its kind must stay strict.
    fn value_kept(&self, before: Node<'t>, after: Node<'t>) -> Result<(), String> {
        self.not_another(before, after)?;
        // Nothing but a set equals one: where a commit says that one comes, the order went with the product's own.
        if before.kind() == "list" && after.kind() == "set" && !self.is_regrouped(before, after) {
            return Err("forgets the order".to_string());
        }
        // What is lost has to be meant: by a commit, and by what it says.
        let is_told = self.change.has_provenance() && self.change.has(EvidenceKind::Docs);
        let is_emptied = is_nothing(self.after.source, after) && !is_nothing(self.before.source, before);
        if is_emptied && !(is_told && self.change.is_reviewed()) {
            return Err("expects nothing where something was expected".to_string());
        }
        Ok(())
    }

    /// A value that was written out may become a constant of the project or an object made of values, never
    /// something that is computed while the test runs.
    pub(super) fn spelled_out(&self, after: Node<'t>) -> Result<(), String> {
        let source = self.after.source;
        match after.kind() {
            "identifier" | "attribute" => {
                let name = dotted(source, after);
                let root = name.split('.').next().unwrap_or_default();
                if self.locals.contains(root) {
                    return Err(format!("takes the expected value from `{root}`, which the test computes"));
                }
                Ok(())
            }
            // `Path("data").resolve()`: what is written out, made absolute.
            "call" if last(&callee(source, after)) == "resolve" && arguments(after).is_empty() => {
                let path = after.child_by_field_name("function").and_then(|it| it.child_by_field_name("object"));
                path.map_or(Ok(()), |path| if is_written_out(path) { Ok(()) } else { self.spelled_out(path) })
            }
            "parenthesized_expression" => after.named_child(0).map_or(Ok(()), |inner| self.spelled_out(inner)),
            "call" => {
                let name = callee(source, after);
                let makes = last(&name).starts_with(|c: char| c.is_uppercase())
                    || matches!(
                        last(&name),
                        "abspath"
                            | "datetime"
                            | "date"
                            | "time"
                            | "timedelta"
                            | "escape"
                            | "compile"
                            | "array"
                            | "bytes"
                            | "frozenset"
                            | "dict"
                            | "tuple"
                            | "list"
                            | "call"
                            | "timezone"
                            | "dtype"
                    );
                if !makes || matches!(last(&name), "ANY" | "Mock" | "MagicMock") || is_dirty_equals(last(&name)) {
                    return Err(format!("computes the expected value with `{name}()`"));
                }
                arguments(after).into_iter().try_for_each(|argument| {
                    let value = argument.child_by_field_name("value").unwrap_or(argument);
                    if is_written_out(value) { Ok(()) } else { self.spelled_out(value) }
                })
            }
            "list" | "tuple" | "set" | "dictionary" | "pair" | "unary_operator" | "binary_operator" => {
                let parts = children(after).filter(|part| !is_written_out(*part));
                parts.filter(|part| part.kind() != "comment").try_for_each(|part| self.spelled_out(part))
            }
            _ => Err("computes the expected value".to_string()),
        }
    }

    /// `!= ["tea"]` holds of every set, and `!= {"tea"}` of every list: a check that a value is not another one keeps
    /// the kind of that other one.
    fn not_another(&self, before: Node<'t>, after: Node<'t>) -> Result<(), String> {
        let is_collection = |node: &Node<'_>| matches!(node.kind(), "list" | "tuple" | "set" | "dictionary" | "call");
        let is_turned = is_collection(&before) && is_collection(&after) && before.kind() != after.kind();
        if is_turned && is_negated(self.before.source, before) {
            return Err("asks that the value is not one that can never come".to_string());
        }
        Ok(())
    }

    /// Whether a collection has the same elements as before, none of them twice, and a commit speaks for its new kind.
    fn is_regrouped(&self, before: Node<'t>, after: Node<'t>) -> bool {
        let texts = |source: &Source, node: Node<'t>| {
            let parts = children(node).filter(|part| part.kind() != "comment");
            let mut texts: Vec<String> = parts.map(|part| flat(source, part)).collect();
            texts.sort_unstable();
            texts
        };
        let (was, is) = (texts(self.before.source, before), texts(self.after.source, after));
        self.change.has_provenance() && was == is && !holds_twice(self.before.source, before)
    }

    /// What was computed may not become a constant, unless a constant of the project was meant all along.
    fn constant_for(&self, before: Node<'t>) -> Result<(), String> {
        let source = self.before.source;
        let computed = calls(before).next().is_some() || before.kind() == "await";
        let root = dotted(source, before);
        let root = root.split('.').next().unwrap_or_default();
        if computed || self.locals.contains(root) || !(self.change.is_reviewed() && self.change.has_provenance()) {
            let what = source.slice(before).lines().next().unwrap_or_default();
            return Err(format!("puts a constant where `{what}` was checked"));
        }
        Ok(())
    }

    fn observed_kept(&self, before: Node<'t>, after: Node<'t>) -> Result<(), String> {
        let (old, new) = (self.before.source, self.after.source);
        let wrapped = calls(after).count() > calls(before).count();
        if wrapped && calls_of(new, after, SOFTENERS_IF_WRAPPED) > calls_of(old, before, SOFTENERS_IF_WRAPPED) {
            return Err("wraps the checked value so that less is compared".to_string());
        }
        let converts = calls_of(new, after, CONVERSIONS) > calls_of(old, before, CONVERSIONS);
        let items = calls_of(new, after, ITEMS) > calls_of(old, before, ITEMS) && self.change.compares_items();
        let stands_in = self.stands_in_for_attribute(before, after);
        if wrapped
            && converts
            && !items
            && !stands_in
            && !self.change.is_reviewed()
            && !flat(old, before).ends_with(". message ")
        {
            return Err("converts the checked value to another type".to_string());
        }
        for (kind, what) in [
            ("boolean_operator", "a second way to be right"),
            ("conditional_expression", "a condition"),
            ("lambda", "a lambda"),
            ("if_clause", "a filter"),
            ("comparison_operator", "a comparison whose result is compared"),
            ("not_operator", "a negation"),
            ("named_expression", "an assignment"),
        ] {
            let count = |node: Node<'_>| descendants(node).filter(|node| node.kind() == kind).count();
            if count(after) > count(before) {
                return Err(format!("puts {what} into the checked value"));
            }
        }
        self.not_uncalled(before, after)?;
        self.same_subject(before, after)
    }

    /// `str(version)` for `version.text`, which is gone: other callers show it, and nothing is checked that was not.
    fn stands_in_for_attribute(&self, before: Node<'t>, after: Node<'t>) -> bool {
        let (old, new) = (self.before.source, self.after.source);
        let found = || {
            let object = old.slice(before.child_by_field_name("object")?);
            let name = old.slice(before.child_by_field_name("attribute")?);
            let [argument] = *arguments(after) else { return None };
            Some(new.slice(argument) == object && self.change.is_named(name))
        };
        let shown = self.change.has(EvidenceKind::Example) || self.change.has(EvidenceKind::Git);
        shown && self.change.is_about(Category::AttributeError) && after.kind() == "call" && found().unwrap_or(false)
    }

    /// `assert cart.is_empty` is true whatever the cart holds, where `is_empty` is a method.
    fn not_uncalled(&self, before: Node<'t>, after: Node<'t>) -> Result<(), String> {
        let lost_call = before.kind() == "call" && matches!(after.kind(), "attribute" | "identifier");
        let awaits = |node: Node<'_>| descendants(node).filter(|node| node.kind() == "await").count();
        if lost_call
            && !self.change.is_about(Category::TypeError)
            && !self.change.has_provenance()
            && !self.names_both(before, after)
            && !self.asks_for_fixture(before, after)
        {
            return Err("no longer calls what it checks".to_string());
        }
        if awaits(after) < awaits(before) && !self.change.message().contains("await") {
            return Err("no longer awaits what it checks".to_string());
        }
        Ok(())
    }

    /// Whether a fixture that pytest does not let the test call is what the test asks for now.
    fn asks_for_fixture(&self, before: Node<'t>, after: Node<'t>) -> bool {
        let name = self.after.source.slice(after);
        let called = before.child_by_field_name("function").map(|called| self.before.source.slice(called));
        called == Some(name) && self.change.calls_fixture(name)
    }

    /// Whether the failure or the evidence speaks of the name that goes and of the one that comes.
    fn names_both(&self, before: Node<'t>, after: Node<'t>) -> bool {
        let (was, is) = (dotted(self.before.source, before), dotted(self.after.source, after));
        self.change.is_named(last(&was)) && self.change.is_named(last(&is)) && last(&was) != last(&is)
    }

    /// A check looks at what it looked at: another name needs a failure that says that the old one is gone.
    fn same_subject(&self, before: Node<'t>, after: Node<'t>) -> Result<(), String> {
        let (was, is) = (words(self.before.source, before), words(self.after.source, after));
        let gone = difference(&was, &is);
        let came = difference(&is, &was);
        let (Some(lost), Some(_)) = (gone.first(), came.first()) else { return self.only_more_or_less(&gone, &came) };
        if self.change.is_about(Category::AssertionError) && !self.explains_another_subject() {
            return Err(format!("looks at something else than `{lost}`"));
        }
        let still_there = self.locals.contains(lost) && bound_names(self.before).contains(lost);
        if still_there && came.iter().any(|name| self.locals.contains(name)) && !self.change.is_named(lost) {
            return Err(format!("looks at `{}` instead of `{lost}`", came[0]));
        }
        Ok(())
    }

    /// Names that only came (`user` became `user.name`) or only went (`user.name` became `user`).
    fn only_more_or_less(&self, gone: &[String], came: &[String]) -> Result<(), String> {
        let changed = !gone.is_empty() || !came.is_empty();
        if changed && self.change.is_about(Category::AssertionError) && !self.explains_another_subject() {
            let names = gone.iter().chain(came).cloned().collect::<Vec<_>>().join("`, `");
            return Err(format!("looks at another part of the value (`{names}`)"));
        }
        Ok(())
    }

    /// Where an assertion failed, everything it names exists; looking elsewhere needs more than a name that fits.
    fn explains_another_subject(&self) -> bool {
        let strong = [EvidenceKind::Git, EvidenceKind::Lesson, EvidenceKind::Example];
        strong.iter().any(|kind| self.change.has(*kind))
            || (self.change.is_reviewed() && self.change.has(EvidenceKind::Runtime))
    }
}

/// No items at all: `[]`, or the `0` that a length or a number of calls is compared with.
fn is_nothing(source: &Source, value: Node<'_>) -> bool {
    match value.kind() {
        "list" | "tuple" | "set" | "dictionary" => value.named_child_count() == 0,
        "integer" => source.slice(value) == "0" && value.parent().is_some_and(|parent| counts(source, parent)),
        _ => false,
    }
}

/// Whether two elements may be equal: a set holds one of them. `1`, `1.0` and `True` are.
fn holds_twice(source: &Source, collection: Node<'_>) -> bool {
    let value = |node: Node<'_>| match node.kind() {
        "true" => "1".to_string(),
        "false" => "0".to_string(),
        "integer" | "float" => {
            source.slice(node).parse::<f64>().map_or_else(|_| "?".to_string(), |number| number.to_string())
        }
        _ => string_value(source, node).map_or_else(|| flat(source, node), |text| format!("'{text}'")),
    };
    let mut known = HashSet::new();
    children(collection).filter(|part| part.kind() != "comment").any(|part| !known.insert(value(part)))
}

/// Whether the check around an operand asks that two values differ.
fn is_negated(source: &Source, operand: Node<'_>) -> bool {
    let differs = |node: Node<'_>| match node.kind() {
        "not_operator" => true,
        "comparison_operator" => {
            let tokens = (0..node.child_count()).filter_map(|index| node.child(index));
            let words: Vec<&str> = tokens.filter(|token| !token.is_named()).map(|token| token.kind()).collect();
            words.iter().any(|word| word.contains('!') || word.contains("not"))
        }
        "call" => {
            let name = callee(source, node);
            let words = ["NotEqual", "not_equal", "assertFalse", "assert_false", "NotIn", "not_in"];
            words.iter().any(|word| last(&name).contains(word))
        }
        _ => false,
    };
    ancestors(operand).take_while(|outer| !matches!(outer.kind(), "block" | "module")).any(differs)
}

fn is_empty_set(source: &Source, value: Node<'_>) -> bool {
    value.kind() == "call" && callee(source, value) == "set" && arguments(value).is_empty()
}

/// Whether one side of a comparison is a number of items or calls.
fn counts(source: &Source, comparison: Node<'_>) -> bool {
    children(comparison).any(|side| {
        let name = dotted(source, side);
        last(&name) == "len" || last(&name).ends_with("count")
    })
}

/// The names in a node, one entry for each use.
fn words(source: &Source, node: Node<'_>) -> Vec<String> {
    let is_keyword_name = |node: &Node<'_>| {
        node.parent().is_some_and(|parent| {
            parent.kind() == "keyword_argument"
                && parent.child_by_field_name("name").is_some_and(|name| name.id() == node.id())
        })
    };
    let names = descendants(node).filter(|node| node.kind() == "identifier" && !is_keyword_name(node));
    let keys = descendants(node).filter(|node| node.kind() == "subscript").filter_map(|node| {
        let key = node.child_by_field_name("subscript")?;
        is_literal_token(key).then_some(key)
    });
    names.chain(keys).map(|node| source.slice(node).to_string()).collect()
}

fn difference(of: &[String], without: &[String]) -> Vec<String> {
    let mut rest = without.to_vec();
    let mut left = Vec::new();
    for word in of {
        match rest.iter().position(|other| other == word) {
            Some(at) => drop(rest.swap_remove(at)),
            None => left.push(word.clone()),
        }
    }
    left
}

/// The names that a unit binds: parameters, assignments, loop and `with` targets.
pub(super) fn bound_names(unit: &Unit<'_>) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut add = |node: Node<'_>| {
        names.extend(
            descendants(node)
                .filter(|node| node.kind() == "identifier")
                .map(|node| unit.source.slice(node).to_string()),
        );
    };
    if !unit.is_module() {
        definition(unit.node).child_by_field_name("parameters").into_iter().for_each(&mut add);
    }
    for node in unit.nodes() {
        match node.kind() {
            "assignment" | "for_statement" | "for_in_clause" | "augmented_assignment" => {
                let left = node.child_by_field_name("left");
                left.filter(|left| !matches!(left.kind(), "attribute" | "subscript")).into_iter().for_each(&mut add);
            }
            "named_expression" => node.child_by_field_name("name").into_iter().for_each(&mut add),
            "as_pattern_target" => add(node),
            _ => {}
        }
    }
    names
}
