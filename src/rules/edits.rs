//! The edits of a rewrite: small ones at the matched nodes, so that layout, quotes and comments survive.

use std::ops::Range;

use super::find::Subjects;
use super::pattern::Binding;
use super::rewrite::{Change, Piece, Template};
use super::rule::{Rule, Unit};
use super::tree::{Id, Kind, Tree};

/// Ranges of a file and what is written there.
pub(super) type Edits = Vec<(Range<usize>, String)>;

/// The edits that a rule makes where it matched.
pub(super) fn edits(subjects: &Subjects<'_>, rule: &Rule, binding: &Binding) -> Option<Edits> {
    let editor = Editor { subjects, binding };
    if let [Unit::Import(moved)] = &rule.units[..] {
        return editor.import(moved, *binding.nodes.get(&0)?);
    }
    let mut edits = Vec::new();
    // What goes comes first: a new argument stands alone where all others are gone.
    let (new, other): (Vec<&Change>, Vec<&Change>) =
        rule.changes.as_ref()?.iter().partition(|change| matches!(change, Change::AddArgument { .. }));
    let dropped = |change: &&Change| if let Change::DropStatement { w } = change { editor.node(*w) } else { None };
    let is_missed = |change: &&Change| dropped(change).is_some_and(|id| editor.is_used_below(id));
    if new.is_empty() && other.iter().all(|change| dropped(change).is_some()) && other.iter().any(is_missed) {
        return None;
    }
    for change in other.into_iter().chain(new) {
        editor.change(change, &mut edits)?;
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let overlap = edits.windows(2).any(|pair| pair[0].0.end > pair[1].0.start);
    (!overlap && !edits.is_empty()).then_some(edits)
}

/// A file and where a rule matched in it.
pub(super) struct Editor<'a> {
    pub(super) subjects: &'a Subjects<'a>,
    pub(super) binding: &'a Binding,
}

impl Editor<'_> {
    pub(super) fn tree(&self) -> &Tree<'_> {
        &self.subjects.tree
    }

    /// What `w` of the lesson matched in the file.
    pub(super) fn node(&self, w: Id) -> Option<Id> {
        self.binding.nodes.get(&w).copied()
    }

    /// The call that a variable was set to, where one stands in its place.
    fn called(&self, id: Id) -> Option<Id> {
        if matches!(self.tree().kind(id), Kind::Call | Kind::Dict) {
            Some(id)
        } else {
            self.subjects.subject().value_of(id)
        }
    }

    /// Adds the edits of one change; `None` where the file leaves no room for it.
    fn change(&self, change: &Change, edits: &mut Edits) -> Option<()> {
        match change {
            Change::Name { w, text } => self.rename(self.node(*w)?, text, edits)?,
            Change::Pieces { w, pieces } => edits.extend(self.pieces(self.node(*w)?, pieces)),
            Change::Beginning { w, old, new } => {
                let start = self.tree().nodes[self.node(*w)?].name.start;
                edits.push((start..start + old.len(), new.clone()));
            }
            Change::Replace { w, template, arity } => self.replace(self.node(*w)?, template, arity, edits)?,
            Change::Peel { w, inner } => edits.extend(self.peel(self.node(*w)?, self.node(*inner)?)),
            Change::AddArgument { call, template } => {
                let text = self.render(template, edits)?;
                self.add_argument_once(self.called(self.node(*call)?)?, text, edits)?;
            }
            Change::DropArgument { w } => edits.push((self.argument_with_comma(self.node(*w)?)?, String::new())),
            Change::NameArguments { names } => edits.extend(self.name_arguments(names)?),
            Change::AddParameter { function, text } => edits.push(self.add_parameter(self.node(*function)?, text)?),
            Change::Request { w, text } => edits.extend(self.request(self.node(*w)?, text)?),
            Change::Replaced { w, old, new } => edits.push(self.replace_parameter(self.node(*w)?, old, new)?),
            Change::RenameParameter { function, old, new, with_uses } => {
                self.rename_parameter(self.node(*function)?, (old, new), *with_uses, edits)?;
            }
            Change::CallDecorator { w, arguments } => {
                let text = self.render(arguments, edits)?;
                edits.extend(self.call_decorator(self.node(*w)?, &text)?);
            }
            Change::DropDecorator { w } => edits.push((self.lines_of_decorator(self.node(*w)?)?, String::new())),
            Change::AddDecorator { function, is_first, template } => {
                let text = self.render(template, edits)?;
                edits.push(self.add_decorator(self.node(*function)?, *is_first, &text)?);
            }
            Change::MakeAsync { function } => edits.push(self.make_async(self.node(*function)?)?),
            Change::AddFirst { function, template } => {
                let text = self.render(template, edits)?;
                edits.push(self.add_statement(self.first_statement(self.node(*function)?)?, true, &text)?);
            }
            Change::AddStatement { w, is_before, template } => {
                let text = self.render(template, edits)?;
                edits.push(self.add_statement(self.statement(*w)?, *is_before, &text)?);
            }
            Change::Reorder { first, second, is_down } => {
                edits.extend(self.reorder(self.statement(*first)?, self.statement(*second)?, *is_down)?);
            }
            Change::DropStatement { w } => edits.push(self.drop_statement(self.node(*w)?)?),
            Change::Enclose { w, head } => {
                let head = self.render(head, edits)?;
                edits.extend(self.enclose(self.statement(*w)?, &head)?);
            }
            Change::Unwrap { w } => edits.extend(self.unwrap(self.node(*w)?)?),
        }
        Some(())
    }

    /// The statement of the file around what `w` matched.
    fn statement(&self, w: Id) -> Option<Id> {
        Some(self.tree().statement(self.node(w)?))
    }

    fn rename(&self, id: Id, text: &str, edits: &mut Edits) -> Option<()> {
        let tree = self.tree();
        // `from time import sleep`: the name is that of the import, which would have to change, too.
        let is_member = tree.kind(id) == Kind::Name && self.subjects.names.is_imported(tree.name(id));
        if is_member || tree.kind(id) == Kind::Imported {
            return self.rename_member(id, text, edits);
        }
        edits.push((tree.nodes[id].name.clone(), text.to_string()));
        Some(())
    }

    /// What stands around the braces of an interpolated text, where it is another one.
    fn pieces(&self, id: Id, pieces: &[String]) -> Edits {
        let tree = self.tree();
        let all = tree.ranges_of_pieces(id).into_iter().zip(pieces);
        all.filter(|(old, new)| tree.text[old.clone()] != **new).map(|(old, new)| (old, new.clone())).collect()
    }

    /// Writes `id` anew, unless a call in it has another number of arguments than the template knows of.
    fn replace(&self, id: Id, template: &Template, arity: &[(Id, usize)], edits: &mut Edits) -> Option<()> {
        let tree = self.tree();
        let is_whole =
            |(call, children): &(Id, usize)| self.node(*call).is_none_or(|call| tree.children(call).len() == *children);
        if !arity.iter().all(is_whole) {
            return None;
        }
        let text = self.render(template, edits)?;
        let text = reindented(&text, self.indent(tree.nodes[id].range.start));
        edits.push((tree.nodes[id].range.clone(), text));
        Some(())
    }

    /// Takes away what stands around `inner`.
    fn peel(&self, outer: Id, inner: Id) -> [(Range<usize>, String); 2] {
        let (outer, inner) = (&self.tree().nodes[outer].range, &self.tree().nodes[inner].range);
        [(outer.start..inner.start, String::new()), (inner.end..outer.end, String::new())]
    }

    /// The text of a template, with the imports that it needs among the edits.
    fn render(&self, template: &Template, edits: &mut Edits) -> Option<String> {
        let tree = self.tree();
        let mut text = String::new();
        for piece in template {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Node(w) => text.push_str(tree.slice(self.node(*w)?)),
                Piece::Variable(variable) => text.push_str(tree.slice(*self.binding.variables.get(variable)?)),
                Piece::Respelled { w, opening, closing } => {
                    text.push_str(&super::literals::respelled(tree, self.node(*w)?, opening, closing)?);
                }
                Piece::InScope(name) => {
                    let mut bound = self.binding.nodes.values();
                    bound.any(|id| self.subjects.is_in_scope(name, *id)).then(|| text.push_str(name))?;
                }
                Piece::Dotted { path, from, local } => text.push_str(&self.dotted(path, (from, local), edits)?),
                Piece::Imported { path, local } => text.push_str(&self.imported(path, local, edits)?),
            }
        }
        Some(text)
    }

    pub(super) fn comments(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let root = self.subjects.source.root();
        let Some(around) = root.descendant_for_byte_range(range.start, range.end) else { return Vec::new() };
        crate::syntax::descendants(around)
            .filter(|node| node.kind() == "comment" && range.start <= node.start_byte() && node.end_byte() <= range.end)
            .map(|node| node.byte_range())
            .collect()
    }

    pub(super) fn line_start(&self, offset: usize) -> usize {
        self.tree().text[..offset].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Behind the line end of the line that holds `offset`.
    pub(super) fn line_end(&self, offset: usize) -> usize {
        let text = self.tree().text;
        text[offset..].find('\n').map_or(text.len(), |at| offset + at + 1)
    }

    pub(super) fn indent(&self, offset: usize) -> &str {
        let text = self.tree().text;
        let line = &text[self.line_start(offset)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    pub(super) fn line_break(&self) -> &'static str {
        if self.tree().text.contains("\r\n") { "\r\n" } else { "\n" }
    }
}

/// Every line but the first moved to `indent`.
pub(super) fn reindented(text: &str, indent: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_string();
    let rest: Vec<&str> = lines.collect();
    let own = rest.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len()).min();
    let own = own.unwrap_or(0);
    // What stood deeper than its first line on the correct side stands deeper here, too.
    let deeper = " ".repeat(own.min(4));
    rest.into_iter()
        .fold(first, |text, line| format!("{text}\n{indent}{deeper}{}", line.get(own..).unwrap_or("").trim_end()))
}
