//! A mock of HTTP without an answer for the request that came: the product asks another URL, or by another method.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnosis::Category;
use crate::diagnosis::unmocked::{Request, Unmocked, unmocked};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::{Node, Source, ancestors, children, descendants};
use crate::text::{Edit, FilePath};
use crate::workspace::fixtures::reached;

use super::confidence::Odds;
use super::provenance::{self, Provenance};
use super::{Context, Strategy, literals, names};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "mocked-request",
    categories: &[Category::ResourceError],
    summary: "Answers the request that the product makes now, where a mock of HTTP knew another one.",
    example: r#"
#- before: shop.py
import requests

def orders(user):
    return requests.get(f"http://shop.test/users/{user}/order/list").json()
#- shop.py
import requests

def orders(user):
    return requests.get(f"http://shop.test/users/{user}/orders/list").json()
#- tests/test_orders.py
import pytest
import responses
from shop import orders

@pytest.fixture
def answer():
    with responses.RequestsMock() as mock:
        mock.add(responses.GET, "http://shop.test/users/7/order/list", json=[])
        yield mock

def test_orders(answer):
    assert orders(7) == []
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_orders __________________________________
tests/test_orders.py:12: in test_orders
    assert orders(7) == []
shop.py:4: in orders
    return requests.get(f"http://shop.test/users/{user}/orders/list").json()
E   requests.exceptions.ConnectionError: Connection refused by Responses - the call doesn't match any registered mock.
E   
E   Request: 
E   - GET http://shop.test/users/7/orders/list
E   
E   Available matches:
E   - GET http://shop.test/users/7/order/list URL does not match
#- healed
-        mock.add(responses.GET, "http://shop.test/users/7/order/list", json=[])
+        mock.add(responses.GET, "http://shop.test/users/7/orders/list", json=[])
"#,
    propose: mocked_request,
};

fn mocked_request(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    let unmocked = unmocked(ctx.message())?;
    let scopes = scopes(ctx);
    let written: Vec<Written<'_>> = scopes.iter().flat_map(urls).collect();
    let change = other_method(&unmocked, &written).or_else(|| other_url(&unmocked, &written));
    let is_moved = change.is_none();
    let Change { title, edits, old, new } = change.or_else(|| other_host(&unmocked, &written))?;
    let Provenance { is_certain, evidence: facts, .. } = provenance::of_text(ctx, &old, &new);
    // Another host is asked only where the product's change says so, and a person looks at it.
    if is_moved && facts.is_empty() {
        return None;
    }
    let doubt = if facts.is_empty() { 0.3 } else { 0.0 };
    let Request { method, url } = &unmocked.made;
    let asked = format!("the run asked {method} {url}");
    let mut evidence = vec![Evidence { kind: EvidenceKind::Runtime, ..Evidence::hint(asked) }];
    evidence.extend(facts);
    evidence.extend(made_by(ctx));
    fixes.push(Fix {
        title,
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).doubt(doubt).confidence(),
        evidence,
        tier: if is_certain && !is_moved { Tier::Safe } else { Tier::Review },
    });
    Some(())
}

/// The last line of the product's own on the way to the request.
fn made_by(ctx: &Context<'_>) -> Option<Evidence> {
    ctx.diagnosis.failure.frames.iter().rev().find_map(|frame| {
        let (path, _) = ctx.product_file(frame)?;
        Some(Evidence::at(EvidenceKind::Source, &path, frame.line, "the request is made here"))
    })
}

/// A function whose requests are answered for the test: itself, or a fixture that it asks for.
struct Scope {
    path: FilePath,
    source: Arc<Source>,
    range: Range<usize>,
}

fn scopes(ctx: &Context<'_>) -> Vec<Scope> {
    let Some(test) = ctx.source.function_at(ctx.site.range.start) else { return Vec::new() };
    let Some(source) = ctx.snapshot.source(&ctx.site.path) else { return Vec::new() };
    let fixtures = ctx.snapshot.fixtures_at(&ctx.site.path, test.start_byte());
    let parameters = test.child_by_field_name("parameters").into_iter().flat_map(children);
    let asked = parameters.filter_map(names::parameter_identifier).map(|name| ctx.source.slice(name).to_string());
    let unasked = fixtures.iter().filter(|fixture| fixture.autouse).map(|fixture| fixture.name.clone());
    let mut scopes = vec![Scope { path: ctx.site.path.clone(), source, range: test.byte_range() }];
    for fixture in reached(&fixtures, asked.chain(unasked)) {
        let Some(path) = fixture.path.clone().filter(FilePath::is_inside) else { continue };
        let Some(source) = ctx.snapshot.source(&path) else { continue };
        let Some(function) = source.function_at(fixture.range.start) else { continue };
        let range = function.byte_range();
        scopes.push(Scope { path, source, range });
    }
    scopes
}

/// A URL that the test or its fixtures write.
struct Written<'s> {
    path: &'s FilePath,
    source: &'s Source,
    /// A string, or several side by side.
    literal: Node<'s>,
    url: String,
}

fn urls(scope: &Scope) -> Vec<Written<'_>> {
    let Some(function) = scope.source.node_at(scope.range.clone()) else { return Vec::new() };
    descendants(function)
        .filter(|node| match node.kind() {
            "string" => node.parent().is_some_and(|outer| outer.kind() != "concatenated_string"),
            kind => kind == "concatenated_string",
        })
        .filter_map(|literal| {
            let url = literals::string_value(&scope.source, literal).filter(|url| url.contains("://"))?;
            Some(Written { path: &scope.path, source: &scope.source, literal, url })
        })
        .collect()
}

struct Change {
    title: String,
    edits: Vec<Edit>,
    old: String,
    new: String,
}

/// The URL that is answered, for another method: the one that stands with it in the test.
fn other_method(unmocked: &Unmocked, written: &[Written<'_>]) -> Option<Change> {
    let Request { method, url } = &unmocked.made;
    let of_url: Vec<&Request> = unmocked.registered.iter().filter(|request| is_same(&request.url, url)).collect();
    let [registered] = of_url.as_slice() else { return None };
    let old = registered.method.as_str();
    let mut edits: Vec<Edit> = written
        .iter()
        .filter(|written| is_same(&written.url, url))
        .filter_map(|written| written.with_method(old, method))
        .collect();
    edits.dedup();
    let is_one = old != method && edits.len() == 1;
    is_one.then(|| Change {
        title: format!("Answer {method} instead of {old}"),
        edits,
        old: old.into(),
        new: method.clone(),
    })
}

impl Written<'_> {
    /// The method in the call that registers the URL, the literal being its argument or the name of one.
    fn with_method(&self, old: &str, new: &str) -> Option<Edit> {
        let of_literal =
            ancestors(self.literal).take_while(|node| node.kind() != "block").find(|node| node.kind() == "call");
        let of_name = || {
            let assigned =
                self.literal.parent().filter(|node| node.kind() == "assignment")?.child_by_field_name("left")?;
            let function = ancestors(assigned).find(|node| node.kind() == "function_definition")?;
            let name = self.source.slice(assigned);
            let uses = descendants(function).filter(|node| node.kind() == "identifier" && *node != assigned);
            let uses = uses.filter(|node| self.source.slice(*node) == name);
            uses.filter_map(|node| ancestors(node).find(|node| node.kind() == "call"))
                .find(|call| self.method(*call, old).is_some())
        };
        let method = of_literal.and_then(|call| self.method(call, old)).or_else(|| self.method(of_name()?, old))?;
        let text = self.source.slice(method);
        let new = if text == old { new.to_string() } else { new.to_lowercase() };
        Some(Edit::replace(self.path, method.byte_range(), new))
    }

    /// `GET` of `add(responses.GET, …)` and `add("GET", …)`, `get` of `mock.get(…)`.
    fn method<'s>(&'s self, call: Node<'s>, method: &str) -> Option<Node<'s>> {
        let name = crate::diagnosis::locate::last_name(call.child_by_field_name("function")?)?;
        let is_method = |node: &Node<'_>| self.source.slice(*node).eq_ignore_ascii_case(method);
        let arguments = descendants(call.child_by_field_name("arguments")?);
        let mut named = arguments.filter(|node| matches!(node.kind(), "identifier" | "string_content"));
        Some(name).filter(is_method).or_else(|| named.find(is_method))
    }
}

/// The URL that is answered and was not asked, where only one is near the one that was.
fn other_url(unmocked: &Unmocked, written: &[Written<'_>]) -> Option<Change> {
    let Request { method, url } = &unmocked.made;
    let made = without_query(url);
    let is_registered = |written: &&Written<'_>| {
        let mut same = unmocked.registered.iter().filter(|request| is_same(&request.url, &written.url));
        unmocked.registered.is_empty() || same.any(|request| request.method == *method)
    };
    let mut near: Vec<(usize, &Written<'_>)> = written
        .iter()
        .filter(|written| !written.url.contains('?') && !is_same(&written.url, made))
        .filter(is_registered)
        .filter_map(|written| Some((shared_parts(&written.url, made)?, written)))
        .collect();
    near.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    let (most, old) = near.first().map(|(shared, written)| (*shared, written.url.clone()))?;
    if near.iter().any(|(shared, written)| *shared == most && written.url != old) {
        return None;
    }
    let ending = if old.ends_with('/') && !made.ends_with('/') { "/" } else { "" };
    let new = format!("{made}{ending}");
    answered(written, old, new)
}

/// The only URL with the path that was asked, at another host.
fn other_host(unmocked: &Unmocked, written: &[Written<'_>]) -> Option<Change> {
    let (host, path) = split_host(&unmocked.made.url)?;
    let of_path = |written: &&Written<'_>| {
        split_host(&written.url).is_some_and(|(other, same)| other != host && same == path && same.len() > 1)
    };
    let old = written.iter().find(of_path)?.url.clone();
    let is_one = written.iter().filter(of_path).all(|written| written.url == old);
    is_one.then(|| answered(written, old, unmocked.made.url.clone()))?
}

/// `https://shop.test` and `/orders?page=2`.
fn split_host(url: &str) -> Option<(&str, &str)> {
    let host = url.find("://")? + "://".len();
    Some(url.split_at(host + url[host..].find('/')?))
}

/// The old URL wherever it is written, as the new one.
fn answered(written: &[Written<'_>], old: String, new: String) -> Option<Change> {
    let same = written.iter().filter(|written| written.url == old);
    let edits: Option<Vec<Edit>> = same
        .map(|written| {
            let text = literals::with_text(written.source, written.literal, &new)?;
            Some(Edit::replace(written.path, written.literal.byte_range(), text))
        })
        .collect();
    Some(Change { title: format!("Answer {new} instead of {old}"), edits: edits?, old, new })
}

fn without_query(url: &str) -> &str {
    &url[..url.find(['?', '#']).unwrap_or(url.len())]
}

fn is_same(one: &str, other: &str) -> bool {
    let plain = |url: &'_ str| without_query(url).trim_end_matches('/').to_string();
    plain(one) == plain(other)
}

/// How many parts of the path two URLs of one host share, from both ends; `None` where that is none.
fn shared_parts(one: &str, other: &str) -> Option<usize> {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.split('/').collect(), other.split('/').collect());
    let same_host = one.get(..3).is_some_and(|host| Some(host) == other.get(..3));
    let (one, other) = same_host.then(|| (&one[3..], &other[3..]))?;
    let begin = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[begin..], &other[begin..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    Some(begin + end).filter(|shared| *shared > 0)
}

#[cfg(test)]
mod tests {
    use crate::fixture::check;

    #[test]
    fn the_method_of_the_answer() {
        let scene = |register: &str, healed: &str| {
            format!(
                r#"
#- shop.py
import requests

def save(user):
    return requests.put(f"http://shop.test/users/{{user}}").json()
#- tests/test_users.py
import responses
from shop import save

@responses.activate
def test_save():
    url = "http://shop.test/users/7"
    {register}
    assert save(7) == {{}}
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_save ___________________________________
tests/test_users.py:8: in test_save
    assert save(7) == {{}}
shop.py:4: in save
    return requests.put(f"http://shop.test/users/{{user}}").json()
E   requests.exceptions.ConnectionError: Connection refused by Responses - the call doesn't match any registered mock.
E   
E   Request: 
E   - PUT http://shop.test/users/7
E   
E   Available matches:
E   - POST http://shop.test/users/7 Method does not match
#- healed
-    {register}
+    {healed}
"#
            )
        };
        check(&scene("responses.add(responses.POST, url, json={})", "responses.add(responses.PUT, url, json={})"));
        check(&scene(
            "responses.add(url=url, method='POST', json={})",
            "responses.add(url=url, method='PUT', json={})",
        ));
        check(&scene("responses.post(url, json={})", "responses.put(url, json={})"));
    }

    #[test]
    fn two_answers_that_are_as_near_are_a_guess() {
        check(
            r#"
#- shop.py
import requests

def orders(user):
    return requests.get(f"http://shop.test/users/{user}/orders").json()
#- tests/test_orders.py
import responses
from shop import orders

@responses.activate
def test_orders():
    responses.add(responses.GET, "http://shop.test/users/7/order", json=[])
    responses.add(responses.GET, "http://shop.test/users/7/carts", json=[])
    assert orders(7) == []
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_orders __________________________________
tests/test_orders.py:8: in test_orders
    assert orders(7) == []
shop.py:4: in orders
    return requests.get(f"http://shop.test/users/{user}/orders").json()
E   requests.exceptions.ConnectionError: Connection refused by Responses - the call doesn't match any registered mock.
E   
E   Request: 
E   - GET http://shop.test/users/7/orders
E   
E   Available matches:
E   - GET http://shop.test/users/7/order URL does not match
E   - GET http://shop.test/users/7/carts URL does not match
#- healed
no fix
"#,
        );
    }

    #[test]
    fn a_host_follows_the_commit_that_moved_it() {
        check(
            r#"
#- before: shop.py
import requests

ROOT = "http://shop.test/v1"

def orders(user):
    return requests.get(f"{ROOT}/users/{user}?all=1").json()
#- shop.py
import requests

ROOT = "http://orders.shop.test/v1"

def orders(user):
    return requests.get(f"{ROOT}/users/{user}?all=1").json()
#- tests/test_orders.py
from shop import orders

def test_orders(requests_mock):
    requests_mock.get(
        "http://shop.test/v1/"
        "users/7?all=1",
        json=[],
    )
    assert orders(7) == []
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_orders __________________________________
tests/test_orders.py:9: in test_orders
    assert orders(7) == []
shop.py:6: in orders
    return requests.get(f"{ROOT}/users/{user}?all=1").json()
E   requests_mock.exceptions.NoMockAddress: No mock address: GET http://orders.shop.test/v1/users/7?all=1
#- healed
-        "http://shop.test/v1/"
+        "http://orders.shop.test/v1/"
"#,
        );
    }

    #[test]
    fn another_host_is_no_fix() {
        check(
            r#"
#- shop.py
import requests

def orders(user):
    return requests.get(f"http://shop.test/users/{user}").json()
#- tests/test_orders.py
from shop import orders

def test_orders(requests_mock):
    requests_mock.get("http://bank.test/users/7", json=[])
    assert orders(7) == []
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_orders __________________________________
tests/test_orders.py:5: in test_orders
    assert orders(7) == []
shop.py:4: in orders
    return requests.get(f"http://shop.test/users/{user}").json()
E   requests_mock.exceptions.NoMockAddress: No mock address: GET http://shop.test/users/7
#- healed
no fix
"#,
        );
    }
}
