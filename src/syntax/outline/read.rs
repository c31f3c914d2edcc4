//! How a parsed file becomes its outline.

use std::ops::Range;

use super::{Import, Item, ItemKind, Outline, functional, string_content};
use crate::syntax::signature::{Signature, signature_of};
use crate::syntax::{Node, Source, children};

/// Blocks deeper than this are generated or hostile.
const DEEPEST: u32 = 80;

/// The definitions and imports of a file.
pub(super) fn outline(source: &Source) -> Outline {
    let mut reader = Reader { source, outline: Outline::default() };
    reader.block(source.root(), &Scope { class: None, function: None, depth: 0 });
    reader.outline
}

struct Reader<'s> {
    source: &'s Source,
    outline: Outline,
}

struct Scope {
    class: Option<usize>,
    function: Option<Range<usize>>,
    depth: u32,
}

impl Scope {
    fn deeper(&self) -> Self {
        Self { class: self.class, function: self.function.clone(), depth: self.depth + 1 }
    }
}

impl Reader<'_> {
    fn block(&mut self, node: Node<'_>, scope: &Scope) {
        if scope.depth > DEEPEST {
            return;
        }
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.statement(child, scope);
        }
    }

    fn statement(&mut self, node: Node<'_>, scope: &Scope) {
        match node.kind() {
            "function_definition" => self.function(node, node, Vec::new(), scope),
            "class_definition" => self.class(node, node, Vec::new(), scope),
            "decorated_definition" => self.decorated(node, scope),
            "import_statement" => self.import(node, scope),
            "import_from_statement" => self.import_from(node, scope),
            "future_import_statement" => self.import_future(node, scope),
            "expression_statement" => self.expression(node, scope),
            "type_alias_statement" => self.type_alias(node, scope),
            "with_statement" => {
                self.with_targets(node, scope);
                self.block(node, &scope.deeper());
            }
            "for_statement" => {
                if let Some(left) = node.child_by_field_name("left") {
                    self.targets(left, None, None, node, scope);
                }
                self.block(node, &scope.deeper());
            }
            "if_statement"
            | "elif_clause"
            | "else_clause"
            | "try_statement"
            | "except_clause"
            | "except_group_clause"
            | "finally_clause"
            | "while_statement"
            | "match_statement"
            | "case_clause"
            | "block"
            | "ERROR" => {
                self.block(node, &scope.deeper());
            }
            _ => {}
        }
    }

    fn decorated(&mut self, node: Node<'_>, scope: &Scope) {
        let mut decorators = Vec::new();
        for child in children(node) {
            match child.kind() {
                "decorator" => decorators.extend(child.named_child(0).map(|node| self.source.slice(node).to_string())),
                "function_definition" => return self.function(child, node, decorators, scope),
                "class_definition" => return self.class(child, node, decorators, scope),
                _ => {}
            }
        }
    }

    fn item(&self, name: Node<'_>, kind: ItemKind, span: Range<usize>, scope: &Scope) -> Item {
        Item {
            name: self.source.slice(name).to_string(),
            kind,
            parent: scope.class,
            line: name.start_position().row as u32 + 1,
            range: name.byte_range(),
            span,
            signature: None,
            decorators: Vec::new(),
            bases: Vec::new(),
            annotation: None,
            value: None,
            returned: None,
            on_self: false,
            made: None,
        }
    }

    fn class(&mut self, node: Node<'_>, whole: Node<'_>, decorators: Vec<String>, scope: &Scope) {
        if scope.function.is_some() {
            return;
        }
        let Some(name) = node.child_by_field_name("name") else { return };
        let mut item = self.item(name, ItemKind::Class, whole.byte_range(), scope);
        item.decorators = decorators;
        let bases: Vec<Node<'_>> =
            node.child_by_field_name("superclasses").map(|bases| children(bases).collect()).unwrap_or_default();
        let mut fields = Vec::new();
        for base in bases {
            match functional::made_by(self.source, base) {
                Some(made) => {
                    item.bases.extend(made.bases);
                    item.made = made.constructor.map(Box::new);
                    fields.extend(made.fields);
                }
                None if base.kind() == "comment" => {}
                None => item.bases.push(self.source.slice(base).to_string()),
            }
        }
        let class = Some(self.class_of_fields(item, fields, scope));
        if let Some(body) = node.child_by_field_name("body") {
            self.block(body, &Scope { class, ..scope.deeper() });
        }
    }

    /// A class with the fields that a call gives it.
    fn class_of_fields(&mut self, item: Item, fields: Vec<functional::Field<'_>>, scope: &Scope) -> usize {
        self.outline.items.push(item);
        let class = self.outline.items.len() - 1;
        let scope = Scope { class: Some(class), ..scope.deeper() };
        for field in fields {
            let item = self.item(field.at, ItemKind::Variable, field.at.byte_range(), &scope);
            let value = field.value.map(|node| node.byte_range());
            let functional::Field { name, range, annotation, .. } = field;
            self.outline.items.push(Item { name, range, annotation, value, ..item });
        }
        class
    }

    fn function(&mut self, node: Node<'_>, whole: Node<'_>, decorators: Vec<String>, scope: &Scope) {
        let body = node.child_by_field_name("body");
        if scope.function.is_none()
            && let Some(name) = node.child_by_field_name("name")
        {
            let mut item = self.item(name, ItemKind::Function, whole.byte_range(), scope);
            let mut signature = signature_of(self.source, node);
            let receiver = (scope.class.is_some() && !decorators.iter().any(|text| text == "staticmethod"))
                .then(|| first_positional(&mut signature))
                .flatten();
            item.decorators = decorators;
            item.returned = body.and_then(only_result);
            let typed = signature.clone();
            item.signature = Some(signature);
            self.outline.items.push(item);
            if let (Some(receiver), Some(body)) = (receiver, body) {
                self.attributes(body, &receiver, &typed, scope);
            }
        }
        if let Some(body) = body {
            self.block(body, &Scope { class: None, function: Some(node.byte_range()), depth: scope.depth + 1 });
        }
    }

    /// `self.name = value` anywhere in the body of a method.
    fn attributes(&mut self, body: Node<'_>, receiver: &str, signature: &Signature, scope: &Scope) {
        let mut known: Vec<String> = Vec::new();
        let mut pending = vec![body];
        while let Some(node) = pending.pop() {
            match node.kind() {
                "function_definition" | "class_definition" | "lambda" => continue,
                "assignment" | "augmented_assignment" => {
                    if let Some(left) = node.child_by_field_name("left") {
                        self.attribute_targets(left, node, receiver, signature, scope, &mut known);
                    }
                }
                "as_pattern" => {
                    if let Some(alias) = node.child_by_field_name("alias").and_then(|alias| alias.named_child(0)) {
                        self.attribute_targets(alias, node, receiver, signature, scope, &mut known);
                    }
                }
                _ => {}
            }
            let first = pending.len();
            let mut cursor = node.walk();
            pending.extend(node.named_children(&mut cursor));
            pending[first..].reverse();
        }
    }

    fn attribute_targets(
        &mut self,
        left: Node<'_>,
        whole: Node<'_>,
        receiver: &str,
        signature: &Signature,
        scope: &Scope,
        known: &mut Vec<String>,
    ) {
        let targets: Vec<Node<'_>> = match left.kind() {
            "pattern_list" | "tuple_pattern" => children(left).collect(),
            _ => vec![left],
        };
        let single = targets.len() == 1;
        for target in targets.into_iter().filter(|target| target.kind() == "attribute") {
            let (Some(object), Some(name)) =
                (target.child_by_field_name("object"), target.child_by_field_name("attribute"))
            else {
                continue;
            };
            let text = self.source.slice(name);
            if self.source.slice(object) != receiver || known.iter().any(|known| known == text) {
                continue;
            }
            known.push(text.to_string());
            let mut item = self.item(name, ItemKind::Variable, whole.byte_range(), scope);
            item.on_self = true;
            item.annotation = whole.child_by_field_name("type").map(|node| self.source.slice(node).to_string());
            if let Some(value) = whole.child_by_field_name("right").filter(|_| single && whole.kind() == "assignment") {
                item.value = Some(value.byte_range());
                let parameter = signature.parameter(self.source.slice(value));
                item.annotation = item.annotation.or_else(|| parameter?.annotation.clone());
            }
            self.outline.items.push(item);
        }
    }

    fn expression(&mut self, node: Node<'_>, scope: &Scope) {
        let Some(inner) = node.named_child(0) else { return };
        match inner.kind() {
            "assignment" | "augmented_assignment" => self.assignment(inner, scope),
            "call" => self.extends_all(inner, scope),
            _ => {}
        }
    }

    fn assignment(&mut self, node: Node<'_>, scope: &Scope) {
        let Some(left) = node.child_by_field_name("left") else { return };
        let mut value = node.child_by_field_name("right");
        // `a = b = value` nests to the right.
        while let Some(inner) = value.filter(|value| value.kind() == "assignment") {
            if let Some(left) = inner.child_by_field_name("left") {
                let value = inner.child_by_field_name("right");
                self.targets(left, value, None, node, scope);
            }
            value = inner.child_by_field_name("right");
        }
        if scope.class.is_none() && self.source.slice(left) == "__all__" {
            self.all(value);
        }
        if scope.class.is_some() && scope.function.is_none() && self.source.slice(left) == "__slots__" {
            self.targets(left, value, None, node, scope);
            return self.slots(value, scope);
        }
        if node.kind() == "assignment" {
            self.targets(left, value, node.child_by_field_name("type"), node, scope);
        }
    }

    fn targets(
        &mut self,
        left: Node<'_>,
        value: Option<Node<'_>>,
        annotation: Option<Node<'_>>,
        whole: Node<'_>,
        scope: &Scope,
    ) {
        if scope.function.is_some() {
            return;
        }
        match left.kind() {
            "identifier" => {
                if let Some(made) = value.and_then(|value| functional::made_by(self.source, value)) {
                    let mut item = self.item(left, ItemKind::Class, whole.byte_range(), scope);
                    item.bases = made.bases;
                    item.made = made.constructor.map(Box::new);
                    self.class_of_fields(item, made.fields, scope);
                    return;
                }
                let mut item = self.item(left, ItemKind::Variable, whole.byte_range(), scope);
                item.annotation = annotation.map(|node| self.source.slice(node).to_string());
                item.value = value.map(|node| node.byte_range());
                item.signature =
                    value.filter(|value| value.kind() == "lambda").map(|value| signature_of(self.source, value));
                self.outline.items.push(item);
            }
            "pattern_list" | "tuple_pattern" | "list_pattern" | "list_splat_pattern" => {
                let values: Vec<Node<'_>> = value
                    .filter(|value| matches!(value.kind(), "expression_list" | "tuple" | "list"))
                    .map(|value| children(value).collect())
                    .unwrap_or_default();
                let names: Vec<Node<'_>> = children(left).collect();
                let matched = values.len() == names.len();
                for (index, name) in names.into_iter().enumerate() {
                    self.targets(name, values.get(index).copied().filter(|_| matched), None, whole, &scope.deeper());
                }
            }
            _ => {}
        }
    }

    /// `__slots__ = ("x", "y")` of a class.
    fn slots(&mut self, value: Option<Node<'_>>, scope: &Scope) {
        let Some(value) = value else { return };
        let is_list = matches!(value.kind(), "tuple" | "list" | "expression_list" | "set");
        let strings: Vec<Node<'_>> = if is_list { children(value).collect() } else { vec![value] };
        for string in strings.into_iter().filter(|node| node.kind() == "string") {
            if let Some(name) = string_content(self.source, string) {
                let item = self.item(string, ItemKind::Variable, string.byte_range(), scope);
                self.outline.items.push(Item { name, on_self: true, ..item });
            }
        }
    }

    fn type_alias(&mut self, node: Node<'_>, scope: &Scope) {
        let left = node.child_by_field_name("left").or_else(|| node.named_child(0));
        let mut left = left.filter(|left| left.kind() == "type").and_then(|left| left.named_child(0)).or(left);
        if let Some(generic) = left.filter(|left| left.kind() == "generic_type") {
            left = generic.named_child(0);
        }
        if let Some(left) = left {
            self.targets(left, node.child_by_field_name("right"), None, node, scope);
        }
    }

    fn with_targets(&mut self, node: Node<'_>, scope: &Scope) {
        if scope.function.is_some() {
            return;
        }
        let clause = children(node).find(|child| child.kind() == "with_clause");
        for item in clause.into_iter().flat_map(children) {
            let pattern = item.child_by_field_name("value").filter(|value| value.kind() == "as_pattern");
            let target =
                pattern.and_then(|pattern| pattern.child_by_field_name("alias")).and_then(|a| a.named_child(0));
            if let Some(target) = target {
                self.targets(target, None, None, item, scope);
            }
        }
    }

    fn all(&mut self, value: Option<Node<'_>>) {
        let Some(value) = value else { return };
        let mut pending = vec![value];
        while let Some(node) = pending.pop() {
            match node.kind() {
                "string" => {
                    let name = string_content(self.source, node);
                    self.outline.all.get_or_insert_default().extend(name);
                }
                "list"
                | "tuple"
                | "expression_list"
                | "binary_operator"
                | "parenthesized_expression"
                | "list_splat" => {
                    let first = pending.len();
                    pending.extend(children(node));
                    pending[first..].reverse();
                }
                _ => {}
            }
        }
    }

    /// `__all__.extend([...])` and `__all__.append("…")`.
    fn extends_all(&mut self, call: Node<'_>, scope: &Scope) {
        let Some(function) = call.child_by_field_name("function") else { return };
        let extends = matches!(self.source.slice(function), "__all__.extend" | "__all__.append");
        if scope.class.is_none() && scope.function.is_none() && extends {
            let argument = call.child_by_field_name("arguments").and_then(|list| list.named_child(0));
            self.all(argument);
        }
    }

    fn import(&mut self, node: Node<'_>, scope: &Scope) {
        for name in children(node) {
            let (module, alias) = self.aliased(name);
            let (Some(module), aliased) = (module, alias.is_some()) else { continue };
            let text = self.compact(module);
            let binds = match alias {
                Some(alias) => self.source.slice(alias).to_string(),
                None => text.split('.').next().unwrap_or(&text).to_string(),
            };
            self.push_import(text, None, binds, aliased, module, scope);
        }
    }

    fn import_from(&mut self, node: Node<'_>, scope: &Scope) {
        let Some(module) = node.child_by_field_name("module_name") else { return };
        let text = self.compact(module);
        for name in children(node).filter(|child| child.id() != module.id()) {
            if name.kind() == "wildcard_import" {
                self.push_import(text.clone(), Some("*".to_string()), "*".to_string(), false, name, scope);
                continue;
            }
            let (imported, alias) = self.aliased(name);
            let Some(imported) = imported else { continue };
            let binds = self.source.slice(alias.unwrap_or(imported)).to_string();
            let taken = Some(self.source.slice(imported).to_string());
            self.push_import(text.clone(), taken, binds, alias.is_some(), imported, scope);
        }
    }

    /// `from __future__ import annotations` has a kind of its own.
    fn import_future(&mut self, node: Node<'_>, scope: &Scope) {
        for name in children(node) {
            let (imported, alias) = self.aliased(name);
            let Some(imported) = imported else { continue };
            let binds = self.source.slice(alias.unwrap_or(imported)).to_string();
            let taken = Some(self.source.slice(imported).to_string());
            self.push_import("__future__".to_string(), taken, binds, alias.is_some(), imported, scope);
        }
    }

    fn aliased<'t>(&self, node: Node<'t>) -> (Option<Node<'t>>, Option<Node<'t>>) {
        match node.kind() {
            "aliased_import" => (node.child_by_field_name("name"), node.child_by_field_name("alias")),
            "dotted_name" => (Some(node), None),
            _ => (None, None),
        }
    }

    fn compact(&self, node: Node<'_>) -> String {
        self.source.slice(node).chars().filter(|c| !c.is_whitespace()).collect()
    }

    fn push_import(
        &mut self,
        module: String,
        name: Option<String>,
        binds: String,
        aliased: bool,
        at: Node<'_>,
        scope: &Scope,
    ) {
        let line = at.start_position().row as u32 + 1;
        let inside = scope.function.clone();
        self.outline.imports.push(Import { module, name, binds, aliased, line, range: at.byte_range(), inside });
    }
}

/// Takes `self` or `cls` off.
fn first_positional(signature: &mut Signature) -> Option<String> {
    use crate::syntax::signature::ParameterKind::{PositionalOnly, PositionalOrKeyword};
    let first = signature.parameters.first()?;
    matches!(first.kind, PositionalOnly | PositionalOrKeyword).then(|| signature.parameters.remove(0).name)
}

/// The expression that a function returns or yields, where there is only one.
fn only_result(body: Node<'_>) -> Option<Range<usize>> {
    let mut results: Vec<Range<usize>> = Vec::new();
    let mut pending = vec![body];
    while let Some(node) = pending.pop() {
        if matches!(node.kind(), "function_definition" | "class_definition" | "lambda") {
            continue;
        }
        if matches!(node.kind(), "return_statement" | "yield") {
            let value = node.named_child(0).filter(|value| value.kind() != "none");
            results.extend(value.map(|value| value.byte_range()));
        }
        let mut cursor = node.walk();
        pending.extend(node.named_children(&mut cursor));
    }
    if results.len() == 1 { results.pop() } else { None }
}
