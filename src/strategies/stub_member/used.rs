//! What the product does with an attribute that came: where it counts with it, it takes a number, and where it cuts or
//! joins it, a text.

use crate::diagnosis::locate::last_name;
use crate::diagnosis::product::Hunk;
use crate::strategies::Context;
use crate::syntax::{Node, Source, children, descendants};

/// What takes a number.
const OF_NUMBERS: [&str; 9] = ["abs", "ceil", "float", "floor", "fromtimestamp", "gmtime", "int", "localtime", "round"];
/// What only a text can do.
const OF_TEXTS: [&str; 14] = [
    "capitalize",
    "casefold",
    "encode",
    "endswith",
    "isdigit",
    "lower",
    "lstrip",
    "rstrip",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "upper",
    "zfill",
];

/// `0` or `""` for an attribute of which each line of the change that reads it says that it is a number or a text.
pub(super) fn value(ctx: &Context<'_>, name: &str, hunk: &Hunk) -> Option<&'static str> {
    let source = ctx.snapshot.source(&hunk.path)?;
    let lines = hunk.line..hunk.line + hunk.added.len() as u32;
    let is_read = |node: &Node<'_>| {
        node.kind() == "attribute"
            && lines.contains(&source.line_of(node.start_byte()))
            && node.child_by_field_name("attribute").is_some_and(|own| source.slice(own) == name)
    };
    let mut reads = descendants(source.root()).filter(is_read).map(|read| needed(&source, read));
    let first = reads.next()??;
    reads.all(|other| other == Some(first)).then_some(first)
}

/// The value that a read of an attribute is fine with.
fn needed(source: &Source, read: Node<'_>) -> Option<&'static str> {
    let parent = read.parent()?;
    let is_number = |node: Node<'_>| matches!(node.kind(), "integer" | "float");
    let others = || children(parent).filter(|node| *node != read);
    let of_kind = |number: bool, text: bool| if number { Some("0") } else { text.then_some("\"\"") };
    match parent.kind() {
        "argument_list" => {
            let function = parent.parent()?.child_by_field_name("function").and_then(last_name)?;
            let is_first = parent.named_child(0) == Some(read);
            of_kind(is_first && OF_NUMBERS.contains(&source.slice(function)), false)
        }
        "binary_operator" => {
            let operator = source.slice(parent.child_by_field_name("operator")?);
            // A divisor is no zero, and `%` formats texts.
            let is_left = parent.child_by_field_name("left") == Some(read);
            let counts = operator == "-" || matches!(operator, "+" | "*" | "/" | "//") && others().any(is_number);
            let is_divisor = operator.starts_with('/') && !is_left;
            of_kind(counts && !is_divisor, operator == "+" && others().any(|node| node.kind() == "string"))
        }
        "comparison_operator" => of_kind(others().any(is_number), false),
        "attribute" => of_kind(false, OF_TEXTS.contains(&source.slice(parent.child_by_field_name("attribute")?))),
        "assignment" => match source.slice(parent.child_by_field_name("type")?) {
            "int" | "float" => Some("0"),
            "str" => Some("\"\""),
            _ => None,
        },
        _ => None,
    }
}
