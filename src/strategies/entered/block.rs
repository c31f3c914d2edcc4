//! Statements that go one level deeper or come one level up, with the text of their strings as it was.

use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::words::occurrences;

/// The lines of statements that stand together.
pub(super) struct Block<'t> {
    /// One level of indentation, as the file has it.
    pub(super) unit: &'static str,
    /// The last statement.
    pub(super) last: Option<Node<'t>>,
    /// The bytes from the first line to the end of the last statement.
    range: std::ops::Range<usize>,
    /// Where each line begins that has code and is no inner line of a string.
    lines: Vec<usize>,
    /// The column from which the statements begin, and the one that they are to begin at when they come up.
    columns: (usize, usize),
}

impl<'t> Block<'t> {
    /// What follows a statement up to the end of its block.
    pub(super) fn after(source: &Source, statement: Node<'t>) -> Option<Self> {
        let parent = statement.parent().filter(|parent| parent.kind() == "block")?;
        let last = children(parent).filter(|node| node.start_byte() > statement.start_byte()).last();
        let start = line_after(source, statement.end_byte())?;
        let end = last.map_or(start, |last| last.end_byte().max(start));
        let column = statement.start_position().column;
        Some(Self::new(source, start..end, last, (column, column)))
    }

    /// What stands in a `with`.
    pub(super) fn of(source: &Source, with: Node<'t>) -> Option<Self> {
        let body = with.child_by_field_name("body")?;
        let last = children(body).last();
        let first = children(body).next()?;
        let columns = (first.start_position().column, with.start_position().column);
        let start = source.text()[..first.start_byte()].rfind('\n').map(|at| at + 1)?;
        (start > with.start_byte()).then(|| Self::new(source, start..body.end_byte(), last, columns))
    }

    fn new(source: &Source, range: std::ops::Range<usize>, last: Option<Node<'t>>, columns: (usize, usize)) -> Self {
        let text = source.text();
        let strings: Vec<_> = descendants(source.root())
            .filter(|node| node.kind() == "string" && node.start_position().row != node.end_position().row)
            .map(|node| node.byte_range())
            .collect();
        let mut lines = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let end = text[at..].find('\n').map_or(text.len(), |next| at + next);
            let is_inner = strings.iter().any(|string| string.start < at && at < string.end);
            if !is_inner && !text[at..end].trim().is_empty() {
                lines.push(at);
            }
            at = end + 1;
        }
        let unit = if text.contains("\n\t") && !text.contains("\n    ") { "\t" } else { "    " };
        Self { unit, last, range, lines, columns }
    }

    /// Whether a name of the function stands nowhere behind the block.
    pub(super) fn holds_all(&self, function: Node<'_>, source: &Source, name: &str) -> bool {
        let rest = source.text().get(self.range.end..function.end_byte()).unwrap_or_default();
        occurrences(rest, name).next().is_none()
    }

    /// One level deeper; nothing where there is no code.
    pub(super) fn indented(&self, path: &FilePath) -> Option<Vec<Edit>> {
        self.last?;
        Some(self.lines.iter().map(|line| Edit::insert(path, *line, self.unit)).collect())
    }

    /// At the column of what they stood in.
    pub(super) fn dedented(&self, path: &FilePath) -> Option<Vec<Edit>> {
        let width = self.columns.0.checked_sub(self.columns.1)?;
        Some(self.lines.iter().map(|line| Edit::replace(path, *line..line + width, "")).collect())
    }

    /// Where the head of a `with` ends, behind its colon; `None` where something else stands on the line.
    pub(super) fn colon(&self, source: &Source, with: Node<'_>) -> Option<usize> {
        let head = &source.text()[with.start_byte()..self.range.start];
        let end = with.start_byte() + head.trim_end().len();
        (head.trim_end().ends_with(':') && !ancestors(with).skip(1).any(|node| node.kind() == "with_clause"))
            .then_some(end)
    }
}

/// The beginning of the line behind a statement that ends its own.
fn line_after(source: &Source, end: usize) -> Option<usize> {
    let rest = &source.text()[end..];
    let line = rest.find('\n').unwrap_or(rest.len());
    let is_alone = rest[..line].trim().is_empty() || rest[..line].trim_start().starts_with('#');
    is_alone.then_some((end + line + 1).min(source.text().len()))
}
