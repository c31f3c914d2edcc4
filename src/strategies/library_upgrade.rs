//! Old code that a library refuses since a release, in the form that its migration guide gives: `select([a])` became
//! `select(a)`. What only got another name is in `removed_name`.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::rules::{Rule, RuleSet};

use super::confidence::Odds;
use super::{Context, Strategy, imports};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "library-upgrade",
    categories: &[
        Category::AttributeError,
        Category::DependencyError,
        Category::ImportError,
        Category::LogicError,
        Category::TypeError,
        Category::Unknown,
    ],
    summary: "Writes what a library's migration guide gives for the old code that its new release refuses.",
    example: r#"
#- tests/test_users.py
from sqlalchemy import select

def test_ids(session, users):
    assert session.execute(select([users.c.id])).all() == []
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_ids ___________________________________

    def test_ids(session, users):
>       assert session.execute(select([users.c.id])).all() == []
E       sqlalchemy.exc.ArgumentError: Column expression, FROM clause, or other columns clause element expected, got [Column('id', Integer())].

tests/test_users.py:4: ArgumentError
#- healed
-    assert session.execute(select([users.c.id])).all() == []
+    assert session.execute(select(users.c.id)).all() == []
"#,
    propose: library_upgrade,
};

/// One change that a release asks for.
struct Upgrade {
    /// The release: `SQLAlchemy 2.0`.
    release: &'static str,
    /// The module that the test imports where it is about this library; none where Python itself changed.
    module: Option<&'static str>,
    /// What the release says of the old code.
    says: Regex,
    /// The line of the new code that is new.
    form: &'static str,
    /// A module that the new code needs.
    needs: Option<&'static str>,
    tier: Tier,
    rules: RuleSet,
}

static PACK: LazyLock<Vec<Upgrade>> =
    LazyLock::new(|| include_str!("library_upgrade/pack.txt").split("\n=== ").skip(1).filter_map(upgrade).collect());

/// One entry of the pack.
fn upgrade(entry: &'static str) -> Option<Upgrade> {
    let (head, code) = entry.split_once("\n#- old\n")?;
    let (old, new) = code.split_once("#- new\n")?;
    let (title, fields) = head.split_once('\n')?;
    let field = |name: &str| fields.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let form = new.lines().rfind(|line| !line.is_empty() && old.lines().all(|old| old != *line))?;
    let (release, module) = title.split_once(": ").map_or((title, None), |(release, module)| (release, Some(module)));
    Some(Upgrade {
        release,
        module,
        says: Regex::new(field("says")?).ok()?,
        form: form.trim(),
        needs: field("needs"),
        tier: if field("tier") == Some("safe") { Tier::Safe } else { Tier::Review },
        rules: RuleSet::new(Rule::learn(old, new, "")),
    })
}

fn library_upgrade(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let imported = imports::imports(ctx.source);
    let uses = |module: &str| {
        imported.iter().any(|item| item.module == module || item.module.split('.').next() == Some(module))
    };
    let is_about = |upgrade: &&Upgrade| upgrade.says.is_match(ctx.message()) && upgrade.module.is_none_or(uses);
    for upgrade in PACK.iter().filter(is_about) {
        if upgrade.needs.is_none_or(|module| ctx.snapshot.module(module).is_some()) {
            fixes.extend(rewritten(ctx, upgrade));
        }
    }
    Some(())
}

/// The failing statement in its new form.
fn rewritten(ctx: &Context<'_>, upgrade: &Upgrade) -> Option<Fix> {
    let statement = &ctx.site.statement;
    let found = upgrade.rules.find(ctx.source);
    let here = |place: &std::ops::Range<usize>| place.start < statement.end && statement.start < place.end;
    let mut edits = Vec::new();
    for found in found.iter().filter(|found| found.places.iter().any(here)) {
        for edit in found.rewrite(&ctx.site.path)? {
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    if edits.is_empty() {
        return None;
    }
    let text = ctx.message().lines().next().unwrap_or_default();
    let evidence = vec![
        Evidence {
            kind: EvidenceKind::Docs,
            ..Evidence::hint(format!("the release notes of {} lead to `{}`", upgrade.release, upgrade.form))
        },
        Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(format!("the run says: {text}")) },
    ];
    Some(Fix {
        title: format!("Write it as {} asks", upgrade.release),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: upgrade.tier,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;
    use crate::syntax::Source;
    use crate::text::FilePath;

    #[test]
    fn each_entry_of_the_pack_leads_from_its_old_code_to_its_new() {
        let (mut wrong, path) = (Vec::new(), FilePath::new("tests/test_a.py"));
        for entry in include_str!("library_upgrade/pack.txt").split("\n=== ").skip(1) {
            let upgrade = upgrade(entry).unwrap_or_else(|| panic!("not read:\n{entry}"));
            let (old, new) = entry.split_once("\n#- old\n").unwrap().1.split_once("#- new\n").unwrap();
            let found = upgrade.rules.find(&Source::parse(old));
            if !found.iter().any(|found| found.rewrite(&path).is_some())
                || !upgrade.rules.find(&Source::parse(new)).is_empty()
            {
                wrong.push(entry);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
    }

    #[test]
    fn another_message_is_no_reason() {
        check(&STRATEGY.example.replace("Column expression, FROM clause", "Some other").replace(
            "-    assert session.execute(select([users.c.id])).all() == []\n+    assert session.execute(select(users.c.id)).all() == []",
            "no fix",
        ));
    }
}
