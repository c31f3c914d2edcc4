//! The same single value in another type.

use crate::syntax::{Node, Source};

use super::super::constructors;
use super::super::literals::string_value;
use super::super::quotes::{self, is_bytes};
use super::{Conversion, Kind, Pair, called, is_module};

static PATH: Kind = Kind {
    title: "a `Path`",
    came: &["Path"],
    went: &["os.path", "str(", "as_posix("],
    types: (&["Path", "PurePath"], &["str"]),
};

static TEXT_OF_PATH: Kind = Kind {
    title: "a text",
    came: &["str(", "os.path", "as_posix(", "fspath("],
    went: &["Path"],
    types: (&["str"], &["Path", "PurePath"]),
};

static BYTES: Kind = Kind {
    title: "bytes",
    came: &["encode", "b\"", "b'", "bytes", "\"rb\"", "'rb'"],
    went: &["decode"],
    types: (&["bytes"], &["str"]),
};

static TEXT: Kind = Kind {
    title: "a text",
    came: &["decode", "str("],
    went: &["encode", "b\"", "b'", "bytes", "\"rb\"", "'rb'"],
    types: (&["str"], &["bytes"]),
};

static DECIMAL: Kind = Kind {
    title: "a `Decimal`",
    came: &["Decimal"],
    went: &["float("],
    types: (&["Decimal"], &["float", "int", "str"]),
};

static NUMBER_OF_DECIMAL: Kind =
    Kind { title: "a number", came: &["float(", "int("], went: &["Decimal"], types: (&["float", "int"], &["Decimal"]) };

static SPAN: Kind = Kind {
    title: "a `timedelta`",
    came: &["timedelta"],
    went: &["total_seconds"],
    types: (&["timedelta"], &["int", "float"]),
};

static SECONDS: Kind = Kind {
    title: "seconds",
    came: &["total_seconds", ".seconds"],
    went: &["timedelta"],
    types: (&["int", "float"], &["timedelta"]),
};

static AWARE: Kind = Kind {
    title: "a time of UTC",
    came: &["utc", "UTC", "tzinfo"],
    went: &["utcnow", "utcfromtimestamp", "tzinfo=None"],
    types: (&[], &[]),
};

static NAIVE: Kind = Kind {
    title: "a time without a zone",
    came: &["tzinfo=None"],
    went: &["timezone", "tzinfo", "UTC"],
    types: (&[], &[]),
};

pub(super) fn conversion(pair: &Pair<'_, '_>) -> Option<Conversion> {
    path(pair).or_else(|| bytes(pair)).or_else(|| decimal(pair)).or_else(|| span(pair)).or_else(|| zone(pair))
}

fn of(kind: &'static Kind, changes: Vec<super::literals::Change>) -> Conversion {
    Conversion { kind, changes, import: None }
}

/// The text of a printed path.
fn path_text((source, node): (&Source, Node<'_>)) -> Option<String> {
    let class = constructors::class(source, node)?;
    let [field] = constructors::fields(node)?[..] else { return None };
    (class.ends_with("Path") && field.keyword.is_none()).then(|| string_value(source, field.value))?
}

/// What can stand before a dot.
fn is_primary(node: Node<'_>) -> bool {
    matches!(node.kind(), "identifier" | "attribute" | "call" | "subscript" | "string")
}

fn path(pair: &Pair<'_, '_>) -> Option<Conversion> {
    let source = pair.ctx.source;
    let text =
        |(source, node): (&Source, Node<'_>)| string_value(source, node).filter(|_| !is_bytes(source.slice(node)));
    if let (Some(was), Some(is)) = (text(pair.was), path_text(pair.is)) {
        // `str(tmp_path / "tea")` has the path in it.
        if let Some((_, only)) = called(source, pair.node, &["str", "fspath"]) {
            let is_path = only.kind() == "binary_operator" || source.slice(only).ends_with("path");
            return (was == is && is_path).then(|| of(&PATH, pair.whole(source.slice(only))));
        }
        let changes = pair.around("Path(", ")");
        return (was == is).then(|| Conversion { import: Some(("pathlib", "Path")), ..of(&PATH, changes) });
    }
    let (was, is) = (path_text(pair.was)?, text(pair.is)?);
    // What a test writes with slashes it compares with slashes.
    let changes = match pair.node.kind() {
        "call" => pair.around("", ".as_posix()"),
        _ => pair.around("str(", ")"),
    };
    (was == is).then(|| of(&TEXT_OF_PATH, changes))
}

fn bytes(pair: &Pair<'_, '_>) -> Option<Conversion> {
    let (was, is) = (string_value(pair.was.0, pair.was.1)?, string_value(pair.is.0, pair.is.1)?);
    let (was_bytes, is_bytes_now) = (is_bytes(pair.was.0.slice(pair.was.1)), is_bytes(pair.is.0.slice(pair.is.1)));
    if was != is || was_bytes == is_bytes_now || !was.is_ascii() || !is_primary(pair.node) {
        return None;
    }
    let written = pair.text();
    // `raw.decode().encode()` is no way to write `raw`.
    if written.ends_with("code()") {
        return None;
    }
    let is_plain = pair.node.kind() == "string" && written.is_ascii();
    let changes = match (is_bytes_now, is_plain) {
        (true, true) if written.starts_with(['"', '\'']) => pair.around("b", ""),
        (false, true) if written.starts_with(['b', 'B']) => pair.whole(&written[1..]),
        (true, _) => pair.around("", ".encode()"),
        (false, _) => pair.around("", ".decode()"),
    };
    Some(of(if is_bytes_now { &BYTES } else { &TEXT }, changes))
}

fn number((source, node): (&Source, Node<'_>)) -> Option<f64> {
    matches!(node.kind(), "integer" | "float" | "unary_operator").then(|| source.slice(node).parse().ok())?
}

/// Digits that a float tells apart; more of them are the error of one.
const MOST_DIGITS: usize = 17;

fn decimal(pair: &Pair<'_, '_>) -> Option<Conversion> {
    let digits = |(source, node): (&Source, Node<'_>)| {
        let [field] = constructors::fields(node)?[..] else { return None };
        (constructors::class(source, node)? == "Decimal").then(|| string_value(source, field.value))?
    };
    let equal = |digits: &str, number: f64| digits.parse().is_ok_and(|value: f64| value == number);
    // `Decimal(0.1)` has more digits than anybody wrote.
    let as_written = |digits: &str| digits.len() <= pair.was.0.slice(pair.was.1).len().max(MOST_DIGITS);
    if let (Some(was), Some(digits)) = (number(pair.was), digits(pair.is)) {
        let is_literal = matches!(pair.node.kind(), "integer" | "float" | "unary_operator");
        let quote = if quotes::mostly_double(pair.ctx.source.text()) { '"' } else { '\'' };
        let changes = pair.whole(format!("Decimal({quote}{digits}{quote})"));
        let import = Some(("decimal", "Decimal"));
        return (equal(&digits, was) && as_written(&digits) && is_literal)
            .then(|| Conversion { import, ..of(&DECIMAL, changes) });
    }
    let (was, is) = (digits(pair.was)?, number(pair.is)?);
    equal(&was, is).then(|| of(&NUMBER_OF_DECIMAL, pair.around("float(", ")")))
}

/// The seconds of a printed `timedelta`.
fn seconds((source, node): (&Source, Node<'_>)) -> Option<f64> {
    constructors::class(source, node).filter(|class| *class == "timedelta")?;
    constructors::fields(node)?.iter().try_fold(0.0, |sum, field| {
        let of_one = match field.keyword.map(|name| source.slice(name)) {
            Some("days") => 86_400.0,
            Some("seconds") => 1.0,
            Some("microseconds") => 1e-6,
            Some(_) => return None,
            None => return (source.slice(field.value) == "0").then_some(sum),
        };
        Some(sum + of_one * number((source, field.value))?)
    })
}

fn span(pair: &Pair<'_, '_>) -> Option<Conversion> {
    let source = pair.ctx.source;
    if let (Some(was), Some(is)) = (number(pair.was), seconds(pair.is)) {
        let is_of_module = is_module(source, "datetime");
        let head = if is_of_module { "datetime.timedelta(seconds=" } else { "timedelta(seconds=" };
        let import = (!is_of_module).then_some(("datetime", "timedelta"));
        return (was == is).then(|| Conversion { import, ..of(&SPAN, pair.around(head, ")")) });
    }
    let (was, is) = (seconds(pair.was)?, number(pair.is)?);
    (was == is && is_primary(pair.node)).then(|| of(&SECONDS, pair.around("", ".total_seconds()")))
}

fn zone(pair: &Pair<'_, '_>) -> Option<Conversion> {
    const ZONE: &str = ", tzinfo=datetime.timezone.utc)";
    let (was, is) = (pair.was.0.slice(pair.was.1), pair.is.0.slice(pair.is.1));
    if !was.starts_with("datetime.datetime(") || !is.starts_with("datetime.datetime(") || !is_primary(pair.node) {
        return None;
    }
    let source = pair.ctx.source;
    // What is written out gets or loses its keyword, as an expected value does.
    if constructors::class(source, pair.node) == Some("datetime") {
        return None;
    }
    let is_of_module = is_module(source, "datetime");
    let utc = if is_of_module { "datetime.timezone.utc" } else { "timezone.utc" };
    let import = (!is_of_module).then_some(("datetime", "timezone"));
    if is.strip_suffix(ZONE) == was.strip_suffix(')') {
        let changes = pair.around("", &format!(".replace(tzinfo={utc})"));
        return Some(Conversion { import, ..of(&AWARE, changes) });
    }
    let is_lost = was.strip_suffix(ZONE) == is.strip_suffix(')');
    is_lost.then(|| of(&NAIVE, pair.around("", ".replace(tzinfo=None)")))
}
