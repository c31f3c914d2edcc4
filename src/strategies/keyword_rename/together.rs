//! One commit renames keywords of several siblings, and one statement of the test passes them to each: Python names the
//! first that it refuses, git knows the others.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::fix::{Evidence, Fix, Place};
use crate::syntax::{Node, descendants};
use crate::text::Edit;
use crate::workspace::symbols::{ParameterKind, SymbolKind};

use super::super::renames::Answer;
use super::super::{Context, calls};
use super::{conversion, fits_no_more, keyword_argument, names_now};

/// A keyword that the commit renamed for another call of the statement, or for the same one.
struct Renamed<'c> {
    call: Node<'c>,
    keyword: String,
    answer: Answer,
}

/// The fix with the renames of all other keywords of the statement that its commit shows as well as its own. Each callee
/// is asked for itself: who still takes a keyword keeps it.
pub(super) fn with_siblings(ctx: &Context<'_>, keyword: &str, mut fix: Fix) -> Fix {
    let Some(commit) = commit_of(&fix.evidence).map(str::to_string) else { return fix };
    let mut edits: BTreeMap<usize, Edit> = fix.edits.iter().map(|edit| (edit.range.start, edit.clone())).collect();
    for renamed in siblings(ctx) {
        let answer = &renamed.answer;
        if commit_of(&answer.evidence) != Some(commit.as_str()) || answer.tier > fix.tier {
            continue;
        }
        let same = calls::same_calls(ctx, renamed.call).into_iter();
        let names: Vec<Range<usize>> = same
            .filter_map(|call| keyword_argument(ctx.source, call, &renamed.keyword))
            .map(|(name, _)| name)
            .collect();
        if names.iter().all(|name| edits.contains_key(&name.start)) {
            continue;
        }
        let added = names.into_iter().map(|name| (name.start, ctx.replace(name, &answer.name)));
        edits = added.chain(edits).collect();
        let told = format!("`{}` instead of `{}`", answer.name, renamed.keyword);
        if renamed.keyword != keyword && !fix.title.contains(&told) {
            fix.title = format!("{}, {told}", fix.title);
        }
        fix.evidence
            .extend(answer.evidence.iter().filter(|fact| !fix.evidence.contains(fact)).cloned().collect::<Vec<_>>());
        fix.confidence = if answer.confidence < fix.confidence { answer.confidence } else { fix.confidence };
    }
    fix.edits = edits.into_values().collect();
    fix
}

/// The commit that shows the rename itself.
fn commit_of(evidence: &[Evidence]) -> Option<&str> {
    evidence.iter().find_map(|fact| match &fact.place {
        Place::Commit { commit } => Some(commit.as_str()),
        _ => None,
    })
}

/// The keywords of the statement that their callees take under another name now.
fn siblings<'c>(ctx: &'c Context<'_>) -> Vec<Renamed<'c>> {
    let Some(statement) = ctx.statement() else { return Vec::new() };
    descendants(statement).filter(|node| node.kind() == "call").flat_map(|call| renamed(ctx, call)).collect()
}

fn renamed<'c>(ctx: &'c Context<'_>, call: Node<'c>) -> Vec<Renamed<'c>> {
    let Some(callee) = calls::callee(ctx, call, "") else { return Vec::new() };
    if callee.takes_any(ParameterKind::VarKeyword) {
        return Vec::new();
    }
    let name = &callee.symbol.name;
    let function = if callee.symbol.kind == SymbolKind::Class { format!("{name}.__init__") } else { name.clone() };
    let passed = calls::arguments(ctx.source, call);
    let is_taken = |keyword: &str| callee.keywords().any(|parameter| parameter.name == keyword);
    let refused = passed.iter().filter_map(|argument| argument.keyword.clone()).filter(|keyword| !is_taken(keyword));
    let mut found: Vec<Renamed<'c>> = Vec::new();
    for keyword in refused {
        let Some(answer) = names_now(ctx, call, &function, &keyword, &passed).into_iter().next() else { continue };
        let is_same = as_it_is(ctx, call, &function, &keyword, &answer.name);
        if is_same && found.iter().all(|other| other.answer.name != answer.name) {
            found.push(Renamed { call, keyword, answer });
        }
    }
    found
}

/// Whether the value is passed under the new name as it was under the old one.
fn as_it_is(ctx: &Context<'_>, call: Node<'_>, function: &str, keyword: &str, new: &str) -> bool {
    let value = keyword_argument(ctx.source, call, keyword).and_then(|(_, value)| ctx.source.node_at(value)?.parent());
    value.is_some_and(|argument| {
        conversion(ctx, call, function, keyword, new, argument).is_none()
            && !fits_no_more(ctx, call, function, keyword, new, argument)
    })
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    /// Two classes whose `id` got another name, and one that stays as it is; `extra` is another line of a step.
    fn scene(extra: [&str; 2], test: &str, healed: &str) -> String {
        let shop = |id: &str, extra: &str| {
            format!(
                "from dataclasses import dataclass\n\n@dataclass\nclass Step:\n    {id}: str\n    {extra}\n\n\
                 @dataclass\nclass Tag:\n    id: str\n\n@dataclass\nclass Feature:\n    {id}: str\n    steps: list\n\n\
                 def describe(feature):\n    return [feature.{id}] + [step.{id} for step in feature.steps]\n"
            )
        };
        let (at, line) = test.lines().enumerate().find(|(_, line)| line.contains("Step(id")).expect("a step");
        format!(
            "#- before: shop.py\n{}#- shop.py\n{}#- tests/test_shop.py\n{test}\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             _________________________________ test_feature _________________________________\n\
             tests/test_shop.py:{}: in test_feature\n{line}\n\
             E   TypeError: Step.__init__() got an unexpected keyword argument 'id'\n#- healed\n{healed}\n",
            shop("id", extra[0]),
            shop("_id", extra[1]),
            at + 1
        )
    }

    const NESTED: &str = "from shop import Feature, Step, Tag\n\ndef test_feature():\n    found = Feature(\n        \
        id=Tag(id=\"1\"),\n        steps=[Step(id=\"0\", line=1), Step(id=\"2\", line=2)],\n    )\n    assert found";

    const OF_ID: &str = "-        id=Tag(id=\"1\"),\n-        steps=[Step(id=\"0\", line=1), Step(id=\"2\", line=2)],\n\
        +        _id=Tag(id=\"1\"),\n+        steps=[Step(_id=\"0\", line=1), Step(_id=\"2\", line=2)],";

    #[test]
    fn all_keywords_that_one_commit_renamed_follow_at_once() {
        check(&scene(["line: int", "line: int"], NESTED, OF_ID));
        let both = OF_ID.replace("_id=\"0\", line", "_id=\"0\", line_number");
        let both = both.replace("_id=\"2\", line", "_id=\"2\", line_number");
        check(&scene(["line: int", "line_number: int"], NESTED, &both));
    }

    #[test]
    fn a_keyword_that_went_for_good_is_left_as_it_is() {
        check(&scene(["line: int", "pass"], NESTED, OF_ID));
    }
}
