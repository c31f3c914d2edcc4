//! `textDocument/codeAction`: the fixes for the failures in a range, best first.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tower_lsp::ls_types::{CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, Uri};

use crate::report::Phase;
use crate::text::Edit;

use super::super::alike::{Alike, alike};
use super::super::diagnostics;
use super::super::graveyard;
use super::super::lessons;
use super::super::mark::Mark;
use super::super::offers::{Offer, offers, preferred};
use super::super::to_proto::workspace_edit;
use super::super::world::{Folder, Page, World};
use super::{fix_all, judgements};

/// Names a fix from `codeAction` to `codeAction/resolve`.
#[derive(Debug, Serialize, Deserialize)]
pub struct FixId {
    /// The document.
    pub uri: Uri,
    /// Its version when the fix was offered.
    pub version: Option<i32>,
    /// The failure.
    pub nodeid: String,
    /// Its phase.
    pub phase: Phase,
    /// The strategy that proposed the fix.
    pub strategy: String,
    /// The fix.
    pub title: String,
}

/// The actions.
pub fn code_actions(world: &World, params: &CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
    let uri = &params.text_document.uri;
    let wants = |kind: &CodeActionKind| {
        let only = params.context.only.as_deref();
        only.is_none_or(|kinds| kinds.iter().any(|wanted| is_below(kind, wanted)))
    };
    let mut actions = if wants(&CodeActionKind::QUICKFIX) { quick_fixes(world, params)? } else { Vec::new() };
    if wants(&judgements::KIND) {
        let (_, folder, page, failures) = in_range(world, params)?;
        actions.extend(failures.iter().flat_map(|failures| judgements::actions(world, folder, &page, failures)));
    }
    // Who asks for nothing in particular wants to mend what is under the cursor.
    if params.context.only.is_some() && wants(&fix_all::KIND) {
        actions.extend(fix_all::action(world, uri).map(CodeActionOrCommand::CodeAction));
    }
    if !world.abilities.code_action_literals {
        actions = actions.into_iter().filter_map(as_command).collect();
    }
    (!actions.is_empty()).then_some(actions)
}

/// An action for a client that takes commands only.
fn as_command(action: CodeActionOrCommand) -> Option<CodeActionOrCommand> {
    let CodeActionOrCommand::CodeAction(action) = action else { return Some(action) };
    let apply = |data| Command::new(action.title, "pytest-medic.applyFix".to_string(), Some(vec![data]));
    action.command.or_else(|| Some(apply(action.data?))).map(CodeActionOrCommand::Command)
}

/// The failures whose statements touch the range that the client asks about, and where they stand.
fn in_range<'w>(world: &'w World, params: &CodeActionParams) -> Option<(PathBuf, &'w Folder, Page, Vec<Alike<'w>>)> {
    let path = world.path(&params.text_document.uri)?;
    let (folder, page) = (world.folder_of(&path)?, world.page(&params.text_document.uri)?);
    let start = page.offset(params.range.start, world.encoding());
    let end = page.offset(params.range.end, world.encoding());
    let touches = |mark: &&Mark| mark.statement.start <= end && start <= mark.statement.end;
    let failures = alike(world.marks_at(&path).iter().filter(touches));
    Some((path, folder, page, failures))
}

fn quick_fixes(world: &World, params: &CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
    let uri = &params.text_document.uri;
    let (path, folder, page, failures) = in_range(world, params)?;
    let start = page.offset(params.range.start, world.encoding());
    let end = page.offset(params.range.end, world.encoding());
    let mut offered: Vec<Vec<Edit>> = Vec::new();
    let fixes = failures.iter().flat_map(|failures| fixes(world, folder, &page, uri, failures));
    // Cases that fail in different ways may have the same fix.
    let mut actions = Vec::new();
    for (edits, action) in fixes {
        if !offered.contains(&edits) {
            offered.push(edits);
            actions.push(CodeActionOrCommand::CodeAction(action));
        }
    }
    actions.extend(lessons::actions(world, uri, &path, start, end));
    if let Some(graveyard) = graveyard::of(world, &path, &page) {
        actions.extend(graveyard::actions(world, uri, &page, &graveyard, start..end));
    }
    Some(actions)
}

/// `source.fixAll.pytest-medic` is below `source.fixAll` and below `source`.
pub fn is_below(kind: &CodeActionKind, wanted: &CodeActionKind) -> bool {
    let (kind, wanted) = (kind.as_str(), wanted.as_str());
    wanted.is_empty() || kind == wanted || kind.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

/// The fixes for what is shown as one failure, each with its edits.
fn fixes(world: &World, folder: &Folder, page: &Page, uri: &Uri, failures: &Alike<'_>) -> Vec<(Vec<Edit>, CodeAction)> {
    let mark = failures.first();
    let Some(healing) = world.healing(folder, mark) else { return Vec::new() };
    let offers = offers(folder, &healing);
    let preferred = preferred(&offers, folder.disk.config().confidence);
    let action = |(index, offer): (usize, &Offer)| {
        let fix = &offer.fix;
        let failure = &healing.diagnosis.failure;
        let id = FixId {
            uri: uri.clone(),
            version: page.version(),
            nodeid: failure.nodeid.clone(),
            phase: failure.phase,
            strategy: fix.strategy.to_string(),
            title: fix.title.clone(),
        };
        let action = CodeAction {
            title: offer.title(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostics::diagnostic(world, folder, page, failures)]),
            is_preferred: (preferred == Some(index)).then_some(true),
            edit: if world.abilities.lazy_edits { None } else { workspace_edit(world, folder, fix) },
            data: serde_json::to_value(id).ok(),
            ..CodeAction::default()
        };
        (fix.edits.clone(), action)
    };
    offers.iter().enumerate().map(action).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_form_a_tree() {
        let below = |kind: &'static str, wanted: &'static str| {
            is_below(&CodeActionKind::new(kind), &CodeActionKind::new(wanted))
        };
        assert!(below("source.fixAll.pytest-medic", "source.fixAll"));
        assert!(below("source.fixAll.pytest-medic", "source"));
        assert!(below("quickfix", ""));
        assert!(!below("quickfix", "refactor"));
        assert!(!below("quickfixes", "quickfix"));
    }
}
