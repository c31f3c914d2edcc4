//! A test file that does not parse: the one token that mends it.

use crate::diagnosis::Category;
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::Source;
use crate::text::{Edit, apply};

use super::confidence::Odds;
use super::{Context, Strategy};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "syntax-repair",
    categories: &[Category::SyntaxError],
    summary: "Puts in, takes out or replaces the one token after which the file parses.",
    example: r#"
#- tests/test_cart.py
def test_cart()
    assert 1 + 1 == 2
#- test_run.log
==================================== ERRORS ====================================
_____________________ ERROR collecting tests/test_cart.py ______________________
/p/venv/lib/python3.12/site-packages/_pytest/python.py:493: in importtestmodule
    mod = import_path(
E     File "/p/tests/test_cart.py", line 1
E       def test_cart()
E                      ^
E   SyntaxError: expected ':'
#- healed
-def test_cart()
+def test_cart():
"#,
    propose: syntax_repair,
};

/// A change of one line, with what the parser's success shows.
struct Repair {
    edit: Edit,
    title: &'static str,
    /// Whether CPython's own message asks for this.
    is_asked_for: bool,
}

fn syntax_repair(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let line = ctx.source.line_of(ctx.site.range.start);
    let mut repairs: Vec<Repair> = [line, line.saturating_sub(1)]
        .into_iter()
        .filter_map(|line| Line::of(ctx, line))
        .flat_map(|line| line.repairs())
        .filter(|repair| parses_with(ctx, &repair.edit))
        .collect();
    if repairs.iter().any(|repair| repair.is_asked_for) {
        repairs.retain(|repair| repair.is_asked_for);
    }
    repairs.dedup_by(|a, b| a.edit == b.edit);
    let rivals = repairs.len().saturating_sub(1);
    for repair in repairs.into_iter().take(2) {
        let text = format!("the file parses after this change of line {}", ctx.source.line_of(repair.edit.range.start));
        let mut evidence = vec![Evidence::at(EvidenceKind::Source, &ctx.site.path, line, text)];
        if repair.is_asked_for {
            evidence.push(Evidence::hint(format!("Python says: {}", ctx.message().lines().next().unwrap_or_default())));
        }
        fixes.push(Fix {
            title: repair.title.to_string(),
            strategy: STRATEGY.id,
            edits: vec![repair.edit],
            confidence: Odds::of(&evidence).rivals(rivals).confidence(),
            evidence,
            tier: Tier::Safe,
        });
    }
    Some(())
}

fn parses_with(ctx: &Context<'_>, edit: &Edit) -> bool {
    let text = apply(ctx.source.text(), std::slice::from_ref(edit));
    text.is_ok_and(|text| !Source::parse(text).root().has_error())
}

/// A line of a file that does not parse.
struct Line<'a, 'c> {
    ctx: &'a Context<'c>,
    /// Where it begins in the file.
    start: usize,
    text: &'a str,
    /// Where its code ends and a comment may follow.
    end: usize,
}

impl<'a, 'c> Line<'a, 'c> {
    fn of(ctx: &'a Context<'c>, line: u32) -> Option<Self> {
        let code = ctx.source.code_on_line(line).filter(|code| !code.is_empty())?;
        let text = &ctx.source.text()[code.clone()];
        Some(Self { ctx, start: code.start, text, end: without_comment(text) })
    }

    /// Everything that one token can do on it.
    fn repairs(&self) -> Vec<Repair> {
        let mut repairs = Vec::new();
        repairs.extend(self.colon());
        repairs.extend(self.brackets());
        repairs.extend(self.quotes());
        repairs.extend(self.comparisons());
        repairs.extend(self.commas());
        repairs.extend(self.print());
        repairs.extend(self.keywords());
        repairs
    }

    /// Writes `new` over `len` bytes from `at`; CPython asks for it if its message has one of the `words`.
    fn repair(&self, (at, len): (usize, usize), new: &str, title: &'static str, words: &[&str]) -> Repair {
        let start = self.start + at;
        let is_asked_for = words.iter().any(|word| self.ctx.message().contains(word));
        Repair { edit: self.ctx.replace(start..start + len, new), title, is_asked_for }
    }

    fn colon(&self) -> Option<Repair> {
        let begins = |word: &&str| {
            let rest = self.text.strip_prefix(*word);
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        let is_missing = BLOCK_WORDS.iter().any(begins) && !self.text[..self.end].ends_with(':');
        is_missing.then(|| self.repair((self.end, 0), ":", "Put the missing `:`", &["expected ':'"]))
    }

    /// A bracket that is missing at the end, or before the `:` there; and one that is too much.
    fn brackets(&self) -> Vec<Repair> {
        let code = &self.text[..self.end];
        let mut repairs = Vec::new();
        if let Some(bracket) = unclosed(code) {
            let close = |at: usize| self.repair((at, 0), bracket, "Close the bracket", &["was never closed"]);
            repairs.push(close(self.end));
            repairs.extend(code.ends_with(':').then(|| close(self.end - 1)));
        }
        let title = "Take out the bracket that nothing opened";
        repairs.extend(unmatched(code).map(|at| self.repair((at, 1), "", title, &["unmatched"])));
        repairs
    }

    /// A quote that is missing at the end, or before what closes there.
    fn quotes(&self) -> Vec<Repair> {
        let Some(quote) = unterminated(self.text) else { return Vec::new() };
        let closing = [")", "]", "}"].into_iter().filter_map(|close| self.text.rfind(close));
        let end = |at: usize| self.repair((at, 0), quote, "End the string", &["unterminated string"]);
        std::iter::once(self.end).chain(closing).map(end).collect()
    }

    fn comparisons(&self) -> Vec<Repair> {
        if !["assert ", "if ", "while "].iter().any(|word| self.text.starts_with(word)) {
            return Vec::new();
        }
        let compare = |at: usize| self.repair((at, 3), " == ", "Compare with `==`", &["==", "invalid syntax"]);
        self.text.match_indices(" = ").map(|(at, _)| compare(at)).collect()
    }

    /// Commas may be missing in many places: only where CPython asks for one.
    fn commas(&self) -> Vec<Repair> {
        const ASKS: &str = "forgot a comma";
        if !self.ctx.message().contains(ASKS) {
            return Vec::new();
        }
        let put = |at: usize| self.repair((at, 0), ",", "Put the missing comma", &[ASKS]);
        missing_commas(self.text).into_iter().map(put).collect()
    }

    fn print(&self) -> Option<Repair> {
        let printed = self.text.strip_prefix("print ")?;
        let call = format!("print({})", printed.trim_end());
        Some(self.repair((0, self.text.len()), &call, "Call `print`", &["parentheses"]))
    }

    fn keywords(&self) -> Vec<Repair> {
        let asks = ["Did you mean", "invalid syntax"];
        let spelled = |(wrong, right): &(&str, &str)| {
            let at = word_at(self.text, wrong)?;
            Some(self.repair((at, wrong.len()), right, "Spell the keyword", &asks))
        };
        KEYWORDS.iter().filter_map(spelled).collect()
    }
}

const BLOCK_WORDS: &[&str] = &[
    "def",
    "async def",
    "class",
    "if",
    "elif",
    "else",
    "for",
    "while",
    "with",
    "try",
    "except",
    "finally",
    "match",
    "case",
    "async with",
    "async for",
];

/// Slips that other languages and hasty fingers leave.
const KEYWORDS: &[(&str, &str)] = &[
    ("asert", "assert"),
    ("assret", "assert"),
    ("dfe", "def"),
    ("form", "from"),
    ("improt", "import"),
    ("imoprt", "import"),
    ("retrun", "return"),
    ("retunr", "return"),
    ("wiht", "with"),
    ("whiel", "while"),
    ("fro", "for"),
    ("elseif", "elif"),
    ("lamda", "lambda"),
    ("clas", "class"),
    ("yeild", "yield"),
    ("awiat", "await"),
];

/// The length of the code before a comment.
fn without_comment(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '#') => return text[..at].trim_end().len(),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    text.trim_end().len()
}

/// The brackets left open at the end, and the first that closes nothing.
fn brackets(text: &str) -> (Vec<char>, Option<usize>) {
    let (mut open, mut quote, mut stray) = (Vec::new(), None, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(end), c) if end == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => open.push(c),
            (None, ')' | ']' | '}') if open.last() == Some(&opening(c)) => drop(open.pop()),
            (None, ')' | ']' | '}') => stray = stray.or(Some(at)),
            _ => {}
        }
    }
    (open, stray)
}

fn opening(close: char) -> char {
    match close {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}

fn unclosed(text: &str) -> Option<&'static str> {
    match brackets(text).0.as_slice() {
        ['('] => Some(")"),
        ['['] => Some("]"),
        ['{'] => Some("}"),
        _ => None,
    }
}

fn unmatched(text: &str) -> Option<usize> {
    brackets(text).1
}

fn unterminated(text: &str) -> Option<&'static str> {
    let mut quote = None;
    for c in text.chars() {
        match quote {
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
    }
    quote.map(|c| if c == '"' { "\"" } else { "'" })
}

/// Between two values that stand side by side: `1 2`, `"a" b`, `) (`.
fn missing_commas(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends_value = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'"' | b'\'' | b')' | b']' | b'}');
    let starts_value = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'"' | b'\'' | b'(' | b'[' | b'{');
    text.match_indices(' ')
        .map(|(at, _)| at)
        .filter(|&at| at > 0 && ends_value(bytes[at - 1]) && bytes.get(at + 1).is_some_and(|b| starts_value(*b)))
        .collect()
}

fn word_at(text: &str, word: &str) -> Option<usize> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|&at| !is_word(text[..at].chars().next_back()) && !is_word(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    fn scene(code: &str, line: u32, message: &str, healed: &str) -> String {
        format!(
            "#- tests/test_cart.py\n{code}#- test_run.log\n\
             ==================================== ERRORS ====================================\n\
             _____________________ ERROR collecting tests/test_cart.py ______________________\n\
             E     File \"/p/tests/test_cart.py\", line {line}\nE       x\nE       ^\nE   SyntaxError: {message}\n\
             #- healed\n{healed}\n"
        )
    }

    #[test]
    fn one_token_is_enough() {
        let assert = "def test_a():\n    assert 1 = 1\n";
        check(&scene(
            assert,
            2,
            "cannot assign to literal here. Maybe you meant '==' instead of '='?",
            "-    assert 1 = 1\n+    assert 1 == 1",
        ));
        let bracket = "def test_a():\n    f(1, [2)\n";
        check(&scene(bracket, 2, "closing parenthesis ')' does not match opening parenthesis '['", "no fix"));
        let open = "def test_a():\n    f(1, 2\n";
        check(&scene(open, 2, "'(' was never closed", "-    f(1, 2\n+    f(1, 2)"));
        let keyword = "def test_a():\n    asert 1 == 1\n";
        check(&scene(keyword, 2, "invalid syntax", "-    asert 1 == 1\n+    assert 1 == 1"));
    }

    #[test]
    fn two_ways_are_a_guess_and_none_is_silence() {
        check(&scene("def test_a():\n    f((1, 2\n    g(]\n", 2, "'(' was never closed", "no fix"));
    }
}
