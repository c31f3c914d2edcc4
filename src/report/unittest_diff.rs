//! What `assertEqual` of unittest compared: its message shortens both values (`'The [27 chars]iled.'`) and prints
//! them line by line below, as difflib's `ndiff` does.
//!
//! The format: `assertMultiLineEqual` and `assertSequenceEqual` of
//! <https://github.com/python/cpython/blob/main/Lib/unittest/case.py>.

use std::sync::LazyLock;

use regex::Regex;

static GAP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[(\d+) chars\]").expect("a valid pattern"));

/// Both values as `repr` prints them. `None` where the message shows them whole, or where it does not show all.
pub(super) fn sides(message: &str) -> Option<(String, String)> {
    let (first, diff) = message.split_once('\n').filter(|(first, _)| GAP.is_match(first))?;
    let (left, right) = first.split_once(" != ")?;
    let lines = |sign: &str| -> Option<Vec<&str>> {
        diff.lines()
            .filter(|line| !line.starts_with("? "))
            .filter_map(|line| match line.get(..2) {
                Some(own) if own == sign => Some(Some(&line[2..])),
                Some("  ") => Some(Some(&line[2..])),
                Some("- " | "+ ") => None,
                _ if line.is_empty() => Some(Some("")),
                // A message of the test's own, or `Diff is 1024 characters long`.
                _ => Some(None),
            })
            .collect()
    };
    let side = |sign: &str, short: &str| {
        let lines = lines(sign)?;
        let text = lines.join("\n");
        let endings = [text.clone(), format!("{text}\n")];
        let as_text = endings.iter().map(|text| repr(text)).find(|repr| is_short_for(short, repr));
        as_text.or_else(|| Some(mapping(&lines)).filter(|mapping| is_as_long(short, mapping)))
    };
    Some((side("- ", left)?, side("+ ", right)?))
}

/// A mapping that `pprint` printed, on one line.
fn mapping(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// Whether `whole` is a mapping as long as what `short` was made of: `pprint` orders the keys, and writes the rest as
/// `repr` does.
fn is_as_long(short: &str, whole: &str) -> bool {
    let left_out: usize = GAP.captures_iter(short).filter_map(|gap| gap[1].parse::<usize>().ok()).sum();
    let shown = GAP.replace_all(short, "").chars().count();
    whole.starts_with('{') && whole.ends_with('}') && whole.chars().count() == shown + left_out
}

/// Whether `short` is `whole` with parts of it left out and counted.
fn is_short_for(short: &str, whole: &str) -> bool {
    let mut rest = whole;
    let mut from = 0;
    for gap in GAP.captures_iter(short) {
        let (all, Ok(left_out)) = (gap.get_match(), gap[1].parse::<usize>()) else { return false };
        let Some(after) = rest.strip_prefix(&short[from..all.start()]) else { return false };
        let mut left = after.chars();
        if left.by_ref().take(left_out).count() < left_out {
            return false;
        }
        rest = left.as_str();
        from = all.end();
    }
    rest == &short[from..]
}

/// A string as Python's `repr` writes it.
fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut repr = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => repr += "\\n",
            '\r' => repr += "\\r",
            '\t' => repr += "\\t",
            '\\' => repr += "\\\\",
            c if c == quote => repr.extend(['\\', c]),
            c if c.is_ascii_control() => repr += &format!("\\x{:02x}", u32::from(c)),
            c => repr.push(c),
        }
    }
    repr.push(quote);
    repr
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r"'The [27 chars]iled.\nThe server responded with: {}' != 'The [27 chars]iled. (url: http://localhost:8888/users.list)\[26 chars]: {}'
- The request to the Slack API failed.
+ The request to the Slack API failed. (url: http://localhost:8888/users.list)
  The server responded with: {}
";

    #[test]
    fn both_values_are_read_from_the_lines() {
        let (left, right) = sides(MESSAGE).unwrap();
        assert_eq!(left, r"'The request to the Slack API failed.\nThe server responded with: {}'");
        let url = "(url: http://localhost:8888/users.list)";
        assert_eq!(right, format!(r"'The request to the Slack API failed. {url}\nThe server responded with: {{}}'"));
    }

    #[test]
    fn lines_that_are_not_all_of_it_say_nothing() {
        let cut = MESSAGE.replace("  The server", "  A server");
        assert_eq!(sides(&cut), None);
        let long =
            "'a[1200 chars]b' != 'a[1200 chars]c'\nDiff is 2431 characters long. Set self.maxDiff to None to see it.";
        assert_eq!(sides(long), None);
        assert_eq!(sides("'a' != 'b'\n- a\n+ b\n"), None, "the message itself shows them");
    }

    #[test]
    fn a_mapping_is_read_in_the_order_in_which_it_is_printed_below() {
        let message =
            "{'sku': 'a', 'left': {'north': 7, [10 chars]: 1}} != {'sku': 'a', 'left': {'north': 8, [10 chars]: 1}}
- {'left': {'north': 7, 'southern': 1}, 'sku': 'a'}
?                    ^

+ {'left': {'north': 8, 'southern': 1}, 'sku': 'a'}
?                    ^
";
        let whole = |north: u8| format!("{{'left': {{'north': {north}, 'southern': 1}}, 'sku': 'a'}}");
        assert_eq!(sides(message), Some((whole(7), whole(8))));
        assert_eq!(sides(&message.replace("[10 chars]", "[11 chars]")), None);
        let (lines, common) = (message.replace(", 'sku': 'a'}", ","), "   'sku': 'a'}");
        assert_eq!(sides(&format!("{lines}{common}")), Some((whole(7), whole(8))));
    }

    #[test]
    fn what_is_left_out_is_counted() {
        assert!(is_short_for("'ab[3 chars]f'", "'abcdef'"));
        assert!(!is_short_for("'ab[2 chars]f'", "'abcdef'"));
        assert!(!is_short_for("'ab[9 chars]'", "'abcdef'"));
    }
}
