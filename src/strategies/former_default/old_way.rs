//! Whether a function does as it did before a commit where its new parameter has a value.

use crate::strategies::Context;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::history::SignatureChange;

use super::last_part;

/// Whether all that the function did is done where `name` is `value`, and not where it is the default.
pub(super) fn is_kept_by(ctx: &Context<'_>, change: &SignatureChange, name: &str, default: &str, value: &str) -> bool {
    let changes = ctx.snapshot.history().changes(Some(&ctx.site.path));
    let of_commit = changes.into_iter().find(|it| it.commit == change.commit && it.path == change.path);
    let Some((before, after)) = of_commit.and_then(|it| it.before.zip(it.after)) else { return false };
    let (before, after) = (Source::parse(before), Source::parse(after));
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
