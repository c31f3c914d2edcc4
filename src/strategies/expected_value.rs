//! An expected value that the product does not give any more: the literal is updated where it is
//! declared, for a person to accept.

use std::ops::Range;

use crate::diagnosis::{Category, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, descendants};
use crate::workspace::history::LiteralChange;

use super::comparison::{self, Side};
use super::confidence::{Odds, TOLD};
use super::literals::{self, Printed};
use super::provenance::{self, Provenance};
use super::told::{self, Told};
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "expected-value",
    categories: &[Category::AssertionError],
    summary: "Updates an expected literal to the value that the run gave, as a proposal for a person.",
    example: r#"
#- before: shop.py
def greeting(name):
    return f"Hello {name}"
#- shop.py
def greeting(name):
    return f"Welcome {name}"
#- tests/test_greeting.py
from shop import greeting

def test_greeting():
    assert $0greeting("Ada") == "Hello Ada"
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_greeting _________________________________

    def test_greeting():
>       assert greeting("Ada") == "Hello Ada"
E       AssertionError: assert 'Welcome Ada' == 'Hello Ada'

tests/test_greeting.py:4: AssertionError
#- healed
-    assert greeting("Ada") == "Hello Ada"
+    assert greeting("Ada") == "Welcome Ada"
"#,
    propose: expected_value,
};

fn expected_value(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let [left, right] = comparison::sides(ctx)?;
    // Two such sides, or none: the test says nothing of the product here.
    let literal = [comparison::declaration(ctx, &left), comparison::declaration(ctx, &right)];
    let made = || [comparison::made(ctx, &left), comparison::made(ctx, &right)];
    let declared = if literal == [None, None] { made() } else { literal };
    let (node, side, actual) = match declared {
        [None, Some(node)] => (node, &right, &left),
        [Some(node), None] => (node, &left, &right),
        _ => return None,
    };
    if !is_what_ran(ctx, node, side) {
        return None;
    }
    let fields = || Printed::of_fields(&actual.printed).filter(|_| node.kind() == "tuple");
    let read = |side: &Side<'_>| Printed::parse(&side.printed).or_else(|| Printed::read(&side.printed, side.is_whole));
    let printed = Printed::parse(&actual.printed).or_else(fields).or_else(|| read(actual))?;
    let was = read(side);
    let mut changes = literals::changes(ctx.source, node, was.as_ref(), &printed, &|part| comparison::part(ctx, part))?;
    if changes.is_empty() {
        return None;
    }
    let operator = operator(ctx, node, side, &changes)?;
    if told::passes_what_went(ctx) {
        return None;
    }
    let witnesses = witnesses(ctx, &changes);
    let told = told::told(ctx);
    let of_machine = || product::asks_the_machine(ctx.snapshot, &ctx.site.path);
    let (old, new) = (ctx.source.slice(node), printed.text());
    let is_meant = || told.as_ref().is_some_and(|told| told.is_certain && !is_lost(ctx, &changes, told));
    let asked = comparison::assigned(ctx, actual.node).unwrap_or(actual.node);
    let fails = is_failed_exit(ctx.source.slice(asked), old, new);
    let is_broken = || is_refused(old, new) || ((fails || looks_broken(old, new)) && !is_meant());
    if (witnesses.is_empty() && (is_broken() || of_machine()))
        || changes.iter().any(|(_, text)| names_the_machine(text, old))
    {
        return None;
    }
    let mut evidence = vec![seen(&printed)];
    evidence.extend(witnesses.iter().map(committed));
    let of_words = of_words(ctx, &changes);
    let mut certain = is_certain(&changes, &witnesses) || of_words.is_certain;
    evidence.extend(of_words.evidence);
    let mut is_told = false;
    if !certain && let Some(told) = told {
        is_told = true;
        certain = told.is_certain && !is_lost(ctx, &changes, &told) && !is_mere_number(ctx, &changes, &told);
        evidence.extend(told.evidence);
    }
    let doubt = match (is_told, evidence.len()) {
        (true, _) => TOLD,
        (false, 1) => 0.2,
        _ => 0.0,
    };
    changes.extend(operator);
    fixes.push(Fix {
        title: format!("Expect {}", short(printed.text())),
        strategy: STRATEGY.id,
        edits: changes.into_iter().map(|(range, text)| ctx.replace(range, text)).collect(),
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier: if certain { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// `is None` compares with `==` where a value came, `== 1` with `is` where `None` came: the change of the operator.
/// `None` where the comparison is by identity and cannot be changed with the literal.
fn operator(
    ctx: &Context<'_>,
    node: Node<'_>,
    side: &Side<'_>,
    changes: &[literals::Change],
) -> Option<Option<literals::Change>> {
    let condition = side.node.parent().filter(|parent| parent.kind() == "comparison_operator");
    let Some(operator) = condition.and_then(|condition| condition.child(1)) else { return Some(None) };
    let whole = |(range, new): &literals::Change| (*range == node.byte_range()).then(|| new.clone());
    let new = changes.iter().find_map(whole);
    let is_singleton = |text: &str| matches!(text, "None" | "True" | "False");
    let instead = match (ctx.source.slice(operator), new.as_deref()) {
        ("is", Some(new)) if is_singleton(new) => return Some(None),
        ("is", Some(_)) if literals::inner(side.node) == node => "==",
        ("is", _) => return None,
        // `None == total()` is not turned round.
        (_, Some("None")) if literals::inner(side.node) == node && side.node.start_byte() > operator.start_byte() => {
            "is"
        }
        _ => return Some(None),
    };
    Some(Some((operator.byte_range(), instead.to_string())))
}

/// Whether the literal is the one that was compared: what the run printed for that side equals it.
fn is_what_ran(ctx: &Context<'_>, node: Node<'_>, side: &Side<'_>) -> bool {
    let Some(printed) = Printed::parse(&side.printed) else { return true };
    let Some(value) = printed.node() else { return true };
    !literals::is_literal(node)
        || side.node.kind() == "call"
        || literals::same(ctx.source, node, printed.source(), value)
}

/// Values that a broken product gives rather than a changed one: nothing where something was.
fn looks_broken(expected: &str, actual: &str) -> bool {
    const NOTHING: [&str; 9] = ["None", "0", "False", "[]", "{}", "()", "''", "b''", "set()"];
    let is_nothing = |text: &str| NOTHING.contains(&text.replace('"', "'").as_str());
    is_nothing(actual) && !is_nothing(expected) && expected != "True"
}

/// Whether a new text names a folder of this machine, or a place in its memory, that the old one did not.
pub(super) fn names_the_machine(new: &str, old: &str) -> bool {
    const FOLDERS: [&str; 9] =
        ["/tmp/", "/home/", "/root/", "/usr/", "/etc/", "/var/", "/opt/", "/private/", "/Users/"];
    FOLDERS.iter().chain(&[" at 0x"]).any(|folder| new.contains(folder) && !old.contains(folder))
}

/// A failing HTTP status where a good one was: more often the request has to change than what is expected of it. An
/// error of the server itself is nobody's wish.
fn is_refused(expected: &str, actual: &str) -> bool {
    let status = |text: &str| text.parse::<u16>().ok().filter(|status| (100..1000).contains(status) && text.len() == 3);
    let is_of_server = |status: u16| (500..600).contains(&status);
    let is_worse =
        |good: u16, bad: u16| (good < 400 && (400..600).contains(&bad)) || (is_of_server(bad) && !is_of_server(good));
    matches!((status(expected), status(actual)), (Some(good), Some(bad)) if is_worse(good, bad))
}

/// An exit code that tells of a failure where success was expected.
fn is_failed_exit(asked: &str, expected: &str, actual: &str) -> bool {
    let words = ["returncode", "return_code", "exit_code", "exitcode", "exit_status", "system(", "retcode"];
    expected == "0" && actual.parse::<i64>().is_ok() && words.iter().any(|word| asked.contains(word))
}

pub(super) fn seen(printed: &Printed) -> Evidence {
    let text = format!("the run gave {}", short(printed.text()));
    Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) }
}

/// At most one line of a value, for titles and messages.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 60;
    let line: String = text.chars().take_while(|c| *c != '\n').take(MOST).collect();
    if line.len() < text.len() { format!("{line}…") } else { line }
}

/// The changes of literals in the product that turn the old text into the new one.
fn witnesses(ctx: &Context<'_>, changes: &[literals::Change]) -> Vec<LiteralChange> {
    let history = ctx.snapshot.history();
    let mut found: Vec<LiteralChange> = Vec::new();
    for (range, new) in changes {
        let old = &ctx.source.text()[range.clone()];
        let content = |text: &str| crate::syntax::tokens::string_body(text).unwrap_or(text).to_string();
        let (old, new) = (content(old), content(new));
        let of_value = history.literal_changes(&old).into_iter().filter(|change| explains(change, &old, &new));
        found.extend(of_value.take(2));
    }
    found.dedup();
    found
}

/// Whether putting the change's new text for its old one, or its new fixed parts, gives the new value.
fn explains(change: &LiteralChange, old: &str, new: &str) -> bool {
    let body = |text: &str| crate::syntax::tokens::string_body(text).unwrap_or(text).to_string();
    let (before, after) = (body(&change.old), body(&change.new));
    if before == old {
        return after == new;
    }
    // A template: what stands between its holes has to be in the value.
    fixed_parts(&after).iter().all(|part| new.contains(part.as_str()))
        && fixed_parts(&before).iter().all(|part| old.contains(part.as_str()))
}

/// The text of a template between `{…}`, `%s` and escapes.
fn fixed_parts(template: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut chars) = (0, template.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => {
                depth -= 1;
                parts.push(String::new());
            }
            '%' | '\\' if depth == 0 => {
                chars.next();
                parts.push(String::new());
            }
            c if depth == 0 => parts.last_mut().expect("there is a first part").push(c),
            _ => {}
        }
    }
    parts.retain(|part| part.trim().len() > 1);
    parts
}

fn committed(change: &LiteralChange) -> Evidence {
    let place = if change.within.is_empty() { change.path.to_string() } else { format!("`{}`", change.within) };
    let text = format!("{} became {} in {place} ({})", short(&change.old), short(&change.new), change.subject);
    Evidence::commit(&change.commit, text)
}

/// Whether nothing stands where something was, and neither the change nor what is told of it names what was there.
/// What is emptied altogether is lost in any case.
fn is_lost(ctx: &Context<'_>, changes: &[literals::Change], told: &Told) -> bool {
    let text = ctx.source.text();
    changes.iter().any(|(range, new)| {
        let old = &text[range.clone()];
        let is_gone = !new.chars().any(char::is_alphanumeric);
        let opened = text[..range.start].trim_end().ends_with(['[', '{', '(']);
        let closed = text[range.end..].trim_start().starts_with([']', '}', ')']);
        let is_emptied = is_gone && (!new.is_empty() || (opened && closed));
        let mut was = old.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).peekable();
        let is_less = (is_gone || looks_broken(old, new)) && was.peek().is_some();
        is_less && (is_emptied || (!told.speaks_of_nothing() && !was.any(|word| told.speaks_of(word))))
    })
}

/// Whether a number or truth value takes the place of another, and what is told of the change does not name it: a
/// count goes up for many reasons.
fn is_mere_number(ctx: &Context<'_>, changes: &[literals::Change], told: &Told) -> bool {
    let is_number = |text: &str| {
        let text = text.trim_matches(['"', '\'']);
        text.parse::<f64>().is_ok() || matches!(text, "True" | "False")
    };
    let old = |range: &Range<usize>| &ctx.source.text()[range.clone()];
    changes.iter().any(|(range, new)| is_number(old(range)) && is_number(new) && !told.says(new))
}

/// What the hunks of the product and its documentation say of the words that changed in every literal.
fn of_words(ctx: &Context<'_>, changes: &[literals::Change]) -> Provenance {
    let old_value = |range: &Range<usize>| {
        let node = ctx.source.node_at(range.clone())?;
        literals::string_value(ctx.source, node)
    };
    let new_value = |text: &str| {
        let printed = Printed::parse(text)?;
        literals::string_value(printed.source(), printed.node()?)
    };
    let mut whole = Provenance { is_certain: !changes.is_empty(), ..Provenance::default() };
    for (range, new) in changes {
        let part = match (old_value(range), new_value(new)) {
            (Some(old), Some(new)) => provenance::of_text(ctx, &old, &new),
            _ => Provenance::default(),
        };
        whole.is_certain &= part.is_certain;
        whole.evidence.extend(part.evidence);
    }
    whole.evidence.dedup();
    whole
}

/// Every changed literal was changed in the same way in the product, at two places or more: no slip of
/// one line can look like that. Nor can a sentence that was written anew.
fn is_certain(changes: &[literals::Change], witnesses: &[LiteralChange]) -> bool {
    let body = |text: &str| crate::syntax::tokens::string_body(text).unwrap_or(text).to_string();
    let is_sentence = |text: &str| text.split_whitespace().count() > 2;
    changes.iter().all(|(_, new)| {
        let mut same = witnesses.iter().filter(|change| body(&change.new) == body(new));
        let is_rewritten = |change: &LiteralChange| {
            let (old, new) = (body(&change.old), body(&change.new));
            is_sentence(&old) && is_sentence(&new) && !provenance::is_slip(&old, &new)
        };
        same.clone().any(is_rewritten) || same.nth(1).is_some()
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(test: &str, line: u32, failing: &str, message: &str, healed: &str) -> String {
        format!(
            "#- shop.py\ndef total():\n    return 2\n#- tests/test_shop.py\n{test}#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             >   {failing}\nE   AssertionError: {message}\n\ntests/test_shop.py:{line}: AssertionError\n\
             #- healed\n{healed}\n"
        )
    }

    #[test]
    fn the_declaration_changes_not_the_use() {
        let test = "def test_total():\n    expected = {\"n\": 1}\n    assert total() == expected\n";
        let healed = "-    expected = {\"n\": 1}\n+    expected = {\"n\": 2}";
        check(&scene(test, 3, "assert total() == expected", "assert {'n': 2} == {'n': 1}", healed));
    }

    #[test]
    fn a_constant_that_other_tests_share_stays() {
        let test = "N = 1\ndef test_other():\n    assert other() == N\n\ndef test_total():\n    assert total() == N\n";
        check(&scene(test, 6, "assert total() == N", "assert 2 == 1", "no fix"));
    }

    #[test]
    fn what_an_expected_value_names_changes_where_it_is_declared() {
        let scene = |more: &str, healed: &str| {
            let test = format!(
                "RATE = (0, {{\"n\": 1}})\n{more}def test_total():\n    assert total() == {{\"rate\": RATE[1]}}\n"
            );
            let line = test.lines().count() as u32;
            let message = "assert {'rate': {'n': 2}} == {'rate': {'n': 1}}";
            scene(&test, line, "assert total() == {\"rate\": RATE[1]}", message, healed)
        };
        check(&scene("", "-RATE = (0, {\"n\": 1})\n+RATE = (0, {\"n\": 2})"));
        check(&scene("def test_other():\n    assert other() == RATE\n", "no fix"));
    }

    #[test]
    fn a_value_where_none_was_is_compared_by_equality() {
        let test = "def test_total():\n    assert total() is None\n";
        let healed = "-    assert total() is None\n+    assert total() == 'a'";
        check(&scene(test, 2, "assert total() is None", "assert 'a' is None", healed));
        let test = "def test_total():\n    wanted = None\n    assert total() is wanted\n";
        check(&scene(test, 3, "assert total() is wanted", "assert 'a' is None", "no fix"));
    }

    #[test]
    fn none_on_the_left_is_compared_as_before() {
        let test = "def test_total():\n    assert \"a\" == total()\n";
        let healed = "-    assert \"a\" == total()\n+    assert None == total()";
        let scene = scene(test, 2, "assert \"a\" == total()", "assert 'a' == None", healed);
        let told = "#- before: CHANGES.md\n#- CHANGES.md\n- `total` gives None\n\
                    #- before: shop.py\ndef total():\n    return 'a'\n";
        check(&format!("{told}{}", scene.replace("return 2", "return None")));
    }

    #[test]
    fn two_computed_sides_are_no_fix() {
        let test = "def test_total():\n    assert total() == other()\n";
        check(&scene(test, 2, "assert total() == other()", "assert 2 == 1", "no fix"));
    }

    #[test]
    fn a_value_that_is_no_literal_is_no_fix() {
        let test = "def test_total():\n    assert total() == 1\n";
        check(&scene(test, 2, "assert total() == 1", "assert <Cart object at 0x7f01> == 1", "no fix"));
    }

    #[test]
    fn nothing_where_something_was_is_no_new_value() {
        let test = "def test_total():\n    assert total() == 200\n";
        check(&scene(test, 2, "assert total() == 200", "assert 404 == 200", "no fix"));
        check(&scene(test, 2, "assert total() == 200", "assert None == 200", "no fix"));
    }

    #[test]
    fn the_exit_code_of_a_failure_is_no_new_value() {
        let test = "def test_total():\n    code = os.system(\"total\")\n    assert code == 0\n";
        check(&scene(test, 3, "assert code == 0", "assert 32512 == 0", "no fix"));
        let test = "def test_total():\n    assert total().code == 0\n";
        let healed = "-    assert total().code == 0\n+    assert total().code == 3";
        check(&scene(test, 2, "assert total().code == 0", "assert 3 == 0", healed));
        let test = "def test_total():\n    assert total().status_code == 723\n";
        check(&scene(test, 2, "assert total().status_code == 723", "assert 500 == 723", "no fix"));
    }

    #[test]
    fn unittest_prints_both_sides_too() {
        let test = "class TestTotal(TestCase):\n    def test_total(self):\n        self.assertEqual(total(), 1)\n";
        let healed = "-        self.assertEqual(total(), 1)\n+        self.assertEqual(total(), 2)";
        check(&scene(test, 3, "self.assertEqual(total(), 1)", "2 != 1", healed));
    }

    #[test]
    fn the_row_that_ran_changes() {
        let test = "@pytest.mark.parametrize(\"n, expected\", [(1, \"a\"), (2, \"b\")])\n\
                    def test_total(n, expected):\n    assert total(n) == expected\n";
        let healed = "-@pytest.mark.parametrize(\"n, expected\", [(1, \"a\"), (2, \"b\")])\n\
                      +@pytest.mark.parametrize(\"n, expected\", [(1, \"a\"), (2, \"c\")])";
        check(&scene(test, 3, "assert total(n) == expected", "assert 'c' == 'b'", healed));
    }

    #[test]
    fn what_the_machine_says_is_no_value_to_expect() {
        check(
            r#"
#- before: shop.py
import os

def workers():
    return 1
#- shop.py
import os

def workers():
    return len(os.sched_getaffinity(0))
#- tests/test_shop.py
from shop import workers

def test_workers():
    assert workers() == 1
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_workers _________________________________

    def test_workers():
>       assert workers() == 1
E       assert 2 == 1

tests/test_shop.py:4: AssertionError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn what_a_test_passed_to_its_helper_changes_there() {
        let scene = |line: &str, healed: &str| {
            format!(
                r#"
#- shop.py
def total():
    return 2
#- tests/test_shop.py
class TestShop:
    def check(self, sku, expected):
        assert total(sku) == expected

    def test_total(self):
        self.check("a", {line})
#- test_run.log
=================================== FAILURES ===================================
_____________________________ TestShop.test_total ______________________________

    def test_total(self):
>       self.check("a", {line})

tests/test_shop.py:6: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def check(self, sku, expected):
>       assert total(sku) == expected
E       AssertionError: assert 2 == 1

tests/test_shop.py:3: AssertionError
#- healed
{healed}
"#
            )
        };
        let healed =
            |old: &str, new: &str| format!("-        self.check(\"a\", {old})\n+        self.check(\"a\", {new})");
        check(&scene("1", &healed("1", "2")));
        check(&scene("expected=1", &healed("expected=1", "expected=2")));
        check(&scene("other()", "no fix"));
    }

    #[test]
    fn what_the_product_gets_too_is_no_expected_value() {
        check(
            r#"
#- shop.py
def total(sku, price):
    return 2
#- tests/test_shop.py
from shop import total

def check(sku, price):
    assert total(sku, price) == price

def test_total():
    check("a", 1)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
>       check("a", 1)

tests/test_shop.py:7: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def check(sku, price):
>       assert total(sku, price) == price
E       AssertionError: assert 2 == 1

tests/test_shop.py:4: AssertionError
#- healed
no fix: changes the input
"#,
        );
    }

    #[test]
    fn a_named_tuple_equals_the_tuple_of_its_fields() {
        check(
            r#"
#- tests/test_shop.py
def test_out(capsys):
    main()
    assert $0("", "[a]  [b]") == capsys.readouterr()
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_out ___________________________________

    def test_out(capsys):
        main()
>       assert ("", "[a]  [b]") == capsys.readouterr()
E       AssertionError: assert ('', '[a]  [b]') == CaptureResult(out='', err='[a] [b]')

tests/test_shop.py:3: AssertionError
#- healed
-    assert ("", "[a]  [b]") == capsys.readouterr()
+    assert ("", "[a] [b]") == capsys.readouterr()
"#,
        );
    }

    #[test]
    fn an_object_of_keywords_is_no_tuple() {
        check(
            r#"
#- tests/test_shop.py
def test_point():
    assert $0[1, 3] == point()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_point __________________________________

    def test_point():
>       assert [1, 3] == point()
E       AssertionError: assert [1, 3] == Point(x=1, y=2)

tests/test_shop.py:2: AssertionError
#- healed
no fix
"#,
        );
    }

    #[test]
    fn the_field_of_an_expected_object_changes() {
        let test = "def test_total():\n    assert total() == [Item(\"a\", n=1), Item(\"b\", n=1)]\n";
        let message = "assert [Item(sku='a', n=1), Item(sku='b', n=2)] == [Item(sku='a', n=1), Item(sku='b', n=1)]";
        let healed = "-    assert total() == [Item(\"a\", n=1), Item(\"b\", n=1)]\n\
                      +    assert total() == [Item(\"a\", n=1), Item(\"b\", n=2)]";
        check(&scene(test, 2, "assert total() == [Item(\"a\", n=1), Item(\"b\", n=1)]", message, healed));
    }

    #[test]
    fn an_object_against_another_that_the_test_makes_is_no_fix() {
        let test = "def test_total():\n    assert Item(\"a\") == Item(\"b\")\n";
        let message = "assert Item(sku='a') == Item(sku='b')";
        check(&scene(test, 2, "assert Item(\"a\") == Item(\"b\")", message, "no fix"));
    }

    #[test]
    fn the_row_of_the_table_that_a_loop_walks_over_changes() {
        let scene = |rows: &str, price: &str, healed: &str| {
            format!(
                r#"
#- shop.py
def total():
    return 2
#- tests/test_shop.py
CASES = [
{rows}
]

def check(got, expected):
    assert got == expected

def test_total():
    for (sku, store), expected in CASES:
        check(total(sku, {price}), expected)
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_total __________________________________

    def test_total():
        for (sku, store), expected in CASES:
>           check(total(sku, {price}), expected)

tests/test_shop.py:11: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def check(got, expected):
>       assert got == expected
E       AssertionError: assert 'two apples' == 'two apple'

tests/test_shop.py:7: AssertionError
#- healed
{healed}
"#
            )
        };
        let rows = "    ((1, 2), 'one apple'),\n    ((2, 2), 'two apple'),";
        check(&scene(rows, "store", "-    ((2, 2), 'two apple'),\n+    ((2, 2), 'two apples'),"));
        check(&scene("    ((1, 2), 'two apple'),\n    ((2, 2), 'two apple'),", "store", "no fix"));
        check(&scene(rows, "expected", "no fix: changes the input"));
    }

    #[test]
    fn the_attribute_of_an_expected_object_by_its_place() {
        let scene = |compared: &str, healed: &str| {
            format!(
                r#"
#- shop.py
from dataclasses import dataclass

@dataclass
class Url:
    scheme: str | None
    host: str
#- tests/test_shop.py
import pytest
from shop import Url, parse

@pytest.mark.parametrize("text, expected", [("a", Url("x", "a")), ("b", Url(None, "b"))])
def test_parse(text, expected):
    assert {compared}
#- test_run.log
=================================== FAILURES ===================================
____________________________ test_parse[b-expected1] ____________________________

    def test_parse(text, expected):
>       assert {compared}
E       AssertionError: assert 'ssh' == None

tests/test_shop.py:6: AssertionError
=========================== short test summary info ============================
FAILED tests/test_shop.py::test_parse[b-expected1] - AssertionError: assert 'ssh' == None
#- healed
{healed}
"#
            )
        };
        let row = |scheme: &str| {
            let rows = "[(\"a\", Url(\"x\", \"a\")), (\"b\", Url";
            format!("@pytest.mark.parametrize(\"text, expected\", {rows}({scheme}, \"b\"))])")
        };
        let healed = format!("-{}\n+{}", row("None"), row("\"ssh\""));
        check(&scene("parse(text).scheme == expected.scheme", &healed));
        check(&scene("parse(text).scheme == expected.other", "no fix"));
    }

    #[test]
    fn the_row_of_parametrize_by_its_number() {
        let scene = |id: &str, healed: &str| {
            format!(
                r#"
#- shop.py
def total(item):
    return 2
#- tests/test_shop.py
@pytest.mark.parametrize("item, expected", [(Item(1), 1), (Item(2), 1)])
def test_total(item, expected):
    assert total(item) == expected
#- test_run.log
=================================== FAILURES ===================================
_____________________________ test_total[{id}] _____________________________

    def test_total(item, expected):
>       assert total(item) == expected
E       AssertionError: assert 2 == 1

tests/test_shop.py:3: AssertionError
=========================== short test summary info ============================
FAILED tests/test_shop.py::test_total[{id}] - AssertionError: assert 2 == 1
#- healed
{healed}
"#
            )
        };
        let row = "@pytest.mark.parametrize(\"item, expected\", [(Item(1), 1), (Item(2), ";
        check(&scene("item1-1", &format!("-{row}1)])\n+{row}2)])")));
        check(&scene("item7-1", "no fix"));
    }
}
