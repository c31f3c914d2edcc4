//! A compact Python tree: no comments, parentheses or punctuation; every node knows its name, place and hash.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use crate::syntax::{Node as Syntax, Source, children};

/// The index of a node in its [`Tree`].
pub(super) type Id = usize;

/// What a node is. Its children stand in text order; names are texts of their own, not children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Module,
    Block,
    /// An expression on its own line.
    Expression,
    /// Target and value; the name is the operator of an augmented one.
    Assign,
    /// Test, and message.
    Assert,
    Return,
    Raise,
    /// The name is the module, the children are the names.
    FromImport,
    Import,
    /// One imported name; its child is the alias.
    Imported,
    Alias,
    For,
    With,
    /// One context manager; its second child is the target.
    Item,
    Try,
    Except,
    /// Decorators, parameters, return type, block.
    Function,
    AsyncFunction,
    /// Decorators, bases, block.
    Class,
    Decorator,
    /// Its children are the annotation and default.
    Parameter,
    Returns,
    /// The callee, then the arguments.
    Call,
    Keyword,
    Splat,
    Attribute,
    Name,
    Subscript,
    /// The name is the content without quotes.
    Text,
    /// `b"..."`; the name is the content.
    Bytes,
    Integer,
    Float,
    /// `True`, `False`, `None`.
    Constant,
    Ellipsis,
    Compare,
    Binary,
    Await,
    Yield,
    Lambda,
    List,
    Tuple,
    Set,
    Dict,
    Pair,
    Error,
    /// Anything else, by the number that the grammar gives it.
    Other(u16),
}

impl Kind {
    pub(super) fn is_literal(self) -> bool {
        matches!(self, Self::Text | Self::Bytes | Self::Integer | Self::Float | Self::Constant)
    }

    /// What stands for kinds whose literals may stand for each other; `None` for what is no literal.
    pub(super) fn family(self) -> Option<Self> {
        match self {
            Self::Integer | Self::Float => Some(Self::Integer),
            Self::Text | Self::Bytes | Self::Constant | Self::List | Self::Tuple | Self::Set | Self::Dict => Some(self),
            _ => None,
        }
    }

    pub(super) fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::AsyncFunction)
    }

    pub(super) fn is_import(self) -> bool {
        matches!(self, Self::Import | Self::FromImport)
    }

    /// Whether what stands directly in it are statements.
    pub(super) fn holds_statements(self) -> bool {
        matches!(self, Self::Block | Self::Module)
    }
}

/// One node.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: Kind,
    /// What it is called: an identifier, an operator, a text's content. May be empty.
    pub name: Range<usize>,
    pub range: Range<usize>,
    pub parent: Option<Id>,
    pub children: Vec<Id>,
    /// Equal for nodes that mean the same, whatever their layout and quotes.
    pub hash: u64,
}

/// A parsed text, its root first.
pub(super) struct Tree<'s> {
    pub text: &'s str,
    pub nodes: Vec<Node>,
}

/// Deeper code is a leaf: nobody writes it, and recursion over a tree stays bounded.
const DEEPEST: usize = 120;

impl<'s> Tree<'s> {
    pub(super) fn of(source: &'s Source) -> Self {
        let mut tree = Self { text: source.text(), nodes: Vec::with_capacity(source.root().descendant_count() / 2) };
        tree.build(source.root(), None, 0);
        tree
    }

    pub(super) fn root(&self) -> Id {
        0
    }

    pub(super) fn kind(&self, id: Id) -> Kind {
        self.nodes[id].kind
    }

    pub(super) fn name(&self, id: Id) -> &'s str {
        &self.text[self.nodes[id].name.clone()]
    }

    pub(super) fn slice(&self, id: Id) -> &'s str {
        &self.text[self.nodes[id].range.clone()]
    }

    /// The content of a text, as it stands around what is interpolated.
    pub(super) fn pieces(&self, id: Id) -> Vec<&'s str> {
        self.ranges_of_pieces(id).into_iter().map(|range| &self.text[range]).collect()
    }

    /// Where the pieces of a text stand.
    pub(super) fn ranges_of_pieces(&self, id: Id) -> Vec<Range<usize>> {
        let content = self.nodes[id].name.clone();
        let holes = || self.children(id).iter().map(|child| self.nodes[*child].range.clone());
        let starts = std::iter::once(content.start).chain(holes().map(|hole| hole.end));
        let ends = holes().map(|hole| hole.start).chain([content.end]);
        starts.zip(ends).map(|(start, end)| start..end.max(start)).collect()
    }

    pub(super) fn children(&self, id: Id) -> &[Id] {
        &self.nodes[id].children
    }

    pub(super) fn hash(&self, id: Id) -> u64 {
        self.nodes[id].hash
    }

    pub(super) fn parent(&self, id: Id) -> Option<Id> {
        self.nodes[id].parent
    }

    /// `id` and everything around it, innermost first.
    pub(super) fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(Some(id), |id| self.parent(*id))
    }

    /// `id` and everything in it: nodes are stored in preorder.
    pub(super) fn descendants(&self, id: Id) -> Range<Id> {
        let mut last = id;
        while let Some(child) = self.nodes[last].children.last() {
            last = *child;
        }
        id..last + 1
    }

    pub(super) fn contains(&self, outer: Id, inner: Id) -> bool {
        self.descendants(outer).contains(&inner)
    }

    /// The first child of a kind.
    pub(super) fn child(&self, id: Id, kind: Kind) -> Option<Id> {
        self.children(id).iter().copied().find(|child| self.kind(*child) == kind)
    }

    /// The statements of a block, module, or of the body of a compound statement.
    pub(super) fn body(&self, id: Id) -> &[Id] {
        match self.kind(id) {
            kind if kind.holds_statements() => self.children(id),
            _ => self.child(id, Kind::Block).map_or(&[], |block| self.children(block)),
        }
    }

    /// Whether `id` stands directly in a block or module.
    pub(super) fn is_statement(&self, id: Id) -> bool {
        self.parent(id).is_some_and(|parent| self.kind(parent).holds_statements())
    }

    /// The parameters of a function; those that collect the rest are none.
    pub(super) fn parameters(&self, function: Id) -> impl DoubleEndedIterator<Item = Id> + '_ {
        self.children(function).iter().copied().filter(|id| self.kind(*id) == Kind::Parameter)
    }

    /// The context manager of an item of a `with`; what is no item is one itself.
    pub(super) fn manager(&self, item: Id) -> Option<Id> {
        if self.kind(item) == Kind::Item { self.children(item).first().copied() } else { Some(item) }
    }

    /// The statement around `id`: a direct child of a block or of the module.
    pub(super) fn statement(&self, id: Id) -> Id {
        let in_block = |id: &Id| {
            self.parent(*id).is_some_and(|parent| matches!(self.kind(parent), Kind::Block | Kind::Module | Kind::Error))
        };
        self.ancestors(id).find(in_block).unwrap_or(id)
    }

    /// The innermost function around `id`, itself included.
    pub(super) fn function(&self, id: Id) -> Option<Id> {
        self.ancestors(id).find(|id| self.kind(*id).is_function())
    }

    fn build(&mut self, node: Syntax<'_>, parent: Option<Id>, depth: usize) -> Id {
        let node = bare(node);
        let id = self.nodes.len();
        let kind = self.kind_of(node);
        let range = whole(node).byte_range();
        let name = name_of(node, kind);
        self.nodes.push(Node { kind, name, range, parent, children: Vec::new(), hash: 0 });
        if depth < DEEPEST {
            self.build_children(node, kind, id, depth + 1);
        }
        self.nodes[id].hash = self.hash_of(id);
        id
    }

    fn kind_of(&self, node: Syntax<'_>) -> Kind {
        let kind = kind_of(node);
        let opening = || node.child(0).map_or(0..0, |start| start.byte_range());
        let is_bytes = kind == Kind::Text && self.text[opening()].contains(['b', 'B']);
        if is_bytes { Kind::Bytes } else { kind }
    }

    fn add(&mut self, node: Syntax<'_>, parent: Id, depth: usize) {
        let child = self.build(node, Some(parent), depth);
        self.nodes[parent].children.push(child);
    }

    /// A child that the grammar has no node for.
    fn add_made(&mut self, kind: Kind, name: Range<usize>, range: Range<usize>, parent: Id) -> Id {
        let id = self.nodes.len();
        self.nodes.push(Node { kind, name, range, parent: Some(parent), children: Vec::new(), hash: 0 });
        self.nodes[parent].children.push(id);
        id
    }

    fn build_children(&mut self, node: Syntax<'_>, kind: Kind, id: Id, depth: usize) {
        match kind {
            Kind::Name | Kind::Bytes | Kind::Integer | Kind::Float | Kind::Constant | Kind::Ellipsis => {}
            Kind::Text => {
                for part in children(node).filter(|part| part.kind() == "interpolation") {
                    self.add_all(part, id, depth);
                }
            }
            Kind::Function | Kind::AsyncFunction | Kind::Class => self.build_definition(node, id, depth),
            Kind::Import | Kind::FromImport => self.build_import(node, id),
            Kind::Call => {
                if let Some(callee) = node.child_by_field_name("function") {
                    self.add(callee, id, depth);
                }
                match node.child_by_field_name("arguments") {
                    Some(arguments) if arguments.kind() == "argument_list" => self.add_all(arguments, id, depth),
                    Some(generator) => self.add(generator, id, depth),
                    None => {}
                }
            }
            Kind::Attribute => {
                if let Some(object) = node.child_by_field_name("object") {
                    self.add(object, id, depth);
                }
            }
            Kind::Keyword => {
                if let Some(value) = node.child_by_field_name("value") {
                    self.add(value, id, depth);
                }
            }
            Kind::With => {
                for item in children(node).filter(|child| child.kind() == "with_clause").flat_map(children) {
                    self.add(item, id, depth);
                }
                if let Some(body) = node.child_by_field_name("body") {
                    self.add(body, id, depth);
                }
            }
            Kind::Parameter => self.build_parameter(node, id, depth),
            _ => self.add_all(node, id, depth),
        }
    }

    fn add_all(&mut self, node: Syntax<'_>, id: Id, depth: usize) {
        for child in children(node) {
            match child.kind() {
                "comment" | "line_continuation" | "type_conversion" | "format_specifier" => {}
                // Wrappers that say nothing: their content stands for them.
                "type_parameter" | "as_pattern" | "except_group_clause" => self.add_all(child, id, depth),
                _ => self.add(child, id, depth),
            }
        }
    }

    fn build_definition(&mut self, node: Syntax<'_>, id: Id, depth: usize) {
        let outer = node.parent().filter(|parent| parent.kind() == "decorated_definition");
        for decorator in outer.iter().flat_map(|outer| children(*outer)).filter(|child| child.kind() == "decorator") {
            self.add(decorator, id, depth);
        }
        for field in ["parameters", "superclasses"] {
            if let Some(list) = node.child_by_field_name(field) {
                self.add_all(list, id, depth);
            }
        }
        if let Some(returns) = node.child_by_field_name("return_type") {
            let made = self.add_made(Kind::Returns, 0..0, returns.byte_range(), id);
            self.add(returns, made, depth);
            self.nodes[made].hash = self.hash_of(made);
        }
        if let Some(body) = node.child_by_field_name("body") {
            self.add(body, id, depth);
        }
    }

    fn build_parameter(&mut self, node: Syntax<'_>, id: Id, depth: usize) {
        for field in ["type", "value"] {
            if let Some(part) = node.child_by_field_name(field) {
                self.add(part, id, depth);
            }
        }
    }

    fn build_import(&mut self, node: Syntax<'_>, id: Id) {
        let module = node.child_by_field_name("module_name").map(|module| module.byte_range());
        for child in children(node).filter(|child| Some(child.byte_range()) != module) {
            let name = child.child_by_field_name("name").unwrap_or(child);
            let made = self.add_made(Kind::Imported, name.byte_range(), child.byte_range(), id);
            if let Some(alias) = child.child_by_field_name("alias") {
                let alias = self.add_made(Kind::Alias, alias.byte_range(), alias.byte_range(), made);
                self.nodes[alias].hash = self.hash_of(alias);
            }
            self.nodes[made].hash = self.hash_of(made);
        }
    }

    fn hash_of(&self, id: Id) -> u64 {
        let mut hasher = DefaultHasher::new();
        let node = &self.nodes[id];
        node.kind.hash(&mut hasher);
        self.text[node.name.clone()].hash(&mut hasher);
        if node.children.is_empty() && matches!(node.kind, Kind::Other(_) | Kind::Error) {
            self.slice(id).hash(&mut hasher);
        }
        let inner = node.children.first().copied().unwrap_or(id);
        let calls_nothing = node.kind == Kind::Decorator
            && self.kind(inner) == Kind::Call
            && (self.slice(inner).starts_with("pytest.") || self.slice(inner).contains("fixture"));
        for child in &node.children {
            // To pytest `@fixture()` is `@fixture`, to others it is not.
            let bare = calls_nothing && self.children(*child).len() == 1;
            self.hash(if bare { self.children(*child)[0] } else { *child }).hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// The node that parentheses and type wrappers stand around.
fn bare(mut node: Syntax<'_>) -> Syntax<'_> {
    loop {
        let inner = match node.kind() {
            "parenthesized_expression" | "type" | "with_item" | "as_pattern_target"
                if !(node.kind() == "with_item" && has_target(node)) =>
            {
                children(node).find(|child| child.kind() != "comment")
            }
            "decorated_definition" => node.child_by_field_name("definition"),
            "expression_statement" if node.named_child_count() == 1 => children(node)
                .next()
                .filter(|child| matches!(child.kind(), "assignment" | "augmented_assignment" | "ellipsis")),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => return node,
        }
    }
}

fn has_target(item: Syntax<'_>) -> bool {
    children(item).any(|child| child.kind() == "as_pattern")
}

/// The node with what belongs to it in front: a definition with its decorators.
fn whole(node: Syntax<'_>) -> Syntax<'_> {
    let is_definition = matches!(node.kind(), "function_definition" | "class_definition");
    let outer = node.parent().filter(|parent| is_definition && parent.kind() == "decorated_definition");
    outer.unwrap_or(node)
}

fn kind_of(node: Syntax<'_>) -> Kind {
    let is_async = || node.child(0).is_some_and(|first| first.kind() == "async");
    match node.kind() {
        "module" => Kind::Module,
        "block" => Kind::Block,
        "expression_statement" => Kind::Expression,
        "assignment" | "augmented_assignment" | "named_expression" => Kind::Assign,
        "assert_statement" => Kind::Assert,
        "return_statement" => Kind::Return,
        "raise_statement" => Kind::Raise,
        "import_statement" => Kind::Import,
        "import_from_statement" | "future_import_statement" => Kind::FromImport,
        "for_statement" => Kind::For,
        "with_statement" => Kind::With,
        "with_item" => Kind::Item,
        "try_statement" => Kind::Try,
        "except_clause" => Kind::Except,
        "function_definition" if is_async() => Kind::AsyncFunction,
        "function_definition" => Kind::Function,
        "class_definition" => Kind::Class,
        "decorator" => Kind::Decorator,
        "typed_parameter" | "default_parameter" | "typed_default_parameter" => Kind::Parameter,
        "identifier" if node.parent().is_some_and(|parent| parent.kind() == "parameters") => Kind::Parameter,
        "call" => Kind::Call,
        "keyword_argument" => Kind::Keyword,
        "list_splat" | "dictionary_splat" | "list_splat_pattern" | "dictionary_splat_pattern" => Kind::Splat,
        "attribute" => Kind::Attribute,
        "identifier" => Kind::Name,
        "subscript" | "generic_type" => Kind::Subscript,
        "string" => Kind::Text,
        "integer" => Kind::Integer,
        "float" => Kind::Float,
        "true" | "false" | "none" => Kind::Constant,
        "ellipsis" => Kind::Ellipsis,
        "comparison_operator" => Kind::Compare,
        "binary_operator" => Kind::Binary,
        "await" => Kind::Await,
        "yield" => Kind::Yield,
        "lambda" => Kind::Lambda,
        "list" => Kind::List,
        "tuple" | "expression_list" | "pattern_list" => Kind::Tuple,
        "set" => Kind::Set,
        "dictionary" => Kind::Dict,
        "pair" => Kind::Pair,
        "ERROR" => Kind::Error,
        _ => Kind::Other(node.kind_id()),
    }
}

fn name_of(node: Syntax<'_>, kind: Kind) -> Range<usize> {
    let field = |name: &str| node.child_by_field_name(name).map(|child| child.byte_range());
    let none = node.start_byte()..node.start_byte();
    match kind {
        Kind::Name | Kind::Integer | Kind::Float | Kind::Constant => node.byte_range(),
        Kind::Function | Kind::AsyncFunction | Kind::Class | Kind::Keyword => field("name").unwrap_or(none),
        Kind::Parameter if node.kind() == "identifier" => node.byte_range(),
        Kind::Parameter => field("name").or_else(|| Some(node.named_child(0)?.byte_range())).unwrap_or(none),
        Kind::Attribute => field("attribute").unwrap_or(none),
        Kind::FromImport => field("module_name").unwrap_or(none),
        Kind::Compare => operators(node).unwrap_or(none),
        Kind::Binary | Kind::Assign => field("operator").unwrap_or(none),
        Kind::Other(_) if matches!(node.kind(), "boolean_operator" | "unary_operator") => {
            field("operator").unwrap_or(none)
        }
        Kind::With | Kind::For => {
            node.child(0).filter(|first| first.kind() == "async").map_or(none, |first| first.byte_range())
        }
        Kind::Splat => node.start_byte()..node.child(0).map_or(node.start_byte(), |mark| mark.end_byte()),
        Kind::Text | Kind::Bytes => {
            let content = |child: &Syntax<'_>| !matches!(child.kind(), "string_start" | "string_end");
            let first = children(node).find(content).map(|child| child.start_byte());
            let last = children(node).filter(content).last().map(|child| child.end_byte());
            let quote = node.child(0).map_or(node.start_byte(), |quote| quote.end_byte());
            first.unwrap_or(quote)..last.unwrap_or(quote)
        }
        _ => none,
    }
}

/// From the first operator of a comparison to its last: `==`, `not in`.
fn operators(node: Syntax<'_>) -> Option<Range<usize>> {
    let all = || (0..node.child_count()).filter_map(|index| node.child(index)).filter(|child| !child.is_named());
    let marks = || all().filter(|child| !matches!(child.kind(), "(" | ")"));
    Some(marks().next()?.start_byte()..marks().next_back()?.end_byte())
}
