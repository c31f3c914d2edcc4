//! Calls of code that make times: which of them are without a zone still, or in a zone that they only pretend.

use crate::syntax::{Node, Source, ancestors, descendants};

use super::super::imports;

/// What makes a time: of the place, of a text or of UTC without saying so, or with a zone of its own.
#[derive(Clone, Copy, PartialEq)]
enum Made {
    Local,
    Naive,
    Zoned,
}

/// What is done with a time that was made.
enum Then {
    /// `.replace(tzinfo=…)`, which calls it one of the zone whatever it was.
    Labelled,
    /// `.astimezone(…)`, which takes a naive one for one of the place.
    Converted,
    /// `.date()`, `.strftime(…)`: no time comes of it.
    Left,
    Nothing,
}

/// Whether all times that `scope` makes are aware, and of the zone that they are called by.
pub(super) fn makes_aware_alone(source: &Source, scope: Node<'_>) -> bool {
    descendants(scope).filter(|node| node.kind() == "call").all(|call| {
        let Some(made) = made(source, call) else { return true };
        match then(source, call) {
            Then::Left => true,
            Then::Labelled => made == Made::Naive,
            Then::Converted => made != Made::Naive,
            Then::Nothing => made == Made::Zoned,
        }
    })
}

/// What kind of time a call makes. The text that `fromisoformat` reads may say its zone or not.
fn made(source: &Source, call: Node<'_>) -> Option<Made> {
    let function = call.child_by_field_name("function")?;
    let arguments = call.child_by_field_name("arguments")?;
    let given = source.slice(arguments);
    let zoned_from = |count: usize, otherwise| {
        let is_zoned = arguments.named_child_count() >= count && !given.contains("None");
        Some(if is_zoned { Made::Zoned } else { otherwise })
    };
    if is_datetime(source, source.slice(function)) {
        let is_zoned = ["tzinfo", "**"].iter().any(|mark| given.contains(mark));
        return zoned_from(if is_zoned { 1 } else { 8 }, Made::Naive);
    }
    let class = function.child_by_field_name("object").map(|class| source.slice(class));
    class.filter(|class| is_datetime(source, class))?;
    match source.slice(function.child_by_field_name("attribute")?) {
        "strptime" => Some(if given.contains("%z") { Made::Zoned } else { Made::Naive }),
        "utcnow" | "utcfromtimestamp" => Some(Made::Naive),
        "combine" => zoned_from(3, Made::Naive),
        "fromtimestamp" => zoned_from(2, Made::Local),
        "now" => zoned_from(1, Made::Local),
        "today" => Some(Made::Local),
        _ => None,
    }
}

/// Whether the file calls the class by this name.
fn is_datetime(source: &Source, class: &str) -> bool {
    imports::imports(source).iter().filter(|it| it.module == "datetime").any(|it| match it.name.as_deref() {
        Some(name) => name == "datetime" && it.local == class,
        None => class.strip_suffix(".datetime") == Some(it.local.as_str()),
    })
}

/// What is done with the value of the call, or with the name that it is given.
fn then(source: &Source, call: Node<'_>) -> Then {
    for outer in ancestors(call).skip(1) {
        match outer.kind() {
            "parenthesized_expression" | "boolean_operator" | "conditional_expression" => {}
            "attribute" => return method(source, outer),
            // `make_aware(…)`, `pytz.utc.localize(…)`
            "argument_list" => {
                let function = outer.prev_sibling().map(|it| source.slice(it).to_lowercase()).unwrap_or_default();
                let is_zoning = ["utc", "aware", "localize"].iter().any(|word| function.contains(word));
                return if is_zoning { Then::Labelled } else { Then::Nothing };
            }
            "assignment" => return outer.child_by_field_name("left").map_or(Then::Nothing, |name| named(source, name)),
            _ => return Then::Nothing,
        }
    }
    Then::Nothing
}

/// What is done with what has the name, where a function does it.
fn named(source: &Source, name: Node<'_>) -> Then {
    let Some(function) = source.function_at(name.start_byte()) else { return Then::Nothing };
    let is_of_it = |node: &Node<'_>| {
        let object = node.child_by_field_name("object");
        node.kind() == "attribute" && object.is_some_and(|object| source.slice(object) == source.slice(name))
    };
    let after = descendants(function).filter(is_of_it).find(|node| node.start_byte() > name.end_byte());
    after.map_or(Then::Nothing, |attribute| method(source, attribute))
}

fn method(source: &Source, attribute: Node<'_>) -> Then {
    let name = attribute.child_by_field_name("attribute").map_or("", |name| source.slice(name));
    let call = attribute.parent().filter(|parent| parent.kind() == "call");
    match (name, call) {
        ("replace", Some(call)) if source.slice(call).contains("tzinfo=") => Then::Labelled,
        ("replace", _) => Then::Nothing,
        ("astimezone", _) => Then::Converted,
        _ => Then::Left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_aware_by_what_made_them_and_what_is_done_with_them() {
        let is_aware = |code: &str| {
            let source = Source::parse(format!("from datetime import datetime, timezone\n\n{code}\n"));
            makes_aware_alone(&source, source.root())
        };
        for code in [
            "datetime.strptime(text, '%Y').replace(tzinfo=timezone.utc)",
            "datetime.strptime(text, '%Y%z').astimezone(timezone.utc)",
            "datetime.fromtimestamp(seconds, tz=timezone.utc)",
            "datetime.fromtimestamp(seconds).astimezone(timezone.utc)",
            "datetime.strptime(text, '%Y').date()",
            "make_aware(datetime.strptime(text, '%Y'))",
            "def read(text):\n    made = datetime.strptime(text, '%Y')\n    return made.replace(tzinfo=timezone.utc)",
            "time.strptime(text, '%Y')",
            "datetime(1970, 1, 1, tzinfo=timezone.utc)",
        ] {
            assert!(is_aware(code), "{code}");
        }
        for code in [
            "datetime.strptime(text, '%Y')",
            "datetime.strptime(text, '%Y').astimezone(timezone.utc)",
            "datetime.strptime(text, '%Y%z').replace(tzinfo=timezone.utc)",
            "datetime.fromtimestamp(seconds).replace(tzinfo=timezone.utc)",
            "(given or datetime.today()).replace(tzinfo=timezone.utc)",
            "datetime.now(None)",
            "datetime(1970, 1, 1)",
            "datetime.combine(day, noon)",
            "def read(text):\n    made = datetime.strptime(text, '%Y')\n    return made",
        ] {
            assert!(!is_aware(code), "{code}");
        }
    }
}
