//! Names local to a function: which of its bindings reach a place.

use super::annotations::top_level;
use super::{File, Value};
use crate::syntax::signature::signature_of;
use crate::syntax::{Node, ancestors, children, decorators};
use crate::workspace::fixtures::is_fixture_decorator;
use crate::workspace::words::occurrences;

/// What a name is bound to.
enum Bound<'t> {
    Annotation(Node<'t>),
    Value(Node<'t>),
    /// `with value as name`.
    Entered(Node<'t>),
    /// `except Class as name`.
    Caught(Node<'t>),
    Unknown,
}

impl File<'_> {
    /// A name local to `function`: `None` where it is not, `Some(None)` where its type is unknown.
    pub(super) fn local(&self, function: Node<'_>, at: Node<'_>, name: &str) -> Option<Option<Value>> {
        let body = function.child_by_field_name("body").filter(|body| body.byte_range().contains(&at.start_byte()))?;
        let mut bindings = Vec::new();
        let mut pending = vec![body];
        while let Some(node) = pending.pop() {
            if node.start_byte() >= at.start_byte() {
                continue;
            }
            if matches!(node.kind(), "global_statement" | "nonlocal_statement") && self.mentions(node, name) {
                return None;
            }
            let assigns_here = node.kind() == "assignment" && node.byte_range().contains(&at.start_byte());
            if let Some(bound) = self.binding(node, name).filter(|_| !assigns_here) {
                bindings.push((node, bound));
            }
            if !matches!(node.kind(), "function_definition" | "class_definition" | "lambda") {
                pending.extend(children(node));
            }
        }
        // The last that is certain to be run decides, unless one after it may have been run too.
        bindings.sort_by_key(|(node, _)| std::cmp::Reverse(node.start_byte()));
        let certain = bindings.iter().position(|(node, _)| is_certain(*node, body, at));
        bindings.truncate(certain.map_or(bindings.len(), |certain| certain + 1));
        let is_none = |bound: &Bound<'_>| matches!(bound, Bound::Value(value) if value.kind() == "none");
        let mut values: Vec<Option<Value>> =
            bindings.iter().filter(|(_, bound)| !is_none(bound)).map(|(_, bound)| self.bound(bound, at)).collect();
        if certain.is_none() {
            match self.parameter(function, name) {
                Some(given) => values.push(given),
                None if bindings.is_empty() => return None,
                None => {}
            }
        }
        let first = values.pop().flatten();
        Some(first.filter(|first| values.iter().all(|value| value.as_ref() == Some(first))))
    }

    fn mentions(&self, node: Node<'_>, name: &str) -> bool {
        occurrences(self.source.slice(node), name).next().is_some()
    }

    /// Whether a lambda or comprehension has a name of its own.
    pub(super) fn binds_inside(&self, scope: Node<'_>, name: &str) -> bool {
        let targets = children(scope).filter_map(|child| match child.kind() {
            "for_in_clause" => child.child_by_field_name("left"),
            "lambda_parameters" => Some(child),
            _ => None,
        });
        targets.into_iter().any(|target| self.mentions(target, name))
    }

    /// How a node binds `name`, where it does.
    fn binding<'t>(&self, node: Node<'t>, name: &str) -> Option<Bound<'t>> {
        let is_name = |node: Node<'t>| node.kind() == "identifier" && self.source.slice(node) == name;
        let field = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "assignment" => {
                let left = field("left")?;
                if is_name(left) {
                    let annotation = field("type").map(Bound::Annotation);
                    return Some(annotation.or_else(|| field("right").map(Bound::Value)).unwrap_or(Bound::Unknown));
                }
                self.in_pattern(left, field("right"), name)
            }
            "augmented_assignment" => field("left").filter(|left| is_name(*left)).map(|_| Bound::Unknown),
            "named_expression" if is_name(field("name")?) => Some(Bound::Value(field("value")?)),
            "as_pattern" => {
                let (value, target) = (node.named_child(0)?, field("alias")?.named_child(0)?);
                match node.parent()?.kind() {
                    _ if !is_name(target) => self.mentions(target, name).then_some(Bound::Unknown),
                    "with_item" => Some(Bound::Entered(value)),
                    "except_clause" => Some(Bound::Caught(value)),
                    _ => Some(Bound::Unknown),
                }
            }
            "for_statement" => self.mentions(field("left")?, name).then_some(Bound::Unknown),
            "case_clause" => {
                let patterns = children(node).filter(|child| child.kind() == "case_pattern");
                patterns.into_iter().any(|pattern| self.mentions(pattern, name)).then_some(Bound::Unknown)
            }
            "function_definition" | "class_definition" => is_name(field("name")?).then_some(Bound::Unknown),
            _ => None,
        }
    }

    /// `a, b = A(), B()` binds each to its own; other patterns tell nothing.
    fn in_pattern<'t>(&self, left: Node<'t>, right: Option<Node<'t>>, name: &str) -> Option<Bound<'t>> {
        if !matches!(left.kind(), "pattern_list" | "tuple_pattern" | "list_pattern") {
            return None;
        }
        let names: Vec<Node<'t>> = children(left).collect();
        let values: Vec<Node<'t>> = right
            .filter(|right| matches!(right.kind(), "expression_list" | "tuple" | "list"))
            .map(|right| children(right).collect())
            .unwrap_or_default();
        let plain = |node: &Node<'t>| !node.kind().contains("splat");
        let at = names.iter().position(|node| node.kind() == "identifier" && self.source.slice(*node) == name);
        match at.and_then(|at| values.get(at)) {
            Some(value) if names.len() == values.len() && names.iter().chain(&values).all(plain) => {
                Some(Bound::Value(*value))
            }
            _ => self.mentions(left, name).then_some(Bound::Unknown),
        }
    }

    fn bound(&self, bound: &Bound<'_>, at: Node<'_>) -> Option<Value> {
        match bound {
            Bound::Annotation(node) => self.annotated(self.source.slice(*node), at.start_byte()),
            Bound::Value(node) => self.value_of(*node),
            Bound::Entered(node) => self.entered(*node),
            Bound::Caught(node) => match self.value_of(*node)? {
                Value::Named(class) => Some(Value::Instance(class)),
                _ => None,
            },
            Bound::Unknown => None,
        }
    }

    /// What `with expression as name` binds.
    fn entered(&self, node: Node<'_>) -> Option<Value> {
        match self.value_of(node)? {
            Value::Managed(value) => Some(*value),
            Value::Instance(class) => {
                let enter = self.member(&class, "__enter__").or_else(|| self.member(&class, "__aenter__"))?;
                match self.result_of(&enter, Some(&class))? {
                    Value::Awaitable(value) => Some(*value),
                    value => Some(value),
                }
            }
            _ => None,
        }
    }

    fn parameter(&self, function: Node<'_>, name: &str) -> Option<Option<Value>> {
        let signature = signature_of(&self.source, function);
        let position = signature.parameters.iter().position(|parameter| parameter.name == name)?;
        let parameter = &signature.parameters[position];
        if parameter.kind.is_variadic() {
            return Some(None);
        }
        if let Some(annotation) = &parameter.annotation {
            return Some(self.annotated(annotation, function.start_byte()));
        }
        let decorators = self.decorators(function);
        let in_class = ancestors(function).skip(1).take_while(|node| node.kind() != "function_definition");
        let class = in_class.into_iter().find(|node| node.kind() == "class_definition");
        let is_static = decorators.contains(&"staticmethod");
        if let Some(class) = class.filter(|_| position == 0 && !is_static) {
            return Some(self.receiver(function, class, decorators.contains(&"classmethod")));
        }
        let function_name = function.child_by_field_name("name").map_or("", |node| self.source.slice(node));
        let asks = function_name.starts_with("test") || decorators.iter().any(|text| is_fixture_decorator(text));
        let is_given = parameter.default.is_some() || self.is_parametrized(function, name);
        Some(if asks && !is_given { self.fixture(function, name) } else { None })
    }

    /// `self` or `cls` of a method: of the class that the method was asked of, where that is known.
    fn receiver(&self, function: Node<'_>, class: Node<'_>, is_class_method: bool) -> Option<Value> {
        let method = function.child_by_field_name("name")?.byte_range();
        let asked = self.asked.as_ref().filter(|(asked, _)| *asked == method).map(|(_, owner)| owner.clone());
        let own = || {
            let name = class.child_by_field_name("name")?;
            let outline = self.snapshot.outline(&self.path)?;
            let index = outline.items.iter().position(|item| item.range == name.byte_range())?;
            Some(self.snapshot.symbol(&self.path, &outline, index))
        };
        let class = asked.or_else(own)?;
        let takes_class = is_class_method
            || matches!(
                self.source.slice(function.child_by_field_name("name")?),
                "__new__" | "__init_subclass__" | "__class_getitem__"
            );
        Some(if takes_class { Value::Named(class) } else { Value::Instance(class) })
    }

    /// The decorators of a function or class, without `@`.
    fn decorators(&self, definition: Node<'_>) -> Vec<&str> {
        decorators(definition).filter_map(|decorator| Some(self.source.slice(decorator.named_child(0)?))).collect()
    }

    /// Whether `parametrize` of the test or its class gives the argument itself (`indirect` gives it to a fixture).
    fn is_parametrized(&self, function: Node<'_>, name: &str) -> bool {
        let definitions =
            ancestors(function).filter(|node| matches!(node.kind(), "function_definition" | "class_definition"));
        let mut decorators = definitions.flat_map(|definition| self.decorators(definition));
        decorators.any(|text| {
            let names = text.split_once("parametrize(").map(|(_, arguments)| top_level(arguments, ',')[0]);
            names.is_some_and(|names| occurrences(names, name).next().is_some()) && !text.contains("indirect")
        })
    }
}

/// Whether what stands at `node` has run when `at` is reached: no branch or loop around it leaves `at` out.
fn is_certain(node: Node<'_>, body: Node<'_>, at: Node<'_>) -> bool {
    let around = ancestors(node).take_while(|node| node.id() != body.id());
    around.into_iter().all(|node| match node.kind() {
        "if_statement" | "try_statement" | "match_statement" | "with_statement" | "finally_clause" => true,
        "for_statement" | "while_statement" | "case_clause" | "except_clause" | "else_clause" | "elif_clause" => {
            node.byte_range().contains(&at.start_byte())
        }
        "block" => {
            let branches = node.parent().is_some_and(|parent| parent.kind() == "if_statement");
            !branches || node.byte_range().contains(&at.start_byte())
        }
        _ => true,
    })
}
