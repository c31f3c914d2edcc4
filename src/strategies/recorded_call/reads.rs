//! The reads: `send.call_args[0][1]`, `args[1]` of `args, kwargs = send.call_args`, `send.mock_calls[0].kwargs["to"]`.

use std::fmt;

use crate::strategies::{Context, literals, names};
use crate::syntax::outline::string_content;
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;

/// By what an argument of a call is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Its place among the positional ones.
    Place(usize),
    Name(String),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => write!(f, "the argument in place {place}"),
            Self::Name(name) => write!(f, "the argument by its name, `{name}`"),
        }
    }
}

/// One read of an argument.
pub(super) struct Read<'c> {
    /// The mock that was called.
    pub(super) mock: Node<'c>,
    /// Whether the call may be one of what the mock has: `mock_calls`.
    pub(super) is_of_any: bool,
    /// Which argument is read.
    pub(super) key: Key,
    key_node: Node<'c>,
    taken: Taken<'c>,
}

/// Where the positional arguments, or those by name, are taken from the call.
enum Taken<'c> {
    /// `args` of `call_args.args`.
    Attribute(Node<'c>),
    /// `0` of `call_args[0]`, with the place of the positional ones in there.
    Index(Node<'c>, usize),
    /// `args` of `args, kwargs = call_args`, with the target of the others.
    Unpacked(Node<'c>, Node<'c>),
    /// `args` of `args = call_args[0]`, with how it was taken.
    Given(Node<'c>, Node<'c>),
}

/// A call that a mock recorded.
struct Recorded<'c> {
    mock: Node<'c>,
    is_of_any: bool,
}

impl Recorded<'_> {
    /// `call_args` is a pair; an item of `mock_calls` has the name of what was called in front.
    fn first(&self) -> usize {
        usize::from(self.is_of_any)
    }
}

impl<'c> Read<'c> {
    /// Reads a subscript.
    pub(super) fn of(ctx: &'c Context<'_>, subscript: Node<'c>) -> Option<Self> {
        let (value, key_node) = parts(subscript)?;
        let key = match key_node.kind() {
            "integer" => Key::Place(ctx.source.slice(key_node).parse().ok()?),
            _ => Key::Name(string_content(ctx.source, key_node)?),
        };
        let (recorded, taken, is_by_name) = arguments(ctx, value)?;
        let Recorded { mock, is_of_any } = recorded;
        (is_by_name == matches!(key, Key::Name(_))).then_some(Self { mock, is_of_any, key, key_node, taken })
    }

    /// The edits by which the argument is read by another key: a name in the place of a place, or the other way round.
    pub(super) fn edits(&self, ctx: &Context<'_>, to: &Key) -> Option<Vec<Edit>> {
        let (by_name, key) = match to {
            Key::Place(place) => (false, place.to_string()),
            Key::Name(name) => (true, literals::requoted(quotes(ctx), name)?),
        };
        let word = if by_name { "kwargs" } else { "args" };
        let mut edits = vec![ctx.replace(self.key_node.byte_range(), key)];
        match &self.taken {
            Taken::Attribute(name) => edits.push(ctx.replace(name.byte_range(), word)),
            Taken::Index(index, first) => {
                edits.push(ctx.replace(index.byte_range(), (first + usize::from(by_name)).to_string()));
            }
            Taken::Unpacked(used, target) => {
                let known = ctx.source.slice(*target);
                let is_unused = known.starts_with('_');
                edits.push(ctx.replace(used.byte_range(), if is_unused { word } else { known }));
                if is_unused {
                    // The name must not mean something else already.
                    names::uses_of(ctx.source, ctx.scope(), word).next().is_none().then_some(())?;
                    edits.push(ctx.replace(target.byte_range(), word));
                }
            }
            Taken::Given(used, taken) => {
                let (object, first) = match arguments(ctx, *taken)?.1 {
                    Taken::Index(_, first) => (parts(*taken)?.0, Some(first)),
                    _ => (taken.child_by_field_name("object")?, None),
                };
                let part = match first {
                    Some(first) => format!("[{}]", first + usize::from(by_name)),
                    None => format!(".{word}"),
                };
                edits.push(ctx.replace(used.byte_range(), format!("{}{part}", ctx.source.slice(object))));
            }
        }
        Some(edits)
    }
}

fn parts(subscript: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let index = subscript.child_by_field_name("subscript").filter(|_| subscript.named_child_count() == 2)?;
    Some((subscript.child_by_field_name("value")?, index))
}

/// The quotes that the file has most of.
fn quotes(ctx: &Context<'_>) -> &'static str {
    let count = |quote: char| ctx.source.text().matches(quote).count();
    if count('\'') > count('"') { "''" } else { "\"\"" }
}

/// The call whose arguments an expression gives, and whether those by name.
fn arguments<'c>(ctx: &'c Context<'_>, value: Node<'c>) -> Option<(Recorded<'c>, Taken<'c>, bool)> {
    match value.kind() {
        "attribute" => {
            let name = value.child_by_field_name("attribute")?;
            let by_name = ["args", "kwargs"].iter().position(|word| *word == ctx.source.slice(name))? == 1;
            Some((recorded(ctx, value.child_by_field_name("object")?)?, Taken::Attribute(name), by_name))
        }
        "subscript" => {
            let (call, index) = parts(value)?;
            let recorded = recorded(ctx, call)?;
            let place = ctx.source.slice(index).parse::<usize>().ok()?.checked_sub(recorded.first())?;
            let taken = Taken::Index(index, recorded.first());
            (place < 2).then_some((recorded, taken, place == 1))
        }
        "identifier" => {
            let (left, call) = given(ctx, value)?;
            if left.kind() == "identifier" {
                let is_taken = matches!(call.kind(), "attribute" | "subscript") && !is_called_between(ctx, call, value);
                let (recorded, _, by_name) = arguments(ctx, Some(call).filter(|_| is_taken)?)?;
                return Some((recorded, Taken::Given(value, call), by_name));
            }
            let recorded = recorded(ctx, call)?;
            let targets: Vec<Node<'c>> =
                children(left).skip(recorded.first()).filter(|_| left.kind() == "pattern_list").collect();
            let [args, kwargs] = targets.as_slice() else { return None };
            let by_name = ctx.source.slice(*kwargs) == ctx.source.slice(value);
            let other = if by_name { *args } else { *kwargs };
            (other.kind() == "identifier").then_some((recorded, Taken::Unpacked(value, other), by_name))
        }
        _ => None,
    }
}

/// Whether something is called between two places: the mock may have got another call by then.
fn is_called_between(ctx: &Context<'_>, first: Node<'_>, last: Node<'_>) -> bool {
    let between = first.end_byte()..last.start_byte();
    descendants(ctx.scope()).any(|node| node.kind() == "call" && between.contains(&node.start_byte()))
}

/// The recorded call that an expression is.
fn recorded<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Option<Recorded<'c>> {
    let asked = |attribute: Node<'c>| {
        let name = attribute.child_by_field_name("attribute").filter(|_| attribute.kind() == "attribute")?;
        Some((attribute.child_by_field_name("object")?, ctx.source.slice(name)))
    };
    match call.kind() {
        "attribute" => {
            let (mock, _) = asked(call).filter(|(_, name)| matches!(*name, "call_args" | "await_args"))?;
            Some(Recorded { mock, is_of_any: false })
        }
        "subscript" => {
            let (mock, name) = asked(parts(call)?.0)?;
            let is_of_any = matches!(name, "mock_calls" | "method_calls");
            (is_of_any || matches!(name, "call_args_list" | "await_args_list")).then_some(Recorded { mock, is_of_any })
        }
        "identifier" => {
            let (left, value) = given(ctx, call).filter(|(_, value)| value.kind() != "identifier")?;
            recorded(ctx, value).filter(|_| left.kind() == "identifier")
        }
        _ => None,
    }
}

/// The target and the value of the only assignment of the test that gives the name something.
fn given<'c>(ctx: &'c Context<'_>, name: Node<'c>) -> Option<(Node<'c>, Node<'c>)> {
    let is_it = |node: Node<'_>| node.kind() == "identifier" && ctx.source.slice(node) == ctx.source.slice(name);
    let mut found = descendants(ctx.scope()).filter(|node| node.kind() == "assignment").filter_map(|node| {
        let left = node.child_by_field_name("left")?;
        (is_it(left) || children(left).any(is_it)).then_some((left, node.child_by_field_name("right")?))
    });
    found.next().filter(|_| found.next().is_none())
}
