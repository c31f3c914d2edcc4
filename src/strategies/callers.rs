//! How the product itself uses what changed: whoever still uses it the old way shows that the change is half done.

use crate::diagnosis::locate;
use crate::syntax::tokens::{string_body, tokens};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::FilePath;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::Context;

/// Files that are looked at, of those that say the name.
const MOST_FILES: usize = 60;

/// The files of the product that say a word, up to so many.
pub(super) fn files(ctx: &Context<'_>, word: &str) -> Vec<FilePath> {
    let files = ctx.snapshot.files_naming(word).into_iter();
    files.filter(|path| path.is_inside() && !path.is_test_code()).take(MOST_FILES).collect()
}

/// Whether a call of `symbol` in the product is one of those that `is_it` tells.
pub(super) fn any_call(
    ctx: &Context<'_>,
    symbol: &Symbol,
    is_it: impl Fn(&FilePath, &Source, Node<'_>) -> bool,
) -> bool {
    files(ctx, &symbol.name).into_iter().any(|path| {
        let Some(source) = ctx.snapshot.source(&path) else { return false };
        let is_called = |call: &Node<'_>| {
            let name = call.child_by_field_name("function").and_then(locate::last_name);
            call.kind() == "call" && name.is_some_and(|name| source.slice(name) == symbol.name)
        };
        let calls = descendants(source.root()).filter(is_called);
        calls.filter(|call| is_it(&path, &source, *call)).any(|call| {
            match ctx.snapshot.callee(&path, call.byte_range()) {
                Some(called) => (&called.path, &called.range) == (&symbol.path, &symbol.range),
                // What it is called on is not known.
                None => symbol.kind == SymbolKind::Method,
            }
        })
    })
}

/// Whether the product unpacks what the function gives, or each of it in a loop, into so many targets.
pub(super) fn unpacks(ctx: &Context<'_>, function: &Symbol, count: usize) -> bool {
    any_call(ctx, function, |_, _, call| {
        let awaited = call.parent().filter(|parent| parent.kind() == "await");
        let binds = |parent: &Node<'_>| matches!(parent.kind(), "assignment" | "for_statement" | "for_in_clause");
        let left = awaited.unwrap_or(call).parent().filter(binds);
        let left = left.and_then(|assignment| assignment.child_by_field_name("left"));
        let targets = left.filter(|left| matches!(left.kind(), "pattern_list" | "tuple_pattern"));
        targets.is_some_and(|targets| {
            let is_rest = |target: Node<'_>| target.kind() == "list_splat_pattern";
            targets.named_child_count() == count && !children(targets).any(is_rest)
        })
    })
}

/// Whether the product takes what stands at a place of what the function gives.
pub(super) fn reads_places(ctx: &Context<'_>, function: &Symbol) -> bool {
    reads_items(ctx, function, "integer")
}

/// Whether the product reads keys of what the function gives.
pub(super) fn reads_keys(ctx: &Context<'_>, function: &Symbol) -> bool {
    reads_items(ctx, function, "string")
}

/// Whether the product takes items of what the function gives, by an index of the kind.
fn reads_items(ctx: &Context<'_>, function: &Symbol, kind: &str) -> bool {
    let is_read = |node: Node<'_>| {
        let parent = node.parent().filter(|parent| parent.kind() == "subscript");
        let key = parent.filter(|parent| parent.child_by_field_name("value") == Some(node));
        key.and_then(|parent| parent.child_by_field_name("subscript")).is_some_and(|key| key.kind() == kind)
    };
    any_call(ctx, function, |_, source, call| {
        let assignment = call.parent().filter(|parent| parent.kind() == "assignment");
        let left = assignment.and_then(|assignment| assignment.child_by_field_name("left"));
        let (Some(left), Some(scope)) = (left, source.function_at(call.start_byte())) else { return is_read(call) };
        uses_of(source, scope, source.slice(left), left).into_iter().any(is_read)
    })
}

/// Whether the product still imports the name from the module. In a function, nobody sees it fail before it runs.
pub(super) fn imports_still(ctx: &Context<'_>, module: &str, name: &str) -> bool {
    files(ctx, name).iter().filter_map(|path| ctx.snapshot.outline(path)).any(|outline| {
        outline.imports.iter().any(|import| import.module == module && import.name.as_deref() == Some(name))
    })
}

/// Whether the product still imports a module, or loads it by its dotted name, or a file of settings names it.
pub(super) fn loads_still(ctx: &Context<'_>, module: &str) -> bool {
    if module.contains('.') && !ctx.snapshot.others_naming(module).is_empty() {
        return true;
    }
    let last = super::renames::last_part(module);
    files(ctx, last).iter().any(|path| {
        let imports = ctx
            .snapshot
            .outline(path)
            .is_some_and(|outline| outline.imports.iter().any(|import| import.module == module));
        let is_name = |token: &&str| string_body(token) == Some(module);
        let names = || ctx.snapshot.text(path).is_some_and(|text| tokens(&text).iter().any(is_name));
        imports || module.contains('.') && names()
    })
}

/// The names in a function, other than `but`, that are the identifier `name`.
pub(super) fn uses_of<'t>(source: &Source, function: Node<'t>, name: &str, but: Node<'_>) -> Vec<Node<'t>> {
    descendants(function)
        .filter(|node| node.kind() == "identifier" && source.slice(*node) == name)
        .filter(|node| node.byte_range() != but.byte_range())
        .collect()
}

/// Whether the product reads an attribute that nothing of it has any more.
pub(super) fn reads_lost(ctx: &Context<'_>, name: &str) -> bool {
    if ctx.is_of_product(name) {
        return false;
    }
    let (mut is_read, mut is_set) = (false, false);
    for source in files(ctx, name).iter().filter_map(|path| ctx.snapshot.source(path)) {
        let attributes = descendants(source.root()).filter(|node| {
            let last = node.child_by_field_name("attribute");
            node.kind() == "attribute" && last.is_some_and(|last| source.slice(last) == name)
        });
        for attribute in attributes {
            let is_target = |parent: Node<'_>| {
                let left = parent.child_by_field_name("left");
                parent.kind() == "assignment" && left.is_some_and(|left| left == attribute)
            };
            let is_called =
                |parent: Node<'_>| parent.kind() == "call" && parent.child_by_field_name("function") == Some(attribute);
            match attribute.parent() {
                Some(parent) if is_target(parent) => is_set = true,
                Some(parent) if is_called(parent) => {}
                _ => is_read = true,
            }
        }
    }
    is_read && !is_set
}
