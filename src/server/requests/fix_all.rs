//! `source.fixAll.pytest-medic`: every fix of a document that was seen to heal its test, as one edit.

use serde::{Deserialize, Serialize};
use tower_lsp::ls_types::{CodeAction, CodeActionKind, Uri, WorkspaceEdit};

use crate::fix::Fix;

use super::super::offers::offers;
use super::super::to_proto::workspace_edit;
use super::super::world::{Folder, World};

/// The kind of the action.
pub const KIND: CodeActionKind = CodeActionKind::new("source.fixAll.pytest-medic");

/// Names the action from `codeAction` to `codeAction/resolve`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FixAllId {
    /// The document.
    fix_all: Uri,
}

/// The action, where there is something to fix.
pub fn action(world: &World, uri: &Uri) -> Option<CodeAction> {
    let (folder, fix) = sure_fixes(world, uri)?;
    Some(CodeAction {
        title: fix.title.clone(),
        kind: Some(KIND),
        edit: if world.abilities.lazy_edits { None } else { workspace_edit(world, folder, &fix) },
        data: serde_json::to_value(FixAllId { fix_all: uri.clone() }).ok(),
        ..CodeAction::default()
    })
}

/// The edit of the action for the text as it is now; `None` where nothing is validated in it any more.
pub fn edit_of(world: &World, id: &FixAllId) -> Option<WorkspaceEdit> {
    let (folder, fix) = sure_fixes(world, &id.fix_all)?;
    workspace_edit(world, folder, &fix)
}

/// The fixes that need no second look, one a failure, in one: validated, safe by their kind, and sure enough.
fn sure_fixes<'w>(world: &'w World, uri: &Uri) -> Option<(&'w Folder, Fix)> {
    let path = world.path(uri)?;
    let folder = world.folder_of(&path)?;
    let least = folder.disk.config().confidence;
    let best = world.marks_at(&path).iter().filter_map(|mark| {
        let healing = world.healing(folder, mark)?;
        let sure = |fix: &Fix| fix.confidence.value() >= least;
        offers(folder, &healing)
            .into_iter()
            .find(|offer| offer.is_validated() && offer.is_safe() && sure(&offer.fix))
            .map(|offer| offer.fix)
    });
    Some((folder, in_one(best)?))
}

/// Several fixes as one. The same fix for another case of a test counts once, one that edits what another edits
/// must wait for the next time.
fn in_one(fixes: impl Iterator<Item = Fix>) -> Option<Fix> {
    let mut taken: Vec<Fix> = Vec::new();
    for fix in fixes {
        let meets = |other: &Fix| {
            let pairs = other.edits.iter().flat_map(|a| fix.edits.iter().map(move |b| (a, b)));
            pairs
                .into_iter()
                .any(|(a, b)| a.path == b.path && a.range.start <= b.range.end && b.range.start <= a.range.end)
        };
        if !taken.iter().any(meets) {
            taken.push(fix);
        }
    }
    let count = taken.len();
    let mut all = taken.pop()?;
    if count > 1 {
        all.title = format!("Apply {count} validated fixes");
    }
    for fix in taken {
        all.edits.extend(fix.edits);
        all.evidence.extend(fix.evidence);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::{Confidence, Tier};
    use crate::text::{Edit, FilePath};

    fn fix(title: &str, range: std::ops::Range<usize>) -> Fix {
        Fix {
            title: title.to_string(),
            strategy: "attribute-rename",
            edits: vec![Edit::replace(&FilePath::new("t.py"), range, "x")],
            confidence: Confidence::new(1.0),
            evidence: Vec::new(),
            tier: Tier::Safe,
        }
    }

    #[test]
    fn fixes_that_do_not_meet_are_one_and_one_alone_keeps_its_name() {
        let all = in_one([fix("a", 0..3), fix("b", 9..12)].into_iter()).unwrap();
        assert_eq!((all.title.as_str(), all.edits.len()), ("Apply 2 validated fixes", 2));
        let again = in_one([fix("a", 0..3), fix("a", 0..3), fix("b", 2..5)].into_iter()).unwrap();
        assert_eq!((again.title.as_str(), again.edits.len()), ("a", 1));
        assert_eq!(in_one(std::iter::empty()), None);
    }
}
