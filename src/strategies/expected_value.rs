//! An expected value that the product does not give any more: the literal is updated where it is
//! declared, for a person to accept.

mod absolute;
mod aware;
mod filled;
mod items;
mod moved_out;
mod naive;

use std::ops::Range;

use crate::diagnosis::{Category, Verdict, product, refusal};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::history::LiteralChange;

use crate::workspace::opposites::say_the_opposite;

use super::comparison::{self, Side};
use super::confidence::{Odds, TOLD};
use super::literals::{self, Printed};
use super::provenance::{self, Provenance};
use super::told::{self, Told};
use super::{Context, Strategy, constructors, same_data};

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
    let here = Written { path: &ctx.site.path, source: ctx.source };
    let Some([left, right]) = comparison::sides(ctx) else { return expect_argument(ctx, &here, fixes) };
    fixes.extend(absolute::made_absolute(ctx, [&left, &right]));
    if let Some((node, [side, actual])) = items::set(ctx, &left, &right).or_else(|| items::set(ctx, &right, &left)) {
        return expect(ctx, &here, node, [&side, &actual], fixes);
    }
    // Two such sides, or none: the test says nothing of the product here.
    let literal = [comparison::declaration(ctx, &left), comparison::declaration(ctx, &right)];
    let made = || [comparison::made(ctx, &left), comparison::made(ctx, &right)];
    let declared = if literal == [None, None] { made() } else { literal };
    match declared {
        [None, Some(node)] => expect(ctx, &here, node, [&right, &left], fixes),
        [Some(node), None] => expect(ctx, &here, node, [&left, &right], fixes),
        [None, None] => {
            let (there, expected, actual) = comparison::one_side(ctx, |side| comparison::elsewhere(ctx, side))?;
            let written = Written { path: &there.path, source: &there.source };
            expect(ctx, &written, there.node()?, [&expected, &actual], fixes)
        }
        // `{"total": total(), "tax": 2}` holds what is tested, a side that is all written out does not; what was filled
        // since it was written is tested.
        [Some(one), Some(other)] => {
            if let Some((node, [side, actual])) = filled::kept(ctx, [one, other], [&left, &right]) {
                return expect(ctx, &here, node, [side, actual], fixes);
            }
            let is_computed = |node: Node<'_>| descendants(node).any(|node| node.kind() == "call");
            match [one, other].map(|node| (constructors::is_made(ctx.source, node), is_computed(node))) {
                [(true, _), (false, true)] => expect(ctx, &here, one, [&left, &right], fixes),
                [(false, true), (true, _)] => expect(ctx, &here, other, [&right, &left], fixes),
                _ => expect_argument(ctx, &here, fixes),
            }
        }
    }
}

/// What the test gives a checker of another file to compare with.
fn expect_argument<'c>(ctx: &'c Context<'_>, here: &Written<'c>, fixes: &mut Vec<Fix>) -> Option<()> {
    let [expected, actual] = comparison::only_compared(ctx)?;
    expect(ctx, here, literals::inner(expected.node), [&expected, &actual], fixes)
}

/// Where the expected value is written: in the file of the test, or in a conftest or a helper.
struct Written<'a> {
    path: &'a FilePath,
    source: &'a Source,
}

impl<'a> Written<'a> {
    /// The text as it is now.
    fn old(&self, range: &Range<usize>) -> &'a str {
        &self.source.text()[range.clone()]
    }
}

/// The fix that writes into `node`, which the side was made of, what the other side was.
fn expect<'c>(
    ctx: &'c Context<'_>,
    written: &Written<'c>,
    node: Node<'c>,
    [side, actual]: [&Side<'c>; 2],
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    if !is_what_ran(written.source, node, side) {
        return None;
    }
    let fields = || Printed::of_fields(&actual.printed).filter(|_| node.kind() == "tuple");
    let read = |side: &Side<'_>| Printed::parse(&side.printed).or_else(|| Printed::read(&side.printed, side.is_whole));
    let is_text = matches!(node.kind(), "string" | "concatenated_string");
    let text = || Printed::of_text(&actual.printed).filter(|_| is_text);
    let printed = Printed::parse(&actual.printed).or_else(fields).or_else(text).or_else(|| read(actual))?;
    let was = read(side);
    // What another file calls by a name is not looked for.
    let is_here = *written.path == ctx.site.path;
    let part = |part| comparison::part(ctx, part).filter(|_| is_here);
    let mut changes = literals::changes(written.source, node, was.as_ref(), &printed, &part)?;
    if changes.is_empty() {
        return None;
    }
    let operator = operator(ctx, node, side, &changes)?;
    if told::is_call_at_fault(ctx)
        || is_key_of_mapping(ctx, actual, &printed)
        || moved_out::may_be(ctx, node, actual.node, &printed)
    {
        return None;
    }
    let witnesses = witnesses(ctx, written, &changes);
    let told = told::told(ctx);
    // Where the product did not change, a value by chance or by the clock is no news.
    let by_chance = || matches!(ctx.diagnosis.verdict, Verdict::Flaky | Verdict::Environment);
    let of_machine = || by_chance() || product::asks_the_machine(ctx.snapshot, &ctx.site.path);
    let (old, new) = (written.source.slice(node), printed.text());
    let is_meant = || told.as_ref().is_some_and(|told| told.is_certain && !is_lost(written, &changes, told));
    let asked = comparison::assigned(ctx, actual.node).unwrap_or(actual.node);
    let fails = is_failed_exit(ctx.source.slice(asked), old, new);
    let is_emptied = old.starts_with(['[', '{', '('])
        && told.as_ref().is_some_and(|told| told.speaks_of_nothing() || words(old).all(|word| told.speaks_of(word)));
    let is_nothing = || looks_broken(old, new) && !is_emptied;
    let is_refusal = refusal::is_refusal(ctx.test_name(), ctx.source.slice(asked), old, new);
    let is_lost_now = || fails || is_nothing() || is_refusal;
    let is_broken = || refusal::is_status(old, new) || is_text_of_bytes(old, new) || (is_lost_now() && !is_meant());
    if witnesses.is_empty() && (is_broken() || of_machine()) {
        return None;
    }
    let mut evidence = vec![seen(&printed)];
    evidence.extend(witnesses.iter().map(committed));
    let of_words = of_words(ctx, written, &changes);
    let mut certain = is_certain(ctx, &changes, &witnesses) || of_words.is_certain;
    evidence.extend(of_words.evidence);
    let mut is_told = false;
    if aware::is_of_zone(written, &changes) {
        let of_code = aware::became_aware(ctx, written, side, &changes);
        certain = of_code.is_some();
        evidence.extend(of_code);
    } else if !certain && let Some(told) = told {
        is_told = true;
        certain = told.is_certain
            && is_told_of(ctx, asked, (written, &changes), &told)
            && !is_lost(written, &changes, &told)
            && !is_mere_number(written, &changes, &told);
        evidence.extend(told.evidence);
    }
    let doubt = match (is_told, evidence.len()) {
        (true, _) => TOLD,
        (false, 1) => 0.2,
        _ => 0.0,
    };
    if operator.is_some() && !is_here {
        return None;
    }
    changes.extend(operator);
    let import = aware::import(ctx, written, &changes);
    let mut edits: Vec<Edit> =
        changes.into_iter().map(|(range, text)| Edit::replace(written.path, range, text)).collect();
    edits.extend(import);
    fixes.push(Fix {
        title: format!("Expect {}", shown(&printed)),
        strategy: STRATEGY.id,
        edits,
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
fn is_what_ran(source: &Source, node: Node<'_>, side: &Side<'_>) -> bool {
    let Some(printed) = Printed::parse(&side.printed) else { return true };
    let Some(value) = printed.node() else { return true };
    !literals::is_literal(node) || side.node.kind() == "call" || literals::same(source, node, printed.source(), value)
}

/// Values that a broken product gives rather than a changed one: nothing where something was.
fn looks_broken(expected: &str, actual: &str) -> bool {
    const NOTHING: [&str; 9] = ["None", "0", "False", "[]", "{}", "()", "''", "b''", "set()"];
    let is_nothing = |text: &str| NOTHING.contains(&text.replace('"', "'").as_str());
    is_nothing(actual) && !is_nothing(expected) && (expected, actual) != ("True", "False")
}

/// What `str` makes of bytes where a text was: somebody forgot to decode.
fn is_text_of_bytes(expected: &str, actual: &str) -> bool {
    let inner = content(actual).strip_prefix(['b', 'B']).map(content);
    inner.is_some_and(|inner| inner == content(expected) && inner.len() + 1 < content(actual).len())
}

/// Whether the value is a key: `low, high = bounds()` takes the keys of what became a mapping.
fn is_key_of_mapping(ctx: &Context<'_>, actual: &Side<'_>, printed: &Printed) -> bool {
    let name = ctx.source.slice(actual.node);
    let is_target = |node: &Node<'_>| {
        let left = node.child_by_field_name("left").filter(|_| node.kind() == "assignment");
        let targets = left.filter(|left| matches!(left.kind(), "pattern_list" | "tuple_pattern"));
        targets.is_some_and(|targets| children(targets).any(|target| ctx.source.slice(target) == name))
    };
    let keys = printed
        .node()
        .and_then(|node| literals::string_value(printed.source(), node))
        .map(|key| [format!("\"{key}\":"), format!("'{key}':")]);
    let Some(keys) = keys.filter(|_| descendants(ctx.scope()).any(|node| is_target(&node))) else { return false };
    let writes = |lines: &[String]| lines.iter().any(|line| keys.iter().any(|key| line.contains(key)));
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    hunks.iter().any(|hunk| hunk.is_python() && writes(&hunk.added) && !writes(&hunk.removed))
}

/// An exit code that tells of a failure where success was expected.
fn is_failed_exit(asked: &str, expected: &str, actual: &str) -> bool {
    let words = ["returncode", "return_code", "exit_code", "exitcode", "exit_status", "system(", "retcode"];
    expected == "0" && actual.parse::<i64>().is_ok() && words.iter().any(|word| asked.contains(word))
}

pub(super) fn seen(printed: &Printed) -> Evidence {
    let text = format!("the run gave {}", shown(printed));
    Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(text) }
}

/// At most one line of what was printed.
fn shown(printed: &Printed) -> String {
    short(&constructors::as_printed(printed.text()))
}

/// At most one line of a value, for titles and messages.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 60;
    let line: String = text.chars().take_while(|c| *c != '\n').take(MOST).collect();
    if line.len() < text.len() { format!("{line}…") } else { line }
}

/// The changes of literals in the product that turn the old text into the new one.
fn witnesses(ctx: &Context<'_>, written: &Written<'_>, changes: &[literals::Change]) -> Vec<LiteralChange> {
    let history = ctx.snapshot.history();
    let mut found: Vec<LiteralChange> = Vec::new();
    for (range, new) in changes {
        let old = written.old(range);
        let (old, new) = (content(old), content(new));
        let of_value = history.literal_changes(old).into_iter().filter(|change| explains(change, old, new));
        found.extend(of_value.take(2));
    }
    found.dedup();
    found
}

/// What a string literal holds, or the text of another value.
fn content(text: &str) -> &str {
    crate::syntax::tokens::string_body(text).unwrap_or(text)
}

/// Whether putting the change's new text for its old one, or its new fixed parts, gives the new value.
fn explains(change: &LiteralChange, old: &str, new: &str) -> bool {
    let (before, after) = (content(&change.old), content(&change.new));
    if before == old {
        return after == new;
    }
    // A template: what stands between its holes has to be in the value.
    fixed_parts(after).iter().all(|part| new.contains(part.as_str()))
        && fixed_parts(before).iter().all(|part| old.contains(part.as_str()))
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
fn is_lost(written: &Written<'_>, changes: &[literals::Change], told: &Told) -> bool {
    let text = written.source.text();
    changes.iter().any(|(range, new)| {
        let old = &text[range.clone()];
        let is_gone = !new.chars().any(char::is_alphanumeric);
        let opened = text[..range.start].trim_end().ends_with(['[', '{', '(']);
        let closed = text[range.end..].trim_start().starts_with([']', '}', ')']);
        let is_emptied = is_gone && (!new.is_empty() || (opened && closed));
        let is_less = (is_gone || looks_broken(old, new)) && words(old).next().is_some();
        is_less && (is_emptied || !names_what_went(told, old))
    })
}

/// Whether what is told of the change speaks of nothing, or of something that stood in the old value.
fn names_what_went(told: &Told, old: &str) -> bool {
    told.speaks_of_nothing() || words(old).any(|word| told.speaks_of(word))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Whether what is told speaks of every change, and not only of what made it. That there is nothing is told where the
/// very attribute that is read is said to be `None`.
fn is_told_of(
    ctx: &Context<'_>,
    asked: Node<'_>,
    (written, changes): (&Written<'_>, &[literals::Change]),
    told: &Told,
) -> bool {
    let attribute = asked.child_by_field_name("attribute").filter(|_| asked.kind() == "attribute");
    let is_named = attribute.is_some_and(|name| told.names(ctx.source.slice(name)));
    let is_nothing = |new: &str| new == "None" && is_named && told.says(new);
    changes.iter().all(|(range, new)| is_nothing(new) || told.tells_of(written.old(range), new))
}

/// Whether a number or truth value takes the place of another, and what is told of the change does not name it: a
/// count goes up for many reasons.
fn is_mere_number(written: &Written<'_>, changes: &[literals::Change], told: &Told) -> bool {
    let is_number = |text: &str| {
        let text = text.trim_matches(['"', '\'']);
        text.parse::<f64>().is_ok() || matches!(text, "True" | "False")
    };
    // Who speaks of `True` and of `False` does not say which of them comes here.
    let is_flip = |old: &str, new: &str| matches!((old, new), ("True", "False") | ("False", "True")) && told.says(old);
    changes.iter().any(|(range, new)| {
        is_number(written.old(range)) && is_number(new) && (!told.says(new) || is_flip(written.old(range), new))
    })
}

/// What the hunks of the product and its documentation say of the words that changed in every literal.
fn of_words(ctx: &Context<'_>, written: &Written<'_>, changes: &[literals::Change]) -> Provenance {
    let old_value = |range: &Range<usize>| {
        let node = written.source.node_at(range.clone())?;
        literals::string_value(written.source, node)
    };
    let new_value = |text: &str| {
        let printed = Printed::parse(&format!("({text})"))?;
        literals::string_value(printed.source(), literals::inner(printed.node()?))
    };
    let mut whole = Provenance { is_certain: !changes.is_empty(), ..Provenance::default() };
    for (range, new) in changes {
        let part = match (old_value(range), new_value(new)) {
            (Some(old), Some(new)) => provenance::of_text(ctx, &old, &new),
            _ => Provenance::default(),
        };
        let part = if part.is_certain { part } else { of_length(ctx, written.old(range), new).unwrap_or(part) };
        whole.is_certain &= part.is_certain;
        whole.evidence.extend(part.evidence);
    }
    whole.evidence.dedup();
    if whole.is_certain { whole } else { of_places(ctx, written, changes).unwrap_or(whole) }
}

/// A length of what the test gives, which is written otherwise now.
fn of_length(ctx: &Context<'_>, old: &str, new: &str) -> Option<Provenance> {
    Some(same_data::of_length(ctx, content(old), content(new))).filter(|length| length.is_certain)
}

/// Things of one list that only changed places.
fn of_places(ctx: &Context<'_>, written: &Written<'_>, changes: &[literals::Change]) -> Option<Provenance> {
    let parent = |range: &Range<usize>| written.source.node_at(range.clone())?.parent();
    let list = parent(&changes.first()?.0)?;
    let things: Vec<Node<'_>> = children(list).filter(|node| node.kind() != "comment").collect();
    let is_list = match list.kind() {
        "list" => true,
        // The places of a pair mean something.
        "tuple" => things.len() > 2,
        _ => false,
    };
    if !is_list || !changes.iter().all(|(range, _)| parent(range) == Some(list)) {
        return None;
    }
    let new = |thing: &Node<'_>| changes.iter().find(|(range, _)| *range == thing.byte_range()).map(|(_, new)| new);
    let was = |thing: &Node<'_>| written.source.slice(*thing);
    let is = |thing: &Node<'_>| content(new(thing).map_or(was(thing), String::as_str)).to_string();
    let olds: Vec<String> = things.iter().map(|thing| content(was(thing)).to_string()).collect();
    let news: Vec<String> = things.iter().map(is).collect();
    Some(same_data::of_things(ctx, &olds, &news)).filter(|places| places.is_certain)
}

/// Every changed literal was changed in the same way in the product, at two places or more: no slip of
/// one line can look like that. Nor can a sentence that was written anew.
fn is_certain(ctx: &Context<'_>, changes: &[literals::Change], witnesses: &[LiteralChange]) -> bool {
    let is_sentence = |text: &str| text.split_whitespace().count() > 2 && provenance::is_prose(text);
    changes.iter().all(|(_, new)| {
        let means_it = |change: &&LiteralChange| {
            let (old, new) = (content(&change.old), content(&change.new));
            !say_the_opposite(old, new) && !provenance::is_transposed(old, new)
        };
        let mut same = witnesses.iter().filter(|change| content(&change.new) == content(new)).filter(means_it);
        let is_rewritten = |change: &LiteralChange| {
            let (old, new) = (content(&change.old), content(&change.new));
            is_sentence(old)
                && is_sentence(new)
                && !provenance::is_slip(old, new)
                && !provenance::promises_otherwise(old, new)
                && provenance::shares_a_word(old, new)
                && !provenance::is_copied_in(ctx, change)
        };
        same.clone().any(is_rewritten) || same.nth(1).is_some()
    })
}

#[cfg(test)]
mod tests;
