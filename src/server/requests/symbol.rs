//! `workspace/symbol`: the failing tests, to jump to them from anywhere.

use tower_lsp::ls_types::{Location, SymbolInformation, SymbolKind, WorkspaceSymbolParams};

use super::super::diagnostics::headline;
use super::super::mark::State;
use super::super::world::World;

/// The failing tests whose node id holds the letters of the query in their order.
pub fn symbols(world: &World, params: &WorkspaceSymbolParams) -> Vec<SymbolInformation> {
    let standing = world.marks.values().flat_map(|marks| marks.iter()).filter(|mark| mark.state != State::Gone);
    let mut marks: Vec<_> = standing.filter(|mark| holds(&mark.diagnosis.failure.nodeid, &params.query)).collect();
    marks.sort_by(|a, b| a.diagnosis.failure.nodeid.cmp(&b.diagnosis.failure.nodeid));
    #[allow(deprecated)] // The types want the field that the protocol replaced by tags.
    let symbol = |mark: &super::super::mark::Mark| {
        let folder = world
            .folders
            .iter()
            .find(|folder| world.marks_at(&folder.absolute(&mark.path)).iter().any(|m| std::ptr::eq(m, mark)))?;
        let path = folder.absolute(&mark.path);
        let range = world.page_at(&path)?.range(mark.range.clone(), world.encoding());
        Some(SymbolInformation {
            name: mark.diagnosis.failure.nodeid.clone(),
            kind: SymbolKind::EVENT,
            tags: None,
            deprecated: None,
            location: Location { uri: world.uri_of(&path)?, range },
            container_name: Some(headline(&mark.diagnosis.failure)),
        })
    };
    marks.into_iter().filter_map(symbol).collect()
}

fn holds(nodeid: &str, query: &str) -> bool {
    let mut letters = nodeid.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_query_is_letters_in_order() {
        assert!(holds("tests/test_cart.py::test_total", "TTotal"));
        assert!(holds("tests/test_cart.py::test_total", ""));
        assert!(!holds("tests/test_cart.py::test_total", "latot_x"));
    }
}
