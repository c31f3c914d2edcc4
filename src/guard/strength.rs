//! How strong a condition is: `assert a == b`, `self.assertEqual(a, b)` and `assert_equal(a, b)` have one form,
//! and one form may not ask less than another.

use crate::diagnosis::removed_names::went_on_as;
use crate::syntax::{Node, Source, children};

use super::python::{bare, callee, flat, is_literal_token, is_written_out, keyword, last, positional};

/// A condition without its spelling.
#[derive(Clone, Debug)]
pub(super) enum Form<'t> {
    /// `a < b <= c`: as many operators as operands but one.
    Compare(Vec<String>, Vec<Node<'t>>),
    And(Vec<Form<'t>>),
    Or(Vec<Form<'t>>),
    Not(Box<Form<'t>>),
    /// Anything else, by its truth.
    Truth(Node<'t>),
    /// A call that checks in its own way: `mock.assert_called_once_with`, `assert_frame_equal`.
    Own(String, Node<'t>),
}

/// The form of the condition of an assert statement.
pub(super) fn form_of_condition(node: Node<'_>) -> Form<'_> {
    let node = bare(node);
    let forms = |names: [&str; 2]| -> Vec<Node<'_>> {
        names.iter().filter_map(|name| node.child_by_field_name(name)).collect()
    };
    match node.kind() {
        "comparison_operator" => {
            let operands = children(node).filter(|child| child.kind() != "comment").collect();
            Form::Compare(operators(node), operands)
        }
        "not_operator" => match node.child_by_field_name("argument") {
            Some(inner) => Form::Not(Box::new(form_of_condition(inner))),
            None => Form::Truth(node),
        },
        "boolean_operator" => {
            let is_or = node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "or");
            let mut parts = Vec::new();
            for side in forms(["left", "right"]) {
                match (is_or, form_of_condition(side)) {
                    (true, Form::Or(inner)) | (false, Form::And(inner)) => parts.extend(inner),
                    (_, form) => parts.push(form),
                }
            }
            if is_or { Form::Or(parts) } else { Form::And(parts) }
        }
        _ => Form::Truth(node),
    }
}

fn operators(comparison: Node<'_>) -> Vec<String> {
    let tokens = (0..comparison.child_count()).filter_map(|index| comparison.child(index));
    let tokens = tokens.filter(|child| !child.is_named()).map(|child| child.kind().to_string());
    // `not in` and `is not` are one token or two, by version of the grammar.
    let mut operators: Vec<String> = Vec::new();
    for token in tokens {
        match (operators.last().map(String::as_str), token.as_str()) {
            (Some("not"), "in") => *operators.last_mut().expect("just seen") = "not in".to_string(),
            (Some("is"), "not") => *operators.last_mut().expect("just seen") = "is not".to_string(),
            _ => operators.push(token),
        }
    }
    operators
}

/// The form of an assert method.
pub(super) fn form_of_call<'t>(source: &Source, call: Node<'t>) -> Form<'t> {
    let name = callee(source, call);
    let arguments = positional(call);
    let own = || Form::Own(modern(last(&name)).to_string(), call);
    let operator = match modern(last(&name)) {
        "assertEqual"
        | "assert_equal"
        | "assert_equals"
        | "assertListEqual"
        | "assertDictEqual"
        | "assertTupleEqual"
        | "assertSetEqual"
        | "assertMultiLineEqual"
        | "assertSequenceEqual"
        | "eq_" => "==",
        "assertNotEqual" | "assert_not_equal" => "!=",
        "assertIs" => "is",
        "assertIsNot" => "is not",
        "assertIn" | "assert_in" => "in",
        "assertNotIn" | "assert_not_in" => "not in",
        "assertGreater" => ">",
        "assertGreaterEqual" => ">=",
        "assertLess" => "<",
        "assertLessEqual" => "<=",
        "assertTrue" | "ok_" | "assert_true" => {
            return match arguments.first() {
                Some(first) => form_of_condition(*first),
                None => own(),
            };
        }
        "assertFalse" | "assert_false" => {
            return match arguments.first() {
                Some(first) => Form::Not(Box::new(form_of_condition(*first))),
                None => own(),
            };
        }
        _ => return own(),
    };
    let weakened = ["delta", "places", "rtol", "atol"].iter().any(|name| keyword(source, call, name).is_some());
    // numpy's assert_equal takes a message and flags by name: still an equality.
    if arguments.len() < 2 || weakened || arguments.iter().any(|argument| argument.kind().ends_with("splat")) {
        return own();
    }
    Form::Compare(vec![operator.to_string()], arguments[..2].to_vec())
}

/// The name that an old alias of unittest has now; every pair does the same.
pub(super) fn modern(name: &str) -> &str {
    match name {
        "assertEquals" | "failUnlessEqual" => "assertEqual",
        "assertNotEquals" | "failIfEqual" => "assertNotEqual",
        "assert_" | "failUnless" => "assertTrue",
        "failIf" => "assertFalse",
        "assertAlmostEquals" | "failUnlessAlmostEqual" => "assertAlmostEqual",
        "assertNotAlmostEquals" => "assertNotAlmostEqual",
        "assertItemsEqual" => "assertCountEqual",
        "assertRegexpMatches" => "assertRegex",
        "assertNotRegexpMatches" => "assertNotRegex",
        "assertRaisesRegexp" | "assert_raises_regex" => "assertRaisesRegex",
        "failUnlessRaises" | "assert_raises" => "assertRaises",
        name => name,
    }
}

/// Whether `after` asks at least what `before` asked; else what is lost. `operands` judges two operands.
pub(super) fn keeps<'t>(
    (old, before): (&Source, &Form<'t>),
    (new, after): (&Source, &Form<'t>),
    operands: &dyn Fn(Node<'t>, Node<'t>) -> Result<(), String>,
) -> Result<(), String> {
    let again = |before: &Form<'t>, after: &Form<'t>| keeps((old, before), (new, after), operands);
    match (before, after) {
        (Form::And(parts), Form::And(others)) => keeps_in_order(parts, others, &again),
        (Form::And(_), _) => Err("drops an operand of `and`".to_string()),
        // `assert a and b` asks more than `assert a`.
        (one, Form::And(others)) => keeps_in_order(std::slice::from_ref(one), others, &again),
        (Form::Or(parts), Form::Or(others)) if others.len() <= parts.len() => {
            others.iter().zip(parts).try_for_each(|(other, part)| again(part, other))
        }
        (_, Form::Or(_)) => Err("accepts more with `or`".to_string()),
        (Form::Not(inner), Form::Not(other)) => again(inner, other),
        (Form::Not(inner), Form::Compare(operators, _)) => match (&**inner, operators.as_slice()) {
            // `not a in b` and `a not in b`, `assertFalse(a is None)` and `a is not None`.
            (Form::Compare(inner_operators, before), [negated]) => {
                if inner_operators.iter().map(|op| negation(op)).eq([Some(negated.as_str())]) {
                    pairwise(before, operands_of(after), operands)
                } else {
                    Err("negates the check".to_string())
                }
            }
            _ => Err("replaces the check by another".to_string()),
        },
        (Form::Not(_), _) | (_, Form::Not(_)) => Err("negates the check".to_string()),
        (Form::Compare(ops, before), Form::Compare(others, after)) => {
            compare((old, ops, before), (new, others, after), operands)
        }
        (Form::Compare(ops, _), Form::Truth(_)) => {
            Err(format!("drops the comparison `{}` and asks only for truth", ops.join(" ")))
        }
        (Form::Truth(before), Form::Truth(after)) => truth((old, *before), (new, *after), operands),
        (Form::Truth(before), Form::Compare(ops, others)) => becomes_comparison((old, *before), (new, ops, others)),
        (Form::Own(name, before), Form::Own(other, after)) => own((old, name, *before), (new, other, *after), operands),
        _ => Err("replaces the check by another kind of check".to_string()),
    }
}

fn operands_of<'f, 't>(form: &'f Form<'t>) -> &'f [Node<'t>] {
    match form {
        Form::Compare(_, operands) => operands,
        _ => &[],
    }
}

fn keeps_in_order<'t>(
    parts: &[Form<'t>],
    others: &[Form<'t>],
    again: &dyn Fn(&Form<'t>, &Form<'t>) -> Result<(), String>,
) -> Result<(), String> {
    let mut rest = others.iter();
    parts.iter().try_for_each(|part| {
        let mut reason = "drops an operand of `and`".to_string();
        for other in rest.by_ref() {
            match again(part, other) {
                Ok(()) => return Ok(()),
                Err(why) => reason = why,
            }
        }
        Err(reason)
    })
}

fn negation(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "in" => "not in",
        "not in" => "in",
        "is" => "is not",
        "is not" => "is",
        "==" => "!=",
        "!=" => "==",
        _ => return None,
    })
}

fn compare<'t>(
    (old, before_ops, before): (&Source, &[String], &[Node<'t>]),
    (new, after_ops, after): (&Source, &[String], &[Node<'t>]),
    operands: &dyn Fn(Node<'t>, Node<'t>) -> Result<(), String>,
) -> Result<(), String> {
    if before_ops.len() != after_ops.len() {
        return Err("drops a part of the comparison".to_string());
    }
    let is_singleton = |node: &Node<'t>| matches!(bare(*node).kind(), "true" | "false" | "none");
    let singleton = after.last().is_some_and(is_singleton);
    // `is None` with a value in the place of `None`: nothing else says that it is this value.
    let value =
        before.last().is_some_and(is_singleton) && !singleton && after.last().is_some_and(|n| is_written_out(*n));
    for (op, other) in before_ops.iter().zip(after_ops) {
        let stronger = matches!((op.as_str(), other.as_str()), ("==", "is") | ("!=", "is not")) && singleton;
        let as_strong = (op.as_str(), other.as_str()) == ("is", "==") && value;
        if op != other && !stronger && !as_strong {
            return Err(format!("replaces `{op}` by `{other}`"));
        }
    }
    if let [left, right] = after
        && flat(new, bare(*left)) == flat(new, bare(*right))
        && flat(old, bare(before[0])) != flat(old, bare(before[1]))
    {
        return Err("compares a value with itself".to_string());
    }
    if after.iter().all(|node| is_written_out(bare(*node))) && !before.iter().all(|node| is_written_out(bare(*node))) {
        return Err("compares constants only".to_string());
    }
    let straight = pairwise(before, after, operands);
    // A value stands against a value and what is observed against what is observed, on whatever side.
    let is_value = |nodes: &[Node<'_>]| nodes.iter().map(|node| is_written_out(bare(*node))).collect::<Vec<_>>();
    let sides = is_value(before);
    let turned = sides.first() == sides.last() || sides != is_value(after);
    if straight.is_err() && turned && matches!(before_ops, [op] if op == "==" || op == "!=") {
        let mut swapped = after.to_vec();
        swapped.reverse();
        return pairwise(before, &swapped, operands).or(straight);
    }
    straight
}

fn pairwise<'t>(
    before: &[Node<'t>],
    after: &[Node<'t>],
    operands: &dyn Fn(Node<'t>, Node<'t>) -> Result<(), String>,
) -> Result<(), String> {
    before.iter().zip(after).try_for_each(|(b, a)| operands(*b, *a))
}

/// Calls that are checks in themselves: their truth says exactly what their name says.
fn is_predicate(name: &str) -> bool {
    matches!(
        last(name),
        "isinstance"
            | "issubclass"
            | "hasattr"
            | "callable"
            | "all"
            | "any"
            | "len"
            | "bool"
            | "startswith"
            | "endswith"
            | "isclose"
            | "allclose"
            | "array_equal"
            | "equals"
            | "match"
            | "search"
            | "fullmatch"
            | "issubset"
            | "issuperset"
            | "isdisjoint"
            | "set"
            | "sorted"
            | "not_"
            | "identical"
    )
}

fn truth<'t>(
    (old, before): (&Source, Node<'t>),
    (new, after): (&Source, Node<'t>),
    operands: &dyn Fn(Node<'t>, Node<'t>) -> Result<(), String>,
) -> Result<(), String> {
    let always_true = matches!(
        after.kind(),
        "tuple"
            | "list"
            | "set"
            | "dictionary"
            | "lambda"
            | "string"
            | "concatenated_string"
            | "generator_expression"
            | "list_comprehension"
            | "named_expression"
            | "yield"
            | "conditional_expression"
    );
    if before.kind() != after.kind() && (always_true || is_literal_token(after) || is_written_out(after)) {
        return Err("asserts something that is always true".to_string());
    }
    if is_written_out(after) && flat(old, before) != flat(new, after) {
        return Err("asserts a constant".to_string());
    }
    let (was, is) = (callee(old, before), callee(new, after));
    if before.kind() == "call" && after.kind() == "call" {
        let is_same = last(&was) == last(&is) || went_on_as(last(&was), last(&is));
        if !is_same && (is_predicate(&was) || is_predicate(&is)) {
            return Err(format!("replaces the check `{}` by `{}`", last(&was), last(&is)));
        }
        if is_predicate(&was) && asked(after) < asked(before) {
            return Err(format!("changes what `{}` is asked", last(&was)));
        }
        if matches!(last(&was), "isinstance" | "issubclass") {
            return type_kept((old, before), (new, after)).and_then(|()| operands(before, after));
        }
    } else if is_predicate(&was) {
        return Err(format!("drops the check `{}`", last(&was)));
    }
    operands(before, after)
}

/// How much a predicate is asked: its arguments, and the elements of those that are written out.
fn asked(call: Node<'_>) -> usize {
    let elements = |node: Node<'_>| match node.kind() {
        "list" | "tuple" | "set" => 1 + node.named_child_count(),
        _ => 1,
    };
    positional(call).into_iter().map(elements).sum()
}

fn type_kept((old, before): (&Source, Node<'_>), (new, after): (&Source, Node<'_>)) -> Result<(), String> {
    let kind = |call| positional(call).get(1).copied();
    let (Some(was), Some(is)) = (kind(before), kind(after)) else { return Ok(()) };
    let count = |node: Node<'_>| if node.kind() == "tuple" { node.named_child_count() } else { 1 };
    if count(is) > count(was) || (flat(new, is).trim() == "object" && flat(old, was).trim() != "object") {
        return Err("accepts more types".to_string());
    }
    Ok(())
}

/// `assert x` may become `assert x is True`, `assert x == value` only when the value is not a way out.
fn becomes_comparison(
    (old, before): (&Source, Node<'_>),
    (new, ops, after): (&Source, &[String], &[Node<'_>]),
) -> Result<(), String> {
    let was = callee(old, before);
    let same = after.first().is_some_and(|left| flat(new, *left) == flat(old, before));
    let truthy = after.get(1).is_some_and(|right| bare(*right).kind() == "true");
    match ops {
        [op] if same && truthy && matches!(op.as_str(), "is" | "==") => Ok(()),
        _ if is_predicate(&was) => Err(format!("drops the check `{}`", last(&was))),
        _ => Err("replaces the check by another comparison".to_string()),
    }
}

/// Methods of mocks from the weakest up; a name may only be replaced by one that stands further up.
const MOCK_STRENGTH: &[&[&str]] = &[
    &["assert_called", "assert_any_call", "assert_any_await", "assert_awaited"],
    &["assert_called_once", "assert_has_calls", "assert_called_with", "assert_awaited_once", "assert_has_awaits"],
    &["assert_called_once_with", "assert_awaited_once_with"],
];

/// How much a method of a mock checks; `None` for any other name.
pub(super) fn mock_strength(name: &str) -> Option<usize> {
    let name = name.replace("awaited", "called");
    MOCK_STRENGTH.iter().position(|names| names.contains(&name.as_str()))
}

fn is_well_known(name: &str) -> bool {
    let unittest = name.starts_with("assert") && name[6..].starts_with(|c: char| c.is_uppercase());
    unittest
        || mock_strength(name).is_some()
        || name == "assert_not_called"
        || name == "assert_not_awaited"
        || matches!(
            name,
            "assert_allclose"
                | "assert_array_equal"
                | "assert_almost_equal"
                | "assert_frame_equal"
                | "assert_series_equal"
                | "assert_index_equal"
                | "assert_array_almost_equal"
                | "assert_equal"
        )
}

fn own<'t>(
    (old, was, before): (&Source, &str, Node<'t>),
    (new, is, after): (&Source, &str, Node<'t>),
    operands: &dyn Fn(Node<'t>, Node<'t>) -> Result<(), String>,
) -> Result<(), String> {
    if was != is {
        match (mock_strength(was), mock_strength(is)) {
            (Some(before), Some(after))
                if before < after || (before == after && was.replace("called", "awaited") == is) => {}
            (Some(_), Some(_)) => return Err(format!("replaces `{was}` by `{is}`")),
            _ if is_well_known(was) || is_well_known(is) => return Err(format!("replaces `{was}` by `{is}`")),
            _ => {}
        }
    }
    let count = |call| positional(call).len();
    if is_well_known(was) && !was.contains("called") && !was.contains("call") && count(before) != count(after) {
        return Err(format!("changes what `{was}` compares"));
    }
    // A helper that checks is given what it expects.
    let given = |call| super::python::arguments(call).len();
    if was == is && !is_well_known(was) && given(after) < given(before) {
        return Err(format!("gives `{was}` less to check"));
    }
    let twice = |source: &Source, call| match positional(call)[..] {
        [left, right, ..] => flat(source, left) == flat(source, right),
        _ => false,
    };
    if is_well_known(was) && twice(new, after) && !twice(old, before) {
        return Err("compares a value with itself".to_string());
    }
    let any = |source: &Source, call| flat(source, call).split(' ').filter(|word| *word == "ANY").count();
    if any(new, after) > any(old, before) {
        return Err("accepts `ANY` value".to_string());
    }
    if (was.contains("called") || was.contains("call")) && super::python::arguments(after).is_empty() && was != is {
        return Err("checks no arguments".to_string());
    }
    let (mut befores, mut afters) = (positional(before), positional(after));
    let shared = befores.len().min(afters.len());
    befores.truncate(shared);
    afters.truncate(shared);
    if is_well_known(was) && !was.contains("call") { pairwise(&befores, &afters, operands) } else { Ok(()) }
}
