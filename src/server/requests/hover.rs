//! `textDocument/hover`: the failure under the cursor with its evidence, and the lessons about the code there.

use tower_lsp::ls_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};

use crate::diagnosis::{Diagnosis, Verdict};
use crate::fix::{Evidence, Place, in_words};
use crate::heal::Healing;
use crate::report::Failure;
use crate::workspace::history::UNCOMMITTED;

use super::super::alike::alike;
use super::super::diagnostics::headline;
use super::super::lessons;
use super::super::mark::{Mark, State};
use super::super::world::World;

/// The hover, if there is something to say.
pub fn hover(world: &World, params: &HoverParams) -> Option<Hover> {
    let place = &params.text_document_position_params;
    let path = world.path(&place.text_document.uri)?;
    let (folder, page) = (world.folder_of(&path)?, world.page(&place.text_document.uri)?);
    let offset = page.offset(place.position, world.encoding());
    let here =
        |mark: &&Mark| mark.state != State::Gone && (mark.statement.contains(&offset) || mark.range.start == offset);
    let failures = alike(world.marks_at(&path).iter().filter(here));
    let told = lessons::hovers(world, &path, offset);
    let first =
        failures.first().map(|failures| &failures.first().range).or(told.first().map(|(range, _)| range))?.clone();
    // One failure alone is told by its diagnostic already, where the client shows that above the hover.
    let names = !world.abilities.hovers_diagnostics || failures.len() > 1;
    let parts = failures.iter().map(|failures| {
        let mark = failures.first();
        let others = failures.names().filter(|_| failures.nodeids().count() > 1);
        let others = others.map(|names| format!("\n\n{}", escape(&names))).unwrap_or_default();
        failure(mark, world.healing(folder, mark).as_deref(), names) + &others
    });
    let parts: Vec<String> = parts.chain(told.into_iter().map(|(_, text)| text)).collect();
    let markdown = parts.join("\n\n---\n\n");
    let (kind, value) = match world.abilities.markdown {
        true => (MarkupKind::Markdown, markdown),
        false => (MarkupKind::PlainText, plain(&markdown)),
    };
    let range = Some(page.range(first, world.encoding()));
    Some(Hover { contents: HoverContents::Markup(MarkupContent { kind, value }), range })
}

/// One failure as Markdown: what failed (where it `names` that), both sides as a diff, who should act, what can
/// be done.
pub fn failure(mark: &Mark, healing: Option<&Healing>, names: bool) -> String {
    let diagnosis = &mark.diagnosis;
    let headline = headline(&diagnosis.failure);
    let mut parts = Vec::new();
    if names {
        parts.push(format!("**{}**", escape(&headline)));
    }
    if mark.state == State::Edited {
        parts.push("*failed before your edit; run the test again*".to_string());
    }
    parts.extend(diagnosis.failure.hint.as_deref().map(escape));
    parts.extend(diff(&diagnosis.failure));
    let has_fix = healing.is_some_and(|healing| !healing.fixes.is_empty());
    if !(has_fix && diagnosis.verdict == Verdict::Undecided) {
        parts.push(judgement(diagnosis));
    }
    if let Some(healing) = healing {
        parts.extend(healing.fixes.iter().take(3).map(|guarded| {
            let fix = guarded.fix();
            let evidence: String = fix.evidence.iter().map(evidence_line).collect();
            format!("Fix: {} ({:.0} %)\n{evidence}", escape(&fix.title), fix.confidence.value() * 100.0)
        }));
        let refused = healing.refused.iter().take(3);
        parts
            .extend(refused.map(|refusal| format!("Refused: {}: {}", escape(&refusal.title), escape(&refusal.reason))));
    }
    let category = format!("{:?}", diagnosis.category);
    let category = if headline.starts_with(&category) { String::new() } else { format!(" · {category}") };
    parts.push(code(&diagnosis.failure.nodeid) + &category);
    parts.join("\n\n")
}

fn judgement(diagnosis: &Diagnosis) -> String {
    let verdict = match diagnosis.verdict {
        Verdict::OutdatedTest => "The test is outdated",
        Verdict::LikelyProductRegression => "Likely a bug of the product, not of the test",
        Verdict::Environment => "The environment failed, not the test",
        Verdict::Flaky => "Flaky",
        Verdict::Undecided => "Undecided",
    };
    let culprit = diagnosis.culprit.as_deref().map(|commit| format!(" (commit {})", code(commit))).unwrap_or_default();
    format!("{verdict}: {}{culprit}", escape(&diagnosis.reason))
}

fn evidence_line(evidence: &Evidence) -> String {
    let place = match &evidence.place {
        Place::File { path, line } => format!(" ({})", code(&format!("{path}:{line}"))),
        Place::Commit { commit } if commit == UNCOMMITTED => format!(" ({})", in_words(commit)),
        Place::Commit { commit } => format!(" ({})", code(commit)),
        Place::Log => String::new(),
    };
    format!("- {}{place}\n", escape(&evidence.text))
}

/// Both sides of a comparison as a fenced diff, line by line: `-` is expected, `+` is what came.
fn diff(failure: &Failure) -> Option<String> {
    let sides = failure.introspection.as_ref()?;
    let body = if sides.op == "==" {
        let (expected, actual) = (lines(&sides.right), lines(&sides.left));
        let changes = similar::TextDiff::from_lines(&expected, &actual);
        changes.iter_all_changes().map(|change| format!("{}{}", change.tag(), change)).collect()
    } else {
        format!("  actual: {}\n  wanted: {} {}\n", sides.left, sides.op, sides.right)
    };
    Some(fenced("diff", &body))
}

/// One line for each top-level item of a long collection, so that a diff shows the item.
fn lines(value: &str) -> String {
    if value.len() <= 60 || value.contains('\n') {
        return format!("{}\n", value.trim_end());
    }
    value.replace(", ", ",\n") + "\n"
}

/// A fence longer than any run of backticks inside.
pub fn fenced(language: &str, body: &str) -> String {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", body.trim_end())
}

/// An inline code span that holds any text.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text.replace('\n', " "))
}

/// Text of a log inside Markdown: no link, no HTML, no formatting comes of it. Code in backticks stays code.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // In a code span a backslash would be shown, and nothing is markup; a lone backtick must open none with ours.
        if let Some(span) = code_span(rest) {
            escaped.push_str(span);
            rest = &rest[span.len()..];
            continue;
        }
        if matches!(c, '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '!' | '#' | '|' | '&' | '~' | '`') {
            escaped.push('\\');
        }
        escaped.push(c);
        rest = &rest[c.len_utf8()..];
    }
    escaped
}

/// The code span of one line that `text` begins with: it ends at the next run of as many backticks.
fn code_span(text: &str) -> Option<&str> {
    let fence = text.len() - text.trim_start_matches('`').len();
    let line = text.lines().next().filter(|_| fence > 0)?;
    let mut at = fence;
    loop {
        let start = at + line[at..].find('`')?;
        at = start + line[start..].len() - line[start..].trim_start_matches('`').len();
        if at - start == fence {
            return Some(&text[..at]);
        }
    }
}

/// Markdown of ours for a client that shows plain text.
fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut chars = markdown.chars();
    while let Some(c) = chars.clone().next() {
        if let Some(span) = code_span(chars.as_str()) {
            text.push_str(span.trim_matches('`'));
            chars = chars.as_str()[span.len()..].chars();
            continue;
        }
        chars.next();
        match c {
            '\\' if chars.clone().next().is_some_and(|c| c.is_ascii_punctuation()) => text.extend(chars.next()),
            '*' | '`' => {}
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Introspection;

    #[test]
    fn text_of_a_log_cannot_make_a_link() {
        let hostile = "[run](command:evil) <img src=x> `code` ![x](y)";
        assert_eq!(escape(hostile), r"\[run\](command:evil) \<img src=x\> `code` \!\[x\](y)");
        assert_eq!(escape("a_b `a_b *c`, ``x`_y``"), r"a\_b `a_b *c`, ``x`_y``");
        assert_eq!(
            escape("it's `[x](y)\nand` <b>"),
            "it's \\`\\[x\\](y)\nand\\` \\<b\\>",
            "no span goes on in a new line"
        );
        assert!(fenced("diff", "```\n[x](command:evil)").starts_with("````diff\n"));
        assert_eq!(code("a`b``"), "``` a`b`` ```");
    }

    #[test]
    fn a_diff_shows_the_item_that_differs() {
        let side = |last: &str| format!("['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', '{last}']");
        let introspection = Some(Introspection { left: side("iota"), op: "==".to_string(), right: side("theta") });
        let diff = diff(&Failure { introspection, ..Failure::default() }).unwrap();
        assert!(diff.contains("\n-'theta']\n+'iota']\n"), "{diff}");
    }

    #[test]
    fn plain_text_has_no_markup() {
        assert_eq!(plain(r"**a\_b** `c`"), "a_b c");
        assert_eq!(plain(r"`f(*a, b_c)` *d*"), "f(*a, b_c) d");
    }
}
