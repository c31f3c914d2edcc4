//! Diagnostics: a view on the failures that stand in a text, sent whenever they or the text change.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde_json::json;
use tower_lsp::ls_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Uri,
};

use crate::diagnosis::Verdict;
use crate::report::Failure;

use super::Server;
use super::alike::{Alike, alike};
use super::lessons;
use super::mark::{Mark, State};
use super::offers::{Offer, offers};
use super::pages;
use super::problems;
use super::world::{Folder, Page, World};

/// Who speaks, in the client's list of problems.
pub const SOURCE: &str = "pytest-medic";

/// The worker: sends the diagnostics of one file after the other, each with the version they belong to.
pub fn work(server: &Arc<Server>) {
    let mut shown: HashMap<Uri, (Option<i32>, Arc<[Diagnostic]>)> = HashMap::new();
    while let Some(uri) = server.publishing.next() {
        let world = server.world();
        let Ok(diagnostics) = catch_unwind(AssertUnwindSafe(|| of(&world, &uri))) else { continue };
        let version = world.documents.get(&uri).map(|document| document.version);
        let pulled = version.is_some() && world.abilities.pulls;
        let diagnostics = if pulled { Vec::new() } else { diagnostics };
        let before = shown.get(&uri).map(|(version, diagnostics)| (*version, diagnostics.clone()));
        let silent = diagnostics.is_empty() && version.is_none() && before.is_none();
        let same = before.is_some_and(|before| before.0 == version && *before.1 == *diagnostics);
        if silent || same {
            continue;
        }
        server.output.send(&json!({
            "jsonrpc": "2.0",
            "method": "textDocument/publishDiagnostics",
            "params": tower_lsp::ls_types::PublishDiagnosticsParams::new(uri.clone(), diagnostics.clone(), version),
        }));
        if diagnostics.is_empty() && version.is_none() {
            shown.remove(&uri);
        } else {
            shown.insert(uri, (version, diagnostics.into()));
        }
    }
}

/// The diagnostics of a file at this moment.
pub fn of(world: &World, uri: &Uri) -> Vec<Diagnostic> {
    let Some(path) = world.path(uri) else { return Vec::new() };
    let (Some(folder), Some(page)) = (world.folder_of(&path), world.page(uri)) else { return Vec::new() };
    let standing = alike(world.marks_at(&path).iter().filter(|mark| mark.state != State::Gone));
    let failures = standing.iter().map(|failures| diagnostic(world, folder, &page, failures));
    let hints = lessons::diagnostics(world, folder, &page, &path);
    failures.chain(hints).chain(problems::of(world, folder, &path, &page)).collect()
}

/// One failure, or several that look alike, as a diagnostic.
pub fn diagnostic(world: &World, folder: &Folder, page: &Page, failures: &Alike<'_>) -> Diagnostic {
    let mark = failures.first();
    let diagnosis = &mark.diagnosis;
    let failure = &diagnosis.failure;
    let (severity, mut message) = match mark.state {
        State::Edited | State::Gone => {
            (DiagnosticSeverity::HINT, format!("failed before your edit: {}", headline(failure)))
        }
        State::Current => (severity(diagnosis.verdict), message(failure)),
    };
    message.extend(failures.names().map(|names| format!("\n{names}")));
    let related = related(world, folder, failure);
    Diagnostic {
        range: page.range(mark.range.clone(), world.encoding()),
        severity: Some(severity),
        code: Some(NumberOrString::String(format!("{:?}", diagnosis.category))),
        code_description: world
            .abilities
            .code_description
            .then(|| pages::address(diagnosis.category))
            .flatten()
            .map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_string()),
        message,
        related_information: (world.abilities.related_information && !related.is_empty()).then_some(related),
        data: Some(json!({
            "nodeid": failure.nodeid,
            "nodeids": failures.nodeids().collect::<Vec<_>>(),
            "phase": failure.phase,
            "actual": failure.introspection.as_ref().map(|sides| &sides.left),
            "expected": failure.introspection.as_ref().map(|sides| &sides.right),
            "stale": mark.state != State::Current,
            "validated": validated(world, folder, mark),
        })),
        ..Diagnostic::default()
    }
}

/// Whether a fix for the failure was seen to heal it. Clients ask for code actions again when this changes.
fn validated(world: &World, folder: &Folder, mark: &Mark) -> bool {
    let proven = folder.proof(&mark.diagnosis.failure).is_some();
    proven
        && world.healing(folder, mark).is_some_and(|healing| offers(folder, &healing).iter().any(Offer::is_validated))
}

fn severity(verdict: Verdict) -> DiagnosticSeverity {
    match verdict {
        Verdict::OutdatedTest | Verdict::LikelyProductRegression | Verdict::Undecided => DiagnosticSeverity::ERROR,
        Verdict::Environment | Verdict::Flaky => DiagnosticSeverity::WARNING,
    }
}

/// `KeyError: 'sku'`, on one line.
pub fn headline(failure: &Failure) -> String {
    failure.headline().unwrap_or_else(|| "failed".to_string())
}

/// What failed, with both sides of a comparison.
pub fn message(failure: &Failure) -> String {
    let mut message = headline(failure);
    if let Some(hint) = &failure.hint {
        message += &format!("\n{hint}");
    }
    if let Some(sides) = &failure.introspection {
        let relation = if sides.op == "==" { String::new() } else { format!("{} ", sides.op) };
        message += &format!("\nactual:   {}\nexpected: {relation}{}", sides.left, sides.right);
    }
    message
}

/// The frames that lead away from the test, outermost first.
fn related(world: &World, folder: &Folder, failure: &Failure) -> Vec<DiagnosticRelatedInformation> {
    let elsewhere = failure.frames.iter().filter(|frame| failure.path.as_deref() != Some(&frame.path));
    let located = elsewhere.filter_map(|frame| {
        let path = folder.root.join(&frame.path);
        let uri = world.uri_of(&path)?;
        let page = world.page_at(&path)?;
        let range = page.line_range(frame.line, world.encoding());
        let function = frame.function.as_deref().unwrap_or("the module");
        Some(DiagnosticRelatedInformation {
            location: Location { uri, range },
            message: format!("{} in {function}", failure.exc_type.as_deref().unwrap_or("failed")),
        })
    });
    located.take(5).collect()
}
