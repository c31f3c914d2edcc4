//! The parameters of a `def`, as `inspect.signature` would list them.

use serde::Serialize;

use super::{Node, Source, children};

/// The parameters of a function, without `self` and `cls` for methods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// In order.
    pub parameters: Vec<Parameter>,
    /// `async def`.
    pub is_async: bool,
    /// The return annotation, as written.
    pub returns: Option<String>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Without stars.
    pub name: String,
    /// How it takes arguments.
    pub kind: ParameterKind,
    /// The default, as written.
    pub default: Option<String>,
    /// The annotation, as written.
    pub annotation: Option<String>,
}

/// `inspect.Parameter`'s kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ParameterKind {
    PositionalOnly,
    PositionalOrKeyword,
    VarPositional,
    KeywordOnly,
    VarKeyword,
}

impl Signature {
    /// The parameter called `name`, stars excluded.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name && !parameter.kind.is_variadic())
    }

    /// The parameters that take an argument by its place, in order.
    pub fn places(&self) -> impl Iterator<Item = &Parameter> {
        let takes_one = |kind| matches!(kind, ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword);
        self.parameters.iter().filter(move |parameter| takes_one(parameter.kind))
    }

    /// Whether any keyword is taken: `**kwargs`.
    pub fn takes_any_keyword(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.kind == ParameterKind::VarKeyword)
    }
}

impl ParameterKind {
    /// `*args` or `**kwargs`.
    pub fn is_variadic(self) -> bool {
        matches!(self, Self::VarPositional | Self::VarKeyword)
    }
}

impl std::fmt::Display for Signature {
    /// `(a, /, b: int = 1, *args, c, **kwargs) -> str`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        let mut previous = None;
        for parameter in &self.parameters {
            let leaves_positional_only = previous == Some(ParameterKind::PositionalOnly);
            if leaves_positional_only && parameter.kind != ParameterKind::PositionalOnly {
                parts.push("/".to_string());
            }
            let bare_star = matches!(
                previous,
                None | Some(ParameterKind::PositionalOnly) | Some(ParameterKind::PositionalOrKeyword)
            );
            if parameter.kind == ParameterKind::KeywordOnly && bare_star {
                parts.push("*".to_string());
            }
            parts.push(parameter.to_string());
            previous = Some(parameter.kind);
        }
        if previous == Some(ParameterKind::PositionalOnly) {
            parts.push("/".to_string());
        }
        write!(f, "({})", parts.join(", "))?;
        match &self.returns {
            Some(returns) => write!(f, " -> {returns}"),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stars = match self.kind {
            ParameterKind::VarPositional => "*",
            ParameterKind::VarKeyword => "**",
            _ => "",
        };
        write!(f, "{stars}{}", self.name)?;
        match (&self.annotation, &self.default) {
            (Some(annotation), Some(default)) => write!(f, ": {annotation} = {default}"),
            (Some(annotation), None) => write!(f, ": {annotation}"),
            (None, Some(default)) => write!(f, "={default}"),
            (None, None) => Ok(()),
        }
    }
}

/// The signature of a `def` or `lambda` node, with every parameter that is written there.
pub fn signature_of(source: &Source, function: Node<'_>) -> Signature {
    let is_async = function.child(0).is_some_and(|child| child.kind() == "async");
    let returns = function.child_by_field_name("return_type").map(|node| source.slice(node).to_string());
    let parameters = function.child_by_field_name("parameters").map(|node| parameters(source, node));
    Signature { parameters: parameters.unwrap_or_default(), is_async, returns }
}

fn parameters(source: &Source, list: Node<'_>) -> Vec<Parameter> {
    let mut result: Vec<Parameter> = Vec::new();
    let mut kind = ParameterKind::PositionalOrKeyword;
    for node in children(list) {
        match node.kind() {
            "positional_separator" => {
                for parameter in &mut result {
                    parameter.kind = ParameterKind::PositionalOnly;
                }
            }
            "keyword_separator" => kind = ParameterKind::KeywordOnly,
            _ => {
                let Some(parameter) = parameter(source, node, kind) else { continue };
                if parameter.kind == ParameterKind::VarPositional {
                    kind = ParameterKind::KeywordOnly;
                }
                result.push(parameter);
            }
        }
    }
    result
}

fn parameter(source: &Source, node: Node<'_>, kind: ParameterKind) -> Option<Parameter> {
    let text = |field: &str| node.child_by_field_name(field).map(|node| source.slice(node).to_string());
    let target = match node.kind() {
        "default_parameter" | "typed_default_parameter" => node.child_by_field_name("name")?,
        "typed_parameter" => node.named_child(0)?,
        "identifier" | "list_splat_pattern" | "dictionary_splat_pattern" => node,
        _ => return None,
    };
    let kind = match target.kind() {
        "list_splat_pattern" => ParameterKind::VarPositional,
        "dictionary_splat_pattern" => ParameterKind::VarKeyword,
        _ => kind,
    };
    let name = source.slice(target).trim_start_matches('*').trim().to_string();
    Some(Parameter { name, kind, default: text("value"), annotation: text("type") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(parameters: &str, printed: &str) {
        let source = Source::parse(format!("def f{parameters}: ..."));
        let function = source.root().named_child(0).unwrap();
        assert_eq!(signature_of(&source, function).to_string(), printed);
    }

    #[test]
    fn every_kind_of_parameter_prints_as_it_was_written() {
        check(
            "(a, b=1, /, c: int = 2, *args: str, d, **kw) -> 'T'",
            "(a, b=1, /, c: int = 2, *args: str, d, **kw) -> 'T'",
        );
        check("(*, x)", "(*, x)");
        check("(a, /)", "(a, /)");
        check("(a, /, *, x=None)", "(a, /, *, x=None)");
        check("()", "()");
    }

    #[test]
    fn stars_are_no_parameters_to_name() {
        let source = Source::parse("def f(a, *args, **kw): ...");
        let signature = signature_of(&source, source.root().named_child(0).unwrap());
        assert!(signature.parameter("a").is_some());
        assert!(signature.parameter("args").is_none());
        assert!(signature.takes_any_keyword());
    }
}
