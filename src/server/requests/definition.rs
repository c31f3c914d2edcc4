//! `textDocument/definition`: from the **Test** line of a lesson to the test.

use tower_lsp::ls_types::{GotoDefinitionParams, GotoDefinitionResponse};

use super::super::graveyard;
use super::super::world::World;

/// The test that a lesson names; nothing anywhere else.
pub fn definition(world: &World, params: &GotoDefinitionParams) -> Option<GotoDefinitionResponse> {
    let place = &params.text_document_position_params;
    let uri = &place.text_document.uri;
    let (path, page) = (world.path(uri)?, world.page(uri)?);
    let graveyard = graveyard::of(world, &path, &page)?;
    let offset = page.offset(place.position, world.encoding());
    graveyard::definition(world, &path, &graveyard, offset).map(GotoDefinitionResponse::Scalar)
}
