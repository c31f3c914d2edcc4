//! A name keeps its meaning: nothing that a test uses is bound anew, and no function slips in beside it.

use std::collections::HashMap;

use crate::diagnosis::Complaint;
use crate::diagnosis::complaint::Owner;
use crate::fix::EvidenceKind;
use crate::syntax::{Node, Source, ancestors, children};
use crate::workspace::similar_names::words;
use crate::workspace::symbols::SymbolKind;

use super::change::{Change, FileChange, Unit, units};
use super::python::{callee, decorators, definition, dotted, flat, is_written_out, last};

pub(super) fn broken(change: &Change<'_>, file: &FileChange) -> Option<String> {
    function_added(change, file)
        .or_else(|| file.units().iter().find_map(|(before, after)| bound_anew(change, before, after, file)))
        .or_else(|| imported_anew(file))
        .or_else(|| file.units().iter().find_map(|(before, after)| attribute_set(change, before, after)))
        .or_else(|| imported_under_its_name(change, file))
        .or_else(|| imported_from_a_fake(change, file))
}

/// Only a fixture may be added, under a name that nothing else has and for those who ask for it; and the method that an
/// abstract class asks for, if all it does is to say that nobody implemented it; and those by which a fake is entered.
fn function_added(change: &Change<'_>, file: &FileChange) -> Option<String> {
    let (before, after) = (units(&file.before), units(&file.after));
    if after.len() <= before.len() {
        return None;
    }
    let known = |name: &str| before.iter().any(|unit| unit.name == name);
    after.iter().filter(|unit| !known(&unit.name)).find_map(|unit| {
        let name = last(&unit.name);
        if change.message().contains("abstract method") && change.is_named(name) && only_raises(unit) {
            return None;
        }
        if change.message().contains("context manager protocol") && only_enters(unit) {
            return None;
        }
        if !is_fixture(unit) {
            return Some(format!("adds the function `{name}`"));
        }
        // Nothing else has the name of a fixture that pytest misses; what it gives, documents have to tell.
        let is_missed = matches!(&change.diagnosis.complaint, Complaint::NoFixture { name: missed } if missed == name);
        if is_missed && change.has(EvidenceKind::Docs) {
            return None;
        }
        let used = |unit: &Unit<'_>| {
            unit.nodes().iter().any(|node| node.kind() == "identifier" && unit.source.slice(*node) == name)
        };
        before.iter().any(used).then(|| format!("puts the fixture `{name}` over another meaning of that name"))
    })
}

/// Whether a unit is a fixture, by one of its decorators.
pub(super) fn is_fixture(unit: &Unit<'_>) -> bool {
    decorators(unit.node).filter_map(|decorator| children(decorator).next()).any(|expression| {
        let name =
            if expression.kind() == "call" { callee(unit.source, expression) } else { dotted(unit.source, expression) };
        last(&name) == "fixture"
    })
}

/// Whether a function that asked for a fixture in vain asks for `name` now, a fixture of its own file: nothing else bore
/// that name in it.
fn asks_for(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>, file: &FileChange, name: &str) -> bool {
    let is_in = |unit: &Unit<'_>, node: Node<'_>| node.kind() == "identifier" && unit.source.slice(node) == name;
    let parameters = definition(after.node).child_by_field_name("parameters");
    let is_parameter = parameters.into_iter().flat_map(children).any(|parameter| is_in(after, parameter));
    let was_there = before.nodes().iter().any(|node| is_in(before, *node));
    let is_offered = units(&file.before).iter().any(|unit| unit.name == name && is_fixture(unit));
    matches!(change.diagnosis.complaint, Complaint::NoFixture { .. }) && is_parameter && !was_there && is_offered
}

/// A method whose body is `raise NotImplementedError`.
fn only_raises(unit: &Unit<'_>) -> bool {
    let function = definition(unit.node);
    let body = function.child_by_field_name("body").map(|body| unit.source.slice(body).trim());
    unit.name.contains('.') && body == Some("raise NotImplementedError")
}

/// A method that lets an object of a class of the test be entered or left, and does nothing else.
fn only_enters(unit: &Unit<'_>) -> bool {
    let (class, name) = unit.name.rsplit_once('.').unwrap_or_default();
    let does = match name {
        "__enter__" | "__aenter__" => "return self",
        "__exit__" | "__aexit__" => "return None",
        _ => return false,
    };
    let body = definition(unit.node).child_by_field_name("body").map(|body| unit.source.slice(body).trim());
    !class.is_empty() && body == Some(does)
}

/// How often a unit binds each name by assignment, loop, `with`, `:=` or `except … as`.
fn bindings(unit: &Unit<'_>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    let mut add = |source: &Source, node: Node<'_>| {
        let targets: Vec<Node<'_>> = match node.kind() {
            "pattern_list" | "tuple_pattern" | "list_pattern" | "as_pattern_target" => children(node).collect(),
            _ => vec![node],
        };
        for target in targets.into_iter().filter(|target| target.kind() == "identifier") {
            *counts.entry(source.slice(target).to_string()).or_insert(0) += 1;
        }
    };
    let parameters = definition(unit.node).child_by_field_name("parameters");
    for parameter in parameters.into_iter().flat_map(children) {
        let name = parameter.child_by_field_name("name").unwrap_or(parameter);
        add(unit.source, if name.kind() == "typed_parameter" { name.named_child(0).unwrap_or(name) } else { name });
    }
    for node in unit.nodes() {
        match node.kind() {
            "assignment" | "augmented_assignment" | "for_statement" => {
                node.child_by_field_name("left").into_iter().for_each(|left| add(unit.source, left));
            }
            "named_expression" | "function_definition" | "class_definition"
                if node.id() != definition(unit.node).id() =>
            {
                node.child_by_field_name("name").into_iter().for_each(|name| add(unit.source, name));
            }
            "as_pattern_target" => add(unit.source, node),
            _ => {}
        }
    }
    counts
}

fn bound_anew(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>, file: &FileChange) -> Option<String> {
    let (was, is) = (bindings(before), bindings(after));
    let mut names: Vec<_> = is.iter().filter(|(name, count)| **count > was.get(*name).copied().unwrap_or(0)).collect();
    names.sort_unstable();
    names.into_iter().find_map(|(name, count)| {
        let kept = before.is_module() && *count == 1 && is_kept_by_the_test(change, file, name);
        // `_` is nobody's.
        let again = name != "_" && !kept && (*count > 1 || is_module_name(file, name)) || is_builtin(name);
        // An imported fixture that was called is asked for by the very name.
        let fixture = change.calls_fixture(name) || *count == 1 && asks_for(change, before, after, file, name);
        (again && !fixture).then(|| format!("binds `{name}` anew in {}", after.title()))
    })
}

/// A constant that the product removed becomes the test's own, in the place of its import.
fn is_kept_by_the_test(change: &Change<'_>, file: &FileChange, name: &str) -> bool {
    let is_it = |gone: &str| gone == name || is_alias(&file.before, gone, name);
    let gone = matches!(&change.diagnosis.complaint, Complaint::NoImport { name: gone, .. } if is_it(gone));
    let defined = units(&file.before).iter().any(|unit| unit.name == name);
    gone && !defined && change.has_provenance() && !imports(&file.after).contains_key(name)
}

/// Whether the file imports `name as alias` at its top level.
fn is_alias(source: &Source, name: &str, alias: &str) -> bool {
    let imports = children(source.root()).filter(|node| node.kind() == "import_from_statement").flat_map(children);
    imports.filter(|node| node.kind() == "aliased_import").any(|node| {
        let is =
            |field: &str, text: &str| node.child_by_field_name(field).is_some_and(|part| source.slice(part) == text);
        is("name", name) && is("alias", alias)
    })
}

/// Whether the file imports or defines `name` at its top level, before the fix.
fn is_module_name(file: &FileChange, name: &str) -> bool {
    let defined = units(&file.before).iter().any(|unit| unit.name == name);
    defined || imports(&file.before).contains_key(name)
}

fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "len"
            | "print"
            | "isinstance"
            | "open"
            | "sum"
            | "sorted"
            | "any"
            | "all"
            | "abs"
            | "min"
            | "max"
            | "round"
            | "str"
            | "int"
            | "float"
            | "list"
            | "dict"
            | "set"
            | "tuple"
            | "bool"
            | "type"
            | "repr"
            | "range"
            | "iter"
            | "next"
            | "hasattr"
            | "getattr"
            | "AssertionError"
            | "Exception"
            | "ValueError"
            | "KeyError"
            | "TypeError"
            | "pytest"
    )
}

/// The names that the file's top-level imports bind, with the number of times.
fn imports(source: &Source) -> HashMap<String, usize> {
    let mut names = HashMap::new();
    for node in children(source.root()).filter(|node| node.kind().starts_with("import")) {
        let module = node.child_by_field_name("module_name").map(|module| module.id());
        for child in children(node).filter(|child| Some(child.id()) != module) {
            let bound = match child.kind() {
                "aliased_import" => child.child_by_field_name("alias").map(|alias| source.slice(alias).to_string()),
                "dotted_name" if module.is_none() => source.slice(child).split('.').next().map(str::to_string),
                "dotted_name" => Some(source.slice(child).to_string()),
                _ => None,
            };
            // `import a.b` and `import a.c` bind `a` twice and rightly so.
            let repeatable = module.is_none() && child.kind() == "dotted_name";
            bound.into_iter().for_each(|name| *names.entry(name).or_insert(0) += usize::from(!repeatable));
        }
    }
    names
}

fn imported_anew(file: &FileChange) -> Option<String> {
    let (was, is) = (imports(&file.before), imports(&file.after));
    let mut names: Vec<_> = is.keys().collect();
    names.sort_unstable();
    names.into_iter().find_map(|name| {
        let defined = units(&file.before).iter().any(|unit| unit.name == *name);
        let twice = is[name] > 1 && is[name] > was.get(name).copied().unwrap_or(0);
        let over = defined && !was.contains_key(name);
        (twice || over).then(|| format!("imports another `{name}`"))
    })
}

/// What the top-level imports bind by `as`, with what it is.
fn aliases(source: &Source) -> HashMap<String, String> {
    let imports = children(source.root()).filter(|node| node.kind().starts_with("import"));
    let aliased = imports.flat_map(children).filter(|node| node.kind() == "aliased_import");
    aliased
        .filter_map(|node| {
            let field = |name| node.child_by_field_name(name).map(|part| source.slice(part).to_string());
            Some((field("alias")?, field("name")?))
        })
        .collect()
}

/// `from collections import Counter as Cart`: another thing under a name that the test uses.
fn imported_under_its_name(change: &Change<'_>, file: &FileChange) -> Option<String> {
    let (was, known) = (aliases(&file.before), imports(&file.before));
    let mut now: Vec<_> =
        aliases(&file.after).into_iter().filter(|(alias, name)| was.get(alias) != Some(name)).collect();
    now.sort_unstable();
    let other = now.into_iter().find(|(alias, name)| known.contains_key(alias) && !change.is_named(last(name)));
    other.map(|(alias, name)| format!("imports `{name}` under the name of `{alias}`"))
}

/// `Cart.total = …`: an attribute that is set from the test is no longer the product's.
fn attribute_set(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> Option<String> {
    let targets = |unit: &Unit<'_>| -> Vec<String> {
        let assignments =
            unit.nodes().into_iter().filter(|node| matches!(node.kind(), "assignment" | "augmented_assignment"));
        let lefts = assignments.filter_map(|node| node.child_by_field_name("left"));
        let set = lefts.filter(|left| left.kind() == "attribute" || is_global_item(unit.source, *left));
        let text = |left: Node<'_>| flat(unit.source, left).replace(' ', "");
        set.map(text).filter(|target| !target.starts_with("self.") || target.matches('.').count() > 1).collect()
    };
    let (was, is) = (targets(before), targets(after));
    (is.len() > was.len() + set_before(change, before, after) + told_to_mocks(change, before, after)).then(|| {
        let new = is.iter().find(|target| !was.contains(target)).or(is.last());
        format!("sets `{}` from the test", new.map_or("", String::as_str))
    })
}

/// How often `cart.owner = "ann"` stands where `cart.set_owner("ann")` stood, a method that git shows to be gone, of a
/// class that has the attribute: any other one would let itself be set, too, and say nothing of the product.
fn set_before(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> usize {
    let Complaint::NoAttribute { owner: Owner::Instance(class), name } = &change.diagnosis.complaint else { return 0 };
    let wanted = words(name);
    if !change.has_provenance() || wanted.first().is_none_or(|word| word != "set") {
        return 0;
    }
    let mut classes = change.snapshot.definitions(class);
    classes.retain(|symbol| symbol.kind == SymbolKind::Class && !symbol.path.is_test_code());
    let members: Vec<_> = classes.iter().flat_map(|class| change.snapshot.members(class).symbols).collect();
    let is_data = |kind: SymbolKind| matches!(kind, SymbolKind::Field | SymbolKind::Property);
    let has = |attribute: &str| members.iter().any(|member| member.name == attribute && is_data(member.kind));
    let set = |node: Node<'_>| {
        let left = node.child_by_field_name("left").filter(|_| node.kind() == "assignment")?;
        let text = |node| flat(after.source, node).replace(' ', "");
        let (object, value) = (left.child_by_field_name("object")?, node.child_by_field_name("right")?);
        let attribute = text(left.child_by_field_name("attribute")?);
        let is_it = words(&attribute) == wanted[1..] && has(&attribute);
        is_it.then(|| format!("{}.{name}({})", text(object), text(value)))
    };
    let is_call = |node: &Node<'_>| node.kind() == "expression_statement";
    let mut calls: Vec<String> =
        before.nodes().into_iter().filter(is_call).map(|node| flat(before.source, node).replace(' ', "")).collect();
    let mut is_known =
        |call: &String| calls.iter().position(|other| other == call).map(|at| calls.swap_remove(at)).is_some();
    after.nodes().into_iter().filter_map(set).filter(|call| is_known(call)).count()
}

/// How often a mock that the test makes is told what the product asks of it since a commit: `env.dry = False`.
fn told_to_mocks(change: &Change<'_>, before: &Unit<'_>, after: &Unit<'_>) -> usize {
    if !change.is_reviewed() || !change.has_provenance() {
        return 0;
    }
    let assigned = |unit: &Unit<'_>| -> Vec<(String, String, bool)> {
        let sides = unit.nodes().into_iter().filter(|node| node.kind() == "assignment");
        let sides = sides.filter_map(|node| node.child_by_field_name("left").zip(node.child_by_field_name("right")));
        let sides = sides.filter(|(left, _)| matches!(left.kind(), "identifier" | "attribute"));
        let text = |(left, right)| (dotted(unit.source, left), dotted(unit.source, right), is_written_out(right));
        sides.map(text).collect()
    };
    let known = assigned(before);
    let is_of_mock = |target: &str| {
        let mut mocks = known.iter().filter(|(_, made, _)| made.ends_with("Mock"));
        mocks.any(|(name, ..)| target.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.')))
    };
    let is_told = |target: &str| is_of_mock(target) && change.is_named(last(target));
    let is_new = |target: &str| !known.iter().any(|(other, ..)| other == target);
    assigned(after).iter().filter(|(target, _, is_value)| *is_value && is_new(target) && is_told(target)).count()
}

fn is_global_item(source: &Source, left: Node<'_>) -> bool {
    let whole = left.kind() == "subscript";
    let name = dotted(source, left);
    whole && (name.starts_with("os.environ") || name.starts_with("sys.modules") || name.ends_with("__dict__"))
}

/// Whether nothing comes from `module` but what came from a module of the same last name, which is left.
fn is_the_same_fake(file: &FileChange, module: &str) -> bool {
    let last = |module: &str| module.rsplit('.').next().unwrap_or_default().to_string();
    let taken = |source: &Source, wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        let statements = children(source.root()).filter(|node| node.kind() == "import_from_statement");
        let of_module = statements.filter_map(|node| {
            let module = node.child_by_field_name("module_name").filter(|module| wanted(source.slice(*module)))?;
            Some(children(node).filter(move |child| *child != module))
        });
        of_module.flatten().map(|child| source.slice(child).to_string()).collect()
    };
    let stays = |old: &str| !taken(&file.after, &|it| it == old).is_empty();
    let came = taken(&file.before, &|old| last(old) == last(module) && !stays(old));
    taken(&file.after, &|it| it == module).iter().all(|name| came.contains(name))
}

/// What came from the product may not come from a test helper afterwards.
fn imported_from_a_fake(change: &Change<'_>, file: &FileChange) -> Option<String> {
    let fake = |module: &str| {
        module.split('.').any(|part| {
            ["mock", "fake", "stub", "dummy", "double"].iter().any(|word| part.to_lowercase().contains(word))
        })
    };
    let modules = |source: &Source| -> Vec<String> {
        let nodes = children(source.root()).filter(|node| node.kind() == "import_from_statement");
        let module = nodes.filter_map(|node| node.child_by_field_name("module_name"));
        module.map(|module| source.slice(module).to_string()).collect()
    };
    let was = modules(&file.before);
    let is_test_module = |module: &str| {
        change.snapshot.module(module).is_some_and(|path| path.is_test_code()) || module.starts_with("tests.")
    };
    modules(&file.after).into_iter().find_map(|module| {
        let new = !was.contains(&module);
        let moved = is_test_module(&module)
            && !was.iter().any(|old| is_test_module(old))
            && was.len() >= modules(&file.after).len();
        let is_kept = || is_the_same_fake(file, &module);
        (new && (fake(&module) && !is_kept() || moved))
            .then(|| format!("imports from `{module}` what came from the product"))
    })
}

/// Whether the node stands in an import.
pub(super) fn is_imported(node: Node<'_>) -> bool {
    ancestors(node).any(|node| node.kind().starts_with("import") || node.kind() == "future_import_statement")
}
