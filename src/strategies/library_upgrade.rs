//! Old code that a library refuses since a release, in the form that its migration guide gives: `select([a])` became
//! `select(a)`. What only got another name is in `removed_name`.

use std::sync::{LazyLock, OnceLock};

use regex::Regex;

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::rules::{Rule, RuleSet};
use crate::text::Edit;

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
    /// The module of the library; none where Python itself changed.
    module: Option<&'static str>,
    /// What the release says of the old code.
    says: Regex,
    /// The line of the new code that is new.
    form: &'static str,
    /// A module that the new code needs.
    needs: Option<&'static str>,
    tier: Tier,
    old: &'static str,
    new: &'static str,
    learned: OnceLock<RuleSet>,
}

impl Upgrade {
    /// The rules that lead from the old code to the new, learned where a message first asks for them.
    fn rules(&self) -> &RuleSet {
        self.learned.get_or_init(|| RuleSet::new(Rule::learn(self.old, self.new, "")))
    }
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
        old,
        new,
        learned: OnceLock::new(),
    })
}

fn library_upgrade(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let imported = imports::imports(ctx.source);
    let is_imported = |module: &str| imported.iter().any(|item| item.module.split('.').next() == Some(module));
    // A session or a client may come from a fixture, without an import here. The project is no library to itself.
    let uses = |module: &str| match ctx.snapshot.module(module) {
        Some(path) => !path.is_inside(),
        None => is_imported(module),
    };
    let is_about = |upgrade: &&Upgrade| upgrade.says.is_match(ctx.message()) && upgrade.module.is_none_or(uses);
    let has = |upgrade: &&Upgrade| upgrade.needs.is_none_or(|module| ctx.snapshot.module(module).is_some());
    let mut found: Vec<(&Upgrade, Fix)> = Vec::new();
    for upgrade in PACK.iter().filter(is_about).filter(has) {
        let Some(fix) = rewritten(ctx, upgrade) else { continue };
        match found.iter_mut().find(|(first, other)| first.release == upgrade.release && are_apart(other, &fix)) {
            Some((first, other)) => {
                let also = format!("` and `{}` as {} asks", shown(upgrade.form), upgrade.release);
                other.title = other.title.replace(&format!("` as {} asks", first.release), &also);
                other.edits.extend(fix.edits);
                other.tier = other.tier.max(fix.tier);
            }
            None => found.push((upgrade, fix)),
        }
    }
    fixes.extend(found.into_iter().map(|(_, fix)| fix));
    Some(())
}

/// Whether two fixes of one statement are made at different places, so that they are one.
fn are_apart(one: &Fix, other: &Fix) -> bool {
    let meets = |a: &Edit, b: &Edit| a.path == b.path && a.range.start <= b.range.end && b.range.start <= a.range.end;
    one.edits.iter().all(|edit| !other.edits.iter().any(|second| meets(edit, second)))
}

/// The failing statement in its new form.
fn rewritten(ctx: &Context<'_>, upgrade: &Upgrade) -> Option<Fix> {
    let statement = &ctx.site.statement;
    let found = upgrade.rules().find(ctx.source);
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
        title: format!("Write `{}` as {} asks", shown(upgrade.form), upgrade.release),
        strategy: STRATEGY.id,
        edits: imports::placed(ctx, edits),
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: upgrade.tier,
    })
}

/// What a title shows of the new code: the call and not what gets its result.
fn shown(form: &'static str) -> &'static str {
    let plain = form.split_once(" = ").filter(|(left, _)| left.bytes().all(|byte| byte.is_ascii_lowercase()));
    plain.map_or(form, |(_, right)| right).trim_end_matches(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Scene, check};
    use crate::syntax::Source;
    use crate::text::FilePath;

    #[test]
    fn each_entry_of_the_pack_leads_from_its_old_code_to_its_new() {
        let (mut wrong, path) = (Vec::new(), FilePath::new("tests/test_a.py"));
        for entry in include_str!("library_upgrade/pack.txt").split("\n=== ").skip(1) {
            let upgrade = upgrade(entry).unwrap_or_else(|| panic!("not read:\n{entry}"));
            let (old, new) = entry.split_once("\n#- old\n").unwrap().1.split_once("#- new\n").unwrap();
            let found = upgrade.rules().find(&Source::parse(old));
            if !found.iter().any(|found| found.rewrite(&path).is_some())
                || !upgrade.rules().find(&Source::parse(new)).is_empty()
            {
                wrong.push(entry);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
    }

    #[test]
    fn two_changes_of_one_statement_are_one_fix() {
        let scene = Scene::parse(
            r#"
#- tests/test_names.py
from marshmallow import Schema, fields

def test_names():
    assert Schema.from_dict({"a": fields.Str(missing="x"), "b": fields.Str(missing="y")})
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_names __________________________________

    def test_names():
>       assert Schema.from_dict({"a": fields.Str(missing="x"), "b": fields.Str(missing="y")})
E       TypeError: Field.__init__() got an unexpected keyword argument 'missing'

tests/test_names.py:4: TypeError
"#,
        );
        let fixes: Vec<_> = scene.heal().fixes.into_iter().map(|fix| fix.fix().title.clone()).collect();
        assert_eq!(fixes, ["Write `fields.Str(load_default=VALUE)` as marshmallow 4.0 asks"]);
    }

    #[test]
    fn the_same_method_of_another_object_is_left_alone() {
        let scene = |line: &str, error: &str, healed: &str| {
            check(&format!(
                "#- tests/test_a.py\nimport pandas\nimport sqlalchemy\n\ndef test_a(users, thing, one):\n\
                 \x20   {line}\n#- test_run.log\n\
                 =================================== FAILURES ===================================\n\
                 ____________________________________ test_a ____________________________________\n\n\
                 \x20   def test_a(users, thing, one):\n>       {line}\nE       {error}\n\n\
                 tests/test_a.py:5: {}\n#- healed\n{}\n",
                error.split(':').next().unwrap(),
                if healed == "no fix" { "no fix".to_string() } else { format!("-    {line}\n+    {healed}") },
            ));
        };
        let select = "assert users.select(one)";
        let refused = |class: &str| format!("TypeError: {class}.select() takes 1 positional argument but 2 were given");
        scene(select, &refused("FromClause"), "assert users.select().where(one)");
        scene(select, &refused("Repository"), "no fix");
        let value = "assert thing.get_value(0, one) == 1";
        let lost = |class: &str| format!("AttributeError: '{class}' object has no attribute 'get_value'");
        scene(value, &lost("DataFrame"), "assert thing.at[0, one] == 1");
        scene(value, &lost("Sheet"), "no fix");
    }

    #[test]
    fn the_project_is_no_library_to_itself() {
        let own = "#- sqlalchemy/__init__.py\ndef select(*columns): ...\n#- tests/test_users.py";
        let healed = STRATEGY.example.split_once("#- healed\n").unwrap().1;
        check(&STRATEGY.example.replace("#- tests/test_users.py", own).replace(healed, "no fix\n"));
    }

    #[test]
    fn another_message_is_no_reason() {
        check(&STRATEGY.example.replace("Column expression, FROM clause", "Some other").replace(
            "-    assert session.execute(select([users.c.id])).all() == []\n+    assert session.execute(select(users.c.id)).all() == []",
            "no fix",
        ));
    }
}
