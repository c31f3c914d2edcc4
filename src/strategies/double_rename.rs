//! A mock or a fake of the test that stands for a class of the product whose member has another name now: it follows.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnosis::complaint::Owner;
use crate::diagnosis::{Category, Complaint, product};
use crate::fix::{EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::history::{Rename, RenameKind};
use crate::workspace::symbols::Symbol;

use super::renames::{Answer, Existing, Question, answers, last_part};
use super::{Context, Strategy, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "double-rename",
    categories: &[
        Category::AssertionError,
        Category::AttributeError,
        Category::LogicError,
        Category::ResourceError,
        Category::TypeError,
        Category::Unknown,
    ],
    summary: "Lets a mock or a fake of the test have a member by the name that the product's class has for it now.",
    example: r#"
#- before: shop.py
class Cart:
    def add(self, sku):
        self.skus = [*self.skus, sku]

def fill(cart, skus):
    for sku in skus:
        cart.add(sku)
#- shop.py
class Cart:
    def put_line(self, sku):
        self.skus = [*self.skus, sku]

def fill(cart, skus):
    for sku in skus:
        cart.put_line(sku)
#- tests/test_fill.py
from unittest.mock import Mock
from shop import fill

def test_fill():
    cart = Mock()
    fill(cart, ["a"])
    $0cart.add.assert_called_once_with("a")
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_fill ___________________________________

    def test_fill():
        cart = Mock()
        fill(cart, ["a"])
>       cart.add.assert_called_once_with("a")
E       AssertionError: Expected 'add' to be called once. Called 0 times.

tests/test_fill.py:7: AssertionError
#- healed
-    cart.add.assert_called_once_with("a")
+    cart.put_line.assert_called_once_with("a")
"#,
    propose: double_rename,
};

fn double_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let (asked, refused) = match ctx.complaint() {
        Complaint::NoAttribute { name, .. } if !is_asked_by_product(ctx) => (None, Some(name.as_str())),
        Complaint::NoAttribute { owner, name } => (Some((owner, name.as_str())), None),
        _ => (None, None),
    };
    let home = asked.and_then(|(owner, _)| home(ctx, owner));
    let (path, mut places) = match &home {
        Some((path, source, name)) => (path, of_fake(ctx, path, source, class_in(source, name)?)),
        None => (&ctx.site.path, of_mocks(ctx)),
    };
    // `Mock(spec=Cart, **{"add.return_value": 1})`: what a specification refuses by its name in a text is no attribute
    // of any code.
    let in_text =
        |place: &Place<'_>| ctx.source.node_at(place.range.clone()).is_some_and(|it| it.kind() == "string_content");
    places.retain(|place| refused.is_none_or(|name| place.word == name && in_text(place)));
    let words: BTreeSet<&str> = places.iter().map(|place| place.word).collect();
    for old in words.iter().filter(|old| !is_left(ctx, old)) {
        for (answer, rename) in successors(ctx, old, asked.map(|(_, name)| name)) {
            // Who says both already tells them apart.
            if words.contains(answer.name.as_str()) {
                continue;
            }
            let of_old = places.iter().filter(|place| place.word == *old);
            let is_of_class = is_of_class(ctx, &rename);
            fixes.push(Fix {
                title: format!("Let the test's stand-in have `{}` instead of `{old}`", answer.name),
                strategy: STRATEGY.id,
                edits: of_old.map(|place| Edit::replace(path, place.range.clone(), &answer.name)).collect(),
                confidence: answer.confidence,
                evidence: answer.evidence,
                tier: if is_of_class { answer.tier } else { Tier::Review },
            });
        }
    }
    Some(())
}

/// Whether the failure went through the product, which asks for the new name; else the test names an old one.
fn is_asked_by_product(ctx: &Context<'_>) -> bool {
    ctx.diagnosis.failure.frames.iter().any(|frame| ctx.product_file(frame).is_some())
}

/// Whether the product still has something of that name: then the test may mean it.
fn is_left(ctx: &Context<'_>, name: &str) -> bool {
    ctx.snapshot.definitions(name).iter().any(|symbol| !symbol.path.is_test_code())
}

/// The members that took the place of `old`, as git shows it; only `asked`, where the failure names it.
fn successors(ctx: &Context<'_>, old: &str, asked: Option<&str>) -> Vec<(Answer, Rename)> {
    let is_member = |rename: &Rename| {
        matches!(rename.kind, RenameKind::Symbol(_)) && rename.within.is_some() && !rename.path.is_test_code()
    };
    let mut renames = ctx.snapshot.history().renames_of(old);
    renames.retain(|rename| is_member(rename) && product::is_trusted(rename) && rename.callers_moved > 0);
    renames.retain(|rename| asked.is_none_or(|name| name == last_part(&rename.new)));
    let of_product = |rename: &Rename| {
        let mut found = ctx.snapshot.definitions(last_part(&rename.new));
        found.retain(|symbol: &Symbol| !symbol.path.is_test_code());
        found
    };
    let existing: Vec<Existing> =
        renames.iter().flat_map(of_product).map(|symbol| Existing::defined(&symbol, "")).collect();
    if existing.is_empty() {
        return Vec::new();
    }
    let kinds = |kind| matches!(kind, RenameKind::Symbol(_));
    let question = Question { missing: old, existing: &existing, open: false, kinds, class: None };
    let of_git = |answer: &Answer| answer.evidence.iter().any(|fact| fact.kind == EvidenceKind::Git);
    let rename_of = |answer: &Answer| renames.iter().find(|rename| last_part(&rename.new) == answer.name).cloned();
    let found = answers(ctx, &question).into_iter().filter(of_git);
    found.filter_map(|answer| rename_of(&answer).map(|rename| (answer, rename))).collect()
}

/// Whether every object that the product asks for the new name since then is called like the class that renamed it. A
/// call of something else by that name may have been renamed by mistake, and a mock hides it.
fn is_of_class(ctx: &Context<'_>, rename: &Rename) -> bool {
    let class = last_part(rename.within.as_deref().unwrap_or_default());
    let member = format!(".{}", last_part(&rename.new));
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let added = hunks.iter().filter(|hunk| hunk.is_python()).flat_map(|hunk| &hunk.added);
    let mut objects = added.flat_map(|line| {
        let ends = line.match_indices(&member).map(|(at, _)| at);
        ends.map(|at| {
            let object = line[..at].trim_end_matches("()");
            let start = object.rfind(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.'));
            &object[start.map_or(0, |start| start + 1)..]
        })
    });
    objects.all(|object| matches!(object, "self" | "cls") || is_called_like(object, class))
}

/// Whether an object is called like the class: `my_cart`, `cart_mock`.
pub(super) fn is_called_like(object: &str, class: &str) -> bool {
    let object = object.to_lowercase();
    let mut words = object.rsplit(['.', '_', ' ']).filter(|word| !matches!(*word, "mock" | "fake" | "stub"));
    let word = words.next().unwrap_or_default();
    word.len() > 2 && class.to_lowercase().ends_with(word)
}

/// A place that names a member of a stand-in.
struct Place<'c> {
    word: &'c str,
    range: Range<usize>,
}

/// The file of the fake that the message means: that of the test, else the only other one of the tests that defines it.
fn home(ctx: &Context<'_>, owner: &Owner) -> Option<(FilePath, Arc<Source>, String)> {
    let Owner::Instance(name) = owner else { return None };
    let mut paths: Vec<FilePath> = ctx.snapshot.definitions(name).into_iter().map(|symbol| symbol.path).collect();
    if class_in(ctx.source, name).is_some() {
        paths = vec![ctx.site.path.clone()];
    }
    paths.dedup();
    let path = paths.pop().filter(|path| paths.is_empty() && path.is_inside() && path.is_test_code())?;
    let source = ctx.snapshot.source(&path)?;
    class_in(&source, name)?;
    Some((path, source, name.clone()))
}

/// The only class of that name in the file, unless it derives from another.
fn class_in<'s>(source: &'s Source, name: &str) -> Option<Node<'s>> {
    let is_it = |node: &Node<'_>| {
        node.kind() == "class_definition"
            && node.child_by_field_name("superclasses").is_none()
            && node.child_by_field_name("name").is_some_and(|found| source.slice(found) == name)
    };
    let mut classes = descendants(source.root()).filter(is_it);
    classes.next().filter(|_| classes.next().is_none())
}

/// The members of a fake and what is known to use them in its file.
fn of_fake<'s>(ctx: &Context<'_>, path: &FilePath, source: &'s Source, class: Node<'s>) -> Vec<Place<'s>> {
    let place = |node: Node<'s>| Place { word: source.slice(node), range: node.byte_range() };
    let Some(body) = class.child_by_field_name("body") else { return Vec::new() };
    let name = class.child_by_field_name("name").map_or("", |name| source.slice(name));
    let own = children(body).filter_map(|node| {
        let node = node.child_by_field_name("definition").unwrap_or(node);
        match node.kind() {
            "function_definition" => node.child_by_field_name("name"),
            "expression_statement" => node
                .named_child(0)
                .filter(|node| node.kind() == "assignment")
                .and_then(|node| node.child_by_field_name("left"))
                .filter(|left| left.kind() == "identifier"),
            _ => None,
        }
    });
    let used = descendants(source.root()).filter(|node| node.kind() == "attribute").filter_map(|node| {
        let object = node.child_by_field_name("object")?;
        let is_inside = class.byte_range().contains(&node.start_byte());
        let is_own = is_inside && matches!(source.slice(object), "self" | "cls");
        let of_class = || ctx.snapshot.type_of(path, object.byte_range()).is_some_and(|symbol| symbol.name == name);
        node.child_by_field_name("attribute").filter(|_| is_own || of_class())
    });
    own.chain(used).map(place).collect()
}

/// What makes a mock.
const MOCKS: [&str; 6] =
    ["Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "create_autospec"];

/// The members of the test's mocks that it names: `cart.add`, `call.add(…)`, `Mock(add=…)`, `Mock(spec=["add"])`.
fn of_mocks<'c>(ctx: &'c Context<'_>) -> Vec<Place<'c>> {
    let scope = ctx.scope();
    let mocks = mocks(ctx, scope);
    let written = written(ctx, scope);
    let of_mock = |node: Node<'c>| {
        let object = node.child_by_field_name("object")?;
        let is_call = matches!(ctx.source.slice(object), "call" | "mock.call");
        let is_mock = || {
            root(ctx.source, object).is_some_and(|root| mocks.contains(ctx.source.slice(root)))
                || written.contains(ctx.source.slice(object))
        };
        let name = node.child_by_field_name("attribute").filter(|_| is_call || is_mock())?;
        Some(Place { word: ctx.source.slice(name), range: name.byte_range() })
    };
    let mut places = Vec::new();
    for node in descendants(scope) {
        match node.kind() {
            "attribute" => places.extend(of_mock(node)),
            "call" if is_maker(ctx, node) || is_configured(ctx, node, &mocks) => made(ctx, node, &mut places),
            _ => {}
        }
    }
    places
}

/// The variables of a function that it binds to mocks.
fn mocks<'c>(ctx: &'c Context<'_>, scope: Node<'c>) -> BTreeSet<&'c str> {
    let given = descendants(scope).filter_map(|node| {
        let left = match node.kind() {
            "assignment" => node.child_by_field_name("left").filter(|_| {
                node.child_by_field_name("right").is_some_and(|right| right.kind() == "call" && is_maker(ctx, right))
            }),
            "as_pattern" => node
                .child_by_field_name("alias")
                .filter(|_| node.named_child(0).is_some_and(|value| value.kind() == "call" && is_patch(ctx, value))),
            _ => None,
        };
        left.map(|left| ctx.source.slice(left))
    });
    let whole = scope.parent().filter(|whole| whole.kind() == "decorated_definition");
    let is_patched = whole
        .into_iter()
        .flat_map(children)
        .filter(|node| node.kind() == "decorator")
        .any(|node| node.named_child(0).is_some_and(|call| call.kind() == "call" && is_patch(ctx, call)));
    let parameters = scope.child_by_field_name("parameters").filter(|_| is_patched);
    let handed = parameters.into_iter().flat_map(children);
    given.chain(handed.filter_map(|parameter| names::parameter_name(ctx.source, parameter))).collect()
}

/// The objects of the product's classes to which a function gives members of its own, which nothing refuses.
fn written<'c>(ctx: &'c Context<'_>, scope: Node<'c>) -> BTreeSet<&'c str> {
    let given = descendants(scope).filter(|node| node.kind() == "assignment");
    let objects = given.filter_map(|node| {
        let left = node.child_by_field_name("left").filter(|left| left.kind() == "attribute")?;
        let object = left.child_by_field_name("object")?;
        let class = ctx.snapshot.type_of(&ctx.site.path, object.byte_range())?;
        let name = left.child_by_field_name("attribute").map(|name| ctx.source.slice(name))?;
        let is_new =
            class.path.is_inside() && !class.path.is_test_code() && ctx.snapshot.member(&class, name).is_none();
        is_new.then(|| ctx.source.slice(object))
    });
    objects.collect()
}

fn is_maker(ctx: &Context<'_>, call: Node<'_>) -> bool {
    let function = call.child_by_field_name("function").map_or("", |function| ctx.source.slice(function));
    MOCKS.contains(&last_part(function)) || is_patch(ctx, call) && function.starts_with("mocker")
}

/// `cart.configure_mock(…)`.
fn is_configured(ctx: &Context<'_>, call: Node<'_>, mocks: &BTreeSet<&str>) -> bool {
    let function = call.child_by_field_name("function").filter(|function| function.kind() == "attribute");
    function.is_some_and(|function| {
        ctx.source.slice(function).ends_with(".configure_mock")
            && root(ctx.source, function).is_some_and(|root| mocks.contains(ctx.source.slice(root)))
    })
}

fn is_patch(ctx: &Context<'_>, call: Node<'_>) -> bool {
    let function = call.child_by_field_name("function").map_or("", |function| ctx.source.slice(function));
    function == "patch" || function.ends_with(".patch") || function.ends_with("patch.object")
}

/// The variable at the start of `cart.lines.return_value`, and of `type(cart).lines`.
fn root<'s>(source: &Source, object: Node<'s>) -> Option<Node<'s>> {
    match object.kind() {
        "identifier" => Some(object),
        "attribute" => root(source, object.child_by_field_name("object")?),
        // A grammar that knows `type X = Y` reads `type(cart).lines = 1` as one of these.
        "parenthesized_expression" => root(source, object.named_child(0)?),
        "call" => {
            let function = object.child_by_field_name("function")?;
            let of_type = object.child_by_field_name("arguments").filter(|_| source.slice(function) == "type");
            root(source, of_type.and_then(|list| list.named_child(0)).unwrap_or(function))
        }
        _ => None,
    }
}

/// The members that the call which makes a mock gives it.
fn made<'c>(ctx: &'c Context<'_>, call: Node<'c>, places: &mut Vec<Place<'c>>) {
    let Some(list) = call.child_by_field_name("arguments") else { return };
    let is_own =
        |node: &Node<'_>| ancestors(*node).find(|outer| outer.kind() == "call").is_some_and(|outer| outer == call);
    for node in descendants(list).filter(is_own) {
        let parent = node.parent();
        let is_named = parent.is_some_and(|parent| {
            parent.kind() == "keyword_argument" && parent.child_by_field_name("name") == Some(node)
        });
        match node.kind() {
            "identifier" if is_named => {
                places.push(Place { word: ctx.source.slice(node), range: node.byte_range() });
            }
            // `spec=["add"]`, `**{"add.return_value": 1}`: a plain value is the mock's, not its member's name.
            "string_content" if is_listed(ctx, node) => {
                let text = ctx.source.slice(node);
                let word = text.split('.').next().unwrap_or(text);
                places.push(Place { word, range: node.start_byte()..node.start_byte() + word.len() });
            }
            _ => {}
        }
    }
}

fn is_listed(ctx: &Context<'_>, content: Node<'_>) -> bool {
    let Some((string, holder)) = content.parent().and_then(|string| Some((string, string.parent()?))) else {
        return false;
    };
    let of = |field: &str| holder.child_by_field_name(field) == Some(string);
    match holder.kind() {
        "pair" => of("key") && ancestors(holder).nth(2).is_some_and(|outer| outer.kind() == "dictionary_splat"),
        "list" | "tuple" | "set" => ancestors(holder)
            .find(|outer| outer.kind() == "keyword_argument")
            .and_then(|outer| outer.child_by_field_name("name"))
            .is_some_and(|name| matches!(ctx.source.slice(name), "spec" | "spec_set")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::fix::Tier;
    use crate::fixture::{Scene, check};

    /// The product calls `{object}.put_line` where it called `{object}.add`; a test with its body.
    fn scene(object: &str, setup: &str, failing: &str, error: &str, healed: &str) -> String {
        let test = format!("def test_fill():\n    {setup}\n    {failing}");
        let line = test.lines().count() + 3;
        let (class, end) = if error.starts_with("AttributeError") {
            let frame = format!(
                "\ntests/test_fill.py:{line}: \n_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _\n\n    \
                def fill({object}, skus):\n        for sku in skus:\n>           {object}.put_line(sku)\nE           {error}"
            );
            (frame, "shop.py:7: AttributeError".to_string())
        } else {
            let kind = error.split(':').next().unwrap_or_default();
            (format!("E       {error}"), format!("tests/test_fill.py:{line}: {kind}"))
        };
        format!(
            r#"
#- before: shop.py
class Cart:
    def add(self, sku):
        self.skus = [*self.skus, sku]

def fill({object}, skus):
    for sku in skus:
        {object}.add(sku)
#- shop.py
class Cart:
    def put_line(self, sku):
        self.skus = [*self.skus, sku]

def fill({object}, skus):
    for sku in skus:
        {object}.put_line(sku)
#- tests/test_fill.py
from unittest.mock import Mock, call
from shop import fill

{test}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_fill ___________________________________

    def test_fill():
>       {failing}
{class}

{end}
#- healed
{healed}
"#
        )
    }

    const NOT_CALLED: &str = "AssertionError: Expected 'add' to be called once. Called 0 times.";
    const ASKED: &str = "cart.add.assert_called_once_with(\"a\")";

    #[test]
    fn calls_and_givens_of_a_mock_follow() {
        let setup = "cart = Mock(add=1)\n    seen = set()\n    seen.add(1)\n    fill(cart, [\"a\"])";
        let healed = "-    cart = Mock(add=1)\n-    assert cart.mock_calls == [call.add(\"a\")]\n\
            +    cart = Mock(put_line=1)\n+    assert cart.mock_calls == [call.put_line(\"a\")]";
        let failing = "assert cart.mock_calls == [call.add(\"a\")]";
        let error = "AssertionError: assert [call.put_line('a')] == [call.add('a')]";
        let rows = Scene::parse(&scene("cart", setup, failing, error, healed)).heal();
        let titles: Vec<&str> = rows.fixes.iter().map(|fix| fix.fix().title.as_str()).collect();
        assert!(titles.contains(&"Let the test's stand-in have `put_line` instead of `add`"), "{titles:?}");
    }

    #[test]
    fn what_is_given_to_an_object_of_the_class_follows() {
        let setup =
            "import shop\n    sent = []\n    cart = shop.Cart()\n    cart.add = sent.append\n    fill(cart, [\"a\"])";
        let healed = "-    cart.add = sent.append\n+    cart.put_line = sent.append";
        let error = "AssertionError: assert [] == ['a']";
        check(&scene("cart", setup, "assert sent == [\"a\"]", error, healed));
        let other = setup.replace("shop.Cart()", "make()");
        check(&scene("cart", &other, "assert sent == [\"a\"]", error, "no fix"));
    }

    #[test]
    fn what_is_no_mock_keeps_its_name() {
        let setup = "cart = make()\n    fill(cart, [\"a\"])";
        check(&scene("cart", setup, ASKED, NOT_CALLED, "no fix"));
    }

    #[test]
    fn a_mock_of_something_that_is_not_called_like_the_class_is_for_a_person() {
        let tier = |object: &str| {
            let setup = format!("{object} = Mock()\n    fill({object}, [\"a\"])");
            let failing = format!("{object}.add.assert_called_once_with(\"a\")");
            let healing = Scene::parse(&scene(object, &setup, &failing, NOT_CALLED, "")).heal();
            let ours = |title: &str| title.starts_with("Let the test's stand-in");
            healing.fixes.iter().find(|fix| ours(&fix.fix().title)).map(|fix| fix.fix().tier)
        };
        assert_eq!(tier("cart"), Some(Tier::Safe));
        assert_eq!(tier("my_cart"), Some(Tier::Safe));
        assert_eq!(tier("journal"), Some(Tier::Review));
    }

    #[test]
    fn what_a_mock_is_configured_with_follows() {
        let error = "Failed: DID NOT RAISE <class 'ValueError'>";
        let titles = |setup: &str| {
            let failing = "fill(cart, [\"a\"])";
            let found = Scene::parse(&scene("cart", setup, failing, error, "no fix")).heal();
            found.fixes.iter().map(|fix| fix.fix().title.clone()).collect::<Vec<_>>()
        };
        let stand_in = "Let the test's stand-in have `put_line` instead of `add`";
        for setup in [
            "cart = Mock(**{\"add.side_effect\": ValueError})",
            "cart = Mock()\n    cart.configure_mock(**{\"add.side_effect\": ValueError})",
            "cart = Mock()\n    type(cart).add = PropertyMock(side_effect=ValueError)",
        ] {
            assert!(titles(setup).iter().any(|title| title == stand_in), "{setup}: {:?}", titles(setup));
        }
        for setup in [
            "cart = Mock(**{\"lines\": {\"add.side_effect\": ValueError}})",
            "other.configure_mock(**{\"add.side_effect\": ValueError})",
            "type(other).add = PropertyMock(side_effect=ValueError)",
        ] {
            assert!(titles(setup).iter().all(|title| title != stand_in), "{setup}: {:?}", titles(setup));
        }
    }

    #[test]
    fn a_fake_follows_and_another_class_of_the_test_does_not() {
        let fake = "class Fake:\n        def add(self, sku):\n            self.sku = sku\n    \
            class Other:\n        def add(self, sku):\n            return sku\n    Other().add(1)";
        let error = "AttributeError: 'Fake' object has no attribute 'put_line'";
        let healed = "-        def add(self, sku):\n+        def put_line(self, sku):";
        check(&scene("cart", fake, "fill(Fake(), [\"a\"])", error, healed));
        // What derives from something has its members from there.
        let derived = fake.replace("class Fake:", "class Fake(Base):");
        check(&scene("cart", &derived, "fill(Fake(), [\"a\"])", error, "no fix"));
    }

    #[test]
    fn a_fake_of_a_conftest_follows_where_it_is_the_only_one() {
        let error = "AttributeError: 'Fake' object has no attribute 'put_line'";
        let healed = "-    def add(self, sku):\n+    def put_line(self, sku):";
        let check_with = |files: &str, healed: &str| {
            let scene = scene("cart", "cart = make()", "fill(cart, [\"a\"])", error, healed);
            check(&scene.replace("#- tests/test_fill.py", &format!("{files}#- tests/test_fill.py")));
        };
        let fake = "class Fake:\n    def add(self, sku):\n        self.sku = sku\n";
        let conftest = format!("#- tests/conftest.py\n{fake}\ndef make():\n    return Fake()\n");
        check_with(&conftest, healed);
        check_with(&format!("{conftest}#- tests/helpers.py\n{fake}"), "no fix");
        check_with(&conftest.replace("class Fake:", "class Fake(Base):"), "no fix");
    }

    #[test]
    fn what_a_mock_gives_under_the_old_name_is_missed_by_the_product() {
        let setup = "cart = Mock(**{\"add.return_value\": 1})";
        let error = "TypeError: unsupported operand type(s) for +: 'Mock' and 'int'";
        let healed = format!("-    {setup}\n+    {}", setup.replace("add", "put_line"));
        check(&scene("cart", setup, "fill(cart, [\"a\"])", error, &healed));
        check(&scene("cart", &setup.replace("add", "remove"), "fill(cart, [\"a\"])", error, "no fix"));
    }

    #[test]
    fn a_name_in_a_text_that_a_specification_refuses_follows() {
        let scene = |left: &str, given: &str, healed: &str| {
            let make = format!("cart = Mock(spec=Cart, {given})");
            let healed = if healed == "no fix" {
                healed.to_string()
            } else {
                format!("-    {make}\n+    cart = Mock(spec=Cart, {healed})")
            };
            check(&format!(
                r#"
#- before: shop.py
class Cart:
    def add(self, sku):
        self.skus = [*self.skus, sku]

def fill(cart):
    return cart.add("a")
#- shop.py
class Cart:
    def put_line(self, sku):
        self.skus = [*self.skus, sku]

def fill(cart):
    return cart.put_line("a")
{left}#- tests/test_fill.py
from unittest.mock import Mock
from shop import Cart, fill

def test_fill():
    {make}
    assert fill(cart) == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_fill ___________________________________

    def test_fill():
>       {make}

tests/test_fill.py:5: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _
/usr/lib/python3.12/unittest/mock.py:1113: in __init__
    self.configure_mock(**kwargs)
/usr/lib/python3.12/unittest/mock.py:648: in __getattr__
    raise AttributeError("Mock object has no attribute %r" % name)
E   AttributeError: Mock object has no attribute 'add'

/usr/lib/python3.12/unittest/mock.py:648: AttributeError
#- healed
{healed}
"#
            ));
        };
        scene("", r#"**{"add.return_value": 1}"#, r#"**{"put_line.return_value": 1}"#);
        scene("", r#"**{"remove.return_value": 1}"#, "no fix");
        scene("\nclass Other:\n    def add(self): ...\n", r#"**{"add.return_value": 1}"#, "no fix");
    }
}
