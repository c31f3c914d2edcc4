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

    fn node(&self, w: Id) -> Option<Id> {
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

    fn change(&self, change: &Change, edits: &mut Edits) -> Option<()> {
        let tree = self.tree();
        match change {
            Change::Name { w, text } => {
                let id = self.node(*w)?;
                // `from time import sleep`: the name is that of the import, which would have to change, too.
                let is_member = tree.kind(id) == Kind::Name && self.subjects.names.is_imported(tree.name(id));
                if is_member || tree.kind(id) == Kind::Imported {
                    return self.rename_member(id, text, edits);
                }
                edits.push((tree.nodes[id].name.clone(), text.clone()));
            }
            Change::Pieces { w, pieces } => {
                let id = self.node(*w)?;
                let all = tree.ranges_of_pieces(id).into_iter().zip(pieces);
                edits.extend(
                    all.filter(|(old, new)| tree.text[old.clone()] != **new).map(|(old, new)| (old, new.clone())),
                );
            }
            Change::Beginning { w, old, new } => {
                let start = tree.nodes[self.node(*w)?].name.start;
                edits.push((start..start + old.len(), new.clone()));
            }
            Change::Replace { w, template, arity } => {
                let id = self.node(*w)?;
                let is_whole = |(call, children): &(Id, usize)| {
                    self.node(*call).is_none_or(|call| tree.children(call).len() == *children)
                };
                if !arity.iter().all(is_whole) {
                    return None;
                }
                let text = self.render(template, edits)?;
                let text = reindented(&text, self.indent(tree.nodes[id].range.start));
                edits.push((tree.nodes[id].range.clone(), text));
            }
            Change::AddArgument { call, template } => {
                let text = self.render(template, edits)?;
                let call = self.called(self.node(*call)?)?;
                let arguments = &tree.children(call)[usize::from(tree.kind(call) == Kind::Call)..];
                let is_empty = arguments.is_empty();
                let is_gone = |id: &Id| {
                    let own = &tree.nodes[*id].range;
                    edits.iter().any(|(gone, new)| new.is_empty() && gone.start <= own.start && own.end <= gone.end)
                };
                if !is_empty && arguments.iter().all(is_gone) {
                    let end = tree.nodes[call].range.end - 1;
                    edits.push((end..end, text));
                    return Some(());
                }
                for (range, text) in self.add_argument(call, &text)? {
                    match edits.iter_mut().find(|(known, _)| *known == range) {
                        // `mkdir()` has no comma yet, between two new arguments there must be one.
                        Some((_, known)) if is_empty => known.push_str(&format!(", {text}")),
                        // The comma behind the last argument is there once.
                        Some((_, known)) if *known == text => {}
                        _ => edits.push((range, text)),
                    }
                }
            }
            Change::DropArgument { w } => edits.push((self.argument_with_comma(self.node(*w)?)?, String::new())),
            Change::NameArguments { names } => {
                let named: Vec<(Id, &String)> =
                    names.iter().map(|(w, name)| Some((self.node(*w)?, name))).collect::<Option<_>>()?;
                let call = tree.parent(named.first()?.0)?;
                let is_named = |id: &Id| named.iter().any(|(own, _)| own == id) || tree.kind(*id) == Kind::Keyword;
                // A positional argument cannot follow one that is given by its name.
                let later = tree.children(call).iter().skip_while(|id| **id != named[0].0);
                if !later.into_iter().all(is_named) {
                    return None;
                }
                edits.extend(named.iter().map(|(id, name)| {
                    let at = tree.nodes[*id].range.start;
                    (at..at, format!("{name}="))
                }));
            }
            Change::AddParameter { function, text } => edits.push(self.add_parameter(self.node(*function)?, text)?),
            Change::Request { w, text } => {
                let function = tree.function(self.node(*w)?)?;
                let has = tree
                    .children(function)
                    .iter()
                    .any(|id| tree.kind(*id) == Kind::Parameter && tree.name(*id) == text);
                if !has {
                    edits.push(self.add_parameter(function, text)?);
                }
            }
            Change::Replaced { w, old, new } => {
                let id = self.node(*w)?;
                edits.push(self.replace_parameter(id, old, new)?);
            }
            Change::CallDecorator { w, arguments } => {
                let id = self.node(*w)?;
                let text = self.render(arguments, edits)?;
                let call = tree.parent(id).filter(|call| tree.kind(*call) == Kind::Call);
                match call {
                    Some(call) => edits.extend(self.add_argument(call, &text)?),
                    None => edits.push((tree.nodes[id].range.end..tree.nodes[id].range.end, format!("({text})"))),
                }
            }
            Change::RenameParameter { function, old, new, with_uses } => {
                self.rename_parameter(self.node(*function)?, (old, new), *with_uses, edits)?;
            }
            Change::DropDecorator { w } => {
                let decorator = tree.parent(self.node(*w)?)?;
                let range = tree.nodes[decorator].range.clone();
                edits.push((self.line_start(range.start)..self.line_end(range.end), String::new()));
            }
            Change::AddDecorator { function, is_first, template } => {
                let text = self.render(template, edits)?;
                edits.push(self.add_decorator(self.node(*function)?, *is_first, &text)?);
            }
            Change::MakeAsync { function } => {
                let id = self.node(*function)?;
                let name = tree.nodes[id].name.start;
                let at = tree.nodes[id].range.start + tree.text[tree.nodes[id].range.start..name].rfind("def")?;
                edits.push((at..at, "async ".to_string()));
            }
            Change::AddFirst { function, template } => {
                let text = self.render(template, edits)?;
                let body = tree.body(self.node(*function)?);
                let is_docstring = |id: &&Id| tree.slice(**id).starts_with(['"', '\'']) && body.len() > 1;
                let first = if body.first().as_ref().is_some_and(is_docstring) { body.get(1) } else { body.first() };
                edits.push(self.add_statement(*first?, true, &text)?);
            }
            Change::AddStatement { w, is_before, template } => {
                let text = self.render(template, edits)?;
                edits.push(self.add_statement(tree.statement(self.node(*w)?), *is_before, &text)?);
            }
            Change::Peel { w, inner } => {
                let (outer, inner) = (&tree.nodes[self.node(*w)?].range, &tree.nodes[self.node(*inner)?].range);
                edits.push((outer.start..inner.start, String::new()));
                edits.push((inner.end..outer.end, String::new()));
            }
            Change::Reorder { first, second, is_down } => {
                edits.extend(self.reorder(
                    tree.statement(self.node(*first)?),
                    tree.statement(self.node(*second)?),
                    *is_down,
                )?);
            }
            Change::DropStatement { w } => edits.push(self.drop_statement(self.node(*w)?)?),
            Change::Enclose { w, head } => {
                let head = self.render(head, edits)?;
                edits.extend(self.enclose(tree.statement(self.node(*w)?), &head)?);
            }
            Change::Unwrap { w } => edits.extend(self.unwrap(self.node(*w)?)?),
        }
        Some(())
    }

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
