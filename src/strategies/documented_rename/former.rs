//! What a docstring says of the former name of a parameter: "previously called `interpolation`".

use regex::Regex;

/// The parameter that a docstring says was called `old`, and the words that say so.
///
/// The words stand in the parameter's own entry, or they name both: "`max_age` replaces the `cache_timeout` parameter".
pub(super) fn successor<'d>(docstring: &'d str, old: &str, parameters: &[&str]) -> Option<(&'d str, &'d str)> {
    let old = regex::escape(old);
    let own = format!(r"(?i)\b(?:renamed from|(?:previously|formerly) (?:called|named|known as))\s+[`'\x22*]*{old}\b");
    let both = format!(r"[`*]+(\w+)[`*]+ replaces (?:the )?[`*]+{old}[`*]+\s+(?:parameter|argument|keyword)\b");
    let is_parameter = |name: &&str| parameters.contains(name);
    if let Some(found) = Regex::new(&both).ok()?.captures(docstring) {
        let (said, new) = (found.get(0)?.as_str(), found.get(1)?.as_str());
        return Some((new, said)).filter(|(new, _)| is_parameter(new));
    }
    let found = Regex::new(&own).ok()?.find(docstring)?;
    let above = docstring[..found.start()].lines().rev();
    above.filter_map(entry).find(is_parameter).map(|new| (new, found.as_str()))
}

/// The name at the head of an entry: `method : str, optional`, `:param method: …`, `method (str): …`.
fn entry(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix(":param ").unwrap_or(line);
    let end = line.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    let (name, rest) = line.split_at(end);
    (!name.is_empty() && (rest.trim_start().starts_with(':') || rest.starts_with(" ("))).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::successor;

    #[test]
    fn a_parameter_is_found_by_what_it_was_called() {
        let numpy = "q : float\n    The quantile.\nmethod : str, optional\n    How.\n\n    .. versionchanged:: 1.22.0\n        \
                     This argument was previously called \"interpolation\" and only\n";
        let found = |old: &str| successor(numpy, old, &["q", "method"]).map(|(new, _)| new);
        assert_eq!(found("interpolation"), Some("method"));
        assert_eq!(found("interpol"), None);
        let flask = "``max_age`` replaces the ``cache_timeout`` parameter.";
        assert_eq!(successor(flask, "cache_timeout", &["max_age"]).map(|(new, _)| new), Some("max_age"));
        assert_eq!(successor(flask, "cache_timeout", &["etag"]), None);
    }
}
