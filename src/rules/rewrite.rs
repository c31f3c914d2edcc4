//! The rewrite of a rule: the steps at nodes of the wrong side that make the correct one of it.

use std::collections::{HashMap, HashSet};

use super::abstraction::Sides;
use super::diff::Op;
use super::pattern::{Pattern, Shape};
use super::rule::{Expression, Rule, Unit};
use super::tree::{Id, Kind};

/// One step; nodes are those of the wrong side.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// Another name for a node.
    Name {
        w: Id,
        text: String,
    },
    /// Other text around what is interpolated.
    Pieces {
        w: Id,
        pieces: Vec<String>,
    },
    /// Another beginning for a text.
    Beginning {
        w: Id,
        old: String,
        new: String,
    },
    /// `arity` tells how many children the calls and assertions have that are written anew: one that has more
    /// would lose them.
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
    /// Positional arguments that are given by these names.
    NameArguments {
        names: Vec<(Id, String)>,
    },
    AddParameter {
        function: Id,
        text: String,
    },
    /// A fixture that the new code uses, requested by the function around `w` unless it is.
    Request {
        w: Id,
        text: String,
    },
    /// A fixture that the function around `w` requests is another one; nothing else uses the old one.
    Replaced {
        w: Id,
        old: String,
        new: String,
    },
    /// Arguments of a decorator, which may be written without parentheses.
    CallDecorator {
        w: Id,
        arguments: Template,
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
    /// A statement at the beginning of a function.
    AddFirst {
        function: Id,
        template: Template,
    },
    AddStatement {
        w: Id,
        is_before: bool,
        template: Template,
    },
    /// Only what it is called on stays.
    Peel {
        w: Id,
        inner: Id,
    },
    /// The second statement comes first; `is_down` moves the first one.
    Reorder {
        first: Id,
        second: Id,
        is_down: bool,
    },
    DropStatement {
        w: Id,
    },
    Unwrap {
        w: Id,
    },
    /// The statement moves into a new compound one, whose head this is.
    Enclose {
        w: Id,
        head: Template,
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
    /// What a node of the wrong side matched, in other quotes or brackets.
    Respelled {
        w: Id,
        opening: String,
        closing: String,
    },
    /// A variable that the wrong side does not have: one of this name must be there.
    InScope(String),
    /// Something of a module, by whatever of it the file imports.
    Dotted {
        path: String,
        /// What the snippet imports of it, and what it calls that.
        from: String,
        local: String,
    },
    /// A name that has to be imported: its full name and what the snippet calls it.
    Imported {
        path: String,
        local: String,
    },
}

impl Rule {
    /// The variables that the rewrite takes from the place where it is made, not from what matched.
    pub(super) fn variables_in_scope(&self) -> Vec<&str> {
        let templates = self.changes.iter().flatten().filter_map(|change| match change {
            Change::Replace { template, .. }
            | Change::AddArgument { template, .. }
            | Change::AddFirst { template, .. }
            | Change::AddStatement { template, .. }
            | Change::CallDecorator { arguments: template, .. }
            | Change::Enclose { head: template, .. } => Some(template),
            _ => None,
        });
        let names = templates.flatten().map(|piece| if let Piece::InScope(name) = piece { name.as_str() } else { "" });
        names.filter(|name| !name.is_empty()).collect()
    }
}

/// The steps that make the correct side of the wrong one, if each of them is mechanical.
pub(super) fn changes(sides: &Sides<'_>, rule: &Rule, ops: &[&Op]) -> Option<Vec<Change>> {
    let writer = Writer::new(sides, rule);
    let mut changes = Vec::new();
    let mut named: Vec<(Id, String)> = Vec::new();
    for op in ops {
        if let Op::Delete { w } = op
            && let Some(name) = sides.keyword_of(*w)
        {
            if !writer.is_bound(*w) {
                return None;
            }
            named.push((*w, name.to_string()));
            continue;
        }
        if let Op::Insert { parent, c, .. } = op
            && sides.w.children(*parent).iter().any(|w| {
                sides.is_gone(*w) && sides.keyword_of(*w) == Some(sides.c.name(*c)) && sides.c.kind(*c) == Kind::Keyword
            })
        {
            continue;
        }
        if !sides.is_import(op) && !writer.is_use_of_parameter(op) {
            changes.push(writer.change(op)?);
        }
    }
    if !named.is_empty() {
        changes.push(Change::NameArguments { names: named });
    }
    (!changes.is_empty()).then_some(changes)
}

/// The step that writes all of `id` anew, for differences that are no steps of their own.
pub(super) fn whole(sides: &Sides<'_>, rule: &Rule, id: Id) -> Option<Change> {
    let writer = Writer::new(sides, rule);
    writer.replace(id, *sides.diff.same.get(&id)?)
}

struct Writer<'a> {
    sides: &'a Sides<'a>,
    /// Nodes that a match binds, by what they mean.
    bound: HashMap<u64, Id>,
    /// Literals that stand there more than once, in text order.
    repeated: HashMap<u64, Vec<Id>>,
    bound_ids: HashSet<Id>,
    variables: HashSet<usize>,
    /// Fixtures that every match requests.
    fixtures: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(sides: &'a Sides<'a>, rule: &Rule) -> Self {
        let mut writer = Self {
            sides,
            bound: HashMap::new(),
            repeated: HashMap::new(),
            bound_ids: HashSet::new(),
            variables: HashSet::new(),
            fixtures: rule.fixtures.clone(),
        };
        for unit in &rule.units {
            match unit {
                Unit::Expression(Expression { pattern, .. }) | Unit::Statement(pattern) => writer.bind(pattern),
                Unit::Header { item, body, .. } => {
                    std::iter::once(item).chain(body).for_each(|pattern| writer.bind(pattern))
                }
                Unit::Function(function) => {
                    writer.bound_ids.insert(function.w);
                    let parts = function.decorators.iter().chain(&function.returns).chain(&function.calls);
                    let parts = parts.chain(&function.defaults);
                    parts.for_each(|pattern| writer.bind(pattern));
                }
                Unit::Import(_) | Unit::Together(_) => {}
            }
        }
        for before in &rule.before {
            writer.bind(&before.core);
            writer.variables.extend(before.target);
        }
        rule.around.iter().chain(&rule.following).for_each(|pattern| writer.bind(pattern));
        writer
    }

    fn bind(&mut self, pattern: &Pattern) {
        self.bound_ids.insert(pattern.w);
        if let Shape::Any | Shape::Like(_) | Shape::Bare { .. } = pattern.shape {
            let hash = self.sides.w.hash(pattern.w);
            self.bound.insert(hash, pattern.w);
            if self.sides.w.kind(pattern.w).is_literal() {
                self.repeated.entry(hash).or_default().push(pattern.w);
            }
        }
        match &pattern.shape {
            Shape::Variable(variable) | Shape::Receiver(Some(variable)) => {
                self.variables.insert(*variable);
            }
            // What is named in both is written as the file writes it.
            Shape::Receiver(None) | Shape::Leaf { .. } | Shape::Path(_) => {
                self.bound.insert(self.sides.w.hash(pattern.w), pattern.w);
            }
            Shape::Node { children, .. }
            | Shape::Dict { pairs: children, .. }
            | Shape::Interpolated { children, .. } => {
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

    /// The step that a difference is.
    fn change(&self, op: &Op) -> Option<Change> {
        let (w, c) = (self.sides.w, self.sides.c);
        match *op {
            Op::Rename { w: id, c: new } => self.rename(id, new),
            Op::Wrap { w: id, c: new } if w.parent(id).is_some_and(|parent| w.kind(parent) == Kind::Decorator) => {
                self.call_decorator(id, new)
            }
            Op::Replace { w: id, c: new } | Op::Wrap { w: id, c: new } => self.replace(id, new),
            Op::Peel { w: id, inner } => {
                (self.is_bound(id) && self.is_bound(inner)).then_some(Change::Peel { w: id, inner })
            }
            Op::Move { w: id, c: new } if w.is_statement(id) => {
                let (first, second) = super::place::crossed(self.sides, id, new)?;
                let is_down = first == id;
                Some(Change::Reorder { first: self.bound_in(first)?, second: self.bound_in(second)?, is_down })
            }
            Op::Delete { w: id } => self.delete(id),
            Op::Insert { parent, after, before, c: new } => self.insert(parent, (after, before), new),
            Op::Enclose { first, last, c: new } if first == last && c.kind(new) == Kind::With => {
                Some(Change::Enclose { w: self.bound_in(first)?, head: self.head(new)? })
            }
            Op::Unwrap { w: id } if w.kind(id) == Kind::With => {
                let item = w.manager(*w.children(id).first()?)?;
                self.is_bound(item).then_some(Change::Unwrap { w: item })
            }
            _ => None,
        }
    }

    /// The arguments that a decorator has on the correct side only.
    fn call_decorator(&self, id: Id, new: Id) -> Option<Change> {
        let mut arguments = Vec::new();
        for (at, argument) in self.sides.c.children(new).iter().skip(1).enumerate() {
            arguments.extend((at > 0).then(|| Piece::Text(", ".to_string())));
            self.write(*argument, &mut arguments)?;
        }
        self.is_bound(id).then_some(Change::CallDecorator { w: id, arguments })
    }

    /// What is gone: a statement, an argument or a decorator.
    fn delete(&self, id: Id) -> Option<Change> {
        let w = self.sides.w;
        match w.kind(w.parent(id)?) {
            kind if kind.holds_statements() => self.is_bound(id).then_some(Change::DropStatement { w: id }),
            Kind::Call => self.is_bound(id).then_some(Change::DropArgument { w: id }),
            kind if kind.is_function() && w.kind(id) == Kind::Decorator => {
                let child = *w.children(id).first()?;
                self.is_bound(child).then_some(Change::DropDecorator { w: child })
            }
            _ => None,
        }
    }

    /// What is new in `parent`: an argument, a statement between two others, a parameter or a decorator.
    fn insert(&self, parent: Id, (after, before): (Option<Id>, Option<Id>), new: Id) -> Option<Change> {
        let (w, c) = (self.sides.w, self.sides.c);
        match (w.kind(parent), c.kind(new)) {
            (Kind::Call, Kind::Keyword) | (Kind::Dict, Kind::Pair) => {
                let template = self.template(new)?;
                self.is_bound(parent).then_some(Change::AddArgument { call: parent, template })
            }
            (Kind::Block, _) if after.is_none() && w.parent(parent).is_some_and(|id| self.is_bound(id)) => {
                Some(Change::AddFirst { function: w.parent(parent)?, template: self.template(new)? })
            }
            (kind, _) if kind.holds_statements() => {
                let (near, is_before) = self.beside(after, before)?;
                Some(Change::AddStatement { w: near, is_before, template: self.template(new)? })
            }
            (kind, Kind::Parameter) if kind.is_function() => {
                let text = c.slice(new).to_string();
                match self.is_bound(parent) {
                    true => Some(Change::AddParameter { function: parent, text }),
                    false => Some(Change::Request { w: self.bound_in(parent)?, text }),
                }
            }
            (kind, Kind::Decorator) if kind.is_function() => {
                let is_first = !after.is_some_and(|id| w.kind(id) == Kind::Decorator);
                Some(Change::AddDecorator { function: parent, is_first, template: self.template(new)? })
            }
            _ => None,
        }
    }

    fn replace(&self, id: Id, new: Id) -> Option<Change> {
        let w = self.sides.w;
        let (id, new) = self.bound_above(id, new)?;
        // A text that becomes interpolated names its variables already.
        let are_texts = w.kind(id) == Kind::Text && self.sides.c.kind(new) == Kind::Text;
        let is_same_text = are_texts && w.name(id) == self.sides.c.name(new);
        let template = match is_same_text {
            true => vec![Piece::Text(self.sides.c.slice(new).to_string())],
            false => self.template(new)?,
        };
        let kept = |call: Id| template.contains(&Piece::Node(call));
        let lists = w.descendants(id).filter(|list| matches!(w.kind(*list), Kind::Call | Kind::Assert));
        let lists = lists.filter(|list| self.is_bound(*list) && !w.ancestors(*list).any(kept));
        let arity = lists.map(|list| (list, w.children(list).len())).collect();
        Some(Change::Replace { w: id, template, arity })
    }

    fn rename(&self, id: Id, new: Id) -> Option<Change> {
        let (w, c) = (self.sides.w, self.sides.c);
        if w.kind(id).is_function() {
            let same_name = w.name(id) == c.name(new);
            return (same_name && c.kind(new) == Kind::AsyncFunction).then_some(Change::MakeAsync { function: id });
        }
        if w.kind(id) == Kind::Parameter {
            return self.rename_parameter(id, c.name(new));
        }
        if !self.is_bound(id) {
            return None;
        }
        if w.kind(id) == Kind::Text && !w.children(id).is_empty() {
            let pieces = c.pieces(new).into_iter().map(str::to_string).collect();
            return Some(Change::Pieces { w: id, pieces });
        }
        // Another variable of the match.
        if let (Kind::Name, Some(variable)) = (w.kind(id), self.variable(c.name(new))) {
            let template = vec![Piece::Variable(variable)];
            return Some(Change::Replace { w: id, template, arity: Vec::new() });
        }
        let is_plain = matches!(w.kind(id), Kind::Attribute | Kind::Keyword | Kind::Compare | Kind::Binary)
            || w.kind(id).is_literal()
            || (w.kind(id) == Kind::Name && !self.sides.c_names.is_imported(c.name(new)));
        if is_plain {
            return Some(Change::Name { w: id, text: c.name(new).to_string() });
        }
        let template = self.template(new)?;
        (w.kind(id) == Kind::Name).then_some(Change::Replace { w: id, template, arity: Vec::new() })
    }

    /// Another name for a parameter; of a function that no match is, another fixture.
    fn rename_parameter(&self, id: Id, new: &str) -> Option<Change> {
        let (w, c) = (self.sides.w, self.sides.c);
        let (old, new) = (w.name(id).to_string(), new.to_string());
        let function = w.function(id)?;
        if !self.is_bound(function) {
            return Some(Change::Replaced { w: self.bound_in(function)?, old, new });
        }
        let is_renamed = |use_of: Id| {
            self.sides.ops_at(use_of).any(|op| matches!(op, Op::Rename { c: other, .. } if c.name(*other) == new))
        };
        let mut uses = w.descendants(function).filter(|use_of| w.kind(*use_of) == Kind::Name && w.name(*use_of) == old);
        let with_uses = uses.all(is_renamed);
        Some(Change::RenameParameter { function, old, new, with_uses })
    }

    /// A parameter that has another name is renamed with its uses.
    fn is_use_of_parameter(&self, op: &Op) -> bool {
        let Op::Rename { w: id, .. } = op else { return false };
        let w = self.sides.w;
        let renamed = super::functions::changed_parameters(self.sides);
        w.kind(*id) == Kind::Name && renamed.contains(w.name(*id))
    }

    /// The node that a match binds: of a dotted name the whole one.
    fn bound_above(&self, id: Id, new: Id) -> Option<(Id, Id)> {
        let (w, same) = (self.sides.w, &self.sides.diff.same);
        let is_step = |around: &Id| *around == id || w.kind(*around) == Kind::Attribute;
        let bound = w.ancestors(id).take_while(is_step).find(|around| self.is_bound(*around))?;
        if bound == id { Some((id, new)) } else { Some((bound, *same.get(&bound)?)) }
    }

    /// Whether every match tells what `id` is in the file.
    fn is_bound(&self, id: Id) -> bool {
        self.bound_ids.contains(&id)
    }

    /// The first node below `id` that a match binds.
    fn bound_in(&self, id: Id) -> Option<Id> {
        self.sides.w.descendants(id).find(|inner| self.is_bound(*inner))
    }

    /// The statement of the pattern beside which new ones are written.
    fn beside(&self, after: Option<Id>, before: Option<Id>) -> Option<(Id, bool)> {
        let w = self.sides.w;
        let bound = |id: Option<Id>| id.filter(|id| w.kind(*id) != Kind::Ellipsis).and_then(|id| self.bound_in(id));
        bound(after).map(|id| (id, false)).or(bound(before).map(|id| (id, true)))
    }

    fn template(&self, c: Id) -> Option<Template> {
        let mut template = Vec::new();
        self.write(c, &mut template)?;
        Some(template)
    }

    /// A compound statement up to its body.
    fn head(&self, id: Id) -> Option<Template> {
        let c = self.sides.c;
        let block = c.children(id).iter().position(|child| c.kind(*child) == Kind::Block)?;
        let mut template = Vec::new();
        let at = self.write_parts(c.nodes[id].range.start, &c.children(id)[..block], &mut template)?;
        let end = c.nodes[c.children(id)[block]].range.start;
        template.push(Piece::Text(c.text[at..end].trim_end().to_string()));
        Some(template)
    }

    fn write(&self, id: Id, template: &mut Template) -> Option<()> {
        let (c, sides) = (self.sides.c, self.sides);
        let known = self.variable(c.slice(id)).map(Piece::Variable);
        if let Some(piece) = known.or_else(|| self.of_match(id, template)).or_else(|| self.respelled(id)) {
            template.push(piece);
            return Some(());
        }
        match c.kind(id) {
            Kind::Name => self.write_name(id, template)?,
            Kind::Attribute if self.is_of_module(id) => {
                let path = sides.c_names.dotted(c, id)?.path;
                let root = super::abstraction::root_of(c, id);
                let (from, local) = (sides.c_names.dotted(c, root)?.path, c.name(root).to_string());
                template.push(Piece::Dotted { path, from, local });
            }
            Kind::Parameter if self.is_variable(id) => {
                template.extend(self.variable(c.name(id)).map(Piece::Variable));
                self.write_parts(c.nodes[id].name.end, c.children(id), template)?;
            }
            // `...` stands for code that the snippet leaves out.
            Kind::Ellipsis if c.parent(id).is_some_and(|parent| c.kind(parent) == Kind::Block) => return None,
            kind if kind.is_literal() && self.is_shared(c.hash(id)) && kind != Kind::Constant => return None,
            _ => {
                let at = self.write_parts(c.nodes[id].range.start, c.children(id), template)?;
                template.push(Piece::Text(c.text[at..c.nodes[id].range.end].to_string()));
            }
        }
        Some(())
    }

    /// Writes `parts` with the text before each of them, from `at` on. Where the last one ends.
    fn write_parts(&self, mut at: usize, parts: &[Id], template: &mut Template) -> Option<usize> {
        let c = self.sides.c;
        for part in parts {
            let range = &c.nodes[*part].range;
            template.push(Piece::Text(c.text[at..range.start].to_string()));
            self.write(*part, template)?;
            at = range.end;
        }
        Some(at)
    }

    /// The variable of the match that a name or dotted name is.
    fn variable(&self, name: &str) -> Option<usize> {
        self.sides.variables.borrow().get(name).copied().filter(|variable| self.variables.contains(variable))
    }

    /// Whether a parameter begins with the name of a variable of the match: neither `*` nor `**` stands before it.
    fn is_variable(&self, parameter: Id) -> bool {
        let c = self.sides.c;
        let node = &c.nodes[parameter];
        self.variable(c.name(parameter)).is_some() && node.name.start == node.range.start
    }

    /// What is written as the file writes it; a literal that stands there more than once is the next one of them.
    fn of_match(&self, id: Id, template: &Template) -> Option<Piece> {
        let c = self.sides.c;
        let hash = c.hash(id);
        let w = self.bound.get(&hash).filter(|_| !matches!(c.kind(id), Kind::Keyword | Kind::Decorator))?;
        let same = self.repeated.get(&hash).map_or(&[][..], Vec::as_slice);
        let used = template.iter().filter(|piece| matches!(piece, Piece::Node(w) if same.contains(w))).count();
        Some(Piece::Node(same.get(used).copied().unwrap_or(*w)))
    }

    /// Whether it is written from its module on: `datetime.timezone.utc`.
    fn is_of_module(&self, id: Id) -> bool {
        let c = self.sides.c;
        let is_bound = |id: Id| c.descendants(id).any(|inner| self.bound.contains_key(&c.hash(inner)));
        let root = self.sides.c_names.dotted(c, super::abstraction::root_of(c, id));
        let module = root.filter(|root| root.origin == super::names::Origin::Module);
        module.is_some_and(|module| !self.has_submodules(&module.path)) && !is_bound(id)
    }

    /// `import a.b` binds `a` alone; whether a file has the rest cannot be told by its names.
    fn has_submodules(&self, path: &str) -> bool {
        let c = self.sides.c;
        (0..c.nodes.len()).any(|id| {
            c.kind(id) == Kind::Imported
                && c.parent(id).is_some_and(|statement| c.kind(statement) == Kind::Import)
                && c.name(id).strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
        })
    }

    fn write_name(&self, id: Id, template: &mut Template) -> Option<()> {
        let (c, sides) = (self.sides.c, self.sides);
        let name = c.name(id);
        if sides.c_names.is_imported(name) {
            let path = sides.c_names.dotted(c, id)?.path;
            if self.has_submodules(&path) {
                return None;
            }
            template.push(Piece::Imported { path, local: name.to_string() });
            return Some(());
        }
        // A variable that nothing of the match stands for cannot be written.
        let is_own = sides.c.ancestors(id).any(|around| c.kind(around) == Kind::Lambda)
            || super::names::is_builtin_fixture(name)
            || self.fixtures.iter().any(|fixture| fixture == name)
            || is_constant(name);
        let is_foreign = super::abstraction::hole(c, sides.c_names, id).is_some() && !is_own;
        template.push(if is_foreign { Piece::InScope(name.to_string()) } else { Piece::Text(name.to_string()) });
        Some(())
    }

    /// A literal or list of the correct side that is one of the wrong side in other quotes or brackets.
    fn respelled(&self, c: Id) -> Option<Piece> {
        let ops = self.sides.diff.ops.iter();
        let w = ops.filter_map(|op| match *op {
            Op::Replace { w, c: new } if self.sides.respelled(w, new) == Some(c) => Some(w),
            _ => None,
        });
        let w = w.into_iter().find(|w| self.bound_ids.contains(w))?;
        let (opening, closing) = super::literals::marks(self.sides.c, c);
        Some(Piece::Respelled { w, opening: opening.to_string(), closing: closing.to_string() })
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
