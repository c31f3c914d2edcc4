//! `textDocument/foldingRange`: the entries, sections and code blocks of a graveyard.

use tower_lsp::ls_types::{FoldingRange, FoldingRangeParams};

use super::super::graveyard;
use super::super::world::World;

/// The folds of a graveyard; of no other file.
pub fn folding_ranges(world: &World, params: &FoldingRangeParams) -> Option<Vec<FoldingRange>> {
    let uri = &params.text_document.uri;
    let (path, page) = (world.path(uri)?, world.page(uri)?);
    Some(graveyard::folds(world, &page, &graveyard::of(world, &path, &page)?))
}
