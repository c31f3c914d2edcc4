//! Calls of a snippet as patterns: which of their arguments have to be there, and which must not.

use super::abstraction::{Mode, Sides, is_expectation};
use super::diff::Op;
use super::names::{is_builtin_name, is_everyday_method};
use super::pattern::{Lack, Pattern, Shape};
use super::tree::{Id, Kind, Tree};

impl<'a> Sides<'a> {
    pub(super) fn call(&self, id: Id, mode: Mode) -> Shape {
        let Some((callee, arguments)) = self.w.children(id).split_first() else { return Shape::Any };
        let function = self.callee(*callee, mode);
        let (mut positional, mut keywords, mut place) = (Vec::new(), Vec::new(), 0);
        for argument in arguments.iter().copied() {
            match self.w.kind(argument) {
                Kind::Keyword => {
                    let pattern = self.pattern(argument, mode);
                    if self.keeps(*callee, argument, &pattern, mode) {
                        keywords.push((self.w.name(argument).to_string(), self.freed(argument, pattern)));
                    }
                }
                Kind::Splat => {}
                _ if self.w.kind(argument).is_literal() && self.has_moved(id) => {
                    let shape =
                        Shape::Bare { kind: Some(self.w.kind(argument)), wrapper: (Kind::Error, String::new()) };
                    positional.push((place, Pattern { w: argument, shape }));
                    place += 1;
                }
                // Only their names tell variables that were mixed up.
                Kind::Name if self.has_moved(id) && arguments.iter().all(|own| self.hole(*own).is_some()) => {
                    let (kind, name) = (Kind::Name, self.w.name(argument).to_string());
                    positional.push((place, Pattern { w: argument, shape: Shape::Leaf { kind, name } }));
                    place += 1;
                }
                _ => {
                    let pattern = self.argument(*callee, argument, mode);
                    if self.keeps(*callee, argument, &pattern, mode) {
                        positional.push((place, self.freed(argument, pattern)));
                    }
                    place += 1;
                }
            }
        }
        let lacks = self.lacks(id, *callee, arguments, place);
        Shape::Call { callee: Box::new(function), positional, keywords, lacks, most: self.most(id), is_inline: false }
    }

    /// How many positional arguments a call has, where the correct form calls the same with more.
    fn most(&self, call: Id) -> Option<usize> {
        let count = |tree: &Tree<'_>, call: Id| {
            let arguments = tree.children(call).iter().skip(1);
            arguments.filter(|id| !matches!(tree.kind(**id), Kind::Keyword | Kind::Splat)).count()
        };
        let name =
            |tree: &Tree<'_>, call: Id| tree.children(call).first().map_or("", |callee| tree.name(*callee)).to_string();
        let (own, callee) = (count(self.w, call), name(self.w, call));
        let is_same = |id: &Id| self.c.kind(*id) == Kind::Call && name(self.c, *id) == callee;
        let mut same = (0..self.c.nodes.len()).filter(is_same).map(|id| count(self.c, id)).peekable();
        (self.is_touched(call) && same.peek().is_some() && same.all(|other| other > own)).then_some(own)
    }

    /// The keywords that the correct form of a call has, and others that the lesson calls fine.
    fn lacks(&self, call: Id, callee: Id, arguments: &[Id], arity: usize) -> Vec<Lack> {
        let named = |name: String| Lack { name, value: None };
        let new = self.insertions(call).filter(|c| self.c.kind(*c) == Kind::Keyword);
        let mut lacks: Vec<Lack> = new
            .map(|c| {
                let value = self.c.children(c).first();
                let value = value.map(|id| (self.c.kind(*id), self.c.name(*id).to_string(), arity));
                Lack { name: self.c.name(c).to_string(), value }
            })
            .collect();
        if !lacks.is_empty() {
            lacks.extend(self.fine_keywords().into_iter().map(named));
        }
        // `load(text, Loader=SafeLoader)` may be as fine as `safe_load(text)`.
        if self.is_touched(callee) {
            let is_correct = |name: &String| {
                (0..self.c.nodes.len()).any(|id| self.c.kind(id) == Kind::Keyword && self.c.name(id) == name)
            };
            lacks.extend(self.fine_keywords().into_iter().filter(|name| !is_correct(name)).map(named));
        }
        // A keyword that only changed its name must not be there under the new one.
        let renamed = arguments.iter().flat_map(|argument| self.ops_at(*argument)).filter_map(|op| match op {
            Op::Rename { w, c } if self.w.kind(*w) == Kind::Keyword => Some(self.c.name(*c).to_string()),
            _ => None,
        });
        lacks.extend(renamed.map(named));
        lacks
    }

    /// Whether arguments of a call stand in another order.
    pub(super) fn has_moved(&self, call: Id) -> bool {
        self.diff.ops.iter().any(|op| matches!(op, Op::Move { w, .. } if self.w.parent(*w) == Some(call)))
    }

    /// An argument that is there only to tell the call: its value is free, unless others have to agree with it.
    fn freed(&self, id: Id, mut pattern: Pattern) -> Pattern {
        let call = self.w.parent(id).unwrap_or(id);
        let callee = self.w.children(call).first().map_or("", |callee| self.w.name(*callee));
        let is_told = self.is_touched(id) || self.is_context(id) || self.is_linked(id) || self.is_expected(id);
        // `len(x)` says nothing by itself.
        if is_builtin_name(callee) || is_told || !self.is_touched(self.w.parent(id).unwrap_or(id)) {
            return pattern;
        }
        match &mut pattern.shape {
            Shape::Node { kind: Kind::Keyword, children, .. } => {
                children.iter_mut().for_each(|value| value.shape = Shape::Any);
            }
            Shape::Leaf { .. } => {}
            shape => *shape = Shape::Any,
        }
        pattern
    }

    /// Whether it tells which expectation lacks something: `raises(ExportError)` that needs a `match`.
    fn is_expected(&self, id: Id) -> bool {
        let call = self.w.parent(id).filter(|call| is_expectation(self.w, *call));
        call.is_some_and(|call| self.insertions(call).next().is_some())
    }

    pub(super) fn is_linked(&self, id: Id) -> bool {
        self.holes_in(id).iter().any(|name| self.linked.borrow().contains(name))
            || self.w.descendants(id).any(|inner| self.needed.borrow().contains(&self.w.hash(inner)))
    }

    fn callee(&self, id: Id, mode: Mode) -> Pattern {
        let shape = match self.w.kind(id) {
            Kind::Name if !self.ops_at(id).any(|op| matches!(op, Op::Wrap { .. })) => self.path(id),
            _ => self.shape(id, mode),
        };
        Pattern { w: id, shape }
    }

    /// A positional argument; one that names something is no free literal.
    fn argument(&self, callee: Id, id: Id, mode: Mode) -> Pattern {
        if self.w.kind(id) == Kind::Text && !self.has_touch(id) && self.is_naming(callee, id) {
            let (kind, name) = (Kind::Text, self.w.name(id).to_string());
            let is_list_of_names = self.w.name(callee) == "parametrize";
            let shape = if is_list_of_names { Shape::Leaf { kind, name } } else { self.leaf(id) };
            return Pattern { w: id, shape };
        }
        self.pattern(id, mode)
    }

    /// Whether a keyword is gone whatever its value was; a switch that was only turned off is another case.
    pub(super) fn is_removed(&self, id: Id) -> bool {
        let value = self.w.children(id).first().map(|value| self.w.kind(*value));
        value != Some(Kind::Constant) && self.ops_at(id).any(|op| matches!(op, Op::Delete { .. }))
    }

    /// Whether a node is not on the correct side any more.
    pub(super) fn is_gone(&self, id: Id) -> bool {
        self.ops_at(id).any(|op| matches!(op, Op::Delete { .. }))
    }

    pub(super) fn becomes_keyword(&self, id: Id) -> bool {
        self.keyword_of(id).is_some()
    }

    /// The name that a positional argument is given by on the correct side.
    pub(super) fn keyword_of(&self, id: Id) -> Option<&'a str> {
        let call = self.w.parent(id).filter(|call| self.w.kind(*call) == Kind::Call)?;
        let is_it = |c: Id| {
            self.c.kind(c) == Kind::Keyword
                && self.c.children(c).first().is_some_and(|value| self.c.hash(*value) == self.w.hash(id))
        };
        let mut keywords = self.insertions(call).filter(|c| is_it(*c)).map(|c| self.c.name(c));
        keywords.next().filter(|_| self.w.kind(id) != Kind::Keyword)
    }

    /// Whether a call only has other keywords on the correct side: that is so for all of its arguments.
    fn is_said_otherwise(&self, callee: Id) -> bool {
        let Some(call) = self.w.parent(callee) else { return false };
        let renamed = |id: &Id| {
            let value = self.w.children(*id).first().filter(|_| self.w.kind(*id) == Kind::Keyword);
            value.is_some_and(|value| {
                self.ops_at(*id).any(|op| matches!(op, Op::Rename { .. } | Op::Delete { .. }))
                    || self.ops_at(*value).any(|op| matches!(op, Op::Replace { .. }))
            })
        };
        self.w.children(call).iter().any(renamed) || self.insertions(call).any(|c| self.c.kind(c) == Kind::Keyword)
    }

    /// A path of a request, or a parameter of the function that `parametrize` decorates.
    fn is_naming(&self, callee: Id, id: Id) -> bool {
        let text = self.w.name(id);
        if self.w.name(callee) == "parametrize" {
            let function = self.w.function(id);
            let mut names = function.into_iter().flat_map(|id| self.w.parameters(id)).map(|id| self.w.name(id));
            return names.any(|name| text.split(',').any(|part| part.trim() == name));
        }
        // `config.get("retries")` is told by its key, where all of it is written otherwise.
        let call = self.w.parent(callee).filter(|_| is_everyday_method(self.w.name(callee)));
        if call.is_some_and(|call| self.w.children(call).get(1) == Some(&id) && self.ops_at(call).next().is_some()) {
            return true;
        }
        let is_path = text.starts_with('/') || text.contains("://");
        is_path && self.w.kind(callee) == Kind::Attribute && !self.is_said_otherwise(callee)
    }

    /// Whether an argument has to be there.
    fn keeps(&self, callee: Id, id: Id, pattern: &Pattern, mode: Mode) -> bool {
        if self.is_touched(id) {
            return true;
        }
        let mut words = Vec::new();
        pattern.words(&mut words);
        let is_keyword = self.w.kind(id) == Kind::Keyword;
        let says = words.len() > usize::from(is_keyword);
        let linked = self.is_linked(id);
        let everyday = is_everyday_method(self.w.name(callee));
        if mode == Mode::Gone {
            // `round(x)` and `round(x, 2)` are not the same.
            // `warns(None)` is told by its `None`.
            let is_constant = self.w.kind(id) == Kind::Constant
                && !(0..self.c.nodes.len()).any(|c| self.c.hash(c) == self.w.hash(id));
            let is_counted = is_constant || (!is_keyword && is_builtin_name(self.w.name(callee)));
            return is_counted || says || linked || everyday || self.copied.borrow().contains(&self.w.hash(id));
        }
        let renamed = self.is_touched(callee);
        let everyday = everyday && renamed;
        // Another name of the function may be right with this keyword alone.
        let is_told = |name: &str| if renamed { self.prose.names(name) } else { self.prose.names_code(name) };
        let named = is_keyword && is_told(self.w.name(id));
        let is_plain = says && is_builtin_name(self.w.name(callee));
        let is_literal_path = matches!(&pattern.shape, Shape::Leaf { kind: Kind::Text, .. });
        let is_expected = says && self.is_expected(id);
        linked
            || everyday
            || named
            || is_plain
            || is_expected
            || is_literal_path
            || (says && !renamed && self.is_context(id))
    }

    /// Whether nothing of the statement around `id` was changed: then all that it says is context.
    fn is_context(&self, id: Id) -> bool {
        let statement = self.w.statement(id);
        // The head of a compound statement says what it says, whatever changed below.
        let part = self.w.ancestors(id).take_while(|around| *around != statement).last().unwrap_or(statement);
        let call = if self.w.kind(part) == Kind::Item { self.w.children(part)[0] } else { part };
        let is_head = self.w.kind(statement) == Kind::With && is_expectation(self.w, call);
        !self.is_touched(if is_head { part } else { statement })
    }

    /// Keywords that the lesson calls fine besides the one that was added.
    fn fine_keywords(&self) -> Vec<String> {
        let code = self.prose.text.split('`').skip(1).step_by(2);
        let names = code.filter_map(|code| {
            let (name, _) = code.rsplit_once('=')?;
            let name = name.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
            (!name.is_empty()).then(|| name.to_string())
        });
        let in_wrong = |name: &String| {
            (0..self.w.nodes.len()).any(|id| self.w.kind(id) == Kind::Keyword && self.w.name(id) == name)
        };
        names.filter(|name| !in_wrong(name)).collect()
    }
}
