//! What stands at a place of a result went to another place: a field of a named tuple, a value of a tuple. What the run
//! found at the old place is something else, and no news of what the test asks for.

use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, Source, descendants};
use crate::workspace::symbols::Symbol;

use super::super::unpack_arity::{Element, elements, fields};
use super::super::{Context, callers, comparison};
use super::fix;
use super::places::{changes, function, tuple_fields};

/// The places of a result before and after one commit.
struct Moved {
    was: Vec<Element>,
    is: Vec<Element>,
    fact: Evidence,
}

/// `bill()[1]` becomes `bill()[2]` where git shows that what stood there does so now, everywhere in the test.
pub(super) fn places(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (read, moved) = moved_read(ctx)?;
    let value = read.child_by_field_name("value")?;
    let text = ctx.source.slice(value);
    let mut edits = Vec::new();
    for node in descendants(ctx.scope()).filter(|node| node.kind() == "subscript") {
        let (other, index) = (node.child_by_field_name("value")?, node.child_by_field_name("subscript")?);
        let Some(place) = number(ctx, node).filter(|_| ctx.source.slice(other) == text) else { continue };
        if moved.is_moved(place) {
            edits.push(ctx.replace(index.byte_range(), moved.follow(place)?.to_string()));
        }
    }
    let call = comparison::assigned(ctx, value).unwrap_or(value);
    let is_half = function(ctx, Some(call).filter(|call| call.kind() == "call")?).is_none_or(|function| {
        callers::reads_places(ctx, &function) || callers::unpacks(ctx, &function, moved.was.len())
    });
    let tier = if is_half || !moved.keeps_order() { Tier::Review } else { Tier::Safe };
    let found = fix(format!("Read the places of `{text}` where they are now"), edits, vec![moved.fact]);
    fixes.push(Fix { tier, ..found });
    Some(())
}

/// Whether the failing statement reads a place that holds something else since a commit.
pub(in crate::strategies) fn is_read(ctx: &Context<'_>) -> bool {
    moved_read(ctx).is_some()
}

/// The first such read, of the statement or of what gave its names their values.
fn moved_read<'c>(ctx: &'c Context<'_>) -> Option<(Node<'c>, Moved)> {
    let statement = ctx.statement()?;
    let given = descendants(statement).filter_map(|node| comparison::assigned(ctx, node)).flat_map(descendants);
    let mut reads = descendants(statement).chain(given).filter(|node| node.kind() == "subscript");
    reads.find_map(|read| {
        let place = number(ctx, read)?;
        let moved = moved(ctx, read.child_by_field_name("value")?)?;
        moved.is_moved(place).then_some((read, moved))
    })
}

/// The number in `[1]` or `[-1]`.
fn number(ctx: &Context<'_>, read: Node<'_>) -> Option<isize> {
    ctx.source.slice(read.child_by_field_name("subscript")?).parse().ok()
}

/// How the places of what an expression gives changed.
fn moved(ctx: &Context<'_>, value: Node<'_>) -> Option<Moved> {
    let call = comparison::assigned(ctx, value).unwrap_or(value);
    let of_class = || changed(ctx, &ctx.snapshot.type_of(&ctx.site.path, value.byte_range())?, named);
    let of_function = || changed(ctx, &function(ctx, Some(call).filter(|call| call.kind() == "call")?)?, returned);
    of_class().or_else(of_function)
}

fn changed(ctx: &Context<'_>, symbol: &Symbol, read: fn(&Source, &str) -> Option<Vec<Element>>) -> Option<Moved> {
    changes(ctx, symbol).find_map(|change| {
        let was = read(&Source::parse(change.before?), &symbol.name)?;
        let is = read(&Source::parse(change.after?), &symbol.name)?;
        let text = format!("the places of `{}` moved in {} ({})", symbol.name, change.path, change.subject);
        let moved = Moved { was, is, fact: Evidence::commit(&change.commit, text) };
        (0..moved.was.len()).any(|place| moved.is_moved(place as isize)).then_some(moved)
    })
}

/// The fields of a named tuple.
fn named(source: &Source, class: &str) -> Option<Vec<Element>> {
    Some(tuple_fields(source, class)?.into_iter().map(Element::named).collect())
}

/// What a function returns, place by place.
fn returned(source: &Source, function: &str) -> Option<Vec<Element>> {
    Some(fields(source, elements(source, function)?))
}

impl Moved {
    /// Whether what is read there now is another value: the old one went elsewhere, or the new one came from there.
    fn is_moved(&self, place: isize) -> bool {
        let was = at(&self.was, place).map(|at| &self.was[at]);
        let is = at(&self.is, place).map(|at| &self.is[at]);
        let stays = was.zip(is).is_some_and(|(was, is)| was.is(is));
        let holds =
            |all: &[Element], one: Option<&Element>| one.is_some_and(|one| all.iter().any(|other| other.is(one)));
        !stays && was.is_some() && (holds(&self.is, was) || holds(&self.was, is))
    }

    /// The index that gives now what stood at the place, counted from the same end.
    fn follow(&self, place: isize) -> Option<isize> {
        let was = &self.was[at(&self.was, place)?];
        let found = self.is.iter().position(|other| other.is(was))?.cast_signed();
        Some(if place < 0 { found - self.is.len().cast_signed() } else { found })
    }

    /// Whether everything that was there still is, in the same order. What changed places may be a mistake.
    fn keeps_order(&self) -> bool {
        let mut rest = self.is.iter();
        self.was.iter().all(|was| rest.any(|is| is.is(was)))
    }
}

/// Where an index of Python points to.
fn at(all: &[Element], place: isize) -> Option<usize> {
    let from_start = if place < 0 { all.len().checked_sub(place.unsigned_abs())? } else { place.unsigned_abs() };
    (from_start < all.len()).then_some(from_start)
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    fn scene(fields: [&str; 2], more: &str, lines: &[&str], error: &str, healed: &str) -> String {
        let shop = |fields: &str, more: &str| {
            let declared: String = fields.split(' ').map(|field| format!("    {field}: int\n")).collect();
            let given = fields.replace(' ', ", ");
            format!(
                "from typing import NamedTuple\n\nclass Bill(NamedTuple):\n{declared}\ndef bill(net):\n    gross = net + 1\n    \
                 tax = gross - net\n    total = gross\n    return Bill({given})\n{more}"
            )
        };
        let test = lines.iter().map(|line| format!("    {line}\n")).collect::<String>();
        let last = lines.last().expect("a line");
        let line = lines.len() + 3;
        let kind = error.split(": ").next().filter(|kind| kind.ends_with("Error")).unwrap_or("AssertionError");
        format!(
            "#- before: shop.py\n{}#- shop.py\n{}#- tests/test_shop.py\nfrom shop import bill\n\ndef test_bill():\n{test}\
             #- test_run.log\n=================================== FAILURES ===================================\n\
             __________________________________ test_bill ___________________________________\n\n    def test_bill():\n\
             >       {last}\nE       {error}\n\ntests/test_shop.py:{line}: {kind}\n#- healed\n{healed}\n",
            shop(fields[0], more),
            shop(fields[1], more)
        )
    }

    const CAME: [&str; 2] = ["net gross", "net tax gross"];

    #[test]
    fn an_index_follows_the_field() {
        let line = "assert bill(1)[1] == 2";
        let healed = format!("-    {line}\n+    assert bill(1)[2] == 2");
        check(&scene(CAME, "", &[line], "assert 1 == 2", &healed));
        let lines = ["found = bill(1)", "assert found[0] == 1", "gross = found[1]", "assert gross == 2"];
        let healed = "-    gross = found[1]\n+    gross = found[2]";
        check(&scene(CAME, "", &lines, "assert 1 == 2", healed));
        let line = "assert bill(1)[-2] == 1";
        let healed = format!("-    {line}\n+    assert bill(1)[-3] == 1");
        check(&scene(["net gross", "net tax gross"], "", &[line], "assert 2 == 1", &healed));
    }

    #[test]
    fn what_stands_where_a_field_went_is_not_expected() {
        check(&scene(["net tax gross", "net gross"], "", &["assert bill(1)[1] == 1"], "assert 2 == 1", "no fix"));
        // A field that only got another name, or one behind all others, moved nothing.
        for fields in [["net gross", "net total"], ["net gross", "net gross tax"]] {
            let line = "assert bill(1)[1] == 3";
            let healed = format!("-    {line}\n+    assert bill(1)[1] == 2");
            check(&scene(fields, "", &[line], "assert 2 == 3", &healed));
        }
    }

    #[test]
    fn an_index_follows_what_a_field_that_went_left_behind() {
        let line = "assert bill(1)[2] == 2";
        let healed = format!("-    {line}\n+    assert bill(1)[1] == 2");
        check(&scene(["net tax gross", "net gross"], "", &[line], "IndexError: tuple index out of range", &healed));
        // What stood there is gone.
        check(&scene(
            ["net tax", "net"],
            "",
            &["assert bill(1)[1] == 2"],
            "IndexError: tuple index out of range",
            "no fix",
        ));
        let lines = ["found = bill(1)", "assert found[1] == 1 and found[2] == 2"];
        check(&scene(["net tax gross", "net gross"], "", &lines, "IndexError: tuple index out of range", "no fix"));
    }

    #[test]
    fn what_changed_places_and_what_the_product_reads_by_place_are_a_persons_to_accept() {
        let tier = |fields, more| {
            let scene = scene(fields, more, &["assert bill(1)[1] == 2"], "assert 1 == 2", "");
            Scene::parse(&scene).heal().fixes.first().map(|fix| (fix.fix().title.clone(), fix.fix().tier))
        };
        let title = "Read the places of `bill(1)` where they are now".to_string();
        assert_eq!(tier(CAME, ""), Some((title.clone(), Tier::Safe)));
        assert_eq!(tier(["net gross", "gross net"], ""), Some((title.clone(), Tier::Review)));
        let reads = "\ndef pay(net):\n    found = bill(net)\n    return found[1]\n";
        assert_eq!(tier(CAME, reads), Some((title, Tier::Review)));
    }
}
