//! Times that became aware of their zone: the keyword comes, and the name that it is written with.

use crate::diagnosis::product::{self, Hunk};
use crate::fix::Evidence;
use crate::syntax::dataflow::{is_checked, is_target};
use crate::syntax::{Node, Source, ancestors, descendants};
use crate::text::Edit;
use crate::workspace::words::occurrences;

use super::super::{Context, imports, names, told};
use super::Written;
use super::comparison::Side;
use super::literals::{self, Change};
use super::naive;

/// What makes a time aware.
const MARKS: [&str; 7] = ["UTC", "ZoneInfo(", "timezone.utc", "tzinfo=", "tz=", "%z", "astimezone("];
/// What makes a naive one, in a product that does the other thing elsewhere: both cannot be compared.
const NAIVE: [&str; 5] = ["utcnow()", ".now()", "utcfromtimestamp(", "tzinfo=None", "tz=None"];
/// What writes a naive time as one of UTC: an aware one says its zone twice.
const ZONE_ADDED: [&str; 4] = ["isoformat() + \"Z\"", "isoformat() + 'Z'", "isoformat()}Z\"", "isoformat()}Z'"];
/// Statements that name what became aware and are looked at.
const MOST_MENTIONS: usize = 40;
/// Words of who wants a time without a zone, or in that of the place, which `mktime` takes a time for.
const OTHERWISE: [&str; 5] = ["naive", "local", "without", "unaware", "mktime"];

/// Whether a zone came or went.
pub(super) fn is_of_zone(written: &Written<'_>, changes: &[Change]) -> bool {
    changes.iter().any(|(range, new)| holds_zone(new) || holds_zone(written.old(range)))
}

/// Whether one of the arguments is a zone.
fn holds_zone(text: &str) -> bool {
    text.split(',').any(|part| ["tzinfo=", "tz="].iter().any(|keyword| part.trim_start().starts_with(keyword)))
}

/// The import of the names of `datetime` that the changes bring.
pub(super) fn import(ctx: &Context<'_>, written: &Written<'_>, changes: &[Change]) -> Option<Edit> {
    let of_zone = changes.iter().filter(|(_, new)| holds_zone(new));
    let mut names: Vec<&str> = of_zone.flat_map(|(_, new)| literals::names_to_import(written.source, new)).collect();
    names.sort_unstable();
    names.dedup();
    let names = Some(names.join(", ")).filter(|names| !names.is_empty())?;
    imports::add_to(ctx.snapshot, written.path, written.source, ("datetime", Some(&names)))
}

/// The change of code that the test uses, which makes times aware where it made naive ones; nothing but that they are
/// of UTC is new. `None` where the test or the code speaks of another zone, or makes naive times still.
pub(super) fn became_aware(
    ctx: &Context<'_>,
    written: &Written<'_>,
    side: &Side<'_>,
    changes: &[Change],
) -> Option<Evidence> {
    let is_utc = |text: &str| text.ends_with(".utc") || text.ends_with("UTC") || text.ends_with("(\"UTC\")");
    let comes = |(range, new): &Change| range.is_empty() && holds_zone(new) && is_utc(&new.replace('\'', "\""));
    if !changes.iter().all(comes) || speaks_otherwise(ctx, written) || !is_only_compared(ctx, written, side, changes) {
        return None;
    }
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let hunk = hunks.iter().find(|hunk| makes_aware(hunk) && told::uses(ctx, hunk) && is_whole(ctx, hunk))?;
    let Hunk { path, line, subject, commit, .. } = hunk;
    Some(Evidence::commit(commit, format!("times are aware of their zone since {path}:{line} ({subject})")))
}

/// Whether the names that stand for the value go into checks alone: what the product is given too is an input, and a
/// naive one is what the test is about.
fn is_only_compared(ctx: &Context<'_>, written: &Written<'_>, side: &Side<'_>, changes: &[Change]) -> bool {
    let named = literals::inner(side.node);
    let test = ctx.scope();
    let of_test = named.kind() != "identifier"
        || test.child_by_field_name("body").is_some_and(|body| goes_into_checks(ctx.source, body, named));
    of_test
        && is_given_no_naive(ctx.source, test)
        && changes.iter().all(|(range, _)| {
            let source = written.source;
            let given = source.statement_at(range.start).and_then(|statement| statement.named_child(0));
            let name = given.and_then(|given| given.child_by_field_name("left"));
            let scope = source.function_at(range.start).unwrap_or_else(|| source.root());
            name.is_none_or(|name| goes_into_checks(source, scope, name))
        })
}

/// Whether each naive time that the test writes goes into checks: the product may be given no such time.
fn is_given_no_naive(source: &Source, test: Node<'_>) -> bool {
    let is_naive = |call: &Node<'_>| {
        let function = call.child_by_field_name("function").map_or("", |function| source.slice(function));
        call.kind() == "call" && function.rsplit('.').next() == Some("datetime") && !holds_zone(source.slice(*call))
    };
    descendants(test).filter(is_naive).all(|call| is_checked(source, call))
}

/// Whether all that has the name in `scope`, a variable or an attribute, is compared and no more.
fn goes_into_checks(source: &Source, scope: Node<'_>, name: Node<'_>) -> bool {
    let text = source.slice(name);
    let uses = descendants(scope).filter(|node| node.kind() == "identifier" && source.slice(*node) == text);
    uses.map(|node| node.parent().filter(|_| names::is_label(node)).unwrap_or(node))
        .all(|used| is_target(used) || is_checked(source, used))
}

/// Whether lines of code have a zone where none was.
fn makes_aware(hunk: &Hunk) -> bool {
    let is_code = |line: &&String| {
        let line = line.trim_start();
        !["#", "from ", "import "].iter().any(|start| line.starts_with(start))
    };
    let has = |lines: &[String], marks: &[&str]| {
        let mut code = lines.iter().filter(is_code);
        code.any(|line| marks.iter().any(|mark| occurrences(line, mark).next().is_some()))
    };
    hunk.is_python() && has(&hunk.added, &MARKS) && !has(&hunk.removed, &MARKS) && !has(&hunk.added, &NAIVE)
}

/// Whether nothing in the file of the change makes naive times still, and the function does not promise them.
fn is_whole(ctx: &Context<'_>, hunk: &Hunk) -> bool {
    let Some(source) = ctx.snapshot.source(&hunk.path) else { return false };
    let code = source.code_on_line(hunk.line);
    let function = code.and_then(|code| source.function_at(code.start));
    // `localtime(…)` is of the place as well.
    let said = function.map_or("", |function| source.slice(function)).to_lowercase();
    let is_naive = |text: &str| NAIVE.iter().chain(&ZONE_ADDED).any(|mark| text.contains(mark));
    !is_naive(source.text())
        && naive::makes_aware_alone(&source, source.root())
        && !OTHERWISE.iter().any(|word| said.contains(word))
        && names_around(&source, function).iter().all(|name| {
            // Who uses what became aware beside naive times cannot compare them any more.
            let mentions =
                ctx.snapshot.mentions(name, MOST_MENTIONS, |path| !path.is_test_code() && *path != hunk.path);
            mentions.iter().all(|mention| {
                let Some(source) = ctx.snapshot.source(&mention.path) else { return true };
                let Some(user) = source.function_at(mention.statement.range.start) else { return true };
                !is_naive(source.slice(user)) && naive::makes_aware_alone(&source, user)
            })
        })
}

/// The names of a function and of the class around it.
fn names_around<'s>(source: &'s Source, function: Option<Node<'s>>) -> Vec<&'s str> {
    let within = function.into_iter().flat_map(ancestors);
    let names = within.filter_map(|node| node.child_by_field_name("name")).map(|name| source.slice(name));
    names.filter(|name| !name.starts_with("__")).collect()
}

/// Whether the test is one of times without a zone, or in another one: by its name, or by an offset in a text.
fn speaks_otherwise(ctx: &Context<'_>, written: &Written<'_>) -> bool {
    let name = ctx.test_name().to_lowercase();
    let mut texts = descendants(written.source.root()).filter(|node| node.kind() == "string");
    let test = ctx.site.test.clone().unwrap_or_else(|| ctx.scope().byte_range());
    OTHERWISE.iter().any(|word| name.split(['_', '[', ' ']).any(|part| part == *word))
        || texts.any(|text| test.contains(&text.start_byte()) && has_offset(written.source.slice(text)))
}

/// `+02:00`, `-0500` at the end of a time: not that of UTC.
fn has_offset(text: &str) -> bool {
    let signs = text.match_indices(['+', '-']).filter(|(at, _)| text[..*at].ends_with(|c: char| c.is_ascii_digit()));
    signs.map(|(at, _)| &text[at + 1..]).any(|rest| {
        let digits: String = rest.chars().filter(|c| *c != ':').take_while(char::is_ascii_digit).collect();
        let is_end = !rest.trim_end_matches(['"', '\'']).contains(|c: char| !c.is_ascii_digit() && c != ':');
        is_end && digits.len() == 4 && digits != "0000" && text.contains([':', 'T'])
    })
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    /// A test of `moment`, which became aware: what it says between the import and the check, and how it fails.
    #[track_caller]
    fn scene(after: &str, test: &str, [actual, printed]: [&str; 2], healed: &str) {
        let line = test.lines().position(|line| line.contains("assert")).expect("a test checks") + 1;
        let failing = test.lines().nth(line - 1).unwrap_or_default().trim();
        check(&format!(
            r#"
#- before: shop.py
import datetime

def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d")
#- shop.py
import datetime

def moment(text):
{after}
#- tests/test_shop.py
{test}
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_moment __________________________________

    def test_moment():
>       {failing}
E       AssertionError: assert {actual} == {printed}

tests/test_shop.py:{line}: AssertionError
#- healed
{healed}
"#
        ));
    }

    const AWARE: &str =
        "    return datetime.datetime.strptime(text, \"%Y-%m-%d\").replace(tzinfo=datetime.timezone.utc)";
    const UTC: [&str; 2] =
        ["datetime.datetime(2017, 7, 3, 0, 0, tzinfo=datetime.timezone.utc)", "datetime.datetime(2017, 7, 3, 0, 0)"];
    const TEST: &str = "from datetime import datetime\n\nfrom shop import moment\n\ndef test_moment():\n    \
                        assert moment(\"2017-07-03\") == datetime(2017, 7, 3)";

    #[test]
    fn what_became_aware_is_written_as_the_file_writes_zones() {
        let zone = |from: &str, to: &str, expected: &str, zone: &str| {
            let line = |zone: &str| format!("    assert moment(\"2017-07-03\") == {expected}{zone})");
            let test = format!("{from}\n\nfrom shop import moment\n\ndef test_moment():\n{}", line(""));
            let imports = if from == to { String::new() } else { format!("-{from}\n+{to}\n") };
            let healed = format!("{imports}-{}\n+{}", line(""), line(zone));
            scene(AWARE, &test, UTC, &healed);
        };
        let bare = "datetime(2017, 7, 3";
        let (from, to) = ("from datetime import datetime", "from datetime import datetime, timezone");
        zone(from, to, bare, ", tzinfo=timezone.utc");
        zone(to, to, bare, ", tzinfo=timezone.utc");
        let short = "from datetime import UTC, datetime";
        zone(short, short, bare, ", tzinfo=UTC");
        let (module, dotted) = ("import datetime", "datetime.datetime(2017, 7, 3, 0, 0");
        zone(module, module, dotted, ", tzinfo=datetime.timezone.utc");
        zone("import datetime as dt", "import datetime as dt", "dt.datetime(2017, 7, 3", ", tzinfo=dt.timezone.utc");
    }

    #[test]
    fn a_zone_that_the_file_has_no_name_for_is_not_written() {
        let zones = [
            UTC[0].replace("datetime.timezone.utc", "zoneinfo.ZoneInfo(key='UTC')"),
            UTC[0].replace("datetime.timezone.utc", "<UTC>"),
        ];
        for actual in &zones {
            scene(AWARE, TEST, [actual, UTC[1]], "no fix");
        }
        let known = TEST.replace("\n\nfrom shop", "\nfrom zoneinfo import ZoneInfo\n\nfrom shop");
        let healed = |zone: &str| {
            let line = "    assert moment(\"2017-07-03\") == datetime(2017, 7, 3";
            format!("-{line})\n+{line}, tzinfo={zone})")
        };
        scene(AWARE, &known, [&zones[0], UTC[1]], &healed("ZoneInfo(\"UTC\")"));
        let offset = UTC[0].replace("timezone.utc", "timezone(datetime.timedelta(days=-1, seconds=68400))");
        let import = "-from datetime import datetime\n+from datetime import datetime, timedelta, timezone\n";
        let healed = format!("{import}{}", healed("timezone(timedelta(hours=-5))"));
        scene(AWARE, TEST, [&offset, UTC[1]], &healed);
    }

    #[test]
    fn a_zone_that_was_said_to_be_none_is_said_now() {
        let line = |zone: &str| format!("    assert moment(\"2017-07-03\") == datetime(2017, 7, 3, tzinfo={zone})");
        let test = TEST.replace("7, 3)", "7, 3, tzinfo=None)");
        let import = "-from datetime import datetime\n+from datetime import datetime, timezone\n";
        scene(AWARE, &test, UTC, &format!("{import}-{}\n+{}", line("None"), line("timezone.utc")));
    }

    #[test]
    fn what_became_naive_loses_its_zone_for_a_person_to_accept() {
        let test = TEST.replace("7, 3)", "7, 3, tzinfo=timezone.utc)").replace("datetime\n", "datetime, timezone\n");
        let line = "    assert moment(\"2017-07-03\") == datetime(2017, 7, 3";
        let healed = format!("-{line}, tzinfo=timezone.utc)\n+{line})");
        scene("    return datetime.datetime.fromisoformat(text)", &test, [UTC[1], UTC[0]], &healed);
    }

    #[test]
    fn what_the_product_is_given_too_is_not_made_aware_unasked() {
        let tier = |body: &str| {
            let text = format!(
                "#- before: shop.py\nfrom datetime import datetime\n\ndef stamp(at):\n    return at\n\
                 #- shop.py\nfrom datetime import datetime, timezone\n\ndef stamp(at):\n    \
                 return at.replace(tzinfo=timezone.utc)\n#- tests/test_shop.py\nfrom datetime import datetime\n\
                 from shop import stamp\n\ndef test_stamp():\n    day = datetime(2017, 7, 3)\n    {body}\n\
                 #- test_run.log\n\
                 =================================== FAILURES ===================================\n\
                 __________________________________ test_stamp __________________________________\n\n\
                 >       {body}\nE       AssertionError: assert {} == {}\n\n\
                 tests/test_shop.py:6: AssertionError\n#- healed\nno fix\n",
                UTC[0], UTC[1]
            );
            Scene::parse(&text).heal().fixes.first().map(|fix| fix.fix().tier)
        };
        assert_eq!(tier("assert stamp(read()) == day"), Some(Tier::Safe));
        assert_ne!(tier("assert stamp(day) == day"), Some(Tier::Safe));
    }

    #[test]
    fn an_offset_is_one_of_a_time() {
        use super::has_offset;
        for text in ["'2017-07-03T14:30:01+02:00'", "\"14:30-0500\""] {
            assert!(has_offset(text), "{text}");
        }
        for text in ["'2017-07-03'", "'2017-07-03T14:30:01Z'", "'2017-07-03T14:30+00:00'", "'1-2'", "'555-1234'"] {
            assert!(!has_offset(text), "{text}");
        }
    }
}
