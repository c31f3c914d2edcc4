//! `textDocument/inlayHint`: the actual value at the end of a failing comparison.

use tower_lsp::ls_types::{InlayHint, InlayHintLabel, InlayHintParams, InlayHintTooltip};

use super::super::mark::State;
use super::super::world::World;

/// A longer value is cut; the tooltip has it whole.
const WIDEST: usize = 60;

/// The hints in a range.
pub fn inlay_hints(world: &World, params: &InlayHintParams) -> Option<Vec<InlayHint>> {
    let uri = &params.text_document.uri;
    let (path, page, encoding) = (world.path(uri)?, world.page(uri)?, world.encoding());
    let shown = page.offset(params.range.start, encoding)..=page.offset(params.range.end, encoding);
    let marks = world.marks_at(&path).iter().filter(|mark| mark.state == State::Current);
    let hints = marks.filter(|mark| shown.contains(&mark.statement.end)).filter_map(|mark| {
        let failure = &mark.diagnosis.failure;
        let actual = &failure.introspection.as_ref()?.left;
        let line = actual.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = line.chars().take(WIDEST).collect();
        let more = if short.len() < line.len() { "…" } else { "" };
        Some(InlayHint {
            position: page.range(mark.statement.clone(), encoding).end,
            label: InlayHintLabel::String(format!("← {short}{more}")),
            kind: None,
            text_edits: None,
            tooltip: Some(InlayHintTooltip::String(format!("{}\n{actual}", failure.nodeid))),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        })
    });
    Some(hints.collect())
}
