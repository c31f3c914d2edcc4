//! `import shop.tools as t` of a module that was split: every `t.f` is read from the module that has `f` now.

use std::ops::Range;

use crate::fix::{Evidence, Fix, Tier};
use crate::strategies::confidence::Odds;
use crate::strategies::imports::{self, Imported};
use crate::strategies::{Context, callers, names};
use crate::syntax::ancestors;
use crate::text::Edit;

use super::places::{Place, place_of};

/// The whole repair, where the names that the test reads of the only imported module are in several modules now.
pub(super) fn split(ctx: &Context<'_>, imported: &[Imported], fixes: &mut Vec<Fix>) -> Option<()> {
    let [item] = imported else { return None };
    let has_alias = item.range != item.name_range;
    let uses = match (&item.name, has_alias) {
        (Some(_), _) => return None,
        (None, true) => names::uses(ctx.source, &item.local),
        (None, false) => super::dotted_uses(ctx, &item.module),
    };
    let moved = super::moved(ctx, &item.module, &item.module);
    let mut places: Vec<(Range<usize>, Place)> = Vec::new();
    for range in uses {
        let name = read_of(ctx, &range)?;
        let of_name = Imported { name: Some(name.to_string()), ..item.clone() };
        places.push((range, place_of(ctx, &of_name, &moved).filter(|place| place.name == name)?));
    }
    let mut homes: Vec<&str> = places.iter().map(|(_, place)| place.module.as_str()).collect();
    homes.sort_unstable();
    homes.dedup();
    if homes.len() < 2 {
        return None;
    }
    let mut evidence: Vec<Evidence> = Vec::new();
    for fact in places.iter().flat_map(|(_, place)| &place.evidence) {
        if !evidence.contains(fact) {
            evidence.push(fact.clone());
        }
    }
    let local = |home: &str| if has_alias { local_of(ctx, home) } else { home.to_string() };
    let statement = ctx.replace(item.statement.clone(), lines(ctx, item, &homes, &local));
    let edits: Vec<Edit> =
        places.iter().map(|(range, place)| ctx.replace(range.clone(), local(&place.module))).collect();
    let is_told =
        places.iter().all(|(_, place)| place.is_told(ctx, &item.module)) && !callers::loads_still(ctx, &item.module);
    fixes.push(Fix {
        title: format!("Import `{}` instead of `{}`", homes.join("` and `"), item.module),
        strategy: super::STRATEGY.id,
        edits: std::iter::once(statement).chain(edits).collect(),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_told { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// `f` of the `t.f` that the use of the module at `range` is part of.
fn read_of<'c>(ctx: &'c Context<'_>, range: &Range<usize>) -> Option<&'c str> {
    let object = ctx.source.node_at(range.clone())?;
    let attribute = ancestors(object).find(|node| node.byte_range() != *range)?;
    let is_read = attribute.kind() == "attribute" && attribute.start_byte() == range.start;
    Some(ctx.source.slice(attribute.child_by_field_name("attribute").filter(|_| is_read)?))
}

/// The last part of a module's name, where the file calls nothing else so; else the whole name.
fn local_of(ctx: &Context<'_>, home: &str) -> String {
    let last = home.rsplit('.').next().unwrap_or(home);
    let is_free = names::uses(ctx.source, last).is_empty()
        && !names::is_made_by_a_function(ctx.source, last)
        && imports::imports(ctx.source).iter().all(|item| item.local != last);
    if is_free { last.to_string() } else { home.to_string() }
}

/// The import statements of the modules, one for each package.
fn lines(ctx: &Context<'_>, item: &Imported, homes: &[&str], local: &dyn Fn(&str) -> String) -> String {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for home in homes {
        let head = match home.rsplit_once('.').filter(|(_, last)| local(home) == *last) {
            Some((package, _)) => format!("from {package} import "),
            None => "import ".to_string(),
        };
        let taken = if head == "import " { home } else { home.rsplit('.').next().unwrap_or(home) };
        match lines.iter_mut().find(|(other, _)| *other == head && head != "import ") {
            Some((_, all)) => all.push(taken),
            None => lines.push((head, vec![taken])),
        }
    }
    let text = ctx.source.text();
    let line = text[..item.statement.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..item.statement.start];
    let written: Vec<String> = lines.into_iter().map(|(head, all)| head + &all.join(", ")).collect();
    written.join(&format!("{}{indent}", imports::line_end(text)))
}
