//! Constants that everybody knows by name: levels of `logging`, statuses of HTTP.

/// The name of the value `is` where `name` of `class` named `was`; nothing where `was` is known and is not what the
/// name stands for, and no error in the place of a good status.
pub(super) fn successor(class: &str, name: &str, was: Option<&str>, is: &str) -> Option<String> {
    let number = |text: &str| text.parse::<u16>().ok();
    let is = number(is)?;
    let known = if class == "logging" { level(name) } else { status(name).map(|(code, _)| code) }?;
    if was.is_some_and(|was| number(was) != Some(known)) || known == is {
        return None;
    }
    if class == "logging" {
        return LEVELS.iter().find(|(code, _)| *code == is).map(|(_, name)| name.to_string());
    }
    if known < 400 && is >= 400 {
        return None;
    }
    let (_, with_number) = status(name)?;
    let (_, phrase) = STATUSES.iter().find(|(code, _)| *code == is)?;
    Some(if with_number { format!("HTTP_{is}_{phrase}") } else { phrase.to_string() })
}

fn level(name: &str) -> Option<u16> {
    LEVELS.iter().find(|(_, level)| *level == name).map(|(code, _)| *code)
}

/// The status of `OK` or `HTTP_200_OK`, and whether the name has its number.
fn status(name: &str) -> Option<(u16, bool)> {
    if let Some(rest) = name.strip_prefix("HTTP_") {
        return Some((rest.get(..3)?.parse().ok()?, true));
    }
    STATUSES.iter().find(|(_, phrase)| *phrase == name).map(|(code, _)| (*code, false))
}

const LEVELS: &[(u16, &str)] = &[(10, "DEBUG"), (20, "INFO"), (30, "WARNING"), (40, "ERROR"), (50, "CRITICAL")];

const STATUSES: &[(u16, &str)] = &[
    (200, "OK"),
    (201, "CREATED"),
    (202, "ACCEPTED"),
    (204, "NO_CONTENT"),
    (206, "PARTIAL_CONTENT"),
    (301, "MOVED_PERMANENTLY"),
    (302, "FOUND"),
    (303, "SEE_OTHER"),
    (304, "NOT_MODIFIED"),
    (307, "TEMPORARY_REDIRECT"),
    (308, "PERMANENT_REDIRECT"),
    (400, "BAD_REQUEST"),
    (401, "UNAUTHORIZED"),
    (403, "FORBIDDEN"),
    (404, "NOT_FOUND"),
    (405, "METHOD_NOT_ALLOWED"),
    (406, "NOT_ACCEPTABLE"),
    (409, "CONFLICT"),
    (410, "GONE"),
    (412, "PRECONDITION_FAILED"),
    (415, "UNSUPPORTED_MEDIA_TYPE"),
    (422, "UNPROCESSABLE_ENTITY"),
    (429, "TOO_MANY_REQUESTS"),
    (500, "INTERNAL_SERVER_ERROR"),
    (501, "NOT_IMPLEMENTED"),
    (502, "BAD_GATEWAY"),
    (503, "SERVICE_UNAVAILABLE"),
];
