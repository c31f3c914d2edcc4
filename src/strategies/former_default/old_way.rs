//! Whether a function does as it did before a commit where its new parameter has a value.

use crate::strategies::{Context, literals};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::history::SignatureChange;

use super::last_part;

/// Whether all that the function did is done where `name` is `value`, and not where it is the default.
pub(super) fn is_kept_by(ctx: &Context<'_>, change: &SignatureChange, name: &str, default: &str, value: &str) -> bool {
    let Some((before, after)) = texts(ctx, change) else { return false };
    let bodies = body(&before, &change.function).zip(body(&after, &change.function));
    let Some((old, new)) = bodies else { return false };
    let statements: Vec<String> = descendants(old)
        .filter(|node| node.kind().ends_with("_statement") && node.parent() == Some(old))
        .map(|node| Chosen { source: &before, name: "", value: "" }.code(node))
        .collect();
    let does = |value: &str| {
        let code = Chosen { source: &after, name, value }.code(new);
        statements.iter().all(|statement| code.contains(statement.as_str()))
    };
    !statements.is_empty() && does(value) && !does(default)
}

/// What the function took for `name` where it was given nothing, that is `None`, and does not see to any more:
/// `set()` of `set(name) if name else set()`, `[]` of `name or []`.
pub(super) fn stood_for_none(ctx: &Context<'_>, change: &SignatureChange, name: &str) -> Option<String> {
    let (before, after) = texts(ctx, change)?;
    let (old, new) = (body(&before, &change.function)?, body(&after, &change.function)?);
    let mut stood = descendants(old).filter_map(|node| Some(before.slice(stand_in(&before, node, name)?)));
    let found = stood.next()?;
    let is_one = stood.all(|other| other == found);
    let sees_to_it = descendants(new).any(|node| stand_in(&after, node, name).is_some());
    (is_one && !sees_to_it).then(|| found.to_string())
}

/// `[]` of `name or []`, `name if name else []`, `[] if name is None else name`, and of `if name is None: name = []`.
fn stand_in<'s>(source: &'s Source, node: Node<'s>, name: &str) -> Option<Node<'s>> {
    let is_name = |node: Node<'_>| node.kind() == "identifier" && source.slice(node) == name;
    let parts: Vec<Node<'s>> = children(node).collect();
    let none = Chosen { source, name, value: "None" };
    let is_given =
        |condition: Node<'_>| if is_name(condition) { Some(true) } else { none.holds(condition).map(|is| !is) };
    let value = match node.kind() {
        "boolean_operator" if is_name(*parts.first()?) => {
            *parts.last().filter(|_| node.child_by_field_name("operator").is_some_and(|it| source.slice(it) == "or"))?
        }
        "conditional_expression" => {
            let [then, condition, otherwise] = parts.as_slice() else { return None };
            let (kept, stood) = if is_given(*condition)? { (*then, *otherwise) } else { (*otherwise, *then) };
            Some(stood).filter(|_| descendants(kept).any(is_name))?
        }
        "if_statement" if !is_given(node.child_by_field_name("condition")?)? => {
            let given = node.child_by_field_name("consequence")?.named_child(0)?.named_child(0)?;
            let right = given.child_by_field_name("right").filter(|_| given.kind() == "assignment");
            right.filter(|_| given.child_by_field_name("left").is_some_and(is_name))?
        }
        _ => return None,
    };
    is_empty_or_literal(source, value).then_some(value)
}

/// `set()`, `[]`, `"tea"`: what means the same in a test.
fn is_empty_or_literal(source: &Source, value: Node<'_>) -> bool {
    let is_made = || matches!(source.slice(value), "set()" | "frozenset()" | "dict()" | "list()" | "tuple()");
    value.kind() != "none" && (literals::is_literal(value) || is_made())
}

/// The file of a change, before it and after it.
fn texts(ctx: &Context<'_>, change: &SignatureChange) -> Option<(Source, Source)> {
    let changes = ctx.snapshot.history().changes(Some(&ctx.site.path));
    let of_commit = changes.into_iter().find(|it| it.commit == change.commit && it.path == change.path);
    let (before, after) = of_commit.and_then(|it| it.before.zip(it.after))?;
    Some((Source::parse(before), Source::parse(after)))
}

/// The body of the function `Cart.total` or `total`.
fn body<'s>(source: &'s Source, function: &str) -> Option<Node<'s>> {
    let mut parts = function.rsplit('.');
    let (own, class) = (parts.next()?, parts.next());
    let named =
        |node: &Node<'_>, name: &str| node.child_by_field_name("name").is_some_and(|it| source.slice(it) == name);
    let is_it = |node: &Node<'_>| {
        let owner = ancestors(*node).find(|outer| outer.kind() == "class_definition");
        node.kind() == "function_definition"
            && named(node, own)
            && class.is_none_or(|class| owner.is_some_and(|owner| named(&owner, class)))
    };
    descendants(source.root()).find(is_it)?.child_by_field_name("body")
}

/// Code as it runs where the variable `name` has a value.
struct Chosen<'s> {
    source: &'s Source,
    name: &'s str,
    value: &'s str,
}

impl Chosen<'_> {
    /// The tokens of what runs, each behind a space.
    fn code(&self, node: Node<'_>) -> String {
        let mut code = String::new();
        self.write(node, &mut code);
        code
    }

    /// Whether what is written ends the function.
    fn write(&self, node: Node<'_>, code: &mut String) -> bool {
        let parts: Vec<Node<'_>> = children(node).collect();
        let (condition, then, otherwise) = match node.kind() {
            "if_statement" => {
                let clauses = parts.iter().copied().filter(|part| part.kind().ends_with("_clause")).collect();
                (node.child_by_field_name("condition"), node.child_by_field_name("consequence"), clauses)
            }
            "conditional_expression" => (parts.get(1).copied(), parts.first().copied(), parts[2..].to_vec()),
            _ => (None, None, Vec::new()),
        };
        match (condition.and_then(|condition| self.holds(condition)), then) {
            (Some(true), Some(then)) => self.write(then, code),
            (Some(false), _) => otherwise
                .into_iter()
                .any(|clause| self.write(clause.child_by_field_name("body").unwrap_or(clause), code)),
            _ if node.child_count() == 0 || node.kind() == "string" => {
                *code += " ";
                *code += self.source.slice(node);
                false
            }
            _ => {
                let mut cursor = node.walk();
                let mut all = node.children(&mut cursor);
                let is_ended = all.any(|part| self.write(part, code) && node.kind() == "block");
                is_ended || matches!(node.kind(), "return_statement" | "raise_statement")
            }
        }
    }

    /// Whether a condition is true, where the variable tells.
    fn holds(&self, condition: Node<'_>) -> Option<bool> {
        let parts: Vec<Node<'_>> = children(condition).collect();
        let operator = || condition.child_by_field_name("operator").map(|operator| self.source.slice(operator));
        match condition.kind() {
            "identifier" if self.source.slice(condition) == self.name => match self.value {
                "True" => Some(true),
                "False" => Some(false),
                _ => None,
            },
            "not_operator" => self.holds(*parts.first()?).map(|holds| !holds),
            "parenthesized_expression" => self.holds(*parts.first()?),
            "boolean_operator" => {
                let decides = operator()? == "or";
                let sides = [self.holds(*parts.first()?), self.holds(*parts.last()?)];
                let is_decided = sides.contains(&Some(decides));
                (is_decided || sides == [Some(!decides); 2]).then_some(is_decided == decides)
            }
            "comparison_operator" => {
                let [left, right] = parts.as_slice() else { return None };
                let is_same = last_part(self.source.slice(*right)) == last_part(self.value);
                let between = &self.source.text()[left.end_byte()..right.start_byte()];
                match between.trim() {
                    _ if self.source.slice(*left) != self.name => None,
                    "==" | "is" => Some(is_same),
                    "!=" | "is not" => Some(!is_same),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
