//! Edits of arguments and parameters, with the commas and lines that belong to them.

use std::ops::Range;

use super::edits::{Editor, Edits, reindented};
use super::tree::{Id, Kind};

impl Editor<'_> {
    /// An argument more beside the other changes of the call, where all that stand there may be going.
    pub(super) fn add_argument_once(&self, call: Id, text: String, edits: &mut Edits) -> Option<()> {
        let tree = self.tree();
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
        Some(())
    }

    /// Positional arguments that are given by their names from now on.
    pub(super) fn name_arguments(&self, names: &[(Id, String)]) -> Option<Edits> {
        let tree = self.tree();
        let named: Vec<(Id, &String)> =
            names.iter().map(|(w, name)| Some((self.node(*w)?, name))).collect::<Option<_>>()?;
        let call = tree.parent(named.first()?.0)?;
        let is_named = |id: &Id| named.iter().any(|(own, _)| own == id) || tree.kind(*id) == Kind::Keyword;
        // A positional argument cannot follow one that is given by its name.
        let mut later = tree.children(call).iter().skip_while(|id| **id != named[0].0);
        let naming = |(id, name): &(Id, &String)| {
            let at = tree.nodes[*id].range.start;
            (at..at, format!("{name}="))
        };
        later.all(is_named).then(|| named.iter().map(naming).collect())
    }

    pub(super) fn add_argument(&self, call: Id, text: &str) -> Option<Edits> {
        let tree = self.tree();
        let end = tree.nodes[call].range.end.checked_sub(1)?;
        let is_dict = tree.kind(call) == Kind::Dict;
        let arguments = &tree.children(call)[usize::from(!is_dict)..];
        let closing = if is_dict { b'}' } else { b')' };
        let Some(last) = arguments.last() else { return Some(vec![(end..end, text.to_string())]) };
        let last_end = tree.nodes[*last].range.end;
        if tree.text.as_bytes().get(end) != Some(&closing) || tree.text[last_end..end].contains("for ") {
            return None;
        }
        let comments = self.comments(last_end..end);
        let comma = tree.text[last_end..end]
            .char_indices()
            .find(|(at, c)| *c == ',' && !comments.iter().any(|comment| comment.contains(&(last_end + at))));
        let closing_line = self.line_start(end);
        let is_own_line = closing_line > last_end && tree.text[closing_line..end].trim().is_empty();
        let mut edits = Vec::new();
        if is_own_line {
            if comma.is_none() {
                edits.push((last_end..last_end, ",".to_string()));
            }
            let indent = self.indent(tree.nodes[*last].range.start);
            edits.push((
                closing_line..closing_line,
                format!("{indent}{},{}", reindented(text, indent), self.line_break()),
            ));
        } else if let Some((at, _)) = comma {
            let after = last_end + at + 1;
            edits.push((after..after, format!(" {text}")));
        } else {
            edits.push((last_end..last_end, format!(", {text}")));
        }
        Some(edits)
    }

    /// An argument with the comma and space that belong to it; its whole line where it stands alone.
    pub(super) fn argument_with_comma(&self, id: Id) -> Option<Range<usize>> {
        let tree = self.tree();
        let range = tree.nodes[id].range.clone();
        let siblings = &tree.children(tree.parent(id)?)[1..];
        let at = siblings.iter().position(|sibling| *sibling == id)?;
        let after = &tree.text[range.end..];
        let comma = after.trim_start().starts_with(',').then(|| range.end + after.find(',').unwrap_or(0) + 1);
        let line = self.line_start(range.start);
        let line_end = self.line_end(comma.unwrap_or(range.end));
        let rest = &tree.text[comma.unwrap_or(range.end)..line_end];
        if tree.text[line..range.start].trim().is_empty() && rest.trim().is_empty() && comma.is_some() {
            return Some(line..line_end);
        }
        match (siblings.get(at + 1), at.checked_sub(1)) {
            (Some(next), _) => Some(range.start..tree.nodes[*next].range.start),
            (None, Some(previous)) => Some(tree.nodes[siblings[previous]].range.end..range.end),
            (None, None) => Some(range.start..comma.unwrap_or(range.end)),
        }
    }

    pub(super) fn add_parameter(&self, function: Id, text: &str) -> Option<(Range<usize>, String)> {
        let tree = self.tree();
        let parameters: Vec<Id> = tree
            .children(function)
            .iter()
            .copied()
            .filter(|id| matches!(tree.kind(*id), Kind::Parameter | Kind::Splat))
            .collect();
        // A parameter without a default comes before those with one.
        let is_late = |id: &&Id| tree.kind(**id) == Kind::Splat || tree.slice(**id).contains('=');
        if let Some(late) = parameters.iter().find(is_late) {
            let at = tree.nodes[*late].range.start;
            return Some((at..at, format!("{text}, ")));
        }
        match parameters.last() {
            Some(last) => {
                let at = tree.nodes[*last].range.end;
                Some((at..at, format!(", {text}")))
            }
            None => {
                let name = tree.nodes[function].name.end;
                let at = name + tree.text[name..].find('(')? + 1;
                Some((at..at, text.to_string()))
            }
        }
    }

    /// Requests a fixture in the function around `near`, unless it does already.
    pub(super) fn request(&self, near: Id, fixture: &str) -> Option<Edits> {
        let tree = self.tree();
        let function = tree.function(near)?;
        if tree.parameters(function).any(|id| tree.name(id) == fixture) {
            return Some(Vec::new());
        }
        Some(vec![self.add_parameter(function, fixture)?])
    }

    /// Requests another fixture in the function around `near`, which alone uses the old one.
    pub(super) fn replace_parameter(&self, near: Id, old: &str, new: &str) -> Option<(Range<usize>, String)> {
        let tree = self.tree();
        let function = tree.function(near)?;
        let uses = tree.descendants(function).filter(|id| tree.kind(*id) == Kind::Name && tree.name(*id) == old);
        let parameter = tree.parameters(function).find(|id| tree.name(*id) == old)?;
        let is_free = !tree.parameters(function).any(|id| tree.name(id) == new) && uses.count() == 1;
        is_free.then(|| (tree.nodes[parameter].name.clone(), new.to_string()))
    }

    /// Renames a parameter, with its uses where the lesson only renames them; else one that is used needs a person.
    pub(super) fn rename_parameter(
        &self,
        function: Id,
        (old, new): (&str, &str),
        with_uses: bool,
        edits: &mut Edits,
    ) -> Option<()> {
        let tree = self.tree();
        for id in tree.descendants(function) {
            let is_it = tree.name(id) == old;
            match tree.kind(id) {
                Kind::Parameter if is_it => edits.push((tree.nodes[id].name.clone(), new.to_string())),
                Kind::Name if is_it && with_uses => edits.push((tree.nodes[id].name.clone(), new.to_string())),
                Kind::Name if is_it => return None,
                _ => {}
            }
        }
        Some(())
    }
}
