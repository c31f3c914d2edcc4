//! `textDocument/hover`: the failure under the cursor, with what is known of it.

use tower_lsp::ls_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};

use super::super::diagnostics::headline;
use super::super::mark::Mark;
use super::super::world::World;

/// The hover, if there is something to say.
pub fn hover(world: &World, params: &HoverParams) -> Option<Hover> {
    let place = &params.text_document_position_params;
    let (page, encoding) = (world.page(&place.text_document.uri)?, world.encoding());
    let path = world.path(&place.text_document.uri)?;
    let offset = page.offset(place.position, encoding);
    let here = |mark: &&Mark| mark.statement.contains(&offset) || mark.range.contains(&offset);
    let mark = world.marks_at(&path).iter().find(here)?;
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: failure(mark) }),
        range: Some(page.range(mark.range.clone(), encoding)),
    })
}

fn failure(mark: &Mark) -> String {
    let diagnosis = &mark.diagnosis;
    let mut text = format!("**{}**\n\n", headline(&diagnosis.failure));
    text += &format!("`{}` · {:?}\n", diagnosis.failure.nodeid, diagnosis.category);
    text
}
