//! Edits of imports: those that new code needs, and those of what moved to another module.

use super::edits::{Editor, Edits};
use super::imports::{Moved, Use};
use super::pattern::Subject;
use super::tree::{Id, Kind};

impl Editor<'_> {
    /// How the file calls what is imported as `path`; imports it where the file does not.
    pub(super) fn imported(&self, path: &str, local: &str, edits: &mut Edits) -> Option<String> {
        if let Some(known) = self.subjects.names.local_name(path) {
            return Some(known.to_string());
        }
        // Another thing has that name here.
        if self.subjects.names.is_bound(local) {
            return None;
        }
        let statement = match path.rsplit_once('.') {
            Some((module, name)) if name == local => format!("from {module} import {name}\n"),
            Some((module, name)) => format!("from {module} import {name} as {local}\n"),
            None if path == local => format!("import {path}\n"),
            None => format!("import {path} as {local}\n"),
        };
        let at = self.place_for_import();
        if !edits.iter().any(|(_, text)| *text == statement) {
            edits.push((at..at, statement));
        }
        Some(local.to_string())
    }

    /// `datetime.timezone.utc` by what the file imports of it: a part, or the module as the snippet has it.
    pub(super) fn dotted(&self, path: &str, (from, local): (&str, &str), edits: &mut Edits) -> Option<String> {
        let names = &self.subjects.names;
        let parts: Vec<usize> = path.match_indices('.').map(|(at, _)| at).chain([path.len()]).collect();
        let known = parts.iter().rev().find_map(|end| Some((names.local_name(&path[..*end])?, *end)));
        if let Some((name, end)) = known {
            return Some(format!("{name}{}", &path[end..]));
        }
        if !names.is_bound(local) {
            return Some(format!("{}{}", self.imported(from, local, edits)?, &path[from.len()..]));
        }
        // The file calls something else so: what is needed of the module is imported by itself.
        let end = parts.iter().copied().find(|end| *end > from.len())?;
        let name = self.imported(&path[..end], &path[from.len() + 1..end], edits)?;
        Some(format!("{name}{}", &path[end..]))
    }

    /// Below the last import at the top, else above the first statement that is no docstring.
    fn place_for_import(&self) -> usize {
        let tree = self.tree();
        let top = tree.children(tree.root());
        let is_head = |id: &Id| {
            let is_docstring = tree.kind(*id) == Kind::Expression
                && tree.children(*id).first().is_some_and(|t| tree.kind(*t) == Kind::Text);
            tree.kind(*id).is_import() || is_docstring
        };
        let last = top.iter().take_while(|id| is_head(id)).last();
        match (last, top.first()) {
            (Some(last), _) => self.line_end(tree.nodes[*last].range.end),
            (None, Some(first)) => self.line_start(tree.nodes[*first].range.start),
            (None, None) => 0,
        }
    }

    pub(super) fn rename_member(&self, id: Id, text: &str, edits: &mut Edits) -> Option<()> {
        let tree = self.tree();
        let dotted = self.subjects.names.dotted(tree, id)?;
        let (module, _) = dotted.path.rsplit_once('.')?;
        let local = self.imported(&format!("{module}.{text}"), text, edits)?;
        edits.push((tree.nodes[id].range.clone(), local));
        Some(())
    }

    pub(super) fn import(&self, moved: &Moved, id: Id) -> Option<Edits> {
        let tree = self.tree();
        let subject = Subject { tree, names: &self.subjects.names };
        let statement = tree.parent(id)?;
        let (to_module, to_name) = moved.to.rsplit_once('.').unwrap_or(("", &moved.to));
        let (_, from_name) = moved.from.rsplit_once('.').unwrap_or(("", &moved.from));
        let alias = tree.child(id, Kind::Alias);
        match subject.uses(moved, id)? {
            Use::Member => {
                if to_name != from_name && alias.is_none() {
                    return self.import_renamed(moved, id);
                }
                let names = tree.children(statement);
                if let [_] = names {
                    let mut edits = vec![(tree.nodes[statement].name.clone(), to_module.to_string())];
                    if to_name != from_name {
                        edits.push((tree.nodes[id].name.clone(), to_name.to_string()));
                    }
                    return Some(edits);
                }
                let at = names.iter().position(|name| *name == id)?;
                let gone = match names.get(at + 1) {
                    Some(next) => tree.nodes[id].range.start..tree.nodes[*next].range.start,
                    None => tree.nodes[names[at - 1]].range.end..tree.nodes[id].range.end,
                };
                let end = self.line_end(tree.nodes[statement].range.end);
                let indent = self.indent(tree.nodes[statement].range.start);
                let renamed = tree.slice(id).replacen(from_name, to_name, 1);
                let needs_break = if tree.text[..end].ends_with('\n') { "" } else { self.line_break() };
                let line = format!("{needs_break}{indent}from {to_module} import {renamed}{}", self.line_break());
                Some(vec![(gone, String::new()), (end..end, line)])
            }
            Use::Module => {
                let name = tree.name(id);
                let rest = name.strip_prefix(moved.from.as_str()).filter(|rest| rest.is_empty())?;
                let one = tree.children(statement).len() == 1;
                match alias {
                    Some(_) => Some(vec![(tree.nodes[id].name.clone(), format!("{}{rest}", moved.to))]),
                    None if one && !moved.to.is_empty() && to_name == moved.local => {
                        let text = format!("from {to_module} import {to_name}");
                        Some(vec![(tree.nodes[statement].range.clone(), text)])
                    }
                    None => None,
                }
            }
            Use::Below => {
                let module = tree.name(statement);
                let rest = module.strip_prefix(moved.from.as_str())?;
                Some(vec![(tree.nodes[statement].name.clone(), format!("{}{rest}", moved.to))])
            }
            Use::Attribute if moved.is_member => {
                let module = to_module.rsplit_once('.').map_or(to_module, |(_, module)| module);
                let mut edits = Vec::new();
                let module = self.imported(to_module, module, &mut edits)?;
                edits.push((tree.nodes[id].range.clone(), format!("{module}.{to_name}")));
                Some(edits)
            }
            Use::Attribute => None,
        }
    }

    /// A name that changed: the import and every use of it.
    fn import_renamed(&self, moved: &Moved, id: Id) -> Option<Edits> {
        let tree = self.tree();
        let statement = tree.parent(id)?;
        let (to_module, to_name) = moved.to.rsplit_once('.')?;
        let old = tree.name(id);
        if tree.children(statement).len() > 1 && tree.name(statement) != to_module {
            return None;
        }
        let mut edits = vec![(tree.nodes[id].name.clone(), to_name.to_string())];
        if tree.name(statement) != to_module {
            edits.push((tree.nodes[statement].name.clone(), to_module.to_string()));
        }
        let uses = (0..tree.nodes.len()).filter(|id| tree.kind(*id) == Kind::Name && tree.name(*id) == old);
        edits.extend(uses.map(|id| (tree.nodes[id].name.clone(), to_name.to_string())));
        Some(edits)
    }
}
