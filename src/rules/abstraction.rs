//! From a snippet to a pattern: what the correct form changes stays, what both sides share becomes a hole.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::diff::{Diff, Op, is_dotted};
use super::fragment::FRAME;
use super::names::{Names, Origin, is_builtin_fixture, is_builtin_function, is_class_name, well_known_module};
use super::pattern::{Path, Pattern, Shape};
use super::tree::{Id, Kind, Tree};

/// The words of a lesson's prose: what it names counts.
#[derive(Debug, Default)]
pub(super) struct Prose {
    pub words: HashSet<String>,
    pub text: String,
}

impl Prose {
    pub(super) fn of(text: &str) -> Self {
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| word.len() > 1);
        Self { words: words.map(str::to_string).collect(), text: text.to_string() }
    }

    pub(super) fn names(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether it means the word as code: in backticks, or nothing that people say.
    pub(super) fn names_code(&self, word: &str) -> bool {
        self.code_words().any(|own| own == word) || (word.contains('_') && self.names(word))
    }

    /// Packages that it names.
    pub(super) fn packages(&self) -> Vec<String> {
        let known = self.words.iter().filter_map(|word| super::names::package(&word.to_lowercase()));
        known.map(str::to_string).collect()
    }

    /// Words between backticks that look like names of code.
    pub(super) fn code_words(&self) -> impl Iterator<Item = &str> {
        let code = self.text.split('`').skip(1).step_by(2);
        code.flat_map(|code| code.split(|c: char| !(c.is_alphanumeric() || c == '_'))).filter(|word| word.len() > 2)
    }
}

/// Whether a node is part of what changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Both sides have it.
    Shared,
    /// Only the wrong side has it.
    Gone,
}

/// Both sides of a lesson, and what is known of them.
pub(super) struct Sides<'a> {
    pub w: &'a Tree<'a>,
    pub c: &'a Tree<'a>,
    pub w_names: &'a Names,
    pub c_names: &'a Names,
    pub diff: &'a Diff,
    pub prose: &'a Prose,
    /// Nodes of the wrong side that hold a difference.
    pub touched: HashSet<Id>,
    /// Variables that stand at two places of the mistake, or that the fix needs: they have to agree.
    pub linked: RefCell<HashSet<String>>,
    /// Literals that the fix writes again.
    pub needed: RefCell<HashSet<u64>>,
    /// The same, of literals that stand there more than once: each for itself.
    pub copied: RefCell<HashSet<u64>>,
    pub variables: RefCell<HashMap<String, usize>>,
}

impl<'a> Sides<'a> {
    /// The number of a hole by its name in the snippet.
    pub(super) fn variable(&self, name: &str) -> usize {
        let mut variables = self.variables.borrow_mut();
        let next = variables.len();
        *variables.entry(name.to_string()).or_insert(next)
    }

    pub(super) fn is_touched(&self, id: Id) -> bool {
        self.touched.contains(&id)
    }

    pub(super) fn ops_at(&self, id: Id) -> impl Iterator<Item = &'a Op> {
        self.diff.ops.iter().filter(move |op| op.at() == id && !matches!(op, Op::Insert { .. }))
    }

    pub(super) fn insertions(&self, id: Id) -> impl Iterator<Item = Id> {
        self.diff.ops.iter().filter_map(move |op| match op {
            Op::Insert { parent, c, .. } if *parent == id => Some(*c),
            _ => None,
        })
    }

    /// Whether a difference is one of the imports.
    pub(super) fn is_import(&self, op: &Op) -> bool {
        op.inserted().is_some_and(|new| self.c.kind(new).is_import())
            || self.w.ancestors(op.at()).any(|id| self.w.kind(id).is_import())
    }

    /// The name of the hole that `id` is: a local variable, a parameter, an object that methods are called on.
    pub(super) fn hole(&self, id: Id) -> Option<&'a str> {
        hole(self.w, self.w_names, id)
    }

    /// The pattern of `id`.
    pub(super) fn pattern(&self, id: Id, mode: Mode) -> Pattern {
        Pattern { w: id, shape: self.shape(id, mode) }
    }

    pub(super) fn shape(&self, id: Id, mode: Mode) -> Shape {
        let mut mode = mode;
        for op in self.ops_at(id) {
            if let Some(shape) = self.shape_of_change(id, op, mode) {
                return shape;
            }
            let is_name = self.w.kind(id) == Kind::Name;
            if matches!(op, Op::Replace { .. } | Op::Delete { .. }) || (is_name && matches!(op, Op::Rename { .. })) {
                mode = Mode::Gone;
            }
        }
        self.shape_of_kind(id, mode)
    }

    /// What a difference makes of `id`, where that is all that it is known by.
    fn shape_of_change(&self, id: Id, op: &Op, mode: Mode) -> Option<Shape> {
        let kind = self.w.kind(id);
        match op {
            Op::Wrap { c, .. } => return Some(self.bare(id, *c, mode)),
            Op::Rename { .. } if kind.is_literal() => return Some(self.leaf(id)),
            Op::Rename { .. } if kind == Kind::Attribute => return Some(self.attribute(id, mode)),
            Op::Rename { .. } if kind != Kind::Name => return None,
            Op::Replace { c, .. } if self.respelled(id, *c).is_some() => return Some(unwrapped(kind)),
            Op::Rename { .. } | Op::Replace { .. } | Op::Delete { .. } => {}
            _ => return None,
        }
        if self.becomes_keyword(id) {
            return Some(Shape::Any);
        }
        if kind.is_literal() {
            return Some(self.leaf(id));
        }
        let name = self.hole(id).filter(|_| kind == Kind::Name)?;
        let is_linked = self.linked.borrow().contains(name);
        Some(if is_linked { Shape::Variable(self.variable(name)) } else { self.leaf(id) })
    }

    fn shape_of_kind(&self, id: Id, mode: Mode) -> Shape {
        match self.w.kind(id) {
            // A list of literals that both sides have is free like a literal.
            _ if self.copied.borrow().contains(&self.w.hash(id)) && is_plain_list(self.w, id) => Shape::Any,
            Kind::Name => self.name(id),
            Kind::Attribute => self.attribute(id, mode),
            Kind::Call => self.call(id, mode),
            Kind::Keyword => self.keyword(id, mode),
            kind if kind.is_literal() => self.literal(id, mode),
            Kind::Dict => self.dict(id, mode),
            Kind::Pair => self.pair(id, mode),
            Kind::Subscript => self.subscript(id, mode),
            Kind::Await if mode == Mode::Shared => match self.w.children(id) {
                [inner] => self.shape(*inner, mode),
                _ => Shape::Any,
            },
            Kind::Assign => self.assign(id, mode),
            Kind::Block if mode == Mode::Shared && !self.is_touched(id) => Shape::Any,
            Kind::Ellipsis => Shape::Any,
            Kind::Assert if !self.w.children(id).get(1).is_some_and(|message| self.is_touched(*message)) => {
                let test = self.w.children(id).iter().take(1).map(|test| self.pattern(*test, mode)).collect();
                Shape::Node { kind: Kind::Assert, name: None, children: test }
            }
            Kind::Compare => {
                let children = self.w.children(id).iter().map(|child| self.operand(*child, mode)).collect();
                Shape::Node { kind: Kind::Compare, name: Some(self.w.name(id).to_string()), children }
            }
            _ => self.node(id, mode),
        }
    }

    /// A node of no kind of its own: by its parts, and by its name where that is an operator or a word.
    fn node(&self, id: Id, mode: Mode) -> Shape {
        let (kind, name) = (self.w.kind(id), self.w.name(id));
        let children = self.w.children(id).iter().map(|child| self.pattern(*child, mode)).collect();
        let is_named = matches!(kind, Kind::Binary | Kind::Splat | Kind::Class | Kind::Other(_)) && !name.is_empty();
        let shape = Shape::Node { kind, name: is_named.then(|| name.to_string()), children };
        self.unless_empty(id, mode, shape)
    }

    /// An argument by its name; one that is only taken away has any value.
    fn keyword(&self, id: Id, mode: Mode) -> Shape {
        let is_removed = self.is_removed(id);
        let value = |value: &Id| match is_removed {
            true => Pattern { w: *value, shape: Shape::Any },
            false => self.pattern(*value, mode),
        };
        let children = self.w.children(id).iter().map(value).collect();
        Shape::Node { kind: Kind::Keyword, name: Some(self.w.name(id).to_string()), children }
    }

    /// A key with its value; of a key that is another one the value is free.
    fn pair(&self, id: Id, mode: Mode) -> Shape {
        let [key, value] = self.w.children(id) else { return Shape::Any };
        let key_pattern = match self.w.kind(*key) {
            Kind::Text => Pattern { w: *key, shape: self.leaf(*key) },
            _ => self.pattern(*key, mode),
        };
        let value_pattern = if self.is_touched(*key) && !self.is_touched(*value) && mode == Mode::Shared {
            Pattern { w: *value, shape: Shape::Any }
        } else if self.names_dict(id) {
            Pattern { w: *value, shape: self.leaf(*value) }
        } else {
            self.pattern(*value, mode)
        };
        Shape::Node { kind: Kind::Pair, name: None, children: vec![key_pattern, value_pattern] }
    }

    /// A dictionary by the pairs that changed, and those that tell which one it is.
    fn dict(&self, id: Id, mode: Mode) -> Shape {
        let lacks: Vec<String> = self
            .insertions(id)
            .filter_map(|c| self.c.children(c).first().map(|key| self.c.name(*key).to_string()))
            .collect();
        let is_alone = !lacks.is_empty() && !self.w.parent(id).is_some_and(|around| self.w.kind(around) == Kind::Pair);
        let kept = self
            .w
            .children(id)
            .iter()
            .filter(|pair| !self.has_touch(id) || self.is_touched(**pair) || is_alone || self.names_dict(**pair));
        Shape::Dict { pairs: kept.map(|pair| self.pattern(*pair, mode)).collect(), lacks }
    }

    /// Whether the lesson names the text that a pair holds: `"kind": "Ingress"`.
    pub(super) fn names_dict(&self, pair: Id) -> bool {
        let value = self.w.children(pair).get(1).filter(|value| self.w.kind(**value) == Kind::Text);
        value.is_some_and(|value| !self.is_touched(pair) && self.prose.names(self.w.name(*value)))
    }

    /// An expression that says nothing and shares nothing is any expression.
    fn unless_empty(&self, id: Id, mode: Mode, shape: Shape) -> Shape {
        let pattern = Pattern { w: id, shape };
        let mut words = Vec::new();
        pattern.words(&mut words);
        let is_value = !matches!(
            self.w.kind(id),
            Kind::Expression | Kind::Assert | Kind::Return | Kind::Await | Kind::Raise | Kind::Yield | Kind::Splat
        );
        let is_linked = self.holes_in(id).iter().any(|name| self.linked.borrow().contains(name));
        if words.is_empty()
            && is_value
            && !is_linked
            && !self.has_touch(id)
            && (mode == Mode::Shared || !has_variable(&pattern))
        {
            return if mode == Mode::Shared { Shape::Any } else { pattern.shape };
        }
        pattern.shape
    }

    /// Whether a difference lies below `id`.
    pub(super) fn has_touch(&self, id: Id) -> bool {
        self.is_touched(id)
    }

    pub(super) fn leaf(&self, id: Id) -> Shape {
        let is_rewritten = self.needed.borrow().contains(&self.w.hash(id));
        if self.w.kind(id).is_literal() && is_rewritten {
            return Shape::Variable(self.variable(self.w.slice(id)));
        }
        if !self.w.children(id).is_empty() && self.has_touch(id) {
            let pieces = self.w.pieces(id).into_iter().map(str::to_string).collect();
            let children = self.w.children(id).iter().map(|child| self.pattern(*child, Mode::Shared)).collect();
            return Shape::Interpolated { pieces, children };
        }
        if !self.w.children(id).is_empty() {
            return unwrapped(self.w.kind(id));
        }
        Shape::Leaf { kind: self.w.kind(id), name: self.w.name(id).to_string() }
    }

    fn name(&self, id: Id) -> Shape {
        let name = self.w.name(id);
        if self.is_pytest_fixture(name) && !self.w_names.is_imported(name) {
            return self.leaf(id);
        }
        match self.hole(id) {
            Some(name) => Shape::Variable(self.variable(name)),
            None => self.path(id),
        }
    }

    /// Whether a name is a fixture of pytest's own. `cache` and `request` are words: they are one where a function
    /// of the snippet asks for them.
    fn is_pytest_fixture(&self, name: &str) -> bool {
        let is_word = matches!(name, "cache" | "request");
        let parameter = |id: usize| self.w.kind(id) == Kind::Parameter && self.w.name(id) == name;
        is_builtin_fixture(name) && (!is_word || (0..self.w.nodes.len()).any(parameter))
    }

    /// A name by where it comes from, as far as the snippet tells.
    pub(super) fn path(&self, id: Id) -> Shape {
        let Some(dotted) = self.w_names.dotted(self.w, id) else { return Shape::Any };
        if dotted.path == FRAME {
            return Shape::Any;
        }
        let (root, rest) = dotted.path.split_once('.').unwrap_or((&dotted.path, ""));
        let module = if dotted.origin == Origin::Unknown { well_known_module(root) } else { None };
        match (dotted.origin, module) {
            (Origin::Module | Origin::Member, _) => {
                Shape::Path(Path { path: dotted.path, is_absolute: true, is_exact: false })
            }
            (_, Some(module)) => {
                let path = if rest.is_empty() { module.to_string() } else { format!("{module}.{rest}") };
                Shape::Path(Path { path, is_absolute: true, is_exact: false })
            }
            _ => Shape::Path(Path { path: dotted.path, is_absolute: false, is_exact: false }),
        }
    }

    /// Whether `id` is a name of a module or of something in it, followed down to its root.
    pub(super) fn is_path(&self, id: Id) -> bool {
        if !is_dotted(self.w, id) {
            return false;
        }
        let root = root_of(self.w, id);
        let name = self.w.name(root);
        self.w_names.is_imported(name)
            || ((is_class_name(name) || super::names::is_standard_class(name)) && self.hole(root).is_none())
            || (self.w.kind(id) == Kind::Attribute && self.hole(root).is_none() && !is_own(name))
    }

    fn attribute(&self, id: Id, mode: Mode) -> Shape {
        if self.is_path(id) {
            return self.path(id);
        }
        let Some(object) = self.w.children(id).first() else { return Shape::Any };
        let receiver = self.receiver(*object, mode);
        Shape::Node { kind: Kind::Attribute, name: Some(self.w.name(id).to_string()), children: vec![receiver] }
    }

    /// What a method is called on, an attribute is read of, or a key is looked up in.
    fn receiver(&self, id: Id, mode: Mode) -> Pattern {
        let shape = if is_dotted(self.w, id) && !self.is_path(id) && !self.has_touch(id) {
            let root = self.w.name(root_of(self.w, id));
            if self.is_pytest_fixture(root) || (self.w.kind(id) == Kind::Attribute && mode == Mode::Gone) {
                self.shape(id, mode)
            } else {
                let key = self.w.slice(id);
                let linked = self.linked.borrow().contains(key);
                Shape::Receiver(linked.then(|| self.variable(key)))
            }
        } else {
            self.shape(id, mode)
        };
        Pattern { w: id, shape }
    }

    fn subscript(&self, id: Id, mode: Mode) -> Shape {
        let Some((value, index)) = self.w.children(id).split_first() else { return Shape::Any };
        let value = self.receiver(*value, mode);
        let mut children = vec![value];
        children.extend(index.iter().map(|key| match self.w.kind(*key) {
            // The key says what is looked up, whoever writes it again; where it is set, the way is wrong.
            Kind::Text if super::find::is_set(self.w, id) => Pattern { w: *key, shape: self.leaf(*key) },
            kind @ (Kind::Text | Kind::Bytes) if self.w.children(*key).is_empty() => {
                let name = self.w.name(*key).to_string();
                Pattern { w: *key, shape: Shape::Leaf { kind, name } }
            }
            _ => self.pattern(*key, mode),
        }));
        Shape::Node { kind: Kind::Subscript, name: None, children }
    }

    fn assign(&self, id: Id, mode: Mode) -> Shape {
        let [target, .., value] = self.w.children(id) else { return Shape::Any };
        let children = self.w.children(id).iter().map(|part| {
            let is_free = mode == Mode::Shared || matches!(self.w.kind(*part), Kind::Name | Kind::Tuple);
            if part == target && part != value && !self.has_touch(*part) && is_free {
                let linked = self.hole(*part).filter(|name| self.linked.borrow().contains(*name));
                let shape = linked.map_or(Shape::Any, |name| Shape::Variable(self.variable(name)));
                Pattern { w: *part, shape }
            } else {
                self.pattern(*part, mode)
            }
        });
        Shape::Node { kind: Kind::Assign, name: Some(self.w.name(id).to_string()), children: children.collect() }
    }

    /// One side of a comparison: literals that nobody changed are free, singletons say something.
    fn operand(&self, id: Id, mode: Mode) -> Pattern {
        if self.w.kind(id) == Kind::Constant && !self.has_touch(id) {
            return Pattern { w: id, shape: self.leaf(id) };
        }
        // What an operator is wrong for is a kind of literal.
        let compares = self.w.parent(id).is_some_and(|parent| self.ops_at(parent).next().is_some());
        let stays = || (0..self.c.nodes.len()).any(|c| self.c.hash(c) == self.w.hash(id));
        if self.w.kind(id).is_literal() && compares && stays() && !self.has_touch(id) && !self.is_linked(id) {
            return Pattern { w: id, shape: unwrapped(self.w.kind(id)) };
        }
        let pattern = self.pattern(id, mode);
        match pattern.shape {
            Shape::Any => Pattern { w: id, shape: Shape::Like(self.w.kind(id)) },
            _ => pattern,
        }
    }

    fn literal(&self, id: Id, mode: Mode) -> Shape {
        // In another order the elements are what was wrong.
        if self.w.parent(id).is_some_and(|list| self.has_moved(list) && self.w.kind(list) != Kind::Call) {
            return self.leaf(id);
        }
        let is_interpolated = !self.w.children(id).is_empty();
        let is_number = matches!(self.w.kind(id), Kind::Integer | Kind::Float);
        if self.needed.borrow().contains(&self.w.hash(id)) {
            return Shape::Variable(self.variable(self.w.slice(id)));
        }
        let stays = || (0..self.c.nodes.len()).any(|c| self.c.hash(c) == self.w.hash(id));
        if is_interpolated && self.is_touched(id) {
            return self.leaf(id);
        }
        if mode == Mode::Gone && !is_number && !is_interpolated && !stays() { self.leaf(id) } else { Shape::Any }
    }

    /// What the correct form only wraps.
    fn bare(&self, id: Id, c: Id, mode: Mode) -> Shape {
        let kind = self.w.kind(id);
        let is_itself = self.c.children(c).first().is_some_and(|callee| self.c.hash(*callee) == self.w.hash(id));
        // What is called on the correct side is something that can be named.
        let wrapper = match is_itself && self.c.kind(c) == Kind::Call {
            true => (Kind::Splat, String::new()),
            false => super::units::wrapper(self.c, c),
        };
        let is_alone = self.diff.ops.iter().filter(|op| !matches!(op, Op::Insert { .. })).count() == 1;
        if kind.is_literal() {
            let free = if is_alone { Some(kind) } else { None };
            return free.map_or(Shape::Any, |kind| Shape::Bare { kind: Some(kind), wrapper });
        }
        if self.hole(id).is_some() {
            return Shape::Bare { kind: None, wrapper };
        }
        // Its own operations are done with; what it is made of is shared.
        match kind {
            Kind::Name => self.name(id),
            Kind::Attribute => self.attribute(id, mode),
            Kind::Call => self.call(id, mode),
            Kind::Subscript => self.subscript(id, mode),
            _ => Shape::Bare { kind: Some(kind), wrapper },
        }
    }

    /// The names of all holes below `id`; a dotted object counts as one.
    pub(super) fn holes_in(&self, id: Id) -> Vec<String> {
        holes_in(self.w, self.w_names, id)
    }
}

/// Anything of a kind, whatever stands around it.
fn unwrapped(kind: Kind) -> Shape {
    Shape::Bare { kind: Some(kind), wrapper: (Kind::Error, String::new()) }
}

/// A list, tuple, set or dictionary of literals.
pub(super) fn is_plain_list(tree: &Tree<'_>, id: Id) -> bool {
    let is_list = |kind| matches!(kind, Kind::List | Kind::Tuple | Kind::Set | Kind::Dict | Kind::Pair);
    is_list(tree.kind(id))
        && tree.descendants(id).all(|inner| is_list(tree.kind(inner)) || tree.kind(inner).is_literal())
}

/// Whether a context manager says what its body must do: `pytest.raises`, `assertWarns`.
pub(super) fn is_expectation(tree: &Tree<'_>, call: Id) -> bool {
    let name = tree.children(call).first().map_or("", |callee| tree.name(*callee)).to_lowercase();
    tree.kind(call) == Kind::Call && ["raises", "warns", "deprecated_call"].iter().any(|word| name.ends_with(word))
}

fn has_variable(pattern: &Pattern) -> bool {
    match &pattern.shape {
        Shape::Variable(_) => true,
        Shape::Node { children, .. } => children.iter().any(has_variable),
        _ => false,
    }
}

/// The name that a dotted name begins with.
pub(super) fn root_of(tree: &Tree<'_>, mut id: Id) -> Id {
    while let (Kind::Attribute, Some(inner)) = (tree.kind(id), tree.children(id).first()) {
        id = *inner;
    }
    id
}

/// See [`Sides::hole`]; of either side.
pub(super) fn hole<'t>(tree: &Tree<'t>, names: &Names, id: Id) -> Option<&'t str> {
    if tree.kind(id) != Kind::Name {
        return None;
    }
    let name = tree.name(id);
    let is_callee = tree.parent(id).is_some_and(|parent| match tree.kind(parent) {
        Kind::Call => tree.children(parent).first() == Some(&id),
        kind => kind == Kind::Decorator,
    });
    let attribute = tree.parent(id).filter(|parent| tree.kind(*parent) == Kind::Attribute);
    // What has a class in it is a module: `paramiko.SSHClient`.
    let has_class = |attribute| is_class_name(tree.name(attribute)) && !is_own(name);
    let is_module = !names.is_bound(name)
        && attribute.is_some_and(|attribute| well_known_module(name).is_some() || has_class(attribute));
    let is_type = tree.parent(id).is_some_and(|parent| tree.kind(parent) == Kind::Returns);
    let is_known = is_callee
        || is_type
        || names.is_imported(name)
        || is_class_name(name)
        || is_builtin_function(name)
        || is_module;
    let is_known = is_known || (super::names::is_standard_class(name) && !names.is_bound(name));
    (!is_known).then_some(name)
}

fn is_own(name: &str) -> bool {
    matches!(name, "self" | "cls")
}

/// See [`Sides::holes_in`]; of either side.
pub(super) fn holes_in(tree: &Tree<'_>, names: &Names, id: Id) -> Vec<String> {
    let mut found = Vec::new();
    for inner in tree.descendants(id) {
        let Some(name) = hole(tree, names, inner) else { continue };
        found.push(name.to_string());
        // `vm.status.refresh()` is called on `vm.status`.
        let mut around = tree.parent(inner).filter(|parent| tree.kind(*parent) == Kind::Attribute);
        while let Some(attribute) = around {
            found.push(tree.slice(attribute).to_string());
            around = tree.parent(attribute).filter(|parent| tree.kind(*parent) == Kind::Attribute);
        }
    }
    found.retain(|name| !is_own(name));
    found
}
