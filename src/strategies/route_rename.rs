//! A request that the application answers with 404 or 405: its route has another path now.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Category;
use crate::diagnosis::product::{self, Hunk};
use crate::fix::{Evidence, EvidenceKind, Fix, Tier};
use crate::syntax::tokens::{string_body, tokens};
use crate::syntax::{Node, descendants};

use super::confidence::Odds;
use super::{Context, Strategy, literals};

pub(super) static STRATEGY: Strategy = Strategy {
    id: "route-rename",
    categories: &[
        Category::AssertionError,
        Category::ResourceError,
        Category::KeyError,
        Category::LogicError,
        Category::Unknown,
    ],
    summary: "Requests the path that the route has now.",
    example: r#"
#- before: shop.py
@app.get("/users/{user_id}")
def read_user(user_id):
    return find(user_id)
#- shop.py
@app.get("/api/users/{user_id}")
def read_user(user_id):
    return find(user_id)
#- before: README.md
`GET /users/{user_id}` reads a user.
#- README.md
`GET /api/users/{user_id}` reads a user.
#- tests/test_shop.py
def test_user(client):
    response = client.get("/users/7")
    assert response.status_code == 200
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_user ___________________________________

client = <TestClient>

    def test_user(client):
        response = client.get("/users/7")
>       assert response.status_code == 200
E       assert 404 == 200
E        +  where 404 = <Response [404 Not Found]>.status_code

tests/test_shop.py:3: AssertionError
#- healed
-    response = client.get("/users/7")
+    response = client.get("/api/users/7")
"#,
    propose: route_rename,
};

/// A path that stands alone between quotes: `"/users/{id}"`, `'/users/<int:id>'`.
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"["'](\^?/[^"'\s]*|\^?[\w<{(][^"'\s]*/[^"'\s]*)["']"#).expect("the pattern is played by the tests")
});

/// A part of a path that is everywhere is looked for in so many statements.
const MOST_USAGES: usize = 400;

/// A route that a hunk gave another path.
struct Moved<'h> {
    hunk: &'h Hunk,
    old: String,
    new: String,
}

fn route_rename(ctx: &Context<'_>, fixes: &mut Vec<Fix>) -> Option<()> {
    if !was_not_found(ctx) {
        return None;
    }
    let hunks = product::hunks(ctx.snapshot, &ctx.site.path);
    let moved: Vec<Moved<'_>> = hunks.iter().filter(|hunk| hunk.is_python()).flat_map(moved_in).collect();
    let requests = descendants(ctx.scope()).filter(|node| node.kind() == "string" && is_requested(*node));
    let mut edits = Vec::new();
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut followed_to: Vec<&Moved<'_>> = Vec::new();
    for literal in requests {
        let Some(path) = literals::string_value(ctx.source, literal) else { continue };
        let mut answers: Vec<(String, &Moved<'_>)> =
            moved.iter().filter_map(|moved| Some((followed(&path, &moved.old, &moved.new)?, moved))).collect();
        answers.dedup_by(|a, b| a.0 == b.0);
        let [(new, moved)] = answers.as_slice() else { continue };
        edits.push(ctx.replace(literal.byte_range(), literals::requoted(ctx.source.slice(literal), new)?));
        followed_to.push(moved);
        let hunk = moved.hunk;
        let text =
            format!("the route {} became {} at {}:{} ({})", moved.old, moved.new, hunk.path, hunk.line, hunk.subject);
        evidence.push(Evidence::commit(&hunk.commit, text));
        evidence.push(Evidence::at(
            EvidenceKind::Source,
            &hunk.path,
            hunk.line,
            format!("{} is served here", moved.new),
        ));
    }
    evidence.dedup();
    if edits.is_empty() {
        return None;
    }
    let is_slip = |moved: &Moved<'_>| product::is_one_letter(&moved.old, &moved.new);
    // What nobody has committed yet is work in progress.
    let is_draft = |moved: &Moved<'_>| ctx.snapshot.history().is_in_progress(&moved.hunk.commit);
    let is_doubtful = |moved: &&Moved<'_>| {
        is_slip(moved) || is_draft(moved) || is_unguarded(ctx, moved) && !is_documented(&hunks, &moved.new)
    };
    let tier = if followed_to.iter().any(is_doubtful) { Tier::Review } else { Tier::Safe };
    fixes.push(Fix {
        title: "Request the path that the route has now".to_string(),
        strategy: STRATEGY.id,
        edits,
        confidence: Odds::of(&evidence).confidence(),
        evidence,
        tier,
    });
    Some(())
}

/// Parts of a path that say who may come.
const GUARDED: [&str; 8] = ["admin", "auth", "internal", "manage", "private", "secure", "staff", "superuser"];

/// Whether a route lost or won a part of its path that the product asks for, or that says who may come.
fn is_unguarded(ctx: &Context<'_>, moved: &Moved<'_>) -> bool {
    let parts = |path: &'_ str| -> Vec<String> {
        let parts = path.split('/').filter(|part| !part.is_empty() && parameter(part).is_none());
        parts.map(str::to_string).collect()
    };
    let (old, new) = (parts(&moved.old), parts(&moved.new));
    let lost = old.iter().filter(|part| !new.contains(part));
    let won = new.iter().filter(|part| !old.contains(part));
    let asks = |text: &str, part: &str| {
        let is_asked = text.contains("startswith(") || text.contains("match(") || text.contains(".path");
        let is_path = |token: &&str| string_body(token).is_some_and(|body| parts(body).iter().any(|it| it == part));
        is_asked && tokens(text).iter().any(is_path)
    };
    let is_asked = |part: &String| {
        let uses = ctx.snapshot.usages(part, MOST_USAGES);
        uses.iter().any(|usage| !usage.path.is_test_code() && asks(&usage.text, part))
    };
    lost.chain(won).any(|part| GUARDED.contains(&part.to_lowercase().as_str()) || is_asked(part))
}

/// Whether a document of the same changes says the new path.
fn is_documented(hunks: &[Hunk], path: &str) -> bool {
    let is_text = |hunk: &&Hunk| !hunk.is_python();
    let path = path.trim_start_matches('^').trim_end_matches('$');
    let says = |line: &String| line.contains(path) && (path.starts_with('/') || line.contains(&format!("/{path}")));
    // `/users` stands in `/admin/users` as well.
    let says_alone = |line: &String| says(line) && line.match_indices(path).any(|(at, _)| is_start(&line[..at]));
    hunks.iter().filter(is_text).any(|hunk| hunk.added.iter().any(says_alone))
}

/// Whether a path may begin behind `before`.
fn is_start(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '}' | '>'))
}

/// The application, not the test's machine, said that there is no such path.
fn was_not_found(ctx: &Context<'_>) -> bool {
    let sides = ctx.diagnosis.failure.introspection.as_ref();
    let compared = sides.is_some_and(|sides| {
        let is_missing = |side: &str| matches!(side.trim(), "404" | "405");
        is_missing(&sides.left) || is_missing(&sides.right)
    });
    let runtime = ctx.diagnosis.failure.runtime.as_ref();
    let answered = runtime
        .is_some_and(|runtime| runtime.responses.iter().any(|response| matches!(response.status, Some(404 | 405))));
    let said = ["404", "405", "Not Found", "Method Not Allowed"].iter().any(|word| ctx.message().contains(word));
    compared || answered || said
}

/// The first argument of a call is what a client requests.
fn is_requested(literal: Node<'_>) -> bool {
    literal.parent().is_some_and(|list| {
        list.kind() == "argument_list" && list.named_child(0).is_some_and(|first| first == literal)
            || list.named_child(1).is_some_and(|second| second == literal)
    })
}

/// The routes of a hunk whose lines differ in one path.
fn moved_in(hunk: &Hunk) -> Vec<Moved<'_>> {
    let paths = |line: &str| PATH.captures(line).map(|found| found[1].to_string());
    let is_route = |line: &str| {
        let line = line.trim_start();
        line.starts_with('@')
            || ["route", "path(", "prefix", "url", "Mount(", "add_"].iter().any(|word| line.contains(word))
    };
    if hunk.removed.len() != hunk.added.len() {
        return Vec::new();
    }
    let pairs = hunk.removed.iter().zip(&hunk.added).filter(|(old, new)| is_route(old) && is_route(new));
    pairs
        .filter_map(|(before, after)| {
            let (old, new) = (paths(before)?, paths(after)?);
            // The handler, the methods and the name stay: only the path is another.
            let same = before.replacen(&old, "", 1) == after.replacen(&new, "", 1);
            (same && old != new).then_some(Moved { hunk, old, new })
        })
        .collect()
}

/// `requested` with the path `old` in it replaced by `new`; the parameters of the route keep their values.
fn followed(requested: &str, old: &str, new: &str) -> Option<String> {
    let (origin, path) = split_origin(requested);
    let (path, query) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
    let (old, new) =
        (old.trim_start_matches('^').trim_end_matches('$'), new.trim_start_matches('^').trim_end_matches('$'));
    let slash = |text: &str| if text.starts_with('/') { text.to_string() } else { format!("/{text}") };
    let (old, new) = (slash(old), slash(new));
    let wanted: Vec<&str> = old.trim_end_matches('/').split('/').collect();
    let given: Vec<&str> = path.split('/').collect();
    if given.len() < wanted.len() {
        return None;
    }
    let mut values: Vec<(&str, &str)> = Vec::new();
    for (part, value) in wanted.iter().zip(&given) {
        match parameter(part) {
            Some(name) if !value.is_empty() => values.push((name, value)),
            _ if part == value => {}
            _ => return None,
        }
    }
    let rest = &given[wanted.len()..];
    // A path may go on below a prefix; below a whole route it is another route.
    if rest.iter().any(|part| !part.is_empty()) && !values.is_empty() {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in new.trim_end_matches('/').split('/') {
        parts.push(match parameter(part) {
            Some(name) => values.iter().find(|(known, _)| *known == name)?.1,
            None => part,
        });
    }
    parts.extend(rest);
    Some(format!("{origin}{}{query}", parts.join("/")))
}

/// `http://testserver` of `http://testserver/users`.
fn split_origin(url: &str) -> (&str, &str) {
    let Some(at) = url.find("://") else { return ("", url) };
    let path = url[at + 3..].find('/').map_or(url.len(), |slash| at + 3 + slash);
    url.split_at(path)
}

/// `id` of `{id}`, `{id:int}`, `<id>`, `<int:id>`.
fn parameter(part: &str) -> Option<&str> {
    if let Some(inner) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        return inner.split(':').next();
    }
    part.strip_prefix('<')?.strip_suffix('>')?.rsplit(':').next()
}

#[cfg(test)]
mod tests {
    use super::followed;
    use crate::fixture::check;

    #[track_caller]
    fn follows(requested: &str, old: &str, new: &str, expect: Option<&str>) {
        assert_eq!(followed(requested, old, new).as_deref(), expect);
    }

    #[test]
    fn parameters_keep_their_values() {
        follows("/users/7?full=1", "/users/{id}", "/v2/people/{id}", Some("/v2/people/7?full=1"));
        follows("/users/7/posts/8", "/users/<int:a>/posts/<b>", "/posts/<b>/of/<int:a>", Some("/posts/8/of/7"));
        follows("http://testserver/users/", "/users/", "/people/", Some("http://testserver/people/"));
        follows("/users/list", "/users", "/people", Some("/people/list"));
        follows("/users/7/posts", "/users/{id}", "/people/{id}", None);
        follows("/carts/7", "/users/{id}", "/people/{id}", None);
        follows("/users/7", "/users/{id}", "/people/{name}", None);
    }

    #[test]
    fn a_route_that_nothing_renamed_is_no_fix() {
        check(
            r#"
#- before: shop.py
@app.get("/users/{user_id}")
def read_user(user_id):
    return find(user_id)
#- shop.py
@app.get("/users/{user_id}")
def read_user(user_id):
    return None
#- tests/test_shop.py
def test_user(client):
    response = client.get("/users/7")
    assert response.status_code == 200
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_user ___________________________________

    def test_user(client):
        response = client.get("/users/7")
>       assert response.status_code == 200
E       assert 404 == 200

tests/test_shop.py:3: AssertionError
#- healed
no fix
"#,
        );
    }
}
