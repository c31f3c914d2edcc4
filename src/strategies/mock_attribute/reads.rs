//! Conditions that the product has since a commit, on what it did not ask for before: each with the value for which it
//! does as it did.

use crate::diagnosis::product::{self, Hunk};
use crate::strategies::{Context, told};
use crate::syntax::tokens::tokens;
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::workspace::history::Change;
use crate::workspace::words::occurrences;

use super::defaults;

/// `env.options.no_capture` of `if env.options.no_capture:`.
pub(super) struct Read {
    /// `env`, `options`, `no_capture`.
    pub(super) chain: Vec<String>,
    /// What it has to be so that the product does as before.
    pub(super) value: String,
    pub(super) commit: String,
    pub(super) says: String,
}

/// The new conditions of product code that the test uses.
pub(super) fn reads(ctx: &Context<'_>) -> Vec<Read> {
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    changes.iter().filter_map(|change| of_change(ctx, change, &changes)).flatten().collect()
}

fn of_change(ctx: &Context<'_>, change: &Change, all: &[Change]) -> Option<Vec<Read>> {
    let (before, after) = change.before.as_ref().zip(change.after.as_ref())?;
    let hunks = product::hunks_of(change);
    let source = Source::parse(after.clone());
    let mut found = Vec::new();
    for branch in descendants(source.root()).filter_map(|node| Branch::of(&source, &hunks, node)) {
        for asked in descendants(branch.condition).filter_map(|node| Asked::of(&source, node)) {
            // What was read before is no news to the mock.
            let name = format!(".{}", asked.chain.last()?);
            let is_new =
                occurrences(before, &name).next().is_none() && !before.contains(&format!("\"{}\"", &name[1..]));
            let Some(value) = Some(&asked).filter(|_| is_new).and_then(|it| it.former(&branch, change, all)) else {
                continue;
            };
            let Some(hunk) = branch.hunk().filter(|hunk| told::uses(ctx, hunk)) else {
                continue;
            };
            let written = source.slice(asked.node);
            let says = format!("{}:{} asks for `{written}` since ({})", hunk.path, branch.line(), hunk.subject);
            found.push(Read { chain: asked.chain, value, commit: change.commit.clone(), says });
        }
    }
    Some(found)
}

/// A condition that a change brought, with what it decides on.
struct Branch<'t> {
    source: &'t Source,
    hunks: &'t [Hunk],
    node: Node<'t>,
    condition: Node<'t>,
}

impl<'t> Branch<'t> {
    fn of(source: &'t Source, hunks: &'t [Hunk], node: Node<'t>) -> Option<Self> {
        let condition = match node.kind() {
            "if_statement" | "elif_clause" => node.child_by_field_name("condition")?,
            "conditional_expression" => children(node).nth(1)?,
            _ => return None,
        };
        let branch = Self { source, hunks, node, condition };
        branch.hunk().is_some().then_some(branch)
    }

    fn line(&self) -> u32 {
        self.source.line_of(self.condition.start_byte())
    }

    /// The hunk that brought the condition.
    fn hunk(&self) -> Option<&'t Hunk> {
        self.hunks.iter().find(|hunk| brings(hunk, self.line()))
    }

    /// Whether the code did as it did before the commit where the condition is `held`.
    fn is_as_before(&self, held: &Held) -> bool {
        if self.node.kind() == "conditional_expression" {
            return self.chooses_as_before(held);
        }
        let then = self.node.child_by_field_name("consequence");
        let other = children(self.node).find(|node| node.kind() == "else_clause");
        let other = other.and_then(|clause| clause.child_by_field_name("body"));
        let was = |node: Option<Node<'_>>| node.is_some_and(|node| self.was(node));
        match held {
            Held::Never => !was(then) && other.is_none_or(|other| self.was(other)),
            // What stands there untouched stood behind another condition.
            Held::Always => then.is_some_and(|node| self.was_written(self.source.slice(node))) && !was(other),
            Held::Where(rest) => self.was_written(&format!("if {rest}:")),
        }
    }

    /// `a` of `a if condition else b` stood there alone.
    fn chooses_as_before(&self, held: &Held) -> bool {
        let parts: Vec<Node<'_>> = children(self.node).collect();
        let [then, _, other] = parts[..] else { return false };
        let Some(statement) = self.source.statement_at(self.node.start_byte()) else { return false };
        let (head, tail) = (statement.start_byte()..self.node.start_byte(), self.node.end_byte()..statement.end_byte());
        let with = |part: Node<'_>| {
            let text = self.source.text();
            self.was_written(&format!("{}{}{}", &text[head.clone()], self.source.slice(part), &text[tail.clone()]))
        };
        match held {
            Held::Never => with(other) && !with(then),
            Held::Always => with(then) && !with(other),
            Held::Where(_) => false,
        }
    }

    /// Whether the code stands there untouched, or went and came back further in.
    fn was(&self, node: Node<'_>) -> bool {
        let (first, last) = (self.source.line_of(node.start_byte()), self.source.line_of(node.end_byte()));
        let is_untouched = (first..=last).all(|line| !self.hunks.iter().any(|hunk| brings(hunk, line)));
        is_untouched || self.was_written(self.source.slice(node))
    }

    fn was_written(&self, code: &str) -> bool {
        let spaced = |text: &str| format!(" {} ", tokens(text).join(" "));
        let removed: Vec<&str> = self.hunks.iter().flat_map(|hunk| &hunk.removed).map(String::as_str).collect();
        spaced(&removed.join("\n")).contains(&spaced(code))
    }
}

fn brings(hunk: &Hunk, line: u32) -> bool {
    (hunk.line..hunk.line + hunk.added.len() as u32).contains(&line)
}

/// What is left of a condition when a part of it is known.
enum Held {
    Always,
    Never,
    Where(String),
}

impl Held {
    fn of(source: &Source, condition: Node<'_>, part: Node<'_>, is_true: bool) -> Self {
        let inner = |node| Self::of(source, node, part, is_true);
        let operands: Vec<Node<'_>> = children(condition).collect();
        match (condition.kind(), operands.as_slice()) {
            _ if condition == part => Self::known(is_true),
            ("parenthesized_expression", [only]) => inner(*only),
            ("not_operator", [only]) => match inner(*only) {
                Self::Always => Self::Never,
                Self::Never => Self::Always,
                Self::Where(rest) => Self::Where(format!("not {rest}")),
            },
            ("boolean_operator", [left, right]) => {
                let decides = condition.child_by_field_name("operator").is_some_and(|it| source.slice(it) == "or");
                let word = if decides { "or" } else { "and" };
                match (inner(*left), inner(*right)) {
                    (Self::Where(left), Self::Where(right)) => Self::Where(format!("{left} {word} {right}")),
                    (Self::Where(rest), known) | (known, Self::Where(rest)) => {
                        if matches!(known, Self::Always) == decides { known } else { Self::Where(rest) }
                    }
                    (one, other) => {
                        if matches!(one, Self::Always) == decides {
                            one
                        } else {
                            other
                        }
                    }
                }
            }
            _ => Self::Where(source.slice(condition).to_string()),
        }
    }

    fn known(is_true: bool) -> Self {
        if is_true { Self::Always } else { Self::Never }
    }
}

/// What a condition asks for, and how: `env.retries > 0`.
struct Asked<'t> {
    /// All that is true or not: the comparison, or the attribute alone.
    node: Node<'t>,
    chain: Vec<String>,
    /// The operator and the other side.
    compared: Option<(&'t str, &'t str)>,
}

impl<'t> Asked<'t> {
    fn of(source: &'t Source, node: Node<'t>) -> Option<Self> {
        if node.kind() == "comparison_operator" {
            let [left, right] = children(node).collect::<Vec<_>>()[..] else { return None };
            let operator = source.text()[left.end_byte()..right.start_byte()].trim();
            return Some(Self { node, chain: chain(source, left)?, compared: Some((operator, source.slice(right))) });
        }
        let is_whole =
            ancestors(node).skip(1).find(|outer| outer.kind() != "parenthesized_expression").is_some_and(|outer| {
                matches!(
                    outer.kind(),
                    "if_statement" | "elif_clause" | "conditional_expression" | "boolean_operator" | "not_operator"
                )
            });
        let chain = chain(source, node).filter(|_| is_whole)?;
        Some(Self { node, chain, compared: None })
    }

    /// The value for which the branch does as before, where a mock does not.
    fn former(&self, branch: &Branch<'_>, change: &Change, all: &[Change]) -> Option<String> {
        let held = |is_true| Held::of(branch.source, branch.condition, self.node, is_true);
        let declared = defaults::declared(self.chain.last()?, &change.commit, all)?;
        let value = match (declared, self.compared) {
            (Some(value), _) => value,
            (None, None) => "False".to_string(),
            (None, Some(("is" | "is not", "None"))) => "None".to_string(),
            (None, Some(_)) => return None,
        };
        let is_as_before = |is_true| branch.is_as_before(&held(is_true));
        let of_mock = self.of_mock();
        (is_as_before(self.of_value(&value)?) && !of_mock.is_some_and(is_as_before)).then_some(value)
    }

    /// Whether it is true of a mock; `None` where a mock refuses the question.
    fn of_mock(&self) -> Option<bool> {
        match self.compared {
            None => Some(true),
            Some((operator, _)) => match operator {
                "is" | "==" => Some(false),
                "is not" | "!=" => Some(true),
                _ => None,
            },
        }
    }

    /// Whether it is true of a value that is written out.
    fn of_value(&self, value: &str) -> Option<bool> {
        let Some((operator, other)) = self.compared else {
            return Some(!matches!(value, "False" | "None" | "0" | "0.0" | "\"\"" | "''" | "[]" | "()" | "{}"));
        };
        let numbers = || value.parse::<f64>().ok().zip(other.parse::<f64>().ok());
        match operator {
            "is" | "==" => Some(value == other),
            "is not" | "!=" => Some(value != other),
            "<" => numbers().map(|(left, right)| left < right),
            "<=" => numbers().map(|(left, right)| left <= right),
            ">" => numbers().map(|(left, right)| left > right),
            ">=" => numbers().map(|(left, right)| left >= right),
            _ => None,
        }
    }
}

/// The names of `env.options.no_capture`, and of `getattr(env.options, "no_capture", False)`.
fn chain(source: &Source, node: Node<'_>) -> Option<Vec<String>> {
    if node.kind() == "call" {
        let asks = node.child_by_field_name("function").is_some_and(|name| source.slice(name) == "getattr");
        let given: Vec<Node<'_>> = children(node.child_by_field_name("arguments").filter(|_| asks)?).collect();
        let name = crate::diagnosis::locate::string_content(source, *given.get(1)?)?;
        return Some(format!("{}.{name}", source.slice(given[0])).split('.').map(str::to_string).collect());
    }
    let text = source.slice(node);
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    (node.kind() == "attribute" && is_plain).then(|| text.split('.').map(str::to_string).collect())
}
