//! A pattern: what stays of wrong code when everything that may differ is a hole.

use std::collections::HashMap;

use super::names::{Dotted, Names, Origin, well_known_module};
use super::tree::{Id, Kind, Tree};

/// One node of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    /// The node of the wrong code that it was made of: what a rewrite calls the matched node.
    pub w: Id,
    pub shape: Shape,
}

/// What matches.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Every expression.
    Any,
    /// Every expression, the same one at each place.
    Variable(usize),
    /// The same as `Variable`, but no module: what a method is called on.
    Receiver(Option<usize>),
    /// An expression that is not yet what the correct form makes of it; of one kind where nothing else tells.
    Bare { kind: Option<Kind>, wrapper: (Kind, String) },
    /// Every expression, but no literal or list of another kind.
    Like(Kind),
    /// A literal, a text, an operator word: by its content.
    Leaf { kind: Kind, name: String },
    /// An interpolated text: what stands between the braces, and in them.
    Interpolated { pieces: Vec<String>, children: Vec<Pattern> },
    /// A text that begins so.
    Beginning(String),
    /// A function, class, module or constant, by where it comes from.
    Path(Path),
    /// A node of a kind; `None` for any name; children one by one.
    Node { kind: Kind, name: Option<String>, children: Vec<Pattern> },
    /// A call that has these arguments, among others, and lacks some.
    Call {
        callee: Box<Pattern>,
        positional: Vec<(usize, Pattern)>,
        keywords: Vec<(String, Pattern)>,
        lacks: Vec<Lack>,
        /// How many positional arguments it has at most, where more of them make it right.
        most: Option<usize>,
        /// Whether a variable that was set to it does not count.
        is_inline: bool,
    },
    /// A dictionary that has these pairs, among others, and lacks some keys.
    Dict { pairs: Vec<Pattern>, lacks: Vec<String> },
}

/// A dotted name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub path: String,
    /// Whether the wrong code says where it comes from.
    pub is_absolute: bool,
    /// Whether only this very path counts: the correct form is in the same package.
    pub is_exact: bool,
}

/// A keyword that a call must not have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lack {
    pub name: String,
    /// The value that the correct form gives it, and behind how many positional arguments it would be that value.
    pub value: Option<(Kind, String, usize)>,
}

/// What the nodes and holes of a pattern stand for in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Binding {
    pub nodes: HashMap<Id, Id>,
    pub variables: HashMap<usize, Id>,
}

/// The parts of [`Shape::Call`].
type CallParts<'p> = (&'p Pattern, &'p [(usize, Pattern)], &'p [(String, Pattern)], &'p [Lack], Option<usize>);

/// A file that patterns are matched against.
pub(super) struct Subject<'a> {
    pub tree: &'a Tree<'a>,
    pub names: &'a Names,
}

impl Subject<'_> {
    /// Whether `pattern` matches at `id`; what was bound on a way that failed does not stay.
    pub(super) fn matches(&self, pattern: &Pattern, id: Id, binding: &mut Binding) -> bool {
        let before = binding.clone();
        let found = self.shape(pattern, id, binding);
        if !found {
            *binding = before;
        }
        found
    }

    fn shape(&self, pattern: &Pattern, id: Id, binding: &mut Binding) -> bool {
        if let Some(inner) = self.awaited(pattern, id) {
            return self.shape(pattern, inner, binding);
        }
        if self.stands_for_call(pattern, id) {
            let value = self.value_of(id).filter(|value| matches!(self.tree.kind(*value), Kind::Call | Kind::Await));
            let found = value.is_some_and(|value| self.shape(pattern, value, binding));
            binding.nodes.insert(pattern.w, id);
            return found;
        }
        let found = self.is_of_shape(&pattern.shape, id, binding);
        if found {
            binding.nodes.insert(pattern.w, id);
        }
        found
    }

    /// `await x` is `x` to everything that does not ask for the `await`.
    fn awaited(&self, pattern: &Pattern, id: Id) -> Option<Id> {
        let looks_in = match &pattern.shape {
            Shape::Node { kind, .. } => *kind != Kind::Await,
            shape => matches!(shape, Shape::Call { .. } | Shape::Path(_)),
        };
        let is_await = self.tree.kind(id) == Kind::Await;
        self.tree.children(id).first().copied().filter(|_| is_await && looks_in)
    }

    /// `runner.invoke()` is `CliRunner().invoke()` where `runner` is a `CliRunner()`.
    fn stands_for_call(&self, pattern: &Pattern, id: Id) -> bool {
        let is_call = matches!(pattern.shape, Shape::Call { is_inline: false, .. });
        is_call && self.tree.kind(id) != Kind::Call && self.is_receiver(id)
    }

    fn is_of_shape(&self, shape: &Shape, id: Id, binding: &mut Binding) -> bool {
        let tree = self.tree;
        match shape {
            Shape::Any => true,
            Shape::Variable(variable) => self.bind(*variable, id, binding),
            Shape::Receiver(variable) => {
                !self.is_module(id) && variable.is_none_or(|variable| self.bind(variable, id, binding))
            }
            Shape::Bare { kind, wrapper } => self.is_bare(id, *kind, wrapper),
            Shape::Like(kind) => {
                kind.family().is_none() || tree.kind(id).family().is_none_or(|own| kind.family() == Some(own))
            }
            // An interpolated text of the same letters is another one.
            Shape::Leaf { kind, name } => {
                tree.kind(id) == *kind && tree.name(id) == name && tree.children(id).is_empty()
            }
            Shape::Interpolated { pieces, children } => {
                tree.kind(id) == Kind::Text
                    && tree.pieces(id) == *pieces
                    && self.all(Kind::Text, children, tree.children(id), binding)
            }
            Shape::Beginning(start) => tree.kind(id) == Kind::Text && tree.name(id).starts_with(start.as_str()),
            Shape::Path(path) => self.is_path(path, id),
            Shape::Node { kind, name, children } => {
                tree.kind(id) == *kind
                    && name.as_ref().is_none_or(|name| tree.name(id) == name)
                    && self.all(*kind, children, tree.children(id), binding)
            }
            Shape::Call { callee, positional, keywords, lacks, most, .. } => {
                self.call((callee, positional, keywords, lacks, *most), id, binding)
            }
            Shape::Dict { pairs, lacks } => tree.kind(id) == Kind::Dict && self.dict(pairs, lacks, id, binding),
        }
    }

    /// Whether a dictionary has all the pairs and none of the keys that it must lack.
    fn dict(&self, pairs: &[Pattern], lacks: &[String], id: Id, binding: &mut Binding) -> bool {
        let (tree, own) = (self.tree, self.tree.children(id));
        let key = |pair: &Id| tree.children(*pair).first().map_or("", |key| tree.name(*key));
        !own.iter().any(|pair| lacks.iter().any(|name| name == key(pair)))
            && pairs.iter().all(|pair| own.iter().any(|child| self.matches(pair, *child, binding)))
    }

    fn bind(&self, variable: usize, id: Id, binding: &mut Binding) -> bool {
        let bound = *binding.variables.entry(variable).or_insert(id);
        self.tree.hash(bound) == self.tree.hash(id)
    }

    fn all(&self, kind: Kind, patterns: &[Pattern], ids: &[Id], binding: &mut Binding) -> bool {
        let mut each = |ids: &[Id]| {
            let start = binding.clone();
            let found = patterns.iter().zip(ids).all(|(pattern, id)| self.shape(pattern, *id, binding));
            if !found {
                *binding = start;
            }
            found
        };
        match (kind, ids) {
            // The message of an assertion says nothing about what is asserted; a target is not always taken.
            (Kind::Assert, _) => ids.len() >= patterns.len() && each(ids),
            (Kind::Compare, [left, right]) if patterns.len() == 2 => {
                let may_swap = self.tree.parent(*left).is_some_and(|id| matches!(self.tree.name(id), "==" | "!="));
                each(ids) || (may_swap && each(&[*right, *left]))
            }
            _ => ids.len() == patterns.len() && each(ids),
        }
    }

    fn call(&self, (callee, positional, keywords, lacks, most): CallParts<'_>, id: Id, binding: &mut Binding) -> bool {
        let tree = self.tree;
        let Some((function, arguments)) = tree.children(id).split_first().filter(|_| tree.kind(id) == Kind::Call)
        else {
            return false;
        };
        let named =
            |name: &str| arguments.iter().copied().find(|id| tree.kind(*id) == Kind::Keyword && tree.name(*id) == name);
        let spread = |mark: &str| arguments.iter().any(|id| tree.kind(*id) == Kind::Splat && tree.name(*id) == mark);
        let values: Vec<Id> =
            arguments.iter().copied().filter(|id| !matches!(tree.kind(*id), Kind::Keyword | Kind::Splat)).collect();
        if most.is_some_and(|most| values.len() > most) {
            return false;
        }
        let is_there = |lack: &Lack| named(&lack.name).is_some() || self.is_given_by_place(lack, &values);
        if !lacks.is_empty() && (spread("**") || lacks.iter().any(is_there)) {
            return false;
        }
        // `open(path, "rb")` has no encoding.
        let is_binary = |id: &Id| matches!(tree.name(*id), "rb" | "wb" | "ab" | "xb" | "rb+" | "r+b" | "wb+" | "w+b");
        if lacks.iter().any(|lack| lack.name == "encoding")
            && arguments
                .iter()
                .flat_map(|id| tree.descendants(*id))
                .any(|id| tree.kind(id) == Kind::Text && is_binary(&id))
        {
            return false;
        }
        self.shape(callee, *function, binding)
            && positional
                .iter()
                .all(|(at, pattern)| values.get(*at).is_some_and(|value| self.shape(pattern, *value, binding)))
            && keywords.iter().all(|(name, pattern)| {
                named(name).is_some_and(|keyword| {
                    let value = tree.children(keyword).first();
                    binding.nodes.insert(pattern.w, keyword);
                    value.is_some_and(|value| match &pattern.shape {
                        // The pattern of a keyword is that of its value, around the keyword's own node.
                        Shape::Node { kind: Kind::Keyword, children, .. } => {
                            children.iter().all(|inner| self.shape(inner, *value, binding))
                        }
                        _ => false,
                    })
                })
            })
    }

    /// `fromtimestamp(seconds, utc)` has its `tz=timezone.utc` already.
    fn is_given_by_place(&self, lack: &Lack, values: &[Id]) -> bool {
        let Some((kind, name, arity)) = &lack.value else { return false };
        let is_number = |kind: Kind| matches!(kind, Kind::Integer | Kind::Float);
        let plain = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        values.iter().skip(*arity).any(|id| {
            let own = self.tree.kind(*id);
            (is_number(own) && is_number(*kind))
                || (own == Kind::Constant && *kind == Kind::Constant)
                || (!name.is_empty() && plain(self.tree.name(*id)) == plain(name))
        })
    }

    /// Whether `id` is not wrapped yet. Where a variable was wrapped, a literal says that none is meant.
    fn is_bare(&self, id: Id, kind: Option<Kind>, wrapper: &(Kind, String)) -> bool {
        let own = self.tree.kind(id);
        let fits = match kind {
            Some(kind) => own == kind,
            None if wrapper.0 == Kind::Splat => {
                matches!(own, Kind::Name | Kind::Attribute | Kind::Subscript | Kind::List | Kind::Tuple)
            }
            None => !own.is_literal(),
        };
        fits && super::units::wrapper(self.tree, id) != *wrapper
    }

    fn is_module(&self, id: Id) -> bool {
        let dotted = self.names.dotted(self.tree, id);
        dotted.is_some_and(|dotted| match dotted.origin {
            Origin::Module => true,
            Origin::Unknown => well_known_module(&dotted.path).is_some(),
            _ => false,
        })
    }

    fn is_path(&self, wanted: &Path, id: Id) -> bool {
        if self.tree.kind(id) == Kind::Imported {
            let Some(statement) = self.tree.parent(id) else { return false };
            let path = format!("{}.{}", self.tree.name(statement), self.tree.name(id));
            return self.tree.kind(statement) == Kind::FromImport && wanted.is_absolute && wanted.path == path;
        }
        let Some(found) = self.names.dotted(self.tree, id) else { return false };
        if wanted.is_absolute { self.is_absolute(wanted, &found) } else { is_named(&wanted.path, &found) }
    }

    fn is_absolute(&self, Path { path: wanted, is_exact, .. }: &Path, found: &Dotted) -> bool {
        match found.origin {
            Origin::Module | Origin::Member => found.path == *wanted || (!is_exact && is_reexport(wanted, &found.path)),
            Origin::Unknown => {
                let (root, rest) = found.path.split_once('.').map_or((&*found.path, ""), |(root, rest)| (root, rest));
                let module = well_known_module(root);
                module.is_some_and(|module| {
                    wanted.strip_prefix(module).is_some_and(|w| w.trim_start_matches('.') == rest)
                }) || self.names.star_modules().iter().any(|star| *wanted == format!("{star}.{}", found.path))
            }
            Origin::Local | Origin::Parameter => false,
        }
    }
}

/// The same class by another way into the same package: `urllib3.Retry` and `urllib3.util.Retry`.
fn is_reexport(wanted: &str, found: &str) -> bool {
    let class = |path: &str| {
        let at = path.split('.').position(super::names::is_class_name)?;
        Some(path.split('.').skip(at).collect::<Vec<_>>().join("."))
    };
    wanted.split('.').next() == found.split('.').next() && class(wanted).is_some() && class(wanted) == class(found)
}

/// A name whose origin the lesson does not tell: anything of that name that the file does not make itself.
fn is_named(wanted: &str, found: &Dotted) -> bool {
    if super::names::is_builtin_name(wanted) {
        return found.origin == Origin::Unknown && found.path == wanted;
    }
    let ends_so = found.path == wanted || found.path.ends_with(&format!(".{wanted}"));
    // `re.search` is not the team's `search`.
    let root = found.path.split_once('.').map_or("", |(root, _)| root);
    if found.origin != Origin::Member && well_known_module(root).is_some() {
        return found.path == wanted;
    }
    match found.origin {
        Origin::Module | Origin::Member | Origin::Unknown => ends_so,
        Origin::Parameter => found.path == wanted,
        Origin::Local => false,
    }
}

impl Pattern {
    /// Calls `see` for the pattern and everything in it.
    pub(super) fn visit(&mut self, see: &mut impl FnMut(&mut Self)) {
        see(self);
        match &mut self.shape {
            Shape::Node { children, .. }
            | Shape::Dict { pairs: children, .. }
            | Shape::Interpolated { children, .. } => children.iter_mut().for_each(|child| child.visit(see)),
            Shape::Call { callee, positional, keywords, .. } => {
                callee.visit(see);
                positional.iter_mut().for_each(|(_, value)| value.visit(see));
                keywords.iter_mut().for_each(|(_, value)| value.visit(see));
            }
            _ => {}
        }
    }

    /// A call whatever calls are its arguments.
    pub(super) fn without_calls(mut self) -> Self {
        if let Shape::Call { positional, keywords, .. } = &mut self.shape {
            let is_call = |value: &Self| matches!(value.shape, Shape::Call { .. });
            positional.retain(|(_, value)| !is_call(value));
            keywords.retain(|(_, value)| match &value.shape {
                Shape::Node { children, .. } => !children.iter().any(is_call),
                _ => true,
            });
        }
        self
    }

    /// A call by what it calls alone.
    pub(super) fn without_arguments(mut self) -> Self {
        if let Shape::Call { positional, keywords, .. } = &mut self.shape {
            positional.clear();
            keywords.clear();
        }
        self
    }

    /// Every word that code must contain to match.
    pub(super) fn words<'p>(&'p self, words: &mut Vec<&'p str>) {
        self.collect(true, words);
    }

    /// The words that must stand where it matches: what a method is called on may be a variable that was set before.
    pub(super) fn own_words<'p>(&'p self, words: &mut Vec<&'p str>) {
        self.collect(false, words);
    }

    fn collect<'p>(&'p self, is_all: bool, words: &mut Vec<&'p str>) {
        match &self.shape {
            Shape::Any | Shape::Like(_) | Shape::Bare { .. } | Shape::Beginning(_) => {}
            Shape::Variable(_) | Shape::Receiver(_) => {}
            Shape::Leaf { kind, name } => {
                if matches!(kind, Kind::Text | Kind::Bytes | Kind::Integer | Kind::Float | Kind::Name) {
                    words.push(name);
                }
            }
            Shape::Path(path) => words.push(path.path.rsplit('.').next().unwrap_or(&path.path)),
            Shape::Node { kind, name, children } => {
                if let Some(name) = name.as_deref().filter(|_| matches!(kind, Kind::Attribute | Kind::Keyword)) {
                    words.push(name);
                }
                let reads = matches!(kind, Kind::Attribute | Kind::Subscript);
                let is_made = |child: &Self| reads && matches!(child.shape, Shape::Call { .. });
                children
                    .iter()
                    .filter(|child| is_all || !is_made(child))
                    .for_each(|child| child.collect(is_all, words));
            }
            Shape::Call { callee, positional, keywords, .. } => {
                callee.collect(is_all, words);
                positional.iter().for_each(|(_, value)| value.collect(is_all, words));
                keywords.iter().for_each(|(_, value)| value.collect(is_all, words));
            }
            Shape::Dict { pairs: children, .. } | Shape::Interpolated { children, .. } => {
                children.iter().for_each(|child| child.collect(is_all, words));
            }
        }
    }
}
