//! Values that are others on another day, machine or run: where the product that a failing line calls asks for one.

use crate::syntax::{Node, Source, descendants};
use crate::workspace::Snapshot;
use crate::workspace::symbols::Symbol;
use crate::workspace::words::occurrences;

use super::{Site, Verdict};

/// Where such a value is asked for.
pub struct Chance {
    call: &'static str,
    kind: Kind,
    place: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Random,
    Clock,
    Zone,
    Machine,
}

/// Calls that give such a value.
const CALLS: [(&str, Kind); 22] = [
    ("random.random", Kind::Random),
    ("random.randint", Kind::Random),
    ("random.randrange", Kind::Random),
    ("random.choice", Kind::Random),
    ("random.choices", Kind::Random),
    ("random.sample", Kind::Random),
    ("random.shuffle", Kind::Random),
    ("uuid4", Kind::Random),
    ("uuid1", Kind::Random),
    ("os.urandom", Kind::Random),
    ("secrets.token_hex", Kind::Random),
    ("date.today", Kind::Clock),
    ("datetime.now", Kind::Clock),
    ("datetime.today", Kind::Clock),
    ("time.time", Kind::Clock),
    ("fromtimestamp", Kind::Zone),
    ("localtime", Kind::Zone),
    ("mktime", Kind::Zone),
    ("cpu_count", Kind::Machine),
    ("gethostname", Kind::Machine),
    ("getuser", Kind::Machine),
    ("getpid", Kind::Machine),
];

impl Chance {
    /// A run passes and fails by turns; another machine is another environment.
    pub fn verdict(&self) -> Verdict {
        match self.kind {
            Kind::Random | Kind::Clock => Verdict::Flaky,
            Kind::Zone | Kind::Machine => Verdict::Environment,
        }
    }

    /// What the value depends on, as a sentence fragment.
    pub fn text(&self) -> String {
        let (call, place) = (self.call, &self.place);
        match self.kind {
            Kind::Random => {
                format!("`{call}` at {place} gives another value in each run: set a seed, or replace it in the test")
            }
            Kind::Clock => format!("`{call}` at {place} depends on when it runs: replace the clock in the test"),
            Kind::Zone => format!("`{call}` at {place} depends on the time zone of the machine (`TZ`)"),
            Kind::Machine => format!("`{call}` at {place} depends on the machine"),
        }
    }
}

/// The first such call in what the failing statement calls, itself or one call further; none where the test replaces
/// something, or seeds.
pub fn of(snapshot: &Snapshot, site: &Site) -> Option<Chance> {
    let source = snapshot.source(&site.path)?;
    let test = site.test.clone().and_then(|test| source.text().get(test)).unwrap_or_default();
    if ["patch", "seed", "freeze", "travel"].iter().any(|word| test.contains(word)) {
        return None;
    }
    let called = calls(snapshot, site, source.statement_at(site.statement.start)?);
    called.iter().find_map(|symbol| asked_in(snapshot, symbol))
}

fn calls(snapshot: &Snapshot, site: &Site, node: Node<'_>) -> Vec<Symbol> {
    const MOST: usize = 8;
    let calls = descendants(node).filter(|node| node.kind() == "call").take(MOST);
    calls.filter_map(|call| snapshot.callee(&site.path, call.byte_range())).collect()
}

fn asked_in(snapshot: &Snapshot, symbol: &Symbol) -> Option<Chance> {
    if symbol.path.is_test_code() || !symbol.path.is_inside() {
        return None;
    }
    let source = snapshot.source(&symbol.path)?;
    let function = source.function_at(symbol.range.start)?;
    CALLS.iter().find_map(|(call, kind)| {
        let at = asks(&source, function, call)?;
        let line = source.text()[..at].matches('\n').count() + 1;
        Some(Chance { call, kind: *kind, place: format!("{}:{line}", symbol.path) })
    })
}

/// Where the function calls it; with a time zone as an argument it depends on none.
fn asks(source: &Source, function: Node<'_>, call: &str) -> Option<usize> {
    let start = function.start_byte();
    let text = source.slice(function);
    let name = call.rsplit('.').next().unwrap_or(call);
    let found = occurrences(text, name).find(|at| {
        let before = &text[..*at];
        let object = call.rsplit_once('.').map_or("", |(object, _)| object);
        before.ends_with(&format!("{object}.")) || object.is_empty()
    });
    let at = found.filter(|at| {
        let rest = text[at + name.len()..].strip_prefix('(').unwrap_or(")");
        let inside = rest.split(')').next().unwrap_or_default();
        text[at + name.len()..].starts_with('(') && !inside.contains("tz") && !inside.contains("utc")
    })?;
    Some(start + at)
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::Verdict;
    use crate::fixture::Scene;

    #[track_caller]
    fn check(body: &str, before: &str, expect: Verdict, told: &str) {
        let scene = format!(
            "#- before: shop.py\nimport random\n\ndef total():\n    return {before}\n#- shop.py\nimport random\n\n\
             def total():\n    return {body}\n#- tests/test_shop.py\nfrom shop import total\n\n\
             def test_total():\n    assert total() == 3\n#- test_run.log\n\
             =================================== FAILURES ===================================\n\
             __________________________________ test_total __________________________________\n\n\
             \x20   def test_total():\n>       assert total() == 3\nE       assert 4 == 3\n\n\
             tests/test_shop.py:4: AssertionError\n"
        );
        let diagnosis = Scene::parse(&scene).heal().diagnosis;
        assert_eq!(diagnosis.verdict, expect, "{}", diagnosis.reason);
        assert!(diagnosis.reason.contains(told), "{}", diagnosis.reason);
    }

    #[test]
    fn a_value_by_chance_is_named_where_nothing_changed() {
        let random = "random.randint(1, 6)";
        check(random, random, Verdict::Flaky, "`random.randint` at shop.py:4 gives another value in each run");
        let zone = "datetime.fromtimestamp(0).hour";
        check(zone, zone, Verdict::Environment, "`fromtimestamp` at shop.py:4 depends on the time zone");
        let fixed = "datetime.fromtimestamp(0, tz=utc).hour";
        check(fixed, fixed, Verdict::Undecided, "does it pass alone?");
    }

    #[test]
    fn where_the_product_changed_the_change_is_told() {
        check("random.randint(1, 6)", "3", Verdict::LikelyProductRegression, "changed in");
    }
}
