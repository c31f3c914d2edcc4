//! `textDocument/documentSymbol`: the tests of a file with their outcome, the lessons of a graveyard.

use tower_lsp::ls_types::{
    DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, Location, SymbolInformation, SymbolKind, Uri,
};

use crate::text::FilePath;

use super::super::graveyard;
use super::super::outline::{Item, outcome, tests};
use super::super::world::{Folder, Page, World};

/// The symbols of a test file: a tree where the client shows trees, else a list.
pub fn document_symbols(world: &World, params: &DocumentSymbolParams) -> Option<DocumentSymbolResponse> {
    let uri = &params.text_document.uri;
    let path = world.path(uri)?;
    let (folder, page) = (world.folder_of(&path)?, world.page(uri)?);
    if let Some(graveyard) = graveyard::of(world, &path, &page) {
        let symbols = graveyard::symbols(world, &page, &graveyard);
        return Some(match world.abilities.symbol_tree {
            true => DocumentSymbolResponse::Nested(symbols),
            false => DocumentSymbolResponse::Flat(symbols.into_iter().map(|symbol| listed(uri, symbol)).collect()),
        });
    }
    let name = folder.name(&path).filter(FilePath::is_test_file)?;
    let items = tests(&*world.project(folder).source(&name)?, &name);
    Some(match world.abilities.symbol_tree {
        true => DocumentSymbolResponse::Nested(items.iter().map(|item| tree(world, folder, &page, item)).collect()),
        false => {
            let all = items.iter().flat_map(|item| std::iter::once(item).chain(&item.children));
            DocumentSymbolResponse::Flat(all.map(|item| flat(world, &page, uri, item)).collect())
        }
    })
}

fn kind(item: &Item) -> SymbolKind {
    if item.is_class { SymbolKind::CLASS } else { SymbolKind::FUNCTION }
}

#[allow(deprecated)] // The types want the field that the protocol replaced by tags.
fn tree(world: &World, folder: &Folder, page: &Page, item: &Item) -> DocumentSymbol {
    let children: Vec<_> = item.children.iter().map(|child| tree(world, folder, page, child)).collect();
    DocumentSymbol {
        name: item.name.clone(),
        detail: outcome(&folder.results, &item.nodeid),
        kind: kind(item),
        tags: None,
        deprecated: None,
        range: page.range(item.range.clone(), world.encoding()),
        selection_range: page.range(item.selection.clone(), world.encoding()),
        children: (!children.is_empty()).then_some(children),
    }
}

/// A symbol of a tree for clients that show lists.
#[allow(deprecated)] // As above.
fn listed(uri: &Uri, symbol: DocumentSymbol) -> SymbolInformation {
    let location = Location { uri: uri.clone(), range: symbol.range };
    let (name, kind) = (symbol.name, symbol.kind);
    SymbolInformation { name, kind, tags: None, deprecated: None, location, container_name: None }
}

#[allow(deprecated)] // As above.
fn flat(world: &World, page: &Page, uri: &Uri, item: &Item) -> SymbolInformation {
    let range = page.range(item.range.clone(), world.encoding());
    SymbolInformation {
        name: item.name.clone(),
        kind: kind(item),
        tags: None,
        deprecated: None,
        location: Location { uri: uri.clone(), range },
        container_name: None,
    }
}
