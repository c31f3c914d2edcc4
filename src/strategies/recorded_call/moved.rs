//! How the product passes now what the test reads: its call of what is mocked, before and after a commit.

use crate::diagnosis::{locate, product};
use crate::fix::{Evidence, EvidenceKind};
use crate::strategies::calls::{Argument, arguments};
use crate::strategies::double_rename::is_called_like;
use crate::strategies::expected_call::named::{place, takes};
use crate::strategies::renames::last_part;
use crate::strategies::{Context, imports, mock_checks, stub_signature};
use crate::syntax::outline::string_content;
use crate::syntax::{Node, Source, ancestors, descendants};
use crate::workspace::history::Change;
use crate::workspace::symbols::{Signature, Symbol, SymbolKind};

use super::reads::{Key, Read};

/// By what the argument is passed now, with what shows it.
pub(super) struct Moved {
    pub(super) to: Key,
    pub(super) evidence: Vec<Evidence>,
    /// Whether it is seen to be the same value of the same parameter.
    pub(super) is_proven: bool,
}

pub(super) fn moved(ctx: &Context<'_>, read: &Read<'_>) -> Option<Moved> {
    let mocked = Mocked::of(ctx, read.mock)?;
    // What is made of a class that is mocked has calls of its own in there.
    if read.is_of_any && mocked.real.as_ref().is_some_and(|real| real.kind == SymbolKind::Class) {
        return None;
    }
    let changes = product::changes(ctx.snapshot, &ctx.site.path);
    let mut turns: Vec<Turn> =
        changes.iter().flat_map(|change| turns(change, &mocked, &read.key)).collect::<Option<_>>()?;
    let turn = turns.pop()?;
    let is_agreed = turns.iter().all(|other| other.to == turn.to);
    let signature = mocked.real.as_ref().and_then(|real| real.signature.as_ref());
    // The mock hides that the function takes no such argument.
    let is_taken = |name: &str| signature.is_none_or(|it| it.takes_any_keyword() || takes(it, name));
    if !is_agreed || matches!(&turn.to, Key::Name(name) if !is_taken(name)) {
        return None;
    }
    let is_same = turn.is_same && turns.iter().all(|other| other.is_same);
    let mut evidence = vec![turn.evidence];
    if let Some((real, signature)) = mocked.real.as_ref().zip(signature).filter(|_| turn.is_of_parameter) {
        let text = format!("`{}{signature}` takes it in both ways", real.name);
        evidence.push(Evidence::at(EvidenceKind::Source, &real.path, real.line, text));
    }
    Some(Moved { to: turn.to, evidence, is_proven: is_same && turn.is_of_parameter && mocked.is_certain })
}

/// What a mock stands for.
struct Mocked {
    /// By which name the product calls it.
    name: String,
    real: Option<Symbol>,
    before: Option<Signature>,
    /// Whether the test says so, and not only the name of the mock.
    is_certain: bool,
}

impl Mocked {
    fn of(ctx: &Context<'_>, mock: Node<'_>) -> Option<Self> {
        let own = ctx.source.slice(mock);
        let put = || stub_signature::replaced(ctx, mock, own).filter(|_| mock.kind() == "identifier");
        let patched = patched(ctx, mock).or_else(|| put().map(|real| (real.name.clone(), Some(real), true)));
        let (name, real, is_certain) = match patched {
            Some(found) => found,
            None if mock.kind() == "attribute" => {
                let name = ctx.source.slice(locate::last_name(mock)?).to_string();
                match ctx.symbol_at(mock.byte_range()).filter(|symbol| symbol.signature.is_some()) {
                    Some(symbol) => (name, Some(symbol), true),
                    None => {
                        let object = ctx.source.slice(mock.child_by_field_name("object")?);
                        let real = only(ctx, &name).filter(|real| is_of(real, object));
                        (name, real.clone(), real.is_some())
                    }
                }
            }
            None => {
                let is_said = |part: &&str| !matches!(*part, "mock" | "mocked" | "fake" | "m");
                let name = own.split('_').filter(is_said).collect::<Vec<_>>().join("_");
                let real = only(ctx, &name);
                (name, real, false)
            }
        };
        if name.is_empty() || name == "return_value" {
            return None;
        }
        let earlier = |real: &Symbol| {
            let change = ctx.snapshot.history().signature_changes(&real.path, &real.name).into_iter().next();
            change.map(|change| change.before).or_else(|| real.signature.clone())
        };
        let before = real.as_ref().and_then(earlier);
        Some(Self { name, real, before, is_certain })
    }

    /// The calls that may be of it: a function has no object before it but a module.
    fn calls<'s>(&self, source: &'s Source) -> Vec<(String, Node<'s>)> {
        let is_function = self.real.as_ref().is_some_and(|real| real.kind == SymbolKind::Function);
        let imported = imports::imports(source);
        let is_module = |object: &str| imported.iter().any(|import| object.split('.').next() == Some(&import.local));
        let may_be = |call: Node<'_>| {
            let object = call.child_by_field_name("function").and_then(|it| it.child_by_field_name("object"));
            !is_function || object.is_none_or(|object| is_module(source.slice(object)))
        };
        calls(source, &self.name).into_iter().filter(|(_, call)| may_be(*call)).collect()
    }

    /// The parameter of the function in a place of the call, before and now.
    fn parameters(&self, at: usize) -> [Option<&str>; 2] {
        let now = self.real.as_ref().and_then(|real| real.signature.as_ref());
        [self.before.as_ref(), now].map(|signature| signature.and_then(|signature| place(signature, at)))
    }
}

/// The only function of the product by a name.
fn only(ctx: &Context<'_>, name: &str) -> Option<Symbol> {
    let mut found = ctx.snapshot.definitions(name);
    found.retain(|symbol| !symbol.path.is_test_code() && symbol.signature.is_some());
    found.pop().filter(|_| found.is_empty())
}

/// Whether a function may be the member of what is written `object`: a method of a class that is called so.
fn is_of(function: &Symbol, object: &str) -> bool {
    let class = function.qualified.rsplit('.').nth(1).unwrap_or_default();
    function.kind == SymbolKind::Method && is_called_like(object, class)
}

/// What the patch replaces whose mock has that name in the test: `patch("shop.send")`, `patch.object(shop, "send")`.
fn patched(ctx: &Context<'_>, mock: Node<'_>) -> Option<(String, Option<Symbol>, bool)> {
    let test = ctx.source.function_at(mock.start_byte())?;
    let whole = test.parent().filter(|outer| outer.kind() == "decorated_definition").unwrap_or(test);
    let patch = descendants(whole).filter(|node| node.kind() == "call").find(|call| {
        let called = call.child_by_field_name("function").map_or("", |function| ctx.source.slice(function));
        let is_patch = called.split('.').any(|part| matches!(part, "patch" | "spy"));
        is_patch && mock_checks::mock_name(ctx, *call, test) == Some(ctx.source.slice(mock))
    })?;
    let given = arguments(ctx.source, patch);
    let string = |at: usize| string_content(ctx.source, ctx.source.node_at(given.get(at)?.value.clone())?);
    let (name, real) = match string(0) {
        Some(target) => (last_part(&target).to_string(), ctx.snapshot.named(&target)),
        None => {
            let (name, owner) = (string(1)?, ctx.symbol_at(given.first()?.value.clone()));
            let real = owner.and_then(|owner| ctx.snapshot.member(&owner, &name));
            (name, real)
        }
    };
    let real = real.filter(|real| real.signature.is_some());
    // `self` has a place in the call of such a mock: it is called by no name that tells the places.
    let has_self = real.as_ref().is_some_and(|real| real.kind == SymbolKind::Method)
        && (ctx.source.slice(patch).contains("autospec") || ctx.source.slice(patch).contains("spy"));
    let (name, is_certain) = if has_self { (String::new(), false) } else { (name, real.is_some()) };
    Some((name, real, is_certain))
}

/// A call of the product that passes the argument in the other way since a commit.
struct Turn {
    to: Key,
    /// Whether the value is the same expression.
    is_same: bool,
    /// Whether the place and the name are known to be of one parameter.
    is_of_parameter: bool,
    evidence: Evidence,
}

/// The calls of a change that passed what `key` says and do so in the other way now; `None` for one that does not pass
/// it any more.
fn turns(change: &Change, mocked: &Mocked, key: &Key) -> Vec<Option<Turn>> {
    let Some((before, after)) = change.before.clone().zip(change.after.clone()) else { return Vec::new() };
    if !after.contains(&mocked.name) {
        return Vec::new();
    }
    let (before, after) = (Source::parse(before), Source::parse(after));
    let (olds, news) = (mocked.calls(&before), mocked.calls(&after));
    let mut found = Vec::new();
    for (index, (at, new)) in news.iter().enumerate() {
        let is_here = |(other, _): &&(String, Node<'_>)| other == at;
        let number = news[..index].iter().filter(is_here).count();
        let old = olds.iter().filter(is_here).nth(number);
        // With as many calls as before, each is the one in its place.
        let is_paired = olds.iter().filter(is_here).count() == news.iter().filter(is_here).count();
        let passed = |(_, call): &(String, Node<'_>)| Pair::value(&(&before, arguments(&before, *call)), key).is_some();
        if !is_paired && olds.iter().filter(is_here).any(passed) {
            // Which of them lost it nobody knows.
            found.push(None);
        }
        let Some((_, old)) = old.filter(|_| is_paired) else { continue };
        let pair = Pair { before: (&before, arguments(&before, *old)), after: (&after, arguments(&after, *new)) };
        if !pair.gives(&pair.before, key) || pair.gives(&pair.after, key) {
            continue;
        }
        let is_set_alike = || set_before(&before, *old) == set_before(&after, *new);
        let turn = pair.turn(mocked, key).map(|(to, is_same, is_of_parameter)| {
            let is_same = is_same && is_set_alike();
            let text =
                format!("{}:{} passes {to} since ({})", change.path, after.line_of(new.start_byte()), change.subject);
            Turn { to, is_same, is_of_parameter, evidence: Evidence::commit(&change.commit, text) }
        });
        found.push(turn);
    }
    found
}

/// The calls of what is called so, each with the names of the definitions around it and how it is written.
pub(in crate::strategies) fn calls<'s>(source: &'s Source, name: &str) -> Vec<(String, Node<'s>)> {
    let found = descendants(source.root()).filter(|node| node.kind() == "call").filter_map(|call| {
        let function = call.child_by_field_name("function")?;
        let is_it = locate::last_name(function).is_some_and(|last| source.slice(last) == name);
        let around = ancestors(call).filter_map(|outer| outer.child_by_field_name("name"));
        let around: Vec<&str> = around.map(|name| source.slice(name)).collect();
        is_it.then(|| (format!("{} {}", around.join("."), source.slice(function)), call))
    });
    found.collect()
}

/// What the function around a call gives the names that the call passes on.
fn set_before<'s>(source: &'s Source, call: Node<'s>) -> Vec<&'s str> {
    let names: Vec<&str> =
        descendants(call).filter(|node| node.kind() == "identifier").map(|node| source.slice(node)).collect();
    let function = ancestors(call).find(|outer| outer.kind() == "function_definition");
    let is_set = |node: &Node<'_>| {
        let left = node.child_by_field_name("left").filter(|_| node.kind().ends_with("assignment"));
        left.is_some_and(|left| descendants(left).any(|name| names.contains(&source.slice(name))))
    };
    let all = function.into_iter().flat_map(descendants).filter(|node| node.start_byte() < call.start_byte());
    all.filter(is_set).map(|node| source.slice(node)).collect()
}

/// The arguments of one call, and the file that they stand in.
type Given<'s> = (&'s Source, Vec<Argument>);

/// A call before and after a commit.
struct Pair<'s> {
    before: Given<'s>,
    after: Given<'s>,
}

impl Pair<'_> {
    fn value(given: &Given<'_>, key: &Key) -> Option<String> {
        let mut positional = given.1.iter().filter(|argument| argument.keyword.is_none());
        let argument = match key {
            Key::Place(place) => positional.nth(*place),
            Key::Name(name) => given.1.iter().find(|argument| argument.keyword.as_ref() == Some(name)),
        }?;
        let text = &given.0.text()[argument.value.clone()];
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn gives(&self, given: &Given<'_>, key: &Key) -> bool {
        Self::value(given, key).is_some()
    }

    /// By what the argument is passed now; whether with the same value, and whether by what the signature says.
    fn turn(&self, mocked: &Mocked, key: &Key) -> Option<(Key, bool, bool)> {
        if self.before.1.iter().chain(&self.after.1).any(|argument| argument.is_splat) {
            return None;
        }
        let value = Self::value(&self.before, key)?;
        let came = self.came(key);
        let is_same = |to: &Key| Self::value(&self.after, to).as_ref() == Some(&value);
        let is_parameter = |to: &&Key| match (key, to) {
            (Key::Place(at), Key::Name(name)) => mocked.parameters(*at)[0] == Some(name),
            (Key::Name(name), Key::Place(at)) => mocked.parameters(*at)[1] == Some(name),
            _ => false,
        };
        if let Some(to) = came.iter().find(is_parameter) {
            return Some((to.clone(), is_same(to), true));
        }
        // A parameter that is known to be another one is not this argument.
        let is_known = |to: &Key| match (key, to) {
            (Key::Place(at), _) | (_, Key::Place(at)) => mocked.parameters(*at).iter().any(Option::is_some),
            _ => false,
        };
        let mut same = came.into_iter().filter(|to| is_same(to) && !is_known(to));
        same.next().filter(|_| same.next().is_none()).map(|to| (to, true, false))
    }

    /// The names, or the places, under which the call passes something since.
    fn came(&self, key: &Key) -> Vec<Key> {
        let keys: Vec<Key> = match key {
            Key::Place(_) => self.after.1.iter().filter_map(|it| it.keyword.clone()).map(Key::Name).collect(),
            Key::Name(_) => {
                (0..self.after.1.iter().filter(|it| it.keyword.is_none()).count()).map(Key::Place).collect()
            }
        };
        keys.into_iter().filter(|key| !self.gives(&self.before, key)).collect()
    }
}
