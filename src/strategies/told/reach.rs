//! Which changed code a test uses: it names the function or class, or one that calls it.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::diagnosis::product::Hunk;
use crate::syntax::{Source, children};
use crate::workspace::Snapshot;

use super::super::Context;
use super::notes::{Note, around, is_defined_by, is_told, within, words};

/// The names that a test says, those of the helpers, fixtures and constants of its file that it uses included.
pub(super) struct Reach {
    test: HashSet<String>,
    statement: HashSet<String>,
    /// The callers of functions that were asked for.
    callers: RefCell<HashMap<String, Vec<String>>>,
}

/// A change of code that the test uses.
pub(super) struct Spot<'h> {
    pub(super) hunk: &'h Hunk,
    /// `Cart.total`, or the file at module level.
    pub(super) title: String,
    /// The innermost function or class around.
    pub(super) function: Option<String>,
    /// What a note may call it: the function and class around, callers that the test uses, the module, the words of
    /// the lines.
    names: HashSet<String>,
    /// Callers that the test does not use.
    far: HashSet<String>,
    /// The words of the test.
    known: HashSet<String>,
}

impl Spot<'_> {
    /// Whether the note speaks of the code as the test uses it.
    pub(super) fn is_named_by(&self, note: &Note<'_>) -> bool {
        note.names_one_of(&self.names, &self.known)
    }

    /// The class and the method.
    fn method(&self) -> Option<(&str, &str)> {
        let (class, method) = self.title.rsplit_once('.').filter(|_| self.title != self.hunk.path.as_str())?;
        Some((class.rsplit('.').next()?, method))
    }

    /// Whether it speaks of what else uses the code, or stands in its docstring without a word of what changed.
    pub(super) fn is_near(&self, note: &Note<'_>) -> bool {
        let is_own = note.hunk.path == self.hunk.path && note.within.is_some() && note.within == self.function;
        is_own || note.names.iter().any(|name| self.far.contains(name))
    }
}

/// Without the methods of classes that the test does not name, where it names the class of another method so called.
pub(super) fn nearest(mut spots: Vec<Spot<'_>>) -> Vec<Spot<'_>> {
    let is_known = |spot: &Spot<'_>, class: &str| spot.known.contains(class);
    let known: HashSet<String> = spots
        .iter()
        .filter(|spot| spot.method().is_some_and(|(class, _)| is_known(spot, class)))
        .filter_map(|spot| spot.function.clone())
        .collect();
    spots.retain(|spot| spot.method().is_none_or(|(class, method)| is_known(spot, class) || !known.contains(method)));
    spots
}

/// A name that is used at more places is called by everybody.
const MOST_USAGES: usize = 60;
/// Mentions that are looked at for those beside another name.
const MOST_MENTIONS: usize = 400;

impl Reach {
    pub(super) fn of(ctx: &Context<'_>) -> Self {
        let text = ctx.source.text();
        let own = |text: &str| words(text).map(str::to_string).collect::<HashSet<_>>();
        let mut test = own(ctx.source.slice(ctx.scope()));
        if let Some(range) = ctx.site.test.clone() {
            test.extend(text.get(range).map(own).unwrap_or_default());
        }
        let statement = ctx.statement().map(|node| own(ctx.source.slice(node))).unwrap_or_default();
        follow(ctx.source, &mut test);
        Self { test, statement, callers: RefCell::default() }
    }

    /// The change, where it is one of code that the test uses: by its name, or by the name of a caller if asked for.
    pub(super) fn spot<'h>(&self, snapshot: &Snapshot, hunk: &'h Hunk, through_callers: bool) -> Option<Spot<'h>> {
        let code = code(snapshot, hunk)?;
        // What only went stood after the line before.
        let around = match hunk.added.as_slice() {
            [] => within(snapshot, &hunk.path, hunk.line.saturating_sub(1)),
            added => {
                let mut places = (hunk.line..).zip(added).filter(|(_, line)| !line.trim().is_empty());
                // What is new is nothing that the test could use.
                let is_old = |around: &Vec<String>| !around.iter().any(|name| is_defined_by(hunk, name));
                places.find_map(|(line, _)| Some(within(snapshot, &hunk.path, line)).filter(is_old))?
            }
        };
        let said: HashSet<&str> = code.iter().flat_map(|line| words(line)).collect();
        let mut callers: BTreeSet<String> = BTreeSet::new();
        for caller in if through_callers { self.callers_of(snapshot, &around) } else { Vec::new() } {
            callers.extend(self.callers(snapshot, &caller, None));
            callers.insert(caller);
        }
        let (near, far): (HashSet<String>, HashSet<String>) =
            callers.into_iter().filter(|name| name.len() > 2).partition(|name| self.test.contains(name));
        let is_used = !near.is_empty()
            || around.iter().any(|name| name.len() > 2 && self.test.contains(name))
            || said.iter().any(|word| self.statement.contains(*word) && is_set(&code, word));
        let title = if around.is_empty() { hunk.path.to_string() } else { around.join(".") };
        let function = around.last().cloned();
        let module = hunk.path.file_name().trim_end_matches(".py").to_string();
        let words = said.into_iter().map(str::to_string);
        let names = around.into_iter().chain(near).chain(words).chain([module]).filter(|name| name.len() > 2).collect();
        is_used.then_some(Spot { hunk, title, function, names, far, known: self.test.clone() })
    }

    /// What calls the innermost function of `around`: a class is called by its name, so is a method with a name that
    /// many have.
    fn callers_of(&self, snapshot: &Snapshot, around: &[String]) -> Vec<String> {
        match around {
            [.., class, function] if function.starts_with("__") => self.callers(snapshot, class, None),
            [.., class, function] => {
                let named = self.callers(snapshot, function, None);
                if named.is_empty() { self.callers(snapshot, class, Some(function)) } else { named }
            }
            [name] => self.callers(snapshot, name, None),
            [] => Vec::new(),
        }
    }

    /// The functions and classes of the product that mention `name` in their bodies, together with `other`.
    fn callers(&self, snapshot: &Snapshot, name: &str, other: Option<&str>) -> Vec<String> {
        let key = format!("{name} {}", other.unwrap_or_default());
        if let Some(known) = self.callers.borrow().get(&key) {
            return known.clone();
        }
        let most = if other.is_some() { MOST_MENTIONS } else { MOST_USAGES };
        let mut mentions = snapshot.mentions(name, most, |path| !path.is_test_code());
        mentions.retain(|mention| other.is_none_or(|other| mention.text().contains(other)));
        let mut found = BTreeSet::new();
        for mention in mentions.iter().filter(|_| mentions.len() < MOST_USAGES) {
            let around = around(snapshot, &mention.path, mention.statement.range.start);
            found.extend(around.into_iter().rev().take(2).filter(|around| around != name));
        }
        let found: Vec<String> = found.into_iter().collect();
        self.callers.borrow_mut().insert(key, found.clone());
        found
    }
}

/// Adds the words of the functions and constants of the file that `names` names, three steps deep.
fn follow(source: &Source, names: &mut HashSet<String>) {
    for _ in 0..3 {
        let mut more = HashSet::new();
        for item in children(source.root()) {
            let inner =
                if item.kind() == "decorated_definition" { item.child_by_field_name("definition") } else { Some(item) };
            let assigned = || item.named_child(0).and_then(|node| node.child_by_field_name("left"));
            let name = inner.and_then(|node| node.child_by_field_name("name")).or_else(assigned);
            let is_class = inner.is_some_and(|node| node.kind() == "class_definition");
            if name.is_some_and(|name| names.contains(source.slice(name))) && !is_class {
                more.extend(words(source.slice(item)).map(str::to_string));
            }
        }
        names.extend(more);
    }
}

/// The lines of code that a hunk changes; `None` where it changes none.
fn code<'h>(snapshot: &Snapshot, hunk: &'h Hunk) -> Option<Vec<&'h str>> {
    let source = snapshot.source(&hunk.path).filter(|_| hunk.is_python())?;
    let is_code = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let numbered = hunk.added.iter().zip(hunk.line..);
    let mut lines: Vec<&str> = numbered
        .filter(|(line, number)| is_code(line) && !is_told(&source, *number, line))
        .map(|(line, _)| line.as_str())
        .collect();
    // What only went is code where it reads as such.
    if !lines.is_empty() || parses(&hunk.removed) {
        lines.extend(hunk.removed.iter().map(String::as_str).filter(|line| is_code(line)));
    }
    (!lines.is_empty()).then_some(lines)
}

fn parses(lines: &[String]) -> bool {
    let indent = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or_default();
    let text: String = lines.iter().map(|line| format!("{}\n", &line[indent.min(line.len())..])).collect();
    !Source::parse(text).root().has_error()
}

/// Whether a line gives the name a value: `self.total = …`, `total: int = …`, `"total": …`, `total=…`.
fn is_set(code: &[&str], name: &str) -> bool {
    code.iter().any(|line| {
        line.match_indices(name).any(|(at, _)| {
            let rest = line[at + name.len()..].trim_start_matches(['"', '\'']).trim_start();
            (rest.starts_with('=') && !rest.starts_with("==")) || rest.starts_with(':')
        })
    })
}
