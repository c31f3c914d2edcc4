//! What one pair teaches: code that repeats the mistake, what becomes of it, and code that does not.

use super::{Rule, RuleSet};
use crate::syntax::Source;
use crate::text::{FilePath, apply};

/// Plays a scene: `wrong`, `correct`, optionally `prose`, then any number of `match`, each followed by its
/// `becomes` where there is a rewrite (else there must be none), and `silent`.
#[track_caller]
fn check(scene: &str) {
    let scene = format!("\n{}", scene.trim_start());
    let mut sections = Vec::new();
    for section in scene.split("\n#- ").skip(1) {
        let (name, body) = section.split_once('\n').unwrap_or((section, ""));
        sections.push((name.trim(), format!("{}\n", body.trim_end())));
    }
    let text = |name: &str| sections.iter().find(|(own, _)| *own == name).map_or("", |(_, body)| body.as_str());
    let rules = RuleSet::new(Rule::learn(text("wrong"), text("correct"), text("prose")));
    for (index, (name, body)) in sections.iter().enumerate() {
        let source = Source::parse(body.as_str());
        let found = rules.find(&source);
        match *name {
            "match" => {
                assert_eq!(found.len(), 1, "one match expected in:\n{body}{rules:#?}");
                let edits = found[0].rewrite(&FilePath::new("t.py"));
                let healed = edits.map(|edits| apply(body, &edits).expect("edits of a rewrite fit"));
                let wanted =
                    sections.get(index + 1).filter(|(name, _)| *name == "becomes").map(|(_, body)| body.clone());
                assert_eq!(healed.map(|text| format!("{}\n", text.trim_end())), wanted, "in:\n{body}{rules:#?}");
            }
            "silent" => assert!(found.is_empty(), "a match in:\n{body}{found:#?}\n{rules:#?}"),
            _ => {}
        }
    }
}

#[test]
fn an_added_keyword_is_missed_in_any_call_of_that_name() {
    check(
        r#"
#- wrong
session = open_shell(
    host=db,
    user="root",
)
#- correct
session = open_shell(
    host=db,
    user="root",
    encoding="utf-8",
)
#- match
con = open_shell(user=name, host=box)
#- becomes
con = open_shell(user=name, host=box, encoding="utf-8")
#- match
import tools
with tools.open_shell(
    # kept
    host=self.host,
    timeout=20  # kept, too
) as con:
    con.send("x")
#- becomes
import tools
with tools.open_shell(
    # kept
    host=self.host,
    timeout=20,  # kept, too
    encoding="utf-8",
) as con:
    con.send("x")
#- silent
open_shell(host=db, encoding="latin-1")
#- silent
open_shell(**options)
#- silent
def open_shell(host): ...
open_shell(db)
#- silent
open_serial_shell(host=db)
"#,
    );
}
