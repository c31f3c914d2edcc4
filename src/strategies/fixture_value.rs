//! A fixture that gives what it gave before in a tuple, in a dictionary or by a call, or out of one: it is read so.

use crate::diagnosis::Category;
use crate::fix::{Evidence, Fix, Tier};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::fixtures::{Fixture, is_fixture};

use super::confidence::Odds;
use super::{Context, Strategy, imports, literals, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "fixture-value",
    categories: &[Category::AttributeError, Category::TypeError, Category::AssertionError, Category::KeyError],
    summary: "Reads `client[0]`, `client[\"api\"]` or `client()` where a fixture gives in such a way what it gave before.",
    example: r#"
#- before: tests/conftest.py
import pytest
from shop import Client

@pytest.fixture
def client():
    return Client()
#- tests/conftest.py
import pytest
from shop import Client

@pytest.fixture
def client():
    client = Client()
    return client, client.login("ann")
#- shop.py
class Client:
    def login(self, name):
        return name
    def get(self):
        return 1
#- tests/test_client.py
def test_get(client):
    assert client.get() == 1
    assert client.get() != 2
#- test_run.log
=================================== FAILURES ===================================
___________________________________ test_get ___________________________________

client = (<shop.Client object at 0x7f0000000000>, 'ann')

    def test_get(client):
>       assert client.get() == 1
E       AttributeError: 'tuple' object has no attribute 'get'

tests/test_client.py:2: AttributeError
#- healed
-    assert client.get() == 1
-    assert client.get() != 2
+    assert client[0].get() == 1
+    assert client[0].get() != 2
"#,
    propose: fixture_value,
};

/// How tests come to what a fixture gave before.
enum Turn {
    /// By this behind its name: `[0]`, `["api"]`, `()`.
    Within(String),
    /// By its name alone, where this stood behind it.
    Itself(String),
}

fn fixture_value(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !ctx.raised_here() {
        return None;
    }
    let own = ctx.source.function_at(ctx.site.statement.start)?;
    let asked = ctx.snapshot.fixture_requests(&ctx.site.path, ctx.site.statement.start);
    let known = ctx.snapshot.fixtures_at(&ctx.site.path, ctx.site.statement.start);
    let read = |fixture: &Fixture| {
        asked.iter().any(|request| request.name == fixture.name) && uses(ctx, own, &fixture.name).next().is_some()
    };
    let (fixture, turn, tier, fact) = known.into_iter().filter(read).find_map(|fixture| {
        let (turn, tier, fact) = turned(ctx, &fixture)?;
        Some((fixture, turn, tier, fact))
    })?;
    let failing = |function: &Node<'_>| *function == own || has_failed(ctx, *function);
    let asking = descendants(ctx.source.root()).filter(|node| node.kind() == "function_definition");
    let asking = asking.filter(failing).filter(|function| takes(ctx, *function, &fixture.name));
    let edits: Vec<Edit> =
        asking.filter_map(|function| followed(ctx, function, &fixture.name, &turn)).flatten().collect();
    // What the failing test does not read so is another failure.
    let body = own.byte_range();
    edits.iter().any(|edit| body.contains(&edit.range.start)).then_some(())?;
    let evidence = vec![fact];
    let title = match &turn {
        Turn::Within(access) => format!("Read `{}{access}`", fixture.name),
        Turn::Itself(access) => format!("Read `{}`, not `{0}{access}`", fixture.name),
    };
    fixes.push(Fix {
        title,
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
    Some(())
}

fn has_failed(ctx: &Context<'_>, function: Node<'_>) -> bool {
    let name = function.child_by_field_name("name").map_or("", |name| ctx.source.slice(name));
    let is_of_file = |nodeid: &str| nodeid.starts_with(ctx.site.path.as_str());
    let is_it = |nodeid: &str| nodeid.rsplit("::").next().is_some_and(|test| test.split('[').next() == Some(name));
    ctx.report.failures.iter().any(|failure| is_of_file(&failure.nodeid) && is_it(&failure.nodeid))
}

/// Whether a function gets the fixture by a parameter and leaves it what it is.
fn takes(ctx: &Context<'_>, function: Node<'_>, name: &str) -> bool {
    let parameters = function.child_by_field_name("parameters").into_iter().flat_map(children);
    let is_asked = parameters.into_iter().any(|it| names::parameter_name(ctx.source, it) == Some(name));
    let is_it = |node: Node<'_>| node.kind() == "identifier" && ctx.source.slice(node) == name;
    let is_kept = descendants(function).filter(|node| node.kind() == "assignment").all(|assignment| {
        let targets = assignment.child_by_field_name("left").into_iter().flat_map(descendants);
        !targets.into_iter().any(|target| is_it(target) && target.parent() == Some(assignment))
    });
    is_asked && is_kept
}

fn uses<'c>(ctx: &'c Context<'_>, function: Node<'c>, name: &'c str) -> impl Iterator<Item = Node<'c>> {
    let body = function.child_by_field_name("body");
    body.into_iter().flat_map(move |body| names::uses_of(ctx.source, body, name))
}

/// What a commit made of the value that the fixture gives.
fn turned(ctx: &Context<'_>, fixture: &Fixture) -> Option<(Turn, Tier, Evidence)> {
    let path = fixture.path.as_ref().filter(|path| path.is_inside() && **path != ctx.site.path)?;
    ctx.snapshot.history().changes_of(path, &ctx.site.path).into_iter().find_map(|change| {
        let (before, after) = (Source::parse(change.before.clone()?), Source::parse(change.after.clone()?));
        let renamed = || Given::of(&before, &only_gone(&before, &after)?);
        let was = Given::of(&before, &fixture.name).or_else(renamed)?;
        let is = Given::of(&after, &fixture.name)?;
        let within = is.access(&was).map(|(access, tier)| (Turn::Within(access), tier));
        let (turn, tier) = within.or_else(|| was.access(&is).map(|(access, tier)| (Turn::Itself(access), tier)))?;
        let text =
            format!("`{}` gives `{}` ({})", fixture.name, super::expected_value::short(is.text()), change.subject);
        Some((turn, tier, Evidence::commit(&change.commit, text)))
    })
}

/// The name of the only fixture that a change took away.
fn only_gone(before: &Source, after: &Source) -> Option<String> {
    let fixtures = |source: &Source| -> Vec<String> {
        let functions = descendants(source.root()).filter(|node| node.kind() == "function_definition");
        let fixtures = functions.filter(|function| is_fixture(source, *function));
        fixtures.filter_map(|node| Some(source.slice(node.child_by_field_name("name")?).to_string())).collect()
    };
    let left = fixtures(after);
    let mut gone = fixtures(before).into_iter().filter(|name| !left.contains(name));
    gone.next().filter(|_| gone.next().is_none())
}

/// What a function gives: the value of its only `return` or `yield`.
struct Given<'s> {
    source: &'s Source,
    function: Node<'s>,
    value: Node<'s>,
}

impl<'s> Given<'s> {
    /// Of the only fixture of that name.
    fn of(source: &'s Source, name: &str) -> Option<Self> {
        let is_named = |node: &Node<'_>| {
            node.child_by_field_name("name").is_some_and(|own| source.slice(own) == name) && is_fixture(source, *node)
        };
        let mut found = descendants(source.root()).filter(|node| node.kind() == "function_definition").filter(is_named);
        Self::by(source, found.next().filter(|_| found.next().is_none())?)
    }

    fn by(source: &'s Source, function: Node<'s>) -> Option<Self> {
        let is_own = |node: &Node<'_>| source.function_at(node.start_byte()) == Some(function);
        let gives = |node: &Node<'_>| matches!(node.kind(), "return_statement" | "yield") && node.is_named();
        let mut given = descendants(function).filter(gives).filter(is_own).filter_map(|node| node.named_child(0));
        let value = given.next().filter(|_| given.next().is_none())?;
        Some(Self { source, function, value })
    }

    fn text(&self) -> &'s str {
        self.source.slice(self.value)
    }

    /// What `node` stands for: the value that a name was given, itself else.
    fn meant(&self, node: Node<'s>) -> &'s str {
        let text = self.source.slice(node);
        let given = |node: Node<'s>| match node.kind() {
            "assignment" if self.source.slice(node.child_by_field_name("left")?) == text => {
                node.child_by_field_name("right")
            }
            "as_pattern" if self.source.slice(node.child_by_field_name("alias")?) == text => node.named_child(0),
            _ => None,
        };
        let mut values = descendants(self.function).filter_map(given);
        let value = values.next().filter(|_| node.kind() == "identifier" && values.next().is_none());
        self.source.slice(value.unwrap_or(node))
    }

    /// By what behind its name the value of `other` is had from this one, and how sure it is the same.
    fn access(&self, other: &Given<'_>) -> Option<(String, Tier)> {
        let wanted = other.meant(other.value);
        let same = |text: &str| alike(text, wanted);
        match self.value.kind() {
            "tuple" | "expression_list" if self.value.named_child_count() > 1 => {
                let mut parts = children(self.value).filter(|part| part.kind() != "comment").enumerate();
                parts.find_map(|(at, part)| Some((format!("[{at}]"), same(self.meant(part))?)))
            }
            "dictionary" => children(self.value).find_map(|pair| {
                let key = pair.child_by_field_name("key").filter(|key| key.kind() == "string")?;
                literals::string_value(self.source, key)?;
                let value = pair.child_by_field_name("value")?;
                Some((format!("[{}]", self.source.slice(key)), same(self.meant(value))?))
            }),
            "identifier" => {
                let name = self.text();
                let is_it = |node: &Node<'_>| {
                    node.kind() == "function_definition"
                        && node.child_by_field_name("name").is_some_and(|own| self.source.slice(own) == name)
                };
                let maker = descendants(self.function).skip(1).find(is_it)?;
                let list = maker.child_by_field_name("parameters")?;
                let asks_for_nothing = children(list).all(|parameter| parameter.kind().contains("default"));
                let is_async = maker.child(0).is_some_and(|first| first.kind() == "async");
                let made = Given::by(self.source, maker).filter(|_| asks_for_nothing && !is_async)?;
                Some(("()".to_string(), same(made.meant(made.value))?))
            }
            _ => None,
        }
    }
}

/// Whether two expressions give the same: for certain where they are written alike, likely where they call the same.
fn alike(one: &str, other: &str) -> Option<Tier> {
    if one == other {
        return Some(Tier::Safe);
    }
    let (called, also) = (one.split_once('(')?.0, other.split_once('(')?.0);
    (called == also && !called.is_empty()).then_some(Tier::Review)
}

/// The edits that let a function read the fixture in its new shape; none where it does already.
fn followed(ctx: &Context<'_>, function: Node<'_>, name: &str, turn: &Turn) -> Option<Vec<Edit>> {
    let found: Vec<Node<'_>> = uses(ctx, function, name).collect();
    match turn {
        Turn::Within(access) => {
            let reads_so = |node: &Node<'_>| is_read_by(*node, if access == "()" { "call" } else { "subscript" });
            let unpacks = |node: &Node<'_>| access != "()" && unpacked(*node).is_some();
            if found.iter().any(|node| reads_so(node) || unpacks(node)) {
                return None;
            }
            if access == "()" && found.len() > 1 {
                return made_once(ctx, function, name, &found);
            }
            Some(found.iter().map(|node| Edit::insert(&ctx.site.path, node.end_byte(), access.clone())).collect())
        }
        Turn::Itself(access) => found.iter().map(|node| itself(ctx, function, *node, access)).collect(),
    }
}

/// A call makes another object each time: the test keeps the first one.
fn made_once(ctx: &Context<'_>, function: Node<'_>, name: &str, found: &[Node<'_>]) -> Option<Vec<Edit>> {
    let own = format!("made_{name}");
    names::uses_of(ctx.source, ctx.source.root(), &own).next().is_none().then_some(())?;
    let body = function.child_by_field_name("body")?;
    let is_text = |node: &Node<'_>| node.named_child(0).is_some_and(|inner| inner.kind() == "string");
    let first = children(body).find(|statement| statement.kind() != "comment" && !is_text(statement))?;
    let text = ctx.source.text();
    let indent = &text[text[..first.start_byte()].rfind('\n').map_or(0, |at| at + 1)..first.start_byte()];
    indent.trim().is_empty().then_some(())?;
    let line = format!("{own} = {name}(){}{indent}", imports::line_end(text));
    let uses = found.iter().map(|node| ctx.replace(node.byte_range(), own.clone()));
    Some(std::iter::once(Edit::insert(&ctx.site.path, first.start_byte(), line)).chain(uses).collect())
}

/// Whether what stands around a name indexes or calls it.
fn is_read_by(node: Node<'_>, kind: &str) -> bool {
    node.parent().is_some_and(|parent| parent.kind() == kind && parent.start_byte() == node.start_byte())
}

/// The names of `a, b = node`.
fn unpacked(node: Node<'_>) -> Option<Node<'_>> {
    let assignment = node.parent().filter(|parent| parent.kind() == "assignment")?;
    (assignment.child_by_field_name("right") == Some(node)).then_some(())?;
    assignment.child_by_field_name("left").filter(|left| matches!(left.kind(), "pattern_list" | "tuple_pattern"))
}

/// `client[0]` becomes `client`, `client, _ = client` becomes `client = client`.
fn itself(ctx: &Context<'_>, function: Node<'_>, node: Node<'_>, access: &str) -> Option<Edit> {
    if let Some(left) = unpacked(node) {
        let at: usize = access.strip_prefix('[')?.strip_suffix(']')?.parse().ok()?;
        let parts: Vec<Node<'_>> = children(left).collect();
        let is_idle = |part: &Node<'_>| {
            let name = ctx.source.slice(*part);
            part.kind() == "identifier" && names::uses_of(ctx.source, function, name).count() == 1
        };
        let others = parts.iter().enumerate().filter(|(index, _)| *index != at);
        let is_kept = others.into_iter().all(|(_, part)| is_idle(part));
        let part = parts.get(at).filter(|_| is_kept)?;
        return Some(ctx.replace(left.byte_range(), ctx.source.slice(*part)));
    }
    let outer = node.parent().filter(|_| is_read_by(node, if access == "()" { "call" } else { "subscript" }))?;
    (&ctx.source.text()[node.end_byte()..outer.end_byte()] == access)
        .then(|| ctx.replace(outer.byte_range(), ctx.source.slice(node)))
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    /// The last lines of a fixture before and now, the body of a test, what Python says of its line, and the heal.
    fn scene(bodies: [&str; 2], test: &str, line: usize, said: &str, healed: &str) -> String {
        let conftest =
            |body: &str| format!("import pytest\nfrom shop import Client\n\n@pytest.fixture\ndef client():\n{body}\n");
        let failing = test.lines().nth(line - 1).expect("a line").trim();
        format!(
            "\n#- before: tests/conftest.py\n{}#- tests/conftest.py\n{}#- shop.py\nclass Client:\n    def get(self):\n        \
             return 1\n#- tests/test_client.py\ndef test_get(client):\n{test}\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             ___________________________________ test_get ___________________________________\n\
             tests/test_client.py:{}: in test_get\n    {failing}\nE   {said}\n#- healed\n{healed}\n",
            conftest(bodies[0]),
            conftest(bodies[1]),
            line + 1,
        )
    }

    const PLAIN: &str = "    return Client()";
    const TEST: &str = "    assert client.get() == 1";

    #[test]
    fn a_value_in_a_dictionary() {
        let now = "    api = Client()\n    yield {\"api\": api, \"size\": 1}";
        let said = "AttributeError: 'dict' object has no attribute 'get'";
        let healed = "-    assert client.get() == 1\n+    assert client[\"api\"].get() == 1";
        check(&scene([PLAIN, now], TEST, 1, said, healed));
        // What it gave before is not in it.
        let other = "    yield {\"size\": 1}";
        check(&scene([PLAIN, other], TEST, 1, said, "no fix"));
    }

    #[test]
    fn a_value_that_a_function_makes() {
        let now = "    def make(name=None):\n        return Client()\n    return make";
        let said = "AttributeError: 'function' object has no attribute 'get'";
        let healed = "-    assert client.get() == 1\n+    assert client().get() == 1";
        check(&scene([PLAIN, now], TEST, 1, said, healed));
        let twice = "    assert client.get() == 1\n    assert client.get() != 2";
        let healed = "-    assert client.get() == 1\n-    assert client.get() != 2\n+    made_client = client()\n+    assert made_client.get() == 1\n+    assert made_client.get() != 2";
        check(&scene([PLAIN, now], twice, 1, said, healed));
        // Nobody says what name to give it.
        check(&scene([PLAIN, &now.replace("=None", "")], TEST, 1, said, "no fix"));
    }

    #[test]
    fn a_value_that_a_function_of_another_name_makes() {
        let now = "    def make():\n        return Client()\n    return make";
        let said = "AttributeError: 'function' object has no attribute 'get'";
        let scene =
            scene([PLAIN, now], TEST, 1, said, "-    assert client.get() == 1\n+    assert client().get() == 1");
        let scene = scene.replacen("def client():\n    return Client()", "def shop_client():\n    return Client()", 1);
        check(&scene);
        // Which of two it was nobody says.
        let two = "@pytest.fixture\ndef other():\n    return 1\n\n@pytest.fixture\ndef shop_client()";
        check(
            &scene
                .replace("@pytest.fixture\ndef shop_client()", two)
                .replace("-    assert client.get() == 1\n+    assert client().get() == 1", "no fix"),
        );
    }

    #[test]
    fn a_value_that_is_in_no_tuple_any_more() {
        let was = "    return Client(), \"token\"";
        let said = "TypeError: 'Client' object is not subscriptable";
        let test = "    assert client[0].get() == 1";
        let healed = "-    assert client[0].get() == 1\n+    assert client.get() == 1";
        check(&scene([was, PLAIN], test, 1, said, healed));
        let said = "TypeError: cannot unpack non-iterable Client object";
        let test = "    api, _ = client\n    assert api.get() == 1";
        check(&scene([was, PLAIN], test, 1, said, "-    api, _ = client\n+    api = client"));
        // The token is nowhere.
        let test = "    api, token = client\n    assert api.get() == 1\n    assert token";
        check(&scene([was, PLAIN], test, 1, said, "no fix"));
    }

    #[test]
    fn a_variable_of_that_name_is_no_fixture() {
        let said = "AttributeError: 'tuple' object has no attribute 'get'";
        let test = "    client = client, 1\n    assert client.get() == 1";
        check(&scene([PLAIN, "    return Client(), 1"], test, 2, said, "no fix"));
    }

    #[test]
    fn a_slip_and_another_object_are_not_followed_unasked() {
        let said = "AttributeError: 'tuple' object has no attribute 'get'";
        check(&scene([PLAIN, "    return Client(),"], TEST, 1, said, "no fix"));
        let tier = |now: &str| {
            let scene = scene([PLAIN, now], TEST, 1, said, "no fix");
            Scene::parse(&scene).heal().fixes.first().map(|fix| fix.fix().tier)
        };
        assert_eq!(tier("    return Client(), 1"), Some(Tier::Safe));
        assert_eq!(tier("    return Client(\"other\"), 1"), Some(Tier::Review));
    }
}
