//! `textDocument/codeLens`: the last outcome above each test, class and file, and what runs it.

use serde_json::json;
use tower_lsp::ls_types::{CodeLens, CodeLensParams, Command, Range, Uri};

use crate::text::FilePath;

use super::super::outline::{Item, outcome, tests};
use super::super::world::{Folder, Page, World};

/// The lenses of a test file.
pub fn code_lens(world: &World, params: &CodeLensParams) -> Option<Vec<CodeLens>> {
    let uri = &params.text_document.uri;
    let path = world.path(uri)?;
    let (folder, page) = (world.folder_of(&path)?, world.page(uri)?);
    let name = folder.name(&path).filter(FilePath::is_test_file)?;
    let items = tests(&*world.project(folder).source(&name)?, &name);
    if items.is_empty() {
        return None;
    }
    let mut lenses = lenses(folder, uri, name.as_str(), Range::default());
    for item in items.iter().flat_map(|item| std::iter::once(item).chain(&item.children)) {
        lenses.extend(of_item(world, folder, &page, uri, item));
    }
    Some(lenses)
}

fn of_item(world: &World, folder: &Folder, page: &Page, uri: &Uri, item: &Item) -> Vec<CodeLens> {
    let range = page.range(item.selection.clone(), world.encoding());
    let mut lenses = lenses(folder, uri, &item.nodeid, range);
    if world.abilities.debugs && !item.is_class {
        lenses.push(lens(uri, &item.nodeid, range, "Debug".to_string(), "pytest-medic.debug"));
    }
    lenses
}

fn lenses(folder: &Folder, uri: &Uri, nodeid: &str, range: Range) -> Vec<CodeLens> {
    let known = outcome(&folder.results, nodeid);
    let failing = folder.results.below(nodeid).any(|(_, test)| !test.failures.is_empty());
    let run = known.map_or("Run".to_string(), |known| format!("Run ({known})"));
    let mut lenses = vec![lens(uri, nodeid, range, run, "pytest-medic.run")];
    if failing {
        lenses.push(lens(uri, nodeid, range, "Run & heal".to_string(), "pytest-medic.runAndHeal"));
    }
    lenses
}

fn lens(uri: &Uri, nodeid: &str, range: Range, title: String, command: &str) -> CodeLens {
    let arguments = Some(vec![json!({ "tests": [nodeid], "uri": uri, "nodeid": nodeid })]);
    let command = Some(Command { title, command: command.to_string(), arguments });
    CodeLens { range, command, data: None }
}
