//! A fix as the promises see it: every edited file before and after, cut into the units that are compared.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnosis::complaint::meets_iterator;
use crate::diagnosis::{Category, Complaint, Diagnosis, Site};
use crate::fix::{EvidenceKind, Fix, Place, Tier};
use crate::syntax::{Node, Source, descendants};
use crate::text::{Edit, FilePath, apply};
use crate::workspace::Snapshot;

use super::python::{definition, is_definition, outermost};

/// A fix with what it does to the files.
pub(super) struct Change<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) diagnosis: &'a Diagnosis,
    pub(super) fix: &'a Fix,
    pub(super) files: Vec<FileChange>,
}

/// One edited file.
pub(super) struct FileChange {
    pub(super) path: FilePath,
    pub(super) before: Arc<Source>,
    pub(super) after: Source,
}

impl<'a> Change<'a> {
    /// pytest refused the call of a fixture and hands over what it makes: the one that it named, and others that the
    /// test calls.
    pub(super) fn calls_fixture(&self, name: &str) -> bool {
        let Complaint::FixtureCalled { name: called } = &self.diagnosis.complaint else { return false };
        // A function of the product may have the name of a fixture.
        let is_fixture = |site: &Site| {
            let fixture = self.snapshot.fixture_named(&site.path, site.range.start, name);
            let meant = self.snapshot.resolve(&site.path, site.range.start, name);
            fixture.and_then(|fixture| fixture.path).is_some_and(|path| meant.is_some_and(|meant| meant.path == path))
        };
        called == name || self.diagnosis.site.as_ref().is_some_and(is_fixture)
    }

    /// The change that `fix` would make, or why it cannot be made.
    pub(super) fn new(snapshot: &'a Snapshot, diagnosis: &'a Diagnosis, fix: &'a Fix) -> Result<Self, String> {
        let mut by_path: Vec<(&FilePath, Vec<Edit>)> = Vec::new();
        for edit in &fix.edits {
            match by_path.iter_mut().find(|(path, _)| *path == &edit.path) {
                Some((_, edits)) => edits.push(edit.clone()),
                None => by_path.push((&edit.path, vec![edit.clone()])),
            }
        }
        if by_path.is_empty() {
            return Err("changes nothing".to_string());
        }
        let file = |(path, edits): (&FilePath, Vec<Edit>)| {
            let before = snapshot.source(path).ok_or_else(|| format!("edits {path}, which cannot be read"))?;
            let after = apply(before.text(), &edits).map_err(|error| format!("{path}: {error}"))?;
            let after = parsed(&before, after);
            Ok(FileChange { path: path.clone(), before, after })
        };
        let files = by_path.into_iter().map(file).collect::<Result<_, String>>()?;
        Ok(Self { snapshot, diagnosis, fix, files })
    }

    /// Whether a fact of this kind speaks for the fix.
    pub(super) fn has(&self, kind: EvidenceKind) -> bool {
        self.fix.evidence.iter().any(|evidence| evidence.kind == kind)
    }

    /// Whether a commit explains the fix.
    pub(super) fn has_provenance(&self) -> bool {
        self.has(EvidenceKind::Git)
    }

    /// Whether a person looks at the fix before it is applied.
    pub(super) fn is_reviewed(&self) -> bool {
        self.fix.tier == Tier::Review
    }

    /// Whether the failure is of this category.
    pub(super) fn is_about(&self, category: Category) -> bool {
        self.diagnosis.category == category
    }

    /// The message of the failure, `""` where there is none.
    pub(super) fn message(&self) -> &str {
        self.diagnosis.failure.message.as_deref().unwrap_or_default()
    }

    /// Whether the run printed an iterator or a view of a mapping where a list or tuple was, and a commit made it so:
    /// its items, all of them in their order, are what the test compared before.
    pub(super) fn compares_items(&self) -> bool {
        meets_iterator(self.message()) && self.has_provenance()
    }

    /// Whether the failure or the evidence names `word`: in a message, a hint, a comparison, a value seen
    /// at run time, or the file that the evidence points at.
    pub(super) fn is_named(&self, word: &str) -> bool {
        let failure = &self.diagnosis.failure;
        let runtime = failure.runtime.as_ref();
        let texts = [failure.message.as_deref(), failure.hint.as_deref(), failure.exc_type.as_deref()]
            .into_iter()
            .chain([self.diagnosis.subject.as_deref()])
            .chain(failure.introspection.iter().flat_map(|sides| [Some(&*sides.left), Some(&*sides.right)]))
            .chain(runtime.iter().flat_map(|seen| [seen.left.as_deref(), seen.right.as_deref()]))
            .chain(runtime.iter().flat_map(|seen| [seen.signature.as_deref(), seen.receiver_type.as_deref()]))
            .flatten()
            .chain(self.fix.evidence.iter().map(|evidence| evidence.text.as_str()))
            .chain(failure.available_fixtures.iter().map(String::as_str))
            .chain(runtime.iter().flat_map(|seen| seen.keys.iter().chain(&seen.public_names)).map(String::as_str))
            .chain(failure.frames.iter().filter_map(|frame| frame.text.as_deref()));
        texts.into_iter().any(|text| text.contains(word)) || self.evidence_files().any(|text| text.contains(word))
    }

    fn evidence_files(&self) -> impl Iterator<Item = Arc<str>> {
        self.fix.evidence.iter().filter_map(|evidence| match &evidence.place {
            Place::File { path, .. } => self.snapshot.text(path),
            _ => None,
        })
    }
}

/// A piece of a file that is compared with its counterpart: a function or method with its decorators, or
/// what stands outside of all of them.
#[derive(Clone, Debug)]
pub(super) struct Unit<'t> {
    /// `TestCart.test_total`, or `""` for the module.
    pub(super) name: String,
    pub(super) node: Node<'t>,
    pub(super) source: &'t Source,
}

impl<'t> Unit<'t> {
    pub(super) fn is_module(&self) -> bool {
        self.name.is_empty()
    }

    /// Whether pytest collects it by its default names, or calls it around a test.
    pub(super) fn is_test(&self) -> bool {
        self.name.rsplit('.').next().is_some_and(|name| name.starts_with("test"))
    }

    /// Its nodes in text order; the module's leave the functions out.
    pub(super) fn nodes(&self) -> Vec<Node<'t>> {
        if !self.is_module() {
            return descendants(self.node).collect();
        }
        let mut nodes = Vec::new();
        let mut pending = vec![self.node];
        while let Some(node) = pending.pop() {
            nodes.push(node);
            let children = (0..node.child_count()).rev().filter_map(|index| node.child(index));
            pending.extend(children.filter(|child| definition(*child).kind() != "function_definition"));
        }
        nodes
    }

    /// How it is called in a message.
    pub(super) fn title(&self) -> &str {
        if self.is_module() { "the module" } else { &self.name }
    }
}

impl FileChange {
    /// The units whose text changed, each with its counterpart.
    pub(super) fn units(&self) -> Vec<(Unit<'_>, Unit<'_>)> {
        let (before, mut after) = (units(&self.before), by_name(units(&self.after)));
        let mut pairs = Vec::new();
        let mut lonely = Vec::new();
        for unit in before {
            match after.get_mut(&unit.name).and_then(|same| (!same.is_empty()).then(|| same.remove(0))) {
                Some(other) => pairs.push((unit, other)),
                None => lonely.push(unit),
            }
        }
        // A helper or a fixture may have got another name: what is left pairs in text order.
        let mut new: Vec<_> = after.into_values().flatten().filter(|unit| !unit.is_test()).collect();
        new.sort_by_key(|unit| unit.node.start_byte());
        pairs.extend(lonely.into_iter().filter(|unit| !unit.is_test()).zip(new));
        pairs.retain(|(old, new)| old.is_module() || old.source.slice(old.node) != new.source.slice(new.node));
        pairs
    }
}

/// The text after a change. Where one of both does not parse, the tree must not depend on the other.
fn parsed(before: &Source, after: String) -> Source {
    let whole = |source: &Source| !source.root().has_error();
    let again = Some(before).filter(|before| whole(before)).map(|before| before.reparse(after.as_str()));
    again.filter(whole).unwrap_or_else(|| Source::parse(after))
}

fn by_name(units: Vec<Unit<'_>>) -> HashMap<String, Vec<Unit<'_>>> {
    let mut map: HashMap<String, Vec<Unit<'_>>> = HashMap::new();
    for unit in units {
        map.entry(unit.name.clone()).or_default().push(unit);
    }
    map
}

/// The module and its functions and methods; functions inside functions belong to the outer one.
pub(super) fn units(source: &Source) -> Vec<Unit<'_>> {
    let mut units = vec![Unit { name: String::new(), node: source.root(), source }];
    let mut pending = vec![(String::new(), source.root())];
    while let Some((scope, node)) = pending.pop() {
        for index in (0..node.named_child_count()).rev() {
            let Some(child) = node.named_child(index as u32) else { continue };
            if !is_definition(child) {
                pending.push((scope.clone(), child));
                continue;
            }
            let name = child.child_by_field_name("name").map_or("", |name| source.slice(name));
            let qualified = if scope.is_empty() { name.to_string() } else { format!("{scope}.{name}") };
            match child.kind() {
                "function_definition" => units.push(Unit { name: qualified, node: outermost(child), source }),
                _ => pending.push((qualified, child)),
            }
        }
    }
    units.sort_by_key(|unit| (!unit.name.is_empty(), unit.node.start_byte()));
    units
}
