//! Time zones: `repr` prints them by the module that defines them, a test writes them with what it imports.

use crate::strategies::imports::{self, Imported};
use crate::strategies::quotes::{in_quotes, mostly_double};
use crate::syntax::{Node, Source, children, descendants};

use super::super::constructors::{self, Field};

/// The names of `datetime` that a zone is written with: a file that imports others from there may import these.
const NAMES: [&str; 2] = ["timedelta", "timezone"];

/// `timezone.utc` for a printed `datetime.timezone.utc`, `timezone(timedelta(hours=2))`, `ZoneInfo("UTC")`: as the file
/// writes it. `None` where it is no zone, or where the file has no name for it.
pub(super) fn zone(source: &Source, printed: &Source, node: Node<'_>) -> Option<String> {
    let names = AtTop(imports::imports(source).into_iter().filter(|it| is_at_top(source, it)).collect());
    match printed.slice(node) {
        "datetime.timezone.utc" => names.utc(source),
        text if text.starts_with("datetime.timezone(") => offset(&names, printed, node),
        text if text.starts_with("zoneinfo.ZoneInfo(") => {
            let [Field { value, .. }] = constructors::fields(node)?[..] else { return None };
            let key = in_quotes(printed.slice(value), mostly_double(source.text()));
            Some(format!("{}({key})", names.known("zoneinfo", "ZoneInfo")?))
        }
        _ => None,
    }
}

/// The names of `datetime` in `text`, a part of a call that came, that the file has to import for it.
pub(in crate::strategies) fn names_to_import(source: &Source, text: &str) -> Vec<&'static str> {
    let call = Source::parse(format!("_({})", text.trim_start_matches(|c: char| c == ',' || c.is_whitespace())));
    let is_own = |node: &Node<'_>| {
        let parent = node.parent().map_or("", |parent| parent.kind());
        node.kind() == "identifier" && (parent != "attribute" || node.prev_sibling().is_none())
    };
    let used: Vec<&str> = descendants(call.root()).filter(is_own).map(|node| call.slice(node)).collect();
    let has = |name: &str| imports::imports(source).iter().any(|it| it.local == name && is_at_top(source, it));
    NAMES.into_iter().filter(|name| used.contains(name) && !has(name)).collect()
}

fn is_at_top(source: &Source, imported: &Imported) -> bool {
    children(source.root()).any(|statement| statement.byte_range() == imported.statement)
}

/// What the file imports at its top.
struct AtTop(Vec<Imported>);

impl AtTop {
    /// How the file calls `module.name`, where it does.
    fn known(&self, module: &str, name: &str) -> Option<String> {
        let own = |it: &&Imported| it.module == module && it.name.as_deref() == Some(name);
        let of_module = |it: &&Imported| it.module == module && it.name.is_none();
        let bare = self.0.iter().find(own).map(|it| it.local.clone());
        bare.or_else(|| self.0.iter().find(of_module).map(|it| format!("{}.{name}", it.local)))
    }

    /// The same for a name of `datetime`, which comes to the others that the file takes from there.
    fn reached(&self, name: &str) -> Option<String> {
        let takes_some = self.0.iter().any(|it| it.module == "datetime" && it.name.is_some());
        let is_free = self.0.iter().all(|it| it.local != name);
        self.known("datetime", name).or_else(|| (takes_some && is_free).then(|| name.to_string()))
    }

    /// `datetime.UTC` where the file says so (<https://docs.python.org/3/library/datetime.html#datetime.UTC>), else
    /// `timezone.utc`.
    fn utc(&self, source: &Source) -> Option<String> {
        let short = self.known("datetime", "UTC").filter(|name| !name.contains('.') || source.text().contains(name));
        short.or_else(|| Some(format!("{}.utc", self.reached("timezone")?)))
    }
}

/// `timezone(timedelta(hours=2))` for `datetime.timezone(datetime.timedelta(seconds=7200))`.
fn offset(names: &AtTop, printed: &Source, node: Node<'_>) -> Option<String> {
    let [Field { value: distance, .. }] = constructors::fields(node)?[..] else { return None };
    let mut seconds = 0;
    for part in constructors::fields(distance)? {
        let unit = match printed.slice(part.keyword?) {
            "days" => 24 * 60 * 60,
            "seconds" => 1,
            _ => return None,
        };
        seconds += unit * printed.slice(part.value).parse::<i64>().ok()?;
    }
    let units = [("hours", 60 * 60), ("minutes", 60), ("seconds", 1)];
    let (unit, length) = units.into_iter().find(|(_, length)| seconds % length == 0)?;
    Some(format!("{}({}({unit}={}))", names.reached("timezone")?, names.reached("timedelta")?, seconds / length))
}
