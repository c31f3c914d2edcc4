//! Edits of whole statements, decorators and context managers, with their lines and comments.

use std::ops::Range;

use super::edits::{Editor, Edits, reindented};
use super::tree::{Id, Kind};

impl Editor<'_> {
    /// Gives arguments to a decorator, which may be written without parentheses.
    pub(super) fn call_decorator(&self, id: Id, text: &str) -> Option<Edits> {
        let tree = self.tree();
        if let Some(call) = tree.parent(id).filter(|call| tree.kind(*call) == Kind::Call) {
            return self.add_argument(call, text);
        }
        let end = tree.nodes[id].range.end;
        Some(vec![(end..end, format!("({text})"))])
    }

    /// The lines of the decorator that `id` is what decorates.
    pub(super) fn lines_of_decorator(&self, id: Id) -> Option<Range<usize>> {
        let tree = self.tree();
        let range = &tree.nodes[tree.parent(id)?].range;
        Some(self.line_start(range.start)..self.line_end(range.end))
    }

    pub(super) fn make_async(&self, function: Id) -> Option<(Range<usize>, String)> {
        let tree = self.tree();
        let (start, name) = (tree.nodes[function].range.start, tree.nodes[function].name.start);
        let at = start + tree.text[start..name].rfind("def")?;
        Some((at..at, "async ".to_string()))
    }

    /// Where the body of a function begins: below its docstring, if there is more than that.
    pub(super) fn first_statement(&self, function: Id) -> Option<Id> {
        let tree = self.tree();
        let body = tree.body(function);
        let is_docstring = |id: &Id| tree.slice(*id).starts_with(['"', '\'']) && body.len() > 1;
        body.get(usize::from(body.first().is_some_and(is_docstring))).copied()
    }

    pub(super) fn add_decorator(&self, function: Id, is_first: bool, text: &str) -> Option<(Range<usize>, String)> {
        let tree = self.tree();
        let range = tree.nodes[function].range.clone();
        let indent = self.indent(range.start);
        let last = tree.children(function).iter().copied().rfind(|id| tree.kind(*id) == Kind::Decorator);
        let at = match last.filter(|_| !is_first) {
            Some(last) => self.line_end(tree.nodes[last].range.end),
            None => self.line_start(range.start),
        };
        Some((at..at, format!("{indent}{text}{}", self.line_break())))
    }

    pub(super) fn add_statement(&self, statement: Id, is_before: bool, text: &str) -> Option<(Range<usize>, String)> {
        let tree = self.tree();
        let range = tree.nodes[statement].range.clone();
        let indent = self.indent(range.start);
        // Several statements on one line stay there.
        if !tree.text[self.line_start(range.start)..range.start].trim().is_empty() {
            return None;
        }
        let lines = format!("{indent}{}{}", reindented(text, indent), self.line_break());
        let at = if is_before { self.line_start(range.start) } else { self.line_end(range.end) };
        let needs_break = at == tree.text.len() && !tree.text.ends_with('\n');
        Some((at..at, if needs_break { format!("{}{}", self.line_break(), lines.trim_end()) } else { lines }))
    }

    /// Whether what a statement sets is used below it.
    pub(super) fn is_used_below(&self, id: Id) -> bool {
        let tree = self.tree();
        let target = tree.children(id).first().filter(|_| tree.kind(id) == Kind::Assign);
        let scope = tree.descendants(tree.function(id).unwrap_or(tree.root()));
        let end = tree.descendants(id).end;
        target.is_some_and(|target| scope.filter(|id| *id >= end).any(|id| tree.hash(id) == tree.hash(*target)))
    }

    pub(super) fn drop_statement(&self, id: Id) -> Option<(Range<usize>, String)> {
        let tree = self.tree();
        let range = tree.nodes[id].range.clone();
        let indent = self.indent(range.start).to_string();
        let siblings = tree.children(tree.parent(id)?);
        let (line, line_end) = (self.line_start(range.start), self.line_end(range.end));
        let kept: String = self
            .comments(range.start..line_end)
            .into_iter()
            .map(|comment| format!("{indent}{}{}", &tree.text[comment], self.line_break()))
            .collect();
        let is_alone = tree.text[line..range.start].trim().is_empty()
            && self.comments(range.end..line_end).is_empty() == tree.text[range.end..line_end].trim().is_empty();
        if siblings.len() == 1 {
            return Some((range, "pass".to_string()));
        }
        if is_alone {
            return Some((line..line_end, kept));
        }
        let after = &tree.text[range.end..line_end];
        let semicolon = after.find(';').map(|at| range.end + at + 1)?;
        let blank = tree.text[semicolon..].len() - tree.text[semicolon..].trim_start_matches(' ').len();
        Some((range.start..semicolon + blank, String::new()))
    }

    /// Takes a context manager away; the body moves out where it was the only one.
    pub(super) fn unwrap(&self, item: Id) -> Option<Edits> {
        let tree = self.tree();
        let parent = tree.parent(item)?;
        let (with, item) =
            if tree.kind(parent) == Kind::Item { (tree.parent(parent)?, parent) } else { (parent, item) };
        if tree.kind(item) == Kind::Item && self.is_target_used(with, item) {
            return None;
        }
        let items: Vec<Id> = tree.children(with).iter().copied().filter(|id| tree.kind(*id) != Kind::Block).collect();
        if let [_, _, ..] = items[..] {
            let at = items.iter().position(|other| *other == item)?;
            let range = match items.get(at + 1) {
                Some(next) => tree.nodes[item].range.start..tree.nodes[*next].range.start,
                None => tree.nodes[items[at - 1]].range.end..tree.nodes[item].range.end,
            };
            return Some(vec![(range, String::new())]);
        }
        let body = tree.body(with);
        let (first, last) = (tree.nodes[*body.first()?].range.clone(), tree.nodes[*body.last()?].range.clone());
        let start = tree.nodes[with].range.start;
        let body_line = self.line_start(first.start);
        if body_line <= start {
            return Some(vec![(start..first.start, String::new())]);
        }
        let (outer, inner) = (self.indent(start).to_string(), self.indent(first.start).to_string());
        let kept: String = self
            .comments(start..body_line)
            .into_iter()
            .map(|comment| format!("{outer}{}{}", &tree.text[comment], self.line_break()))
            .collect();
        let mut edits = vec![(self.line_start(start)..body_line, kept)];
        let mut line = body_line;
        while line < last.end {
            let end = self.line_end(line);
            let is_inside_text = self.is_inside_text(line);
            if !is_inside_text && tree.text[line..end].starts_with(&inner) {
                edits.push((line + outer.len()..line + inner.len(), String::new()));
            }
            line = end.max(line + 1);
        }
        Some(edits)
    }

    /// Puts the second of two plain statements of a block before the first.
    pub(super) fn reorder(&self, first: Id, second: Id, is_down: bool) -> Option<Edits> {
        let tree = self.tree();
        let lines = |id: Id| {
            let range = tree.nodes[id].range.clone();
            let lines = self.line_start(range.start)..self.line_end(range.end);
            let behind = tree.text[range.end..lines.end].trim();
            let is_alone =
                tree.text[lines.start..range.start].trim().is_empty() && (behind.is_empty() || behind.starts_with('#'));
            (is_alone && tree.kind(id) == Kind::Expression).then_some(lines)
        };
        let (above, below) = (lines(first)?, lines(second)?);
        let is_block = tree.parent(first) == tree.parent(second) && tree.text[below.clone()].ends_with('\n');
        let (from, to) = if is_down { (above, below.end) } else { (below, above.start) };
        let moved = tree.text[from.clone()].to_string();
        is_block.then(|| vec![(from, String::new()), (to..to, moved)])
    }

    /// Moves a statement into a new compound one.
    pub(super) fn enclose(&self, statement: Id, head: &str) -> Option<Edits> {
        let tree = self.tree();
        let range = tree.nodes[statement].range.clone();
        let start = self.line_start(range.start);
        if !tree.text[start..range.start].trim().is_empty() {
            return None;
        }
        let head = format!("{}{head}{}", self.indent(range.start), self.line_break());
        let mut edits = vec![(start..start, head)];
        let mut line = start;
        while line < range.end {
            let end = self.line_end(line);
            if !self.is_inside_text(line) && !tree.text[line..end].trim().is_empty() {
                edits.push((line..line, "    ".to_string()));
            }
            line = end.max(line + 1);
        }
        Some(edits)
    }

    fn is_target_used(&self, with: Id, item: Id) -> bool {
        let tree = self.tree();
        let Some(target) = tree.children(item).get(1) else { return false };
        let scope = tree.function(with).unwrap_or(tree.root());
        let uses = tree.descendants(scope).filter(|id| *id != *target && tree.hash(*id) == tree.hash(*target));
        uses.count() > 0
    }

    /// Whether a line begins inside of a text, where blanks are content.
    fn is_inside_text(&self, line: usize) -> bool {
        let tree = self.tree();
        let is_text = |kind: Kind| matches!(kind, Kind::Text | Kind::Bytes);
        tree.nodes.iter().any(|node| is_text(node.kind) && node.range.start < line && line < node.range.end)
    }
}
