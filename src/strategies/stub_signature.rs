//! A stub or an override of the test that the product calls with more than it takes: it takes what the real one takes.

use std::sync::Arc;

use crate::diagnosis::product::{self, Hunk};
use crate::diagnosis::{Category, Complaint, locate};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::history::{RenameKind, SignatureChange};
use crate::workspace::symbols::{Parameter, ParameterKind, Symbol, SymbolKind};
use crate::workspace::words::occurrences;

use super::confidence::Odds;
use super::renames::{Answer, Existing, Question, answers, last_part};
use super::{Context, Strategy, calls, deprecated_name, fakes, names};

mod kept;

pub(super) static STRATEGY: Strategy = Strategy {
    id: "stub-signature",
    categories: &[Category::TypeError, Category::LogicError],
    summary: "Lets a stub or an override of the test take what the product passes to it now.",
    example: r#"
#- before: shop.py
def send(to):
    return to

def order(to):
    return send(to)
#- shop.py
def send(to, urgent=False):
    return to

def order(to):
    return send(to, urgent=True)
#- tests/test_order.py
import shop

def test_order(monkeypatch):
    def fake(to):
        return to

    monkeypatch.setattr(shop, "send", fake)
    assert shop.order("ann") == "ann"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_order __________________________________

monkeypatch = <_pytest.monkeypatch.MonkeyPatch object at 0x7f0000000000>

    def test_order(monkeypatch):
        def fake(to):
            return to
    
        monkeypatch.setattr(shop, "send", fake)
>       assert shop.order("ann") == "ann"

tests/test_order.py:8: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

to = 'ann'

    def order(to):
>       return send(to, urgent=True)
E       TypeError: test_order.<locals>.fake() got an unexpected keyword argument 'urgent'

shop.py:5: TypeError
#- healed
-    def fake(to):
+    def fake(to, urgent=False):
"#,
    propose: stub_signature,
};

/// A function of the test, and what it stands for.
struct Stub<'c> {
    /// Its definition, or a lambda.
    node: Node<'c>,
    real: Option<Symbol>,
}

fn stub_signature(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let mut found = in_file(ctx, fixes);
    fakes::look_beside(ctx, |beside| found = found.or_else(|| in_file(beside, fixes)));
    found
}

/// The stubs of one file.
fn in_file(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let named = match ctx.complaint() {
        Complaint::UnexpectedKeyword { function, .. } | Complaint::TooManyPositionals { function, .. } => {
            vec![function.clone()]
        }
        _ => deprecated_name::warning(ctx).map(|warning| deprecated_name::named(&warning)).unwrap_or_default(),
    };
    let stub = named.iter().find_map(|name| stub(ctx, name))?;
    if ctx.diagnosis.category == Category::TypeError && ctx.raised_here() {
        return None;
    }
    if renamed(ctx, &stub, fixes).is_some() {
        return Some(());
    }
    let came = came(ctx, &stub)?;
    let fact = commit(ctx, &stub, &came)?;
    let edits = taken(ctx, &stub, &came)?;
    let listed: Vec<&str> = came.iter().map(|(_, parameter)| parameter.name.as_str()).collect();
    let mut evidence = vec![fact];
    evidence.extend(stub.real.as_ref().map(|real| {
        Evidence::at(
            EvidenceKind::Source,
            &real.path,
            real.line,
            format!("`{}` takes `{}`", real.name, listed.join("`, `")),
        )
    }));
    fixes.push(Fix {
        title: format!("Take `{}`, which the product passes", listed.join("`, `")),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_known(ctx, &stub, &came)
            && !listed.iter().any(|name| is_delicate(name))
            && !kept::loses_others(ctx, &stub, &listed)
        {
            Tier::Safe
        } else {
            Tier::Review
        },
    });
    Some(())
}

/// The keyword is another name for a parameter that the stub has: the stub calls it so too.
fn renamed(ctx: &Context<'_>, stub: &Stub<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let Complaint::UnexpectedKeyword { keyword, .. } = ctx.complaint() else { return None };
    let (path, line, _) = caller(ctx)?;
    let existing = [Existing::at(keyword, &path, line, format!("the product passes `{keyword}`"))];
    let kinds = |kind| matches!(kind, RenameKind::Parameter | RenameKind::Usage);
    let is_free = names::uses_of(ctx.source, stub.node, keyword).next().is_none();
    let of_git = |answer: &Answer| answer.evidence.iter().any(|fact| fact.kind == EvidenceKind::Git);
    let own = own_names(ctx, stub);
    let mut found = own.iter().filter_map(|old| {
        let question = Question { missing: old, existing: &existing, open: false, kinds, class: None };
        let answer = answers(ctx, &question).into_iter().find(|answer| answer.name == *keyword && of_git(answer))?;
        Some((old, answer))
    });
    let (old, answer) = found.next().filter(|_| found.next().is_none())?;
    // One parameter that became another is never two.
    if !is_free {
        return Some(());
    }
    fixes.push(Fix {
        title: format!("Take `{keyword}` instead of `{old}`"),
        strategy: STRATEGY.id,
        edits: own_uses(ctx, stub, old).map(|node| ctx.replace(node.byte_range(), keyword.as_str())).collect(),
        confidence: answer.confidence,
        evidence: answer.evidence,
        tier: answer.tier,
    });
    Some(())
}

/// The parameter `name` of the stub and what reads it; a function inside that has its own of that name is left alone.
fn own_uses<'c>(ctx: &'c Context<'_>, stub: &Stub<'c>, name: &'c str) -> impl Iterator<Item = Node<'c>> {
    let whole = stub.node;
    let is_own = move |node: &Node<'_>| {
        let inner = ancestors(*node).take_while(|outer| *outer != whole);
        let mut inner = inner.filter(|outer| matches!(outer.kind(), "function_definition" | "lambda"));
        !inner.any(|function| names::binds(ctx.source, function, name))
    };
    names::uses_of(ctx.source, whole, name).filter(is_own)
}

/// Whether what the stub stands for is seen to take the parameters: itself, else a function of the product that is called
/// like the stub. A stub must not learn what the real one would refuse.
fn is_known(ctx: &Context<'_>, stub: &Stub<'_>, came: &[(Option<usize>, Parameter)]) -> bool {
    let takes = |symbol: &Symbol, name: &str| {
        let signature = symbol.signature.as_ref();
        signature.is_some_and(|signature| signature.parameter(name).is_some() || signature.takes_any_keyword())
    };
    let takes_all = |symbol: &Symbol| came.iter().all(|(_, parameter)| takes(symbol, &parameter.name));
    if let Some(real) = stub.real.as_ref().filter(|real| real.signature.is_some()) {
        return takes_all(real);
    }
    let Some(name) = stub.node.child_by_field_name("name") else { return false };
    let definitions = ctx.snapshot.definitions(ctx.source.slice(name));
    let mut of_product = definitions.iter().filter(|symbol| !symbol.path.is_test_code() && symbol.signature.is_some());
    of_product.any(takes_all)
}

/// Words of parameters that carry a secret, or that turn a check off: a stub that drops them hides that they are passed.
const DELICATE: [&str; 24] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
    "card",
    "cvv",
    "pin",
    "iban",
    "ssn",
    "apikey",
    "verify",
    "insecure",
    "unsafe",
    "trust",
    "trusted",
    "allow",
    "skip",
    "disable",
    "ignore",
    "force",
    "unchecked",
];

fn is_delicate(name: &str) -> bool {
    let name = name.to_lowercase();
    name.split('_').any(|part| DELICATE.contains(&part)) || matches!(name.as_str(), "api_key" | "private_key")
}

/// The only function of that name in the test, else in its file; the only lambda in the test. The name is as Python says
/// it, so a method's with its class before it.
fn stub<'c>(ctx: &'c Context<'_>, qualified: &str) -> Option<Stub<'c>> {
    let (outer, name) = qualified.rsplit_once('.').unwrap_or(("", qualified));
    let class = Some(last_part(outer)).filter(|class| !matches!(*class, "" | "<locals>"));
    let is_within = |node: &Node<'_>| {
        let scope = ancestors(*node)
            .skip(1)
            .find(|outer| outer.kind().ends_with("_definition") && outer.kind() != "decorated_definition");
        let named = scope
            .filter(|scope| scope.kind() == "class_definition")
            .and_then(|scope| scope.child_by_field_name("name"));
        class.is_none_or(|class| named.is_some_and(|named| ctx.source.slice(named) == class))
    };
    let is_it = |node: &Node<'_>| match node.kind() {
        "lambda" => node.is_named() && name == "<lambda>",
        "function_definition" => {
            node.child_by_field_name("name").is_some_and(|found| ctx.source.slice(found) == name) && is_within(node)
        }
        _ => false,
    };
    let all = |scope: Node<'c>| descendants(scope).filter(|node| is_it(node) && *node != ctx.scope());
    let only = |scope: Node<'c>| {
        let mut found = all(scope);
        found.next().filter(|_| found.next().is_none())
    };
    let called = || {
        let names = called(ctx)?;
        let is_called = |node: &Node<'_>| stands_for(ctx, *node).is_some_and(|name| names.contains(&name));
        let mut found = all(ctx.scope()).filter(is_called);
        found.next().filter(|_| found.next().is_none())
    };
    let is_lambda = name == "<lambda>";
    let node = only(ctx.scope()).or_else(|| if is_lambda { called() } else { only(ctx.source.root()) })?;
    Some(Stub { node, real: overridden(ctx, node, name).or_else(|| replaced(ctx, node, name)) })
}

/// By which names the product's statement that calls the stub calls something.
fn called(ctx: &Context<'_>) -> Option<Vec<String>> {
    let (_, line, source) = caller(ctx)?;
    let statement = source.statement_at(source.code_on_line(line)?.start)?;
    let calls = descendants(statement).filter(|node| node.kind() == "call");
    let names = calls.filter_map(|call| call.child_by_field_name("function").and_then(locate::last_name));
    Some(names.map(|name| source.slice(name).to_string()).collect())
}

/// By which name the product knows a lambda of the test: `send` of `setattr(shop, "send", lambda …)`, of
/// `client.send = lambda …` and of `SimpleNamespace(send=lambda …)`.
fn stands_for(ctx: &Context<'_>, lambda: Node<'_>) -> Option<String> {
    let given = || {
        let parent = lambda.parent()?;
        let name = match parent.kind() {
            "assignment" => parent.child_by_field_name("left").and_then(locate::last_name),
            "keyword_argument" => parent.child_by_field_name("name"),
            _ => None,
        };
        name.map(|name| ctx.source.slice(name).to_string())
    };
    replaced(ctx, lambda, "<lambda>").map(|real| real.name).or_else(given)
}

/// The method of the product's class that one of the test's classes overrides.
fn overridden(ctx: &Context<'_>, node: Node<'_>, name: &str) -> Option<Symbol> {
    let class =
        ancestors(node).skip(1).find(|outer| matches!(outer.kind(), "class_definition" | "function_definition"))?;
    let bases = class.child_by_field_name("superclasses").filter(|_| class.kind() == "class_definition")?;
    children(bases).filter(|base| base.kind() != "keyword_argument").find_map(|base| {
        let base = ctx.symbol_at(base.byte_range())?;
        ctx.snapshot.member(&base, name).filter(|symbol| symbol.signature.is_some() && !symbol.path.is_test_code())
    })
}

/// What `monkeypatch.setattr(shop, "send", fake)` and `patch("shop.send", fake)` replace.
pub(super) fn replaced(ctx: &Context<'_>, node: Node<'_>, name: &str) -> Option<Symbol> {
    let is_it = |argument: &calls::Argument| {
        argument.value == node.byte_range() || ctx.source.text()[argument.value.clone()] == *name
    };
    descendants(ctx.source.root()).filter(|call| call.kind() == "call").find_map(|call| {
        let arguments = calls::arguments(ctx.source, call);
        let at = arguments.iter().position(is_it)?;
        let string = |index: usize| {
            let node = ctx.source.node_at(arguments.get(index)?.value.clone())?;
            crate::syntax::outline::string_content(ctx.source, node)
        };
        let symbol = match at {
            1 => ctx.snapshot.named(&string(0)?),
            2 => {
                let owner = ctx.symbol_at(arguments.first()?.value.clone())?;
                ctx.snapshot.member(&owner, &string(1)?)
            }
            _ => None,
        }?;
        symbol.signature.is_some().then_some(symbol)
    })
}

/// The parameters that the stub lacks, each with its place: those of the real function, else what the product's
/// call says.
fn came(ctx: &Context<'_>, stub: &Stub<'_>) -> Option<Vec<(Option<usize>, Parameter)>> {
    let own = own_names(ctx, stub);
    let plain = |name: &str, kind| Parameter { name: name.to_string(), kind, default: None, annotation: None };
    let real = stub.real.as_ref().and_then(|real| real.signature.as_ref());
    if let Some(real) = real {
        let positions = real.parameters.iter().filter(|parameter| parameter.kind != ParameterKind::KeywordOnly);
        let positions: Vec<&Parameter> = positions.filter(|parameter| !parameter.kind.is_variadic()).collect();
        let missing: Vec<(Option<usize>, Parameter)> = match ctx.complaint() {
            Complaint::UnexpectedKeyword { keyword, .. } => {
                let parameter = real
                    .parameter(keyword)
                    .cloned()
                    .or_else(|| real.takes_any_keyword().then(|| plain(keyword, ParameterKind::KeywordOnly)))?;
                vec![(None, parameter)]
            }
            // As many by other names are no lack.
            _ if own.len() >= positions.len() + usize::from(is_method(ctx, stub)) => return None,
            _ => {
                let place = |parameter: &&Parameter| positions.iter().position(|other| other.name == parameter.name);
                let lacking = positions.iter().copied().filter(|parameter| !own.contains(&parameter.name));
                lacking.map(|parameter| (place(&parameter), parameter.clone())).collect()
            }
        };
        return (!missing.is_empty() && missing.len() <= 2).then_some(missing);
    }
    match ctx.complaint() {
        Complaint::UnexpectedKeyword { keyword, .. } => {
            let parameter = namesake(ctx, stub, keyword);
            Some(vec![(None, parameter.unwrap_or_else(|| plain(keyword, ParameterKind::PositionalOrKeyword)))])
        }
        Complaint::TooManyPositionals { takes, given, .. } if *given == takes + 1 => {
            let bound = usize::from(is_method(ctx, stub));
            let came = widened(ctx, stub, *takes - bound).or_else(|| {
                let name = passed(ctx, *given - bound, *takes - bound)?;
                Some((None, plain(&name, ParameterKind::PositionalOrKeyword)))
            })?;
            (!own.contains(&came.1.name)).then(|| vec![came])
        }
        _ => None,
    }
}

/// The parameter as the functions of the product that are called like the stub have it, if they agree.
fn namesake(ctx: &Context<'_>, stub: &Stub<'_>, keyword: &str) -> Option<Parameter> {
    let name = ctx.source.slice(stub.node.child_by_field_name("name")?);
    let definitions = ctx.snapshot.definitions(name);
    let of_product = definitions.iter().filter(|symbol| !symbol.path.is_test_code());
    let mut found = of_product.filter_map(|symbol| symbol.signature.as_ref()?.parameter(keyword));
    let first = found.next()?;
    found.all(|other| other.default == first.default).then(|| first.clone())
}

/// The one parameter, and its place, that the functions of the product that are called like the stub took in addition
/// to the `count` that the stub takes, if they agree.
fn widened(ctx: &Context<'_>, stub: &Stub<'_>, count: usize) -> Option<(Option<usize>, Parameter)> {
    let changes = namesake_changes(ctx, stub);
    let mut came = changes.iter().filter_map(|change| {
        let (before, after): (Vec<_>, Vec<_>) = (change.before.places().collect(), change.after.places().collect());
        let place = after.iter().position(|parameter| change.before.parameter(&parameter.name).is_none())?;
        (before.len() == count && after.len() == count + 1).then(|| (place, after[place].clone()))
    });
    let (place, parameter) = came.next()?;
    came.all(|(other, named)| other == place && named.name == parameter.name).then_some((Some(place), parameter))
}

/// How the functions of the product that are called like the stub came to take other arguments.
fn namesake_changes(ctx: &Context<'_>, stub: &Stub<'_>) -> Vec<SignatureChange> {
    let Some(name) = stub.node.child_by_field_name("name").map(|name| ctx.source.slice(name)) else {
        return Vec::new();
    };
    let mut files: Vec<FilePath> = ctx.snapshot.definitions(name).into_iter().map(|symbol| symbol.path).collect();
    files.retain(|path| !path.is_test_code());
    files.dedup();
    files.iter().flat_map(|path| ctx.snapshot.history().signature_changes(path, name)).collect()
}

fn parameters<'c>(stub: &Stub<'c>) -> Option<Node<'c>> {
    stub.node.child_by_field_name("parameters")
}

fn own_names(ctx: &Context<'_>, stub: &Stub<'_>) -> Vec<String> {
    let list = parameters(stub).into_iter().flat_map(children);
    list.filter_map(|parameter| names::parameter_name(ctx.source, parameter)).map(str::to_string).collect()
}

fn is_method(ctx: &Context<'_>, stub: &Stub<'_>) -> bool {
    own_names(ctx, stub).first().is_some_and(|first| matches!(first.as_str(), "self" | "cls"))
}

/// Where the product calls the stub, be it through a mock whose side effect it is.
fn caller(ctx: &Context<'_>) -> Option<(FilePath, u32, Arc<Source>)> {
    let frames = ctx.diagnosis.failure.frames.iter().rev();
    frames.filter_map(|frame| ctx.product_file(frame).map(|(path, source)| (path, frame.line, source))).next()
}

/// The name that the product's call, which gives `count` places, has at place `index`.
fn passed(ctx: &Context<'_>, count: usize, index: usize) -> Option<String> {
    let (_, line, source) = caller(ctx)?;
    let statement = source.statement_at(source.code_on_line(line)?.start)?;
    let argument = descendants(statement).filter(|node| node.kind() == "call").find_map(|call| {
        let places: Vec<calls::Argument> =
            calls::arguments(&source, call).into_iter().filter(|argument| argument.keyword.is_none()).collect();
        (places.len() == count && places.iter().all(|argument| !argument.is_splat)).then(|| places[index].value.clone())
    })?;
    let name = last_part(&source.text()[argument]).to_string();
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_numeric());
    (is_name && !matches!(name.as_str(), "None" | "True" | "False" | "self" | "")).then_some(name)
}

/// The commit since which the product passes or takes it.
fn commit(ctx: &Context<'_>, stub: &Stub<'_>, came: &[(Option<usize>, Parameter)]) -> Option<Evidence> {
    let changes = match stub.real.as_ref().filter(|real| real.kind != SymbolKind::Variable) {
        Some(real) => ctx.snapshot.history().signature_changes(&real.path, &real.name),
        None => namesake_changes(ctx, stub),
    };
    let change = changes.into_iter().find(|change| {
        came.iter().all(|(_, parameter)| {
            change.before.parameter(&parameter.name).is_none() && change.after.parameter(&parameter.name).is_some()
        })
    });
    if let Some(change) = change {
        let text = format!("`{}` takes more ({})", change.function, change.subject);
        return Some(Evidence::commit(&change.commit, text));
    }
    let (path, ..) = caller(ctx)?;
    let says = |lines: &[String]| {
        came.iter().all(|(_, parameter)| lines.iter().any(|line| occurrences(line, &parameter.name).next().is_some()))
    };
    let passes = |hunk: &Hunk| hunk.path == path && says(&hunk.added) && !says(&hunk.removed);
    let hunk = product::hunks(ctx.snapshot, &ctx.site.path).into_iter().find(passes)?;
    let text = format!("{}:{} passes it since ({})", hunk.path, hunk.line, hunk.subject);
    Some(Evidence::commit(&hunk.commit, text))
}

/// The parameters, each in its place: where the real one has it, else behind the others.
fn taken(ctx: &Context<'_>, stub: &Stub<'_>, came: &[(Option<usize>, Parameter)]) -> Option<Vec<Edit>> {
    let Some(list) = parameters(stub) else {
        // `lambda: 1`
        let colon = stub.node.start_byte() + "lambda".len();
        let names: Vec<&str> = came.iter().map(|(_, parameter)| parameter.name.as_str()).collect();
        return (stub.node.kind() == "lambda")
            .then(|| vec![Edit::insert(&ctx.site.path, colon, format!(" {}", names.join(", ")))]);
    };
    let own: Vec<Node<'_>> = children(list).filter(|node| node.kind() != "comment").collect();
    let is_plain = |node: &Node<'_>| {
        !matches!(
            node.kind(),
            "list_splat_pattern" | "dictionary_splat_pattern" | "keyword_separator" | "positional_separator"
        ) && !ctx.source.slice(*node).starts_with('*')
    };
    let plain: Vec<Node<'_>> = own.iter().copied().take_while(is_plain).collect();
    let bound = usize::from(is_method(ctx, stub));
    let mut edits: Vec<Edit> = Vec::new();
    let mut last: Vec<&Parameter> = Vec::new();
    for (place, parameter) in came {
        match place.and_then(|place| plain.get(place + bound)) {
            Some(next) => {
                edits.push(Edit::insert(&ctx.site.path, next.start_byte(), format!("{}, ", written(parameter))))
            }
            None => last.push(parameter),
        }
    }
    if !last.is_empty() {
        let after_default = plain.last().is_some_and(|node| node.kind().contains("default"));
        let last = behind(ctx, &last, after_default, own.len() > plain.len())?;
        edits.push(match (plain.last(), own.get(plain.len())) {
            (Some(before), _) => Edit::insert(&ctx.site.path, before.end_byte(), format!(", {last}")),
            (None, Some(after)) => Edit::insert(&ctx.site.path, after.start_byte(), format!("{last}, ")),
            (None, None) => Edit::insert(&ctx.site.path, list.start_byte() + 1, last),
        });
    }
    Some(edits)
}

/// The parameters behind those that are there. Behind a default, what has none is taken by keyword alone where it is
/// passed so, and has `None` elsewhere.
fn behind(ctx: &Context<'_>, came: &[&Parameter], after_default: bool, has_stars: bool) -> Option<String> {
    let is_bare = |parameter: &Parameter| after_default && parameter.default.is_none();
    let by_keyword = matches!(ctx.complaint(), Complaint::UnexpectedKeyword { .. });
    let text = |parameter: &&Parameter| match is_bare(parameter) && !by_keyword {
        true => format!("{}=None", parameter.name),
        false => written(parameter),
    };
    let texts: Vec<String> = came.iter().map(text).collect();
    let needs_star = by_keyword && came.iter().any(|parameter| is_bare(parameter));
    let star = if needs_star { "*, " } else { "" };
    (!needs_star || !has_stars).then(|| format!("{star}{}", texts.join(", ")))
}

fn written(parameter: &Parameter) -> String {
    match &parameter.default {
        Some(default) if Source::parse(default.as_str()).root().descendant_count() <= 4 => {
            format!("{}={default}", parameter.name)
        }
        Some(_) => format!("{}=None", parameter.name),
        None => parameter.name.clone(),
    }
}

#[cfg(test)]
mod tests;
