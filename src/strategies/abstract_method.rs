//! A class that became abstract: the test's own subclass gets the method, a class of the product that can be made takes
//! the place of one that cannot.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::{Category, locate, product};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, children, descendants};
use crate::text::Edit;
use crate::workspace::history::RenameKind;
use crate::workspace::symbols::{Signature, Symbol, SymbolKind};

use super::confidence::Odds;
use super::{Context, Strategy, calls, imports};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "abstract-method",
    categories: &[Category::TypeError],
    summary: "Gives a subclass of the test the method that its base class asks for now.",
    example: r#"
#- before: shop.py
from abc import ABC, abstractmethod

class Shop(ABC):
    @abstractmethod
    def name(self): ...
#- shop.py
from abc import ABC, abstractmethod

class Shop(ABC):
    @abstractmethod
    def name(self): ...

    @abstractmethod
    def close(self, reason="done"): ...
#- tests/test_shop.py
from shop import Shop

class Stall(Shop):
    def name(self):
        return "stall"

def test_name():
    assert Stall().name() == "stall"
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_name ___________________________________

    def test_name():
>       assert Stall().name() == "stall"
E       TypeError: Can't instantiate abstract class Stall without an implementation for abstract method 'close'

tests/test_shop.py:8: TypeError
#- healed
+    def close(self, reason="done"):
+        raise NotImplementedError
+
"#,
    propose: abstract_method,
};

fn abstract_method(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (class, missing) = asked_for(ctx.message())?;
    let own = descendants(ctx.source.root()).find(|node| {
        node.kind() == "class_definition"
            && node.child_by_field_name("name").is_some_and(|name| ctx.source.slice(name) == class)
    });
    match own {
        Some(own) => implemented(ctx, own, &missing, fixes),
        None => replaced(ctx, &class, &missing, fixes),
    }
}

/// The class and the methods that it lacks, in the wordings of 3.8 to 3.15.
fn asked_for(message: &str) -> Option<(String, Vec<String>)> {
    static WORDING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"Can't instantiate abstract class (\w+) (?:with|without an implementation for) abstract methods? ([\w', ]+)")
            .expect("a test reads it")
    });
    let found = WORDING.captures(message)?;
    let names = found[2].split(',').map(|name| name.trim().trim_matches('\'').to_string());
    Some((found[1].to_string(), names.filter(|name| !name.is_empty()).collect()))
}

/// The test's own subclass: the method goes by another name now, or came.
fn implemented(ctx: &Context<'_>, own: Node<'_>, missing: &[String], fixes: &mut Vec<Fix>) -> Option<()> {
    let body = own.child_by_field_name("body")?;
    let bases = own.child_by_field_name("superclasses")?;
    let (mut edits, mut evidence, mut added) = (Vec::new(), Vec::new(), String::new());
    let mut is_told = true;
    for name in missing {
        let (class, base) = children(bases).filter(|base| base.kind() != "keyword_argument").find_map(|base| {
            let base = ctx.symbol_at(base.byte_range())?;
            let member = ctx.snapshot.member(&base, name).filter(|symbol| !symbol.path.is_test_code())?;
            Some((base, member))
        })?;
        if let Some((def, fact)) = under_the_old_name(ctx, body, name) {
            edits.push(ctx.replace(def.byte_range(), name));
            evidence.push(fact);
            continue;
        }
        is_told &= came(ctx, &base).is_some_and(|fact| {
            evidence.push(fact);
            true
        });
        is_told &= !is_lacking(ctx, &class, &base);
        let says = format!("`{}` is abstract", base.qualified);
        evidence.push(Evidence::at(EvidenceKind::Source, &base.path, base.line, says));
        added += &method(ctx, body, &base)?;
    }
    if !added.is_empty() {
        edits.push(Edit::insert(&ctx.site.path, body.end_byte(), added));
    }
    edits.sort_by_key(|edit| edit.range.start);
    fixes.push(Fix {
        title: format!("Implement `{}`", missing.join("`, `")),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier: if is_told { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// Whether a class of the product below `class` lacks the method, too, and nothing derives from that one: nobody can
/// make it.
fn is_lacking(ctx: &Context<'_>, class: &Symbol, method: &Symbol) -> bool {
    let below = below(ctx, class);
    let is_leaf = |symbol: &Symbol| {
        let is_base = |other: &Symbol| ctx.snapshot.bases(other).iter().skip(1).any(|base| *base == symbol.qualified);
        !below.iter().any(is_base)
    };
    let is_abstract = |symbol: &Symbol| {
        let text = ctx.snapshot.text(&symbol.path).unwrap_or_default();
        ctx.snapshot.outline(&symbol.path).is_some_and(|outline| {
            let mut items = outline.items.iter().filter(|item| item.range == symbol.range);
            items.any(|item| text.get(item.span.clone()).is_some_and(|text| text.contains("abstractmethod")))
        })
    };
    let inherits = |symbol: &Symbol| {
        ctx.snapshot.member(symbol, &method.name).is_some_and(|member| member.qualified == method.qualified)
    };
    below.iter().any(|symbol| inherits(symbol) && is_leaf(symbol) && !is_abstract(symbol))
}

/// The name of the method that the subclass defines for what is called `name` now.
fn under_the_old_name<'t>(ctx: &Context<'_>, body: Node<'t>, name: &str) -> Option<(Node<'t>, Evidence)> {
    let methods = children(body).map(|node| node.child_by_field_name("definition").unwrap_or(node));
    methods.filter(|node| node.kind() == "function_definition").find_map(|method| {
        let def = method.child_by_field_name("name")?;
        let renames = ctx.snapshot.history().renames_of(ctx.source.slice(def));
        let is_it = |kind| matches!(kind, RenameKind::Symbol(SymbolKind::Method | SymbolKind::Property));
        let rename = renames
            .into_iter()
            .find(|rename| is_it(rename.kind) && rename.new == name && product::is_trusted(rename))?;
        let text = format!("`{}` became `{name}` ({})", rename.old, rename.subject);
        Some((def, Evidence::commit(&rename.commit, text)))
    })
}

/// The commit that brought the method, or made it abstract.
fn came(ctx: &Context<'_>, base: &Symbol) -> Option<Evidence> {
    let says = |lines: &[String]| {
        lines.iter().any(|line| line.contains("abstractmethod") || line.contains(&format!("def {}(", base.name)))
    };
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let hunk = hunks.into_iter().find(|hunk| hunk.path == base.path && says(&hunk.added))?;
    Some(Evidence::commit(&hunk.commit, format!("`{}` has to be implemented since ({})", base.name, hunk.subject)))
}

/// The method, as its base declares it; whoever calls it gets to know.
fn method(ctx: &Context<'_>, body: Node<'_>, base: &Symbol) -> Option<String> {
    let signature = base.signature.clone().unwrap_or_default();
    let is_property = base.kind == SymbolKind::Property;
    let text = ctx.source.text();
    let first = body.named_child(0)?;
    let line = text[..first.start_byte()].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..first.start_byte()];
    // `class Stub(Base): pass` on one line.
    if !indent.trim().is_empty() {
        return None;
    }
    let step = if indent.contains('\t') { "\t" } else { "    " };
    let end = imports::line_end(text);
    let decorator = if is_property { format!("{indent}@property{end}") } else { String::new() };
    let word = if signature.is_async { "async def" } else { "def" };
    let parameters = with_self(&Signature { returns: None, ..signature });
    Some(format!(
        "{end}{end}{decorator}{indent}{word} {}({parameters}):{end}{indent}{step}raise NotImplementedError",
        base.name
    ))
}

/// `self, reason="done"`, without annotations, whose names the test may not know.
fn with_self(signature: &Signature) -> String {
    let mut plain = signature.clone();
    for parameter in &mut plain.parameters {
        parameter.annotation = None;
    }
    let written = plain.to_string();
    let inside = written.trim_start_matches('(').trim_end_matches(')');
    if inside.is_empty() { "self".to_string() } else { format!("self, {inside}") }
}

/// A class of the product that is abstract now: the only one below it that is made in the same way.
fn replaced(ctx: &Context<'_>, class: &str, missing: &[String], fixes: &mut Vec<Fix>) -> Option<()> {
    let call = descendants(ctx.statement()?).filter(|node| node.kind() == "call").find(|call| {
        let name = call.child_by_field_name("function").and_then(locate::last_name);
        name.is_some_and(|name| ctx.source.slice(name) == class)
    })?;
    let function = call.child_by_field_name("function").filter(|function| function.kind() == "identifier")?;
    let abstracted = ctx.symbol_at(function.byte_range()).filter(|it| !it.path.is_test_code())?;
    let fact = came(ctx, &ctx.snapshot.member(&abstracted, missing.first()?)?)?;
    let mut concrete = below(ctx, &abstracted).into_iter().filter(|symbol| {
        let members = ctx.snapshot.members(symbol);
        let implements = |name: &String| {
            let member = members.symbols.iter().find(|member| member.name == *name);
            member.is_some_and(|member| !member.qualified.starts_with(&format!("{}.", abstracted.qualified)))
        };
        let parameters = |symbol: &Symbol| symbol.signature.as_ref().map(|signature| signature.parameters.clone());
        missing.iter().all(implements) && parameters(symbol) == parameters(&abstracted)
    });
    let (only, None) = (concrete.next()?, concrete.next()) else { return None };
    let text = format!("`{}` is the only `{class}` that is made like this", only.name);
    let evidence = vec![fact, Evidence::at(EvidenceKind::Source, &only.path, only.line, text)];
    let imported = imports::imports(ctx.source).into_iter().find(|item| item.local == class);
    let module = imported.map_or_else(|| ctx.snapshot.dotted_name(&only.path), |item| Some(item.module))?;
    let is_known = imports::imports(ctx.source).iter().any(|item| item.local == only.name);
    let import = if is_known { None } else { imports::add(ctx, &module, Some(&only.name)) };
    let same = calls::same_calls(ctx, call).into_iter().filter_map(|call| call.child_by_field_name("function"));
    let mut edits: Vec<Edit> =
        same.map(|function| ctx.replace(function.byte_range(), &only.name)).chain(import).collect();
    edits.sort_by_key(|edit| edit.range.start);
    fixes.push(Fix {
        title: format!("Make a `{}` instead of a `{class}`", only.name),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(1.0).confidence(),
        evidence,
        tier: Tier::Review,
    });
    Some(())
}

/// The product's classes that derive from `class`, in its own package.
fn below(ctx: &Context<'_>, class: &Symbol) -> Vec<Symbol> {
    let files = ctx.snapshot.files_naming(&class.name);
    let mut found = Vec::new();
    for path in files.iter().filter(|path| path.is_inside() && !path.is_test_code()) {
        let Some(outline) = ctx.snapshot.outline(path) else { continue };
        for (_, item) in outline.children(None).filter(|(_, item)| !item.bases.is_empty()) {
            let symbols = ctx.snapshot.definitions(&item.name).into_iter().filter(|symbol| symbol.path == *path);
            let is_below =
                |symbol: &Symbol| ctx.snapshot.bases(symbol).iter().skip(1).any(|base| *base == class.qualified);
            found.extend(symbols.filter(|symbol| symbol.kind == SymbolKind::Class).filter(is_below));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::asked_for;
    use crate::fixture::check;

    #[test]
    fn the_wordings_of_python() {
        let is = |message: &str| asked_for(message).map(|(class, names)| (class, names.join(" ")));
        let both = Some(("Stub".to_string(), "a b".to_string()));
        assert_eq!(is("Can't instantiate abstract class Stub with abstract methods a, b"), both);
        assert_eq!(
            is("Can't instantiate abstract class Stub without an implementation for abstract methods 'a', 'b'"),
            both
        );
    }

    #[test]
    fn a_method_that_was_renamed_is_renamed_in_the_stub() {
        check(
            r#"
#- before: shop.py
from abc import ABC, abstractmethod

class Shop(ABC):
    @abstractmethod
    def total(self, cart):
        """Sums up."""
#- shop.py
from abc import ABC, abstractmethod

class Shop(ABC):
    @abstractmethod
    def sum_up(self, cart):
        """Sums up."""
#- tests/test_shop.py
from shop import Shop

def test_name():
    class Stall(Shop):
        def total(self, cart):
            return 1

    assert Stall()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_name ___________________________________

    def test_name():
        class Stall(Shop):
            def total(self, cart):
                return 1

>       assert Stall()
E       TypeError: Can't instantiate abstract class Stall with abstract method sum_up

tests/test_shop.py:8: TypeError
#- healed
-        def total(self, cart):
+        def sum_up(self, cart):
"#,
        );
    }

    #[test]
    fn the_only_class_that_can_be_made_takes_the_place_of_one_that_cannot() {
        let scene = r#"
#- before: shop.py
class Shop:
    def close(self):
        raise NotImplementedError

class Stall(Shop):
    def close(self):
        return 1

class Mall(Shop):
    def __init__(self, size):
        self.size = size

    def close(self):
        return 2
#- shop.py
from abc import ABC, abstractmethod

class Shop(ABC):
    @abstractmethod
    def close(self): ...

class Stall(Shop):
    def close(self):
        return 1

class Mall(Shop):
    def __init__(self, size):
        self.size = size

    def close(self):
        return 2
#- tests/test_shop.py
from shop import Shop

def test_shop():
    assert Shop()
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_shop ___________________________________

    def test_shop():
>       assert Shop()
E       TypeError: Can't instantiate abstract class Shop with abstract method close

tests/test_shop.py:4: TypeError
#- healed
"#;
        let healed = "-from shop import Shop\n+from shop import Shop, Stall\n-    assert Shop()\n+    assert Stall()\n";
        check(&format!("{scene}{healed}"));
        let two = scene.replace("    def __init__(self, size):\n        self.size = size\n\n", "");
        check(&format!("{two}no fix\n"));
    }
}
