//! Slips on the way to another name that leave every word in its place: a boundary, an order, the other end of a list.

use crate::syntax::tokens::{is_name, tokens};
use crate::syntax::{Node, Source, children, descendants};
use crate::workspace::builtins::is_pythons;

use super::{Definition, checks, is_structure, nesting, own_names, twins};
use crate::diagnosis::helpers::with_helpers;

/// What a function does not do as it did, though no word of it went. The codes of both are with their helpers.
pub(super) fn slipped(before: &Definition, after: &Definition, was: &str, is: &str) -> Option<String> {
    before.item.signature.as_ref().and(after.item.signature.as_ref())?;
    if takes_in_another_order(before, after) {
        return Some("takes its parameters in another order".to_string());
    }
    if takes_other_end(was, is) {
        return Some("reads at the other end".to_string());
    }
    let (was, is) = (&Source::parse(was), &Source::parse(is));
    let found = twins::twin(was.text(), is.text());
    let found = found.or_else(|| nesting::other_block(&Source::parse(&*before.code), &Source::parse(&*after.code)));
    let found = found.or_else(|| turned_comparison(was, is)).or_else(|| left_by_default(before, after, was, is));
    let found = found.or_else(|| checked_sometimes(before, after, was, is));
    let found = found.or_else(|| checked_late(was, is)).or_else(|| left_result(is));
    let found = found.or_else(|| changes_what_it_is_given(before, after, was, is));
    found.or_else(|| passed_in_another_order(before, after, was, is))
}

/// Whether a function takes the same parameters by place in another order.
fn takes_in_another_order(before: &Definition, after: &Definition) -> bool {
    let names = |of: &Definition| -> Vec<String> {
        let parameters = of.item.signature.iter().flat_map(|signature| &signature.parameters);
        parameters.map(|parameter| parameter.name.clone()).collect()
    };
    let (was, is) = (names(before), names(after));
    let sorted = |names: &[String]| names.iter().cloned().collect::<std::collections::BTreeSet<_>>();
    let has_plain = after.code.split(')').next().is_some_and(|head| !head.contains('*'));
    was != is && was.len() == is.len() && sorted(&was) == sorted(&is) && has_plain
}

/// A function of the file that lost a check, which both call.
pub(super) fn lost_below(before: &Definition, after: &Definition) -> Option<String> {
    let (was, is) = (Source::parse(before.file.clone()), Source::parse(after.file.clone()));
    let (olds, news) = (functions(&was), functions(&is));
    let called = |code: &str, name: &str| tokens(code).windows(2).any(|pair| pair == [name, "("]);
    olds.iter().find_map(|old| {
        let name = name_of(&was, *old);
        let is_called = name != before.name && called(&before.code, name) && called(&after.code, name);
        let new = news.iter().find(|new| is_called && name_of(&is, **new) == name)?;
        let (old, new) = (was.slice(*old), is.slice(*new));
        let (old, new) = (with_helpers(old, &before.file, &after.file), with_helpers(new, &after.file, &before.file));
        (checks(&new) < checks(&old)).then(|| format!("calls `{name}`, which checks less than it did"))
    })
}

/// Whether code reads at the end where it read at the start, or the other way round, and nothing was turned round.
fn takes_other_end(was: &str, is: &str) -> bool {
    let count = |code: &str| {
        let tokens = tokens(code);
        let of = |form: &[&str]| {
            let is_read = |at: usize| {
                form[0] != "[" || at > 0 && (is_name(tokens[at - 1]) || matches!(tokens[at - 1], ")" | "]"))
            };
            tokens.windows(form.len()).enumerate().filter(|(at, window)| *window == form && is_read(*at)).count()
        };
        let first = of(&["[", "0", "]"]) + of(&["pop", "(", "0", ")"]) + of(&["popleft", "(", ")"]);
        let last = of(&["[", "-", "1", "]"]) + of(&["pop", "(", "-", "1", ")"]) + of(&["pop", "(", ")"]);
        let turned = tokens.iter().filter(|token| matches!(**token, "reverse" | "reversed" | "insert" | "appendleft"));
        (first, last, turned.count() + of(&[":", ":", "-", "1"]))
    };
    let ((first, last, turned), (first_now, last_now, turned_now)) = (count(was), count(is));
    let is_other = first_now < first && last_now > last || first_now > first && last_now < last;
    is_other && turned == turned_now
}

/// A comparison that has another boundary: `<` for `<=`, or another number.
fn turned_comparison(was: &Source, is: &Source) -> Option<String> {
    let (was, is) = (comparisons(was), comparisons(is));
    let gone = was.iter().filter(|one| !is.iter().any(|other| is_alike(one, other)));
    let mut came = is.iter().filter(|one| !was.iter().any(|other| is_alike(one, other)));
    let gone: Vec<_> = gone.collect();
    let now = came.find(|one| gone.iter().any(|other| has_other_boundary(other, one)))?;
    Some(format!("compares with `{}` now", now.join(" ")))
}

/// What is compared in a piece of code, token by token.
fn comparisons(source: &Source) -> Vec<Vec<&str>> {
    let all = descendants(source.root()).filter(|node| node.kind() == "comparison_operator");
    all.map(|node| tokens(source.slice(node))).collect()
}

/// Whether two comparisons ask the same, but for names.
fn is_alike(a: &[&str], b: &[&str]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || is_name(a) && is_name(b))
}

fn has_other_boundary(was: &[&str], is: &[&str]) -> bool {
    let is_number = |token: &str| token.starts_with(|c: char| c.is_ascii_digit());
    let is_twin = |a: &str, b: &str| matches!((a, b), ("<", "<=") | ("<=", "<") | (">", ">=") | (">=", ">"));
    let mut others = was.iter().zip(is).filter(|(a, b)| a != b && !(is_name(a) && is_name(b)));
    let other = others.next().filter(|_| others.next().is_none() && was.len() == is.len());
    other.is_some_and(|(a, b)| is_twin(a, b) || is_number(a) && is_number(b))
}

/// What a function calls no more where a parameter that came has its default.
fn left_by_default(before: &Definition, after: &Definition, was: &Source, is: &Source) -> Option<String> {
    let known = tokens(was.text());
    let all = tokens(is.text());
    let count = |tokens: &[&str], name: &str| tokens.iter().filter(|token| **token == name).count();
    descendants(is.root()).filter_map(|node| dead_by_default(before, after, is, node)).find_map(|dead| {
        let dead = tokens(is.slice(dead));
        let acts = dead.windows(2).filter(|pair| pair[1] == "(" && is_name(pair[0])).map(|pair| pair[0]);
        let raises = dead.iter().copied().filter(|token| *token == "raise");
        let was_known = |name: &str| known.contains(&name) || checking(is).contains(&name);
        let mut lost = acts.chain(raises).filter(|name| !is_structure(name) && was_known(name));
        let name =
            lost.find(|name| count(&dead, name) + usize::from(checking(is).contains(name)) == count(&all, name))?;
        Some(format!("does not get to `{name}` by default"))
    })
}

/// The branch of a statement or an expression that is not gone as long as a new parameter has its default.
fn dead_by_default<'t>(before: &Definition, after: &Definition, source: &Source, node: Node<'t>) -> Option<Node<'t>> {
    let parts: Vec<Node<'t>> = children(node).collect();
    let (condition, then, or_else) = match node.kind() {
        "conditional_expression" => (*parts.get(1)?, parts.first().copied(), parts.get(2).copied()),
        "if_statement" => (
            node.child_by_field_name("condition")?,
            node.child_by_field_name("consequence"),
            node.child_by_field_name("alternative"),
        ),
        _ => return None,
    };
    let text = source.slice(condition);
    let name = text.strip_prefix("not ").unwrap_or(text).trim();
    let default = new_default(before, after, name)?;
    let is_set = match default {
        "False" | "None" | "0" | "\"\"" | "''" | "()" => false,
        _ if default == "True" || default.starts_with(|c: char| c.is_ascii_digit()) => true,
        _ => return None,
    };
    if is_set == (name == text) { or_else } else { then }
}

/// The default of a parameter that came.
fn new_default<'d>(before: &Definition, after: &'d Definition, name: &str) -> Option<&'d str> {
    let (was, is) = (before.item.signature.as_ref()?, after.item.signature.as_ref()?);
    is.parameter(name).filter(|_| was.parameter(name).is_none())?.default.as_deref()
}

/// A function and its helpers.
fn functions(source: &Source) -> Vec<Node<'_>> {
    let definition = |node: Node<'_>| node.child_by_field_name("definition").map_or(node.id(), |inner| inner.id());
    let whole: Vec<usize> = children(source.root()).map(definition).collect();
    let all = descendants(source.root()).filter(|node| node.kind() == "function_definition");
    all.filter(|node| whole.contains(&node.id())).collect()
}

fn name_of<'s>(source: &'s Source, function: Node<'_>) -> &'s str {
    function.child_by_field_name("name").map_or("", |name| source.slice(name))
}

fn is_check(node: &Node<'_>) -> bool {
    matches!(node.kind(), "raise_statement" | "assert_statement")
}

/// The helpers that raise.
fn checking(source: &Source) -> Vec<&str> {
    let helpers = functions(source).into_iter().skip(1);
    helpers.filter(|helper| descendants(*helper).any(|node| is_check(&node))).map(|it| name_of(source, it)).collect()
}

/// A check that is made only where something holds that the function did not ask before.
fn checked_sometimes(before: &Definition, after: &Definition, was: &Source, is: &Source) -> Option<String> {
    let raises = |source: &Source| descendants(source.root()).filter(is_check).count();
    if raises(is) != raises(was) {
        return None;
    }
    let known = tokens(was.text());
    let function = *functions(is).first()?;
    let own = own_names(after, &tokens(is.slice(function)).into_iter().map(String::from).collect::<Vec<_>>());
    let is_new = |name: &str| {
        let is_given = new_default(before, after, name).is_some();
        is_name(name)
            && !is_pythons(name)
            && !is_structure(name)
            && !known.contains(&name)
            && !is_given
            && !own.iter().any(|other| other == name)
    };
    let helpers = checking(is);
    let mut blocks = descendants(function).filter(|node| node.kind() == "if_statement");
    let name = blocks.find_map(|block| {
        let condition = block.child_by_field_name("condition")?;
        let body = block.child_by_field_name("consequence")?;
        let asked = tokens(is.slice(condition));
        let is_narrowed = asked.contains(&"and") && children(body).any(|node| is_check(&node));
        let hands_on = tokens(is.slice(body)).iter().any(|token| helpers.contains(token));
        asked.into_iter().find(|name| (is_narrowed || hands_on) && is_new(name))
    })?;
    Some(format!("checks only where `{name}` says so"))
}

/// Whether a function changes its object before it checks, where it checked first.
fn checked_late(was: &Source, is: &Source) -> Option<String> {
    let (set, checks) = steps(was)?;
    let (set_now, checks_now) = steps(is)?;
    let (name, at) = set.first()?;
    let (_, now) = set_now.iter().find(|(other, _)| other == name)?;
    let was_first = !checks.is_empty() && checks.iter().all(|check| check < at);
    let is_late = !checks_now.is_empty() && checks_now.iter().all(|check| check > now);
    (was_first && is_late).then(|| format!("sets `{name}` before it checks"))
}

/// Where a function sets something of its object, and where it checks.
#[expect(clippy::type_complexity, reason = "two lists of places")]
fn steps(source: &Source) -> Option<(Vec<(&str, usize)>, Vec<usize>)> {
    let function = *functions(source).first()?;
    let helpers = checking(source);
    let (mut set, mut checks) = (Vec::new(), Vec::new());
    for node in descendants(function) {
        let called = node.child_by_field_name("function").map(|function| source.slice(function));
        let last = called.and_then(|name| name.rsplit('.').next()).unwrap_or_default();
        match node.kind() {
            "assignment" | "augmented_assignment" => {
                let left = node.child_by_field_name("left").filter(|left| left.kind() == "attribute");
                set.extend(left.map(|left| (source.slice(left), node.start_byte())));
            }
            "call" if helpers.contains(&last) => checks.push(node.start_byte()),
            _ if is_check(&node) => checks.push(node.start_byte()),
            _ => {}
        }
    }
    Some((set, checks))
}

/// What a helper gives and its function makes no use of.
fn left_result(is: &Source) -> Option<String> {
    let all = functions(is);
    let (function, helpers) = all.split_first()?;
    let gives = |helper: &Node<'_>| {
        let mut given = descendants(*helper)
            .filter(|node| node.kind() == "return_statement")
            .filter_map(|node| node.named_child(0));
        given.any(|value| !matches!(value.kind(), "none" | "true" | "false" | "identifier"))
    };
    let names: Vec<&str> = helpers.iter().filter(|helper| gives(helper)).map(|helper| name_of(is, *helper)).collect();
    let alone = descendants(*function).filter(|node| node.kind() == "expression_statement");
    let called = alone.filter_map(|node| node.named_child(0)?.child_by_field_name("function"));
    let name = called.filter_map(|function| is.slice(function).rsplit('.').next()).find(|name| names.contains(name))?;
    Some(format!("leaves what `{name}` gives"))
}

/// A parameter that a function changes, where it left what it was given as it is.
fn changes_what_it_is_given(before: &Definition, after: &Definition, was: &Source, is: &Source) -> Option<String> {
    let (had, has) = (before.item.signature.as_ref()?, after.item.signature.as_ref()?);
    let (changed, changes) = (changed(was)?, changed(is)?);
    let mut pairs = had.parameters.iter().zip(&has.parameters);
    let is_new = |name: &String, other: &String| changes.contains(&name.as_str()) && !changed.contains(&other.as_str());
    let (_, now) = pairs.find(|(was, is)| is_new(&is.name, &was.name))?;
    (had.parameters.len() == has.parameters.len()).then(|| format!("changes `{}`, which it is given", now.name))
}

/// The names whose objects a function changes, without those that it binds itself.
fn changed(source: &Source) -> Option<Vec<&str>> {
    let function = *functions(source).first()?;
    let (mut found, mut bound) = (Vec::new(), Vec::new());
    for node in descendants(function) {
        let called = node.child_by_field_name("function").filter(|called| called.kind() == "attribute");
        let left = node.child_by_field_name("left").filter(|_| node.kind().ends_with("assignment"));
        let method = called.and_then(|called| called.child_by_field_name("attribute"));
        let is_change = method.is_some_and(|name| {
            let name = source.slice(name);
            matches!(name, "append" | "extend" | "update" | "insert" | "pop" | "clear" | "sort" | "remove" | "reverse")
        });
        let object = match left {
            Some(left) if left.kind() == "identifier" => {
                bound.push(source.slice(left));
                None
            }
            Some(left) if left.kind() == "subscript" => left.child_by_field_name("value"),
            _ => called.filter(|_| is_change).and_then(|called| called.child_by_field_name("object")),
        };
        found.extend(object.map(|object| source.slice(object)));
    }
    found.retain(|name| !bound.contains(name));
    Some(found)
}

/// A call that is given the same names in another order, of a function that takes them as before.
fn passed_in_another_order(before: &Definition, after: &Definition, was: &Source, is: &Source) -> Option<String> {
    let (passed, passes) = (calls(was), calls(is));
    let head = |file: &str, name: &str| {
        let start = format!("def {name}(");
        file.lines().find(|line| line.trim_start().starts_with(&start)).map(str::to_string)
    };
    let sorted = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        names.sort();
        names
    };
    let is_turned = |(name, given): &&(&str, Vec<&str>)| {
        let mut olds = passed.iter().filter(|(other, _)| other == name);
        let is_known = passed.iter().any(|(other, names)| other == name && names == given);
        !is_known
            && olds.any(|(_, names)| sorted(names) == sorted(given))
            && head(&before.file, name) == head(&after.file, name)
    };
    let (name, _) = passes.iter().find(is_turned)?;
    Some(format!("passes the same to `{name}` in another order"))
}

/// The calls of a function that are given two names or more and nothing else.
fn calls(source: &Source) -> Vec<(&str, Vec<&str>)> {
    let all = descendants(source.root()).filter(|node| node.kind() == "call");
    let read = |call: Node<'_>| {
        let given: Vec<Node<'_>> = children(call.child_by_field_name("arguments")?).collect();
        let is_plain = given.len() > 1 && given.iter().all(|node| node.kind() == "identifier");
        let name = source.slice(call.child_by_field_name("function")?).rsplit('.').next()?;
        is_plain.then(|| (name, given.iter().map(|node| source.slice(*node)).collect()))
    };
    all.filter_map(read).collect()
}
