//! A class of the test that stands in for one of the product: the attribute that the product's class has since.

use crate::diagnosis::product::Hunk;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::strategies::confidence::Odds;
use crate::strategies::{Context, imports, literals, names};
use crate::syntax::{Node, Source, children, descendants};
use crate::text::Edit;
use crate::workspace::symbols::{Symbol, SymbolKind};

use super::{STRATEGY, used};

/// Gives the stub the attribute with the value that the class it stands in for sets at first.
pub(super) fn attribute(ctx: &Context<'_>, class: &str, name: &str, hunk: &Hunk, fixes: &mut Vec<Fix>) -> Option<()> {
    let is_stub = |node: &Node<'_>| {
        node.kind() == "class_definition"
            && node.child_by_field_name("name").is_some_and(|own| ctx.source.slice(own) == class)
    };
    let mut stubs = descendants(ctx.source.root()).filter(is_stub);
    let stub = stubs.next().filter(|_| stubs.next().is_none())?;
    // What a base class has is not the stub's to say.
    if stub.child_by_field_name("superclasses").is_some_and(|bases| bases.named_child_count() > 0) {
        return None;
    }
    let body = stub.child_by_field_name("body")?;
    let own = methods(ctx.source, body);
    let fields: Vec<Symbol> =
        ctx.snapshot.definitions(name).into_iter().filter(|field| stands_for(ctx, field, &own)).collect();
    let Some(first) = fields.first() else { return by_use(ctx, (class, body), name, hunk, fixes) };
    let value = first.value.clone()?;
    if fields.iter().any(|other| other.value.as_ref() != Some(&value)) || !is_literal(&value) {
        return None;
    }
    let says = format!("`{}` is `{value}` at first", first.qualified);
    let evidence = vec![
        Evidence::commit(&hunk.commit, format!("{}:{} reads `{name}` since ({})", hunk.path, hunk.line, hunk.subject)),
        Evidence::at(EvidenceKind::Source, &first.path, first.line, says),
    ];
    fixes.push(Fix {
        title: format!("Give `{class}` the attribute `{name}`: `{value}`"),
        strategy: STRATEGY.id,
        edits: vec![written(ctx, body, name, &value)?],
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: Tier::Safe,
    });
    Some(())
}

/// Gives a stub that holds values one more, of which nothing but what the product does with it is known.
fn by_use(
    ctx: &Context<'_>,
    (class, body): (&str, Node<'_>),
    name: &str,
    hunk: &Hunk,
    fixes: &mut Vec<Fix>,
) -> Option<()> {
    let value = used::value(ctx, name, hunk).filter(|_| holds_values(body))?;
    let kind = if value == "0" { "a number" } else { "a text" };
    let Hunk { path, line, subject, .. } = hunk;
    let says = format!("{path}:{line} takes `{name}` for {kind} since ({subject})");
    let evidence = vec![Evidence::commit(&hunk.commit, says)];
    fixes.push(Fix {
        title: format!("Give `{class}` the attribute `{name}`: `{value}`"),
        strategy: STRATEGY.id,
        edits: vec![written(ctx, body, name, value)?],
        confidence: Odds::of(&evidence).doubt(0.3).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

/// Whether the class sets attributes, on itself or on its objects, and does nothing else.
fn holds_values(body: Node<'_>) -> bool {
    let functions = children(body).filter(|node| node.kind().ends_with("definition")).count();
    functions < 2 && descendants(body).any(|node| node.kind() == "assignment")
}

/// Whether `field` is one of a class of the product that has every method of the stub.
fn stands_for(ctx: &Context<'_>, field: &Symbol, own: &[&str]) -> bool {
    let class = field.qualified.rsplit_once('.').map(|(class, _)| class);
    let Some(class) = class.and_then(|class| ctx.snapshot.named(class)) else { return false };
    let members = ctx.snapshot.members(&class);
    let public: Vec<&&str> = own.iter().filter(|name| !name.starts_with('_')).collect();
    field.kind == SymbolKind::Field
        && !field.path.is_test_code()
        && !public.is_empty()
        && public.iter().all(|name| members.get(name).is_some())
}

fn methods<'s>(source: &'s Source, body: Node<'s>) -> Vec<&'s str> {
    let functions = children(body).filter(|node| node.kind() == "function_definition");
    functions.filter_map(|function| Some(source.slice(function.child_by_field_name("name")?))).collect()
}

fn is_literal(value: &str) -> bool {
    let source = Source::parse(value);
    let statement = source.root().named_child(0).filter(|_| source.root().named_child_count() == 1);
    statement.and_then(|statement| statement.named_child(0)).is_some_and(literals::is_literal)
}

/// The line at the end of the stub's `__init__`, else at the head of its body.
fn written(ctx: &Context<'_>, body: Node<'_>, name: &str, value: &str) -> Option<Edit> {
    let end = imports::line_end(ctx.source.text());
    let is_init = |node: &Node<'_>| {
        node.kind() == "function_definition"
            && node.child_by_field_name("name").is_some_and(|own| ctx.source.slice(own) == "__init__")
    };
    let Some(init) = children(body).find(is_init) else {
        let first = children(body)
            .find(|node| node.kind() != "comment" && node.child(0).is_none_or(|part| part.kind() != "string"))?;
        let gap = if first.kind() == "expression_statement" { "" } else { end };
        let indent = " ".repeat(first.start_position().column);
        return Some(Edit::insert(&ctx.site.path, first.start_byte(), format!("{name} = {value}{end}{gap}{indent}")));
    };
    let list = init.child_by_field_name("parameters")?;
    let receiver = children(list).find_map(|parameter| names::parameter_name(ctx.source, parameter))?;
    let last = children(init.child_by_field_name("body")?).filter(|node| node.kind() != "comment").last()?;
    let own_line = last.start_position().row > init.start_position().row && last.kind() != "return_statement";
    let indent = " ".repeat(last.start_position().column);
    own_line.then(|| Edit::insert(&ctx.site.path, last.end_byte(), format!("{end}{indent}{receiver}.{name} = {value}")))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[track_caller]
    fn check_stub(product: &str, stub: &str, healed: &str) {
        check(&format!(
            r#"
#- before: mail.py
class Mailer:
    def __init__(self):
        self.sent = []

    def send(self, to):
        self.sent.append(to)

def notify(mailer, to):
    mailer.send(to)
#- mail.py
class Mailer:
    def __init__(self):
        self.sent = []
{product}

    def send(self, to):
        self.sent.append(to)

def notify(mailer, to):
    mailer.send(to + mailer.domain)
#- tests/test_mail.py
from mail import notify

class Fake:
{stub}

def test_notify():
    notify(Fake(), "a")
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_notify __________________________________
tests/test_mail.py:12: in test_notify
    notify(Fake(), "a")
mail.py:10: in notify
    mailer.send(to + mailer.domain)
E   AttributeError: 'Fake' object has no attribute 'domain'
#- healed
{healed}
"#
        ));
    }

    const STUB: &str =
        "    def __init__(self):\n        self.all = []\n\n    def send(self, to):\n        self.all.append(to)\n";

    #[test]
    fn a_stub_gets_what_the_class_sets_at_first() {
        check_stub("        self.domain = \"\"", STUB, "+        self.domain = \"\"");
        let plain = "    \"\"\"A stub.\"\"\"\n\n    def send(self, to):\n        assert to\n\n    n = 1\n";
        check_stub("        self.domain = \"\"", plain, "+    domain = \"\"\n+");
    }

    /// A stub in a fixture, of which the product reads `mtime` in a line that came.
    #[track_caller]
    fn check_holder(read: &str, init: &str, healed: &str) {
        check(&format!(
            r#"
#- before: files.py
def describe(stat):
    return str(stat.size)
#- files.py
def describe(stat):
    {read}
    return str(stat.size)
#- tests/test_files.py
import pytest
from files import describe

@pytest.fixture
def stat():
    class FakeStat:
        {init}

    return FakeStat(3)

def test_describe(stat):
    assert describe(stat) == "3"
#- test_run.log
=================================== FAILURES ===================================
________________________________ test_describe _________________________________
tests/test_files.py:{line}: in test_describe
    assert describe(stat) == "3"
files.py:2: in describe
    {read}
E   AttributeError: 'FakeStat' object has no attribute 'mtime'
#- healed
{healed}
"#,
            line = 10 + init.lines().count(),
        ));
    }

    const INIT: &str = "def __init__(self, size):\n            self.size = size";

    #[test]
    fn a_holder_of_values_gets_the_number_or_text_that_its_use_asks_for() {
        for read in ["note(datetime.fromtimestamp(stat.mtime))", "age = now() - stat.mtime", "age: float = stat.mtime"]
        {
            check_holder(read, INIT, "+            self.mtime = 0");
        }
        check_holder("note(stat.mtime.strip())", INIT, "+            self.mtime = \"\"");
    }

    #[test]
    fn what_its_use_does_not_tell_is_not_made_up() {
        for read in
            ["note(stat.mtime)", "age = 5 / stat.mtime", "note(stat.mtime - 1, stat.mtime)", "if stat.mtime: pass"]
        {
            check_holder(read, INIT, "no fix");
        }
        let acts = format!("{INIT}\n\n        def read(self):\n            return 1");
        check_holder("age = now() - stat.mtime", &acts, "no fix");
    }

    #[test]
    fn what_nobody_sets_to_a_literal_or_stands_in_for_something_else_is_no_fix() {
        check_stub("        self.name = \"\"", STUB, "no fix");
        check_stub("        self.domain = open(\"a\")", STUB, "no fix");
        check_stub("        self.domain = \"\"", &STUB.replace("def send", "def write"), "no fix");
    }
}
