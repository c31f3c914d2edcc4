//! The rewrite of a rule: small edits at the matched nodes, so that layout, quotes and comments survive.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::abstraction::Sides;
use super::diff::Op;
use super::find::Subjects;
use super::imports::{Moved, Use};
use super::learn::{Expression, Rule, Unit};
use super::pattern::{Binding, Pattern, Shape, Subject};
use super::tree::{Id, Kind, Tree};

/// One step; nodes are those of the wrong side.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// Another name for a node.
    Name {
        w: Id,
        text: String,
    },
    /// Another beginning for a text.
    Beginning {
        w: Id,
        old: String,
        new: String,
    },
    /// `arity` tells how many children the calls have that are written anew: one that has more would lose them.
    Replace {
        w: Id,
        template: Template,
        arity: Vec<(Id, usize)>,
    },
    AddArgument {
        call: Id,
        template: Template,
    },
    DropArgument {
        w: Id,
    },
    AddParameter {
        function: Id,
        text: String,
    },
    RenameParameter {
        function: Id,
        old: String,
        new: String,
        with_uses: bool,
    },
    DropDecorator {
        w: Id,
    },
    AddDecorator {
        function: Id,
        is_first: bool,
        template: Template,
    },
    MakeAsync {
        function: Id,
    },
    AddStatement {
        w: Id,
        is_before: bool,
        template: Template,
    },
    DropStatement {
        w: Id,
    },
    Unwrap {
        w: Id,
    },
}

/// Code of the correct side with places to fill.
pub(super) type Template = Vec<Piece>;

/// A part of a [`Template`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    /// What a node of the wrong side matched.
    Node(Id),
    Variable(usize),
    /// A name that has to be imported: its full name and what the snippet calls it.
    Imported {
        path: String,
        local: String,
    },
}

/// The steps that make the correct side of the wrong one, if each of them is mechanical.
pub(super) fn changes(sides: &Sides<'_>, rule: &Rule, ops: &[&Op]) -> Option<Vec<Change>> {
    let writer = Writer::new(sides, rule);
    let mut changes = Vec::new();
    for op in ops {
        if !writer.is_import(op) && !writer.is_use_of_parameter(op) {
            changes.push(writer.change(op)?);
        }
    }
    (!changes.is_empty()).then_some(changes)
}

struct Writer<'a> {
    sides: &'a Sides<'a>,
    /// Nodes that a match binds, by what they mean.
    bound: HashMap<u64, Id>,
    bound_ids: HashSet<Id>,
    variables: HashSet<usize>,
}

impl<'a> Writer<'a> {
    fn new(sides: &'a Sides<'a>, rule: &Rule) -> Self {
        let mut writer = Self { sides, bound: HashMap::new(), bound_ids: HashSet::new(), variables: HashSet::new() };
        for unit in &rule.units {
            match unit {
                Unit::Expression(Expression { pattern, .. }) | Unit::Statement(pattern) => writer.bind(pattern),
                Unit::Header { item, body, .. } => {
                    std::iter::once(item).chain(body).for_each(|pattern| writer.bind(pattern))
                }
                Unit::Function(function) => {
                    writer.bound_ids.insert(function.w);
                    let parts = function.decorators.iter().chain(&function.returns).chain(&function.calls);
                    parts.for_each(|pattern| writer.bind(pattern));
                }
                Unit::Import(_) | Unit::Together(_) => {}
            }
        }
        for before in &rule.before {
            writer.bind(&before.core);
            writer.variables.extend(before.target);
        }
        rule.around.iter().for_each(|pattern| writer.bind(pattern));
        writer
    }

    fn bind(&mut self, pattern: &Pattern) {
        self.bound_ids.insert(pattern.w);
        if let Shape::Any | Shape::Bare { .. } = pattern.shape {
            self.bound.insert(self.sides.w.hash(pattern.w), pattern.w);
        }
        match &pattern.shape {
            Shape::Variable(variable) | Shape::Receiver(Some(variable)) => {
                self.variables.insert(*variable);
            }
            Shape::Receiver(None) => {
                self.bound.insert(self.sides.w.hash(pattern.w), pattern.w);
            }
            Shape::Node { children, .. } | Shape::Dict(children) => {
                children.iter().for_each(|child| self.bind(child));
                self.bound.entry(self.sides.w.hash(pattern.w)).or_insert(pattern.w);
            }
            Shape::Call { callee, positional, keywords, .. } => {
                self.bind(callee);
                positional.iter().for_each(|(_, value)| self.bind(value));
                keywords.iter().for_each(|(_, value)| self.bind(value));
                self.bound.entry(self.sides.w.hash(pattern.w)).or_insert(pattern.w);
            }
            _ => {}
        }
    }

    fn is_import(&self, op: &Op) -> bool {
        let sides = self.sides;
        let inserted = if let Op::Insert { c, .. } = op { sides.c.kind(*c).is_import() } else { false };
        inserted || sides.w.ancestors(op.at()).any(|id| sides.w.kind(id).is_import())
    }

    fn change(&self, op: &Op) -> Option<Change> {
        let (w, c) = (self.sides.w, self.sides.c);
        match *op {
            Op::Rename { w: id, c: new } => self.rename(id, new),
            Op::Replace { w: id, c: new } | Op::Wrap { w: id, c: new } => {
                let id = self.bound_near(id)?;
                let template = self.template(new)?;
                let kept = |call: Id| template.contains(&Piece::Node(call));
                let calls = w.descendants(id).filter(|call| w.kind(*call) == Kind::Call);
                let calls = calls.filter(|call| self.bound_ids.contains(call) && !w.ancestors(*call).any(kept));
                let arity = calls.map(|call| (call, w.children(call).len())).collect();
                Some(Change::Replace { w: id, template, arity })
            }
            Op::Delete { w: id } => match w.kind(w.parent(id)?) {
                Kind::Block | Kind::Module => self.bound_ids.contains(&id).then_some(Change::DropStatement { w: id }),
                Kind::Call => self.bound_ids.contains(&id).then_some(Change::DropArgument { w: id }),
                Kind::Function | Kind::AsyncFunction if w.kind(id) == Kind::Decorator => {
                    let child = *w.children(id).first()?;
                    self.bound_ids.contains(&child).then_some(Change::DropDecorator { w: child })
                }
                _ => None,
            },
            Op::Insert { parent, after, before, c: new } => match (w.kind(parent), c.kind(new)) {
                (Kind::Call, Kind::Keyword) => {
                    let template = self.template(new)?;
                    self.bound_ids.contains(&parent).then_some(Change::AddArgument { call: parent, template })
                }
                (Kind::Block | Kind::Module, _) => {
                    let (near, is_before) = self.beside(after, before)?;
                    Some(Change::AddStatement { w: near, is_before, template: self.template(new)? })
                }
                (Kind::Function | Kind::AsyncFunction, Kind::Parameter) => {
                    Some(Change::AddParameter { function: parent, text: c.slice(new).to_string() })
                }
                (Kind::Function | Kind::AsyncFunction, Kind::Decorator) => {
                    let is_first = !after.is_some_and(|id| w.kind(id) == Kind::Decorator);
                    Some(Change::AddDecorator { function: parent, is_first, template: self.template(new)? })
                }
                _ => None,
            },
            Op::Unwrap { w: id } if w.kind(id) == Kind::With => {
                let item = *w.children(id).first()?;
                let item = if w.kind(item) == Kind::Item { *w.children(item).first()? } else { item };
                self.bound_ids.contains(&item).then_some(Change::Unwrap { w: item })
            }
            _ => None,
        }
    }

    fn rename(&self, id: Id, new: Id) -> Option<Change> {
        let (w, c) = (self.sides.w, self.sides.c);
        if w.kind(id).is_function() {
            let same_name = w.name(id) == c.name(new);
            return (same_name && c.kind(new) == Kind::AsyncFunction).then_some(Change::MakeAsync { function: id });
        }
        if w.kind(id) == Kind::Parameter {
            let (old, new) = (w.name(id).to_string(), c.name(new).to_string());
            let function = w.function(id)?;
            let is_renamed = |use_of: Id| {
                self.sides.ops_at(use_of).any(|op| matches!(op, Op::Rename { c: other, .. } if c.name(*other) == new))
            };
            let mut uses =
                w.descendants(function).filter(|use_of| w.kind(*use_of) == Kind::Name && w.name(*use_of) == old);
            let with_uses = uses.all(is_renamed);
            return Some(Change::RenameParameter { function, old, new, with_uses });
        }
        let id = self.bound_near(id)?;
        let is_plain = matches!(w.kind(id), Kind::Attribute | Kind::Keyword | Kind::Compare | Kind::Binary)
            || w.kind(id).is_literal()
            || (w.kind(id) == Kind::Name && !self.sides.c_names.is_imported(c.name(new)));
        if is_plain {
            return Some(Change::Name { w: id, text: c.name(new).to_string() });
        }
        let template = self.template(new)?;
        (w.kind(id) == Kind::Name).then_some(Change::Replace { w: id, template, arity: Vec::new() })
    }

    /// A parameter that has another name is renamed with its uses.
    fn is_use_of_parameter(&self, op: &Op) -> bool {
        let Op::Rename { w: id, .. } = op else { return false };
        let w = self.sides.w;
        let renamed = super::functions::changed_parameters(self.sides);
        w.kind(*id) == Kind::Name && renamed.contains(w.name(*id))
    }

    fn bound_near(&self, id: Id) -> Option<Id> {
        self.bound_ids.contains(&id).then_some(id)
    }

    /// The statement of the pattern beside which new ones are written.
    fn beside(&self, after: Option<Id>, before: Option<Id>) -> Option<(Id, bool)> {
        let w = self.sides.w;
        let bound_in = |id: Id| w.descendants(id).find(|inner| self.bound_ids.contains(inner));
        let after = after.filter(|id| w.kind(*id) != Kind::Ellipsis).and_then(bound_in).map(|id| (id, false));
        let before = before.filter(|id| w.kind(*id) != Kind::Ellipsis).and_then(bound_in).map(|id| (id, true));
        after.or(before)
    }

    fn template(&self, c: Id) -> Option<Template> {
        let mut template = Vec::new();
        self.write(c, &mut template)?;
        Some(template)
    }

    fn write(&self, id: Id, template: &mut Template) -> Option<()> {
        let (c, sides) = (self.sides.c, self.sides);
        let hash = c.hash(id);
        let variable = |name: &str| sides.variables.borrow().get(name).copied().filter(|v| self.variables.contains(v));
        if let Some(variable) = variable(c.slice(id)) {
            template.push(Piece::Variable(variable));
            return Some(());
        }
        if let Some(w) = self.bound.get(&hash).filter(|_| !matches!(c.kind(id), Kind::Keyword | Kind::Decorator)) {
            template.push(Piece::Node(*w));
            return Some(());
        }
        match c.kind(id) {
            Kind::Name => self.write_name(id, template)?,
            kind if kind.is_literal() && self.is_shared(hash) && kind != Kind::Constant => return None,
            _ => {
                let mut at = c.nodes[id].range.start;
                for child in c.children(id) {
                    let range = c.nodes[*child].range.clone();
                    template.push(Piece::Text(c.text[at..range.start].to_string()));
                    self.write(*child, template)?;
                    at = range.end;
                }
                template.push(Piece::Text(c.text[at..c.nodes[id].range.end].to_string()));
            }
        }
        Some(())
    }

    fn write_name(&self, id: Id, template: &mut Template) -> Option<()> {
        let (c, sides) = (self.sides.c, self.sides);
        let name = c.name(id);
        if sides.c_names.is_imported(name) {
            let path = sides.c_names.dotted(c, id)?.path;
            let is_submodule = |other: Id| {
                c.kind(other) == Kind::Imported
                    && c.parent(other).is_some_and(|statement| c.kind(statement) == Kind::Import)
                    && c.name(other).strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.'))
            };
            // `import a.b` binds `a` alone; whether a file has the rest cannot be told by its names.
            if (0..c.nodes.len()).any(is_submodule) {
                return None;
            }
            template.push(Piece::Imported { path, local: name.to_string() });
            return Some(());
        }
        // A variable that nothing of the match stands for cannot be written.
        let is_own = sides.c.ancestors(id).any(|around| c.kind(around) == Kind::Lambda)
            || super::names::is_builtin_fixture(name)
            || is_constant(name);
        if super::abstraction::hole(c, sides.c_names, id).is_some() && !is_own {
            return None;
        }
        template.push(Piece::Text(name.to_string()));
        Some(())
    }

    /// Whether a literal stands on the wrong side, too, where it is free.
    fn is_shared(&self, hash: u64) -> bool {
        let w = self.sides.w;
        (0..w.nodes.len()).any(|id| w.hash(id) == hash && self.sides.ops_at(id).next().is_none())
    }
}

/// `MAX_WAIT`: a constant of the module, not a variable of the test.
fn is_constant(name: &str) -> bool {
    name.len() > 2 && name.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || c == '_')
}

/// One rule for two that change texts which begin alike: `/mnt/lab/data` and `/mnt/lab/logs`.
pub(super) fn common_beginning(left: &Rule, right: &Rule) -> Option<Rule> {
    let ([Change::Name { w, text }], [Change::Name { w: other, text: other_text }]) =
        (left.changes.as_deref()?, right.changes.as_deref()?)
    else {
        return None;
    };
    let ([Unit::Expression(a)], [Unit::Expression(b)]) = (&left.units[..], &right.units[..]) else { return None };
    let (old, other_old) = (leaf_of(&a.pattern, *w)?, leaf_of(&b.pattern, *other)?);
    let (from, to) = beginning(&old, text)?;
    let (other_from, other_to) = beginning(&other_old, other_text)?;
    let from_is_common = common_start(&old, &other_old).starts_with(&from);
    if (from.trim_end_matches('/'), &to) != (other_from.trim_end_matches('/'), &other_to) || !from_is_common {
        return None;
    }
    let mut rule = left.clone();
    let longest = up_to_slash(common_start(&old, &other_old));
    let longest_new = format!("{to}{}", &longest[from.len()..]);
    let Unit::Expression(expression) = &mut rule.units[0] else { return None };
    expression.pattern.visit(&mut |pattern| {
        if pattern.w == *w && matches!(pattern.shape, Shape::Leaf { .. }) {
            pattern.shape = Shape::Beginning(longest.to_string());
        }
    });
    rule.changes = Some(vec![Change::Beginning { w: *w, old: longest.to_string(), new: longest_new }]);
    Some(rule)
}

/// The beginnings that differ: `/mnt` and `/srv` of `/mnt/lab/data` and `/srv/lab/data`.
fn beginning(old: &str, new: &str) -> Option<(String, String)> {
    let same: usize =
        old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let tail = &old[old.len() - same..];
    let cut = tail.find('/')?;
    let same = same - cut;
    Some((old[..old.len() - same].to_string(), new[..new.len() - same].to_string()))
}

fn common_start<'t>(left: &'t str, right: &str) -> &'t str {
    let same: usize = left.chars().zip(right.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    &left[..same]
}

fn up_to_slash(text: &str) -> &str {
    &text[..text.rfind('/').map_or(text.len(), |at| at + 1)]
}

fn leaf_of(pattern: &Pattern, w: Id) -> Option<String> {
    let mut found = None;
    pattern.clone().visit(&mut |pattern| {
        if let (true, Shape::Leaf { kind: Kind::Text, name }) = (pattern.w == w, &pattern.shape) {
            found = Some(name.clone());
        }
    });
    found
}

type Edits = Vec<(Range<usize>, String)>;

/// The edits that a rule makes where it matched.
pub(super) fn edits(subjects: &Subjects<'_>, rule: &Rule, binding: &Binding) -> Option<Edits> {
    let editor = Editor { subjects, binding };
    if let [Unit::Import(moved)] = &rule.units[..] {
        return editor.import(moved, *binding.nodes.get(&0)?);
    }
    let mut edits = Vec::new();
    for change in rule.changes.as_ref()? {
        editor.change(change, &mut edits)?;
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let overlap = edits.windows(2).any(|pair| pair[0].0.end > pair[1].0.start);
    (!overlap && !edits.is_empty()).then_some(edits)
}

struct Editor<'a> {
    subjects: &'a Subjects<'a>,
    binding: &'a Binding,
}

impl Editor<'_> {
    fn tree(&self) -> &Tree<'_> {
        &self.subjects.tree
    }

    fn node(&self, w: Id) -> Option<Id> {
        self.binding.nodes.get(&w).copied()
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
                edits.extend(self.add_argument(self.node(*call)?, &text)?);
            }
            Change::DropArgument { w } => edits.push((self.argument_with_comma(self.node(*w)?)?, String::new())),
            Change::AddParameter { function, text } => edits.push(self.add_parameter(self.node(*function)?, text)?),
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
            Change::AddStatement { w, is_before, template } => {
                let text = self.render(template, edits)?;
                edits.push(self.add_statement(tree.statement(self.node(*w)?), *is_before, &text)?);
            }
            Change::DropStatement { w } => edits.push(self.drop_statement(self.node(*w)?)?),
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
                Piece::Imported { path, local } => text.push_str(&self.imported(path, local, edits)?),
            }
        }
        Some(text)
    }

    /// How the file calls what is imported as `path`; imports it where the file does not.
    fn imported(&self, path: &str, local: &str, edits: &mut Edits) -> Option<String> {
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

    fn rename_member(&self, id: Id, text: &str, edits: &mut Edits) -> Option<()> {
        let tree = self.tree();
        let dotted = self.subjects.names.dotted(tree, id)?;
        let (module, _) = dotted.path.rsplit_once('.')?;
        let local = self.imported(&format!("{module}.{text}"), text, edits)?;
        edits.push((tree.nodes[id].range.clone(), local));
        Some(())
    }

    fn add_argument(&self, call: Id, text: &str) -> Option<Edits> {
        let tree = self.tree();
        let end = tree.nodes[call].range.end.checked_sub(1)?;
        let arguments = &tree.children(call)[1..];
        let Some(last) = arguments.last() else { return Some(vec![(end..end, text.to_string())]) };
        let last_end = tree.nodes[*last].range.end;
        if tree.text.as_bytes().get(end) != Some(&b')') || tree.text[last_end..end].contains("for ") {
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
    fn argument_with_comma(&self, id: Id) -> Option<Range<usize>> {
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

    fn add_parameter(&self, function: Id, text: &str) -> Option<(Range<usize>, String)> {
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

    /// Renames a parameter, with its uses where the lesson only renames them; else one that is used needs a person.
    fn rename_parameter(
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

    fn add_decorator(&self, function: Id, is_first: bool, text: &str) -> Option<(Range<usize>, String)> {
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

    fn add_statement(&self, statement: Id, is_before: bool, text: &str) -> Option<(Range<usize>, String)> {
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

    fn drop_statement(&self, id: Id) -> Option<(Range<usize>, String)> {
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
    fn unwrap(&self, item: Id) -> Option<Edits> {
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
        tree.nodes.iter().any(|node| node.kind == Kind::Text && node.range.start < line && line < node.range.end)
    }

    fn import(&self, moved: &Moved, id: Id) -> Option<Edits> {
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

    fn comments(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let root = self.subjects.source.root();
        let Some(around) = root.descendant_for_byte_range(range.start, range.end) else { return Vec::new() };
        crate::syntax::descendants(around)
            .filter(|node| node.kind() == "comment" && range.start <= node.start_byte() && node.end_byte() <= range.end)
            .map(|node| node.byte_range())
            .collect()
    }

    fn line_start(&self, offset: usize) -> usize {
        self.tree().text[..offset].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Behind the line end of the line that holds `offset`.
    fn line_end(&self, offset: usize) -> usize {
        let text = self.tree().text;
        text[offset..].find('\n').map_or(text.len(), |at| offset + at + 1)
    }

    fn indent(&self, offset: usize) -> &str {
        let text = self.tree().text;
        let line = &text[self.line_start(offset)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    fn line_break(&self) -> &'static str {
        if self.tree().text.contains("\r\n") { "\r\n" } else { "\n" }
    }
}

/// Every line but the first moved to `indent`.
fn reindented(text: &str, indent: &str) -> String {
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
