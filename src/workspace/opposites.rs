//! Names and texts that look alike and mean the opposite: `first` and `last`, `verify` and `no_verify`.

use super::similar_names::words;

/// Words of which one is taken for the other only by mistake.
const OPPOSITES: &[(&str, &str)] = &[
    ("accept", "decline"),
    ("accept", "reject"),
    ("acquire", "release"),
    ("active", "archived"),
    ("active", "passive"),
    ("add", "remove"),
    ("admin", "guest"),
    ("after", "before"),
    ("after", "until"),
    ("all", "any"),
    ("all", "none"),
    ("allow", "deny"),
    ("allow", "forbid"),
    ("append", "prepend"),
    ("asc", "desc"),
    ("ascending", "descending"),
    ("before", "since"),
    ("begin", "end"),
    ("blacklist", "whitelist"),
    ("bottom", "top"),
    ("ceil", "floor"),
    ("check", "skip"),
    ("cleartext", "encrypted"),
    ("buyer", "seller"),
    ("close", "open"),
    ("connect", "disconnect"),
    ("create", "delete"),
    ("created", "deleted"),
    ("created", "modified"),
    ("created", "updated"),
    ("credit", "debit"),
    ("decode", "encode"),
    ("decrypt", "encrypt"),
    ("destination", "source"),
    ("down", "up"),
    ("dump", "load"),
    ("earliest", "latest"),
    ("end", "start"),
    ("enter", "exit"),
    ("enter", "leave"),
    ("even", "odd"),
    ("everything", "nothing"),
    ("exclude", "include"),
    ("fail", "pass"),
    ("failure", "success"),
    ("false", "true"),
    ("finished", "started"),
    ("first", "last"),
    ("from", "to"),
    ("from", "until"),
    ("get", "set"),
    ("grant", "refuse"),
    ("grant", "revoke"),
    ("gross", "net"),
    ("head", "tail"),
    ("height", "width"),
    ("hidden", "visible"),
    ("hide", "show"),
    ("high", "low"),
    ("highest", "lowest"),
    ("input", "output"),
    ("insecure", "verify"),
    ("insert", "delete"),
    ("invalid", "valid"),
    ("largest", "smallest"),
    ("lat", "lon"),
    ("latitude", "longitude"),
    ("left", "right"),
    ("less", "more"),
    ("lock", "unlock"),
    ("lower", "upper"),
    ("max", "min"),
    ("maximum", "minimum"),
    ("negative", "positive"),
    ("newest", "oldest"),
    ("next", "prev"),
    ("next", "previous"),
    ("off", "on"),
    ("offline", "online"),
    ("optional", "required"),
    ("plus", "minus"),
    ("pop", "push"),
    ("private", "public"),
    ("read", "write"),
    ("receive", "send"),
    ("recipient", "sender"),
    ("request", "response"),
    ("row", "column"),
    ("since", "until"),
    ("source", "target"),
    ("start", "stop"),
    ("strict", "lenient"),
    ("with", "without"),
];

/// Words that turn the rest of a name round.
const NEGATIONS: &[&str] = &["no", "non", "not", "without", "skip", "ignore", "disable"];

/// What makes a word its own opposite.
const PREFIXES: &[&str] = &["un", "dis", "in", "im", "ir", "non", "anti", "de"];

/// Words that say in what a number counts.
const UNITS: &[&str] = &[
    "bits",
    "bytes",
    "cents",
    "days",
    "dollars",
    "euros",
    "gb",
    "grams",
    "hours",
    "kb",
    "kib",
    "km",
    "mb",
    "meters",
    "mib",
    "miles",
    "micros",
    "millis",
    "milliseconds",
    "minutes",
    "mins",
    "ms",
    "nanos",
    "ns",
    "pct",
    "pence",
    "percent",
    "px",
    "s",
    "sec",
    "seconds",
    "secs",
    "us",
];

/// Whether two names differ by a word and its opposite, by a negation, or by the unit that they count in.
pub(crate) fn are_opposed(old: &str, new: &str) -> bool {
    let (old, new) = (words(old), words(new));
    let gone: Vec<&str> = old.iter().filter(|word| !new.contains(word)).map(String::as_str).collect();
    let came: Vec<&str> = new.iter().filter(|word| !old.contains(word)).map(String::as_str).collect();
    let is_extra = |words: &[&str]| words.iter().any(|word| NEGATIONS.contains(word) || UNITS.contains(word));
    match (gone.as_slice(), came.as_slice()) {
        ([], extra) | (extra, []) => is_extra(extra),
        _ if NEGATIONS.iter().any(|no| gone.contains(no)) != NEGATIONS.iter().any(|no| came.contains(no)) => true,
        _ => gone.iter().any(|gone| {
            came.iter().any(|came| is_pair(gone, came) || is_negated(gone, came) || are_of_other_units(gone, came))
        }),
    }
}

/// Whether two names count in different units: no value fits both.
pub(crate) fn are_of_other_units(old: &str, new: &str) -> bool {
    let units = |name: &str| -> Vec<String> {
        words(name).into_iter().filter(|word| UNITS.contains(&word.as_str())).map(same_unit).collect()
    };
    let (old, new) = (units(old), units(new));
    !old.is_empty() && !new.is_empty() && old != new
}

/// One spelling of each unit that has more.
fn same_unit(word: String) -> String {
    const SPELLINGS: [&[&str]; 5] = [
        &["millis", "milliseconds", "ms"],
        &["seconds", "s", "sec", "secs"],
        &["minutes", "mins"],
        &["nanos", "ns"],
        &["percent", "pct"],
    ];
    let first = SPELLINGS.iter().find(|all| all.contains(&word.as_str())).and_then(|all| all.first());
    first.map_or(word, |first| first.to_string())
}

/// Whether two texts that are alike differ by a word and its opposite.
pub(crate) fn say_the_opposite(old: &str, new: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let (old, new) = (words(old), words(new));
    let gone = || old.iter().filter(|word| !new.contains(word));
    let came = || new.iter().filter(|word| !old.contains(word));
    gone().any(|gone| came().any(|came| is_pair(gone, came) || is_negated(gone, came)))
        || gone().chain(came()).any(|word| matches!(word.as_str(), "not" | "never" | "no"))
}

/// `first` and `last`, in any form that ends alike: `accepted` and `declined`, `allows` and `denies`.
fn is_pair(one: &str, other: &str) -> bool {
    let (one, other) = (root(one), root(other));
    let is = |(a, b): &(&str, &str)| (root(a), root(b)) == (one, other) || (root(b), root(a)) == (one, other);
    one != other && OPPOSITES.iter().any(is)
}

/// `valid` and `invalid`, `enabled` and `disabled`, `include` and `exclude`.
fn is_negated(one: &str, other: &str) -> bool {
    let negates = |word: &str, by: &str| PREFIXES.iter().any(|prefix| by.strip_prefix(prefix) == Some(word));
    let prefixed = |one: &str, other: &str| {
        [("en", "dis"), ("in", "ex"), ("as", "des")].iter().any(|(yes, no)| {
            one.strip_prefix(yes).zip(other.strip_prefix(no)).is_some_and(|(one, other)| one == other && one.len() > 3)
        })
    };
    let long = |word: &str| word.len() > 2;
    (long(one) && negates(one, other))
        || (long(other) && negates(other, one))
        || prefixed(one, other)
        || prefixed(other, one)
}

/// A word without the endings of verbs and plurals.
fn root(word: &str) -> &str {
    let cut = ["ing", "ed", "es", "s", "e", "d"].iter().find_map(|end| word.strip_suffix(end));
    cut.filter(|root| root.len() > 2).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_the_opposite() {
        for (old, new) in [
            ("first_item", "last_item"),
            ("isEnabled", "isDisabled"),
            ("allows", "disallows"),
            ("verify", "no_verify"),
            ("timeout", "timeout_ms"),
            ("seconds", "millis"),
            ("include", "exclude"),
            ("accepted", "declined"),
            ("since", "until"),
            ("check_csrf", "skip_csrf"),
            ("price_cents", "price_euros"),
            ("verify_host", "ignore_host"),
            ("is_valid", "is_invalid"),
            ("LOWEST", "HIGHEST"),
        ] {
            assert!(are_opposed(old, new), "{old} {new}");
            assert!(are_opposed(new, old), "{new} {old}");
        }
    }

    #[test]
    fn units_are_others_and_their_spellings_are_not() {
        assert!(are_of_other_units("timeout_seconds", "timeout_ms") && are_of_other_units("seconds", "millis"));
        assert!(!are_of_other_units("timeout_secs", "timeout_seconds") && !are_of_other_units("timeout", "timeout_ms"));
    }

    #[test]
    fn names_that_only_changed() {
        for (old, new) in [
            ("get_total", "total"),
            ("slave_node", "worker_node"),
            ("start_server", "start"),
            ("phase", "state"),
            ("_name", "name"),
            ("parse_all", "parse"),
            ("default_value", "value"),
        ] {
            assert!(!are_opposed(old, new), "{old} {new}");
        }
    }

    #[test]
    fn texts_that_say_the_opposite() {
        assert!(say_the_opposite("access was granted", "access was refused"));
        assert!(say_the_opposite("may be empty", "may not be empty"));
        assert!(!say_the_opposite("no tea left", "no coffee left"));
        assert!(!say_the_opposite("Could not import x.", "Could not import 'x'."));
    }
}
