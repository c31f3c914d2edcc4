//! GRAVEYARD.md itself in an editor: outline, folding, the way from **Test** to the test, mends for what leaves
//! the format.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, DocumentSymbol, FoldingRange, FoldingRangeKind, Location,
    SymbolKind, Uri,
};

use crate::graveyard::{Graveyard, Lesson};
use crate::text::{Edit, FilePath};
use crate::workspace::graveyards::FILE;

use super::lessons::workspace_edit;
use super::outline::{self, Item};
use super::problems;
use super::world::{Folder, Page, World};

/// The graveyard that a page shows; `None` for any other file.
pub fn of(world: &World, path: &Path, page: &Page) -> Option<Graveyard> {
    let name = world.folder_of(path)?.name(path)?;
    let is_one = name.file_name() == FILE
        || world.folder_of(path)?.disk.lessons().iter().any(|known| known.path.as_ref() == Some(&name));
    is_one.then(|| Graveyard::parse(Some(name), &text(page)))
}

fn text(page: &Page) -> Arc<str> {
    match page {
        Page::Open(document) => document.text().clone(),
        Page::Closed { text, .. } => text.clone(),
    }
}

/// The entries with their sections.
#[allow(deprecated)] // The types want the field that the protocol replaced by tags.
pub fn symbols(world: &World, page: &Page, graveyard: &Graveyard) -> Vec<DocumentSymbol> {
    let symbol = |name: String, detail: Option<String>, range: Range<usize>, selection: Range<usize>| DocumentSymbol {
        name,
        detail,
        kind: SymbolKind::STRING,
        tags: None,
        deprecated: None,
        range: page.range(range, world.encoding()),
        selection_range: page.range(selection, world.encoding()),
        children: None,
    };
    let entry = |lesson: &Lesson| {
        let places = &lesson.places;
        let sections = places.sections.iter().map(|place| {
            let whole = place.heading.start..place.body.end.max(place.heading.end);
            symbol(place.section.heading().to_string(), None, whole, place.heading.clone())
        });
        let detail = [lesson.category.as_str(), lesson.date.as_str()].join(" ").trim().to_string();
        // A nameless symbol is an error to clients.
        let name = if lesson.title.is_empty() { "(no title)".to_string() } else { lesson.title.clone() };
        DocumentSymbol {
            children: Some(sections.collect()),
            ..symbol(name, Some(detail), places.entry.clone(), places.heading.clone())
        }
    };
    graveyard.lessons.iter().map(entry).collect()
}

/// Entries, sections and code blocks of more than one line.
pub fn folds(world: &World, page: &Page, graveyard: &Graveyard) -> Vec<FoldingRange> {
    let text = text(page);
    let fold = |range: Range<usize>| {
        let end = range.start + text[range.clone()].trim_end().len();
        let lines = page.range(range.start..end, world.encoding());
        (lines.start.line < lines.end.line).then(|| FoldingRange {
            start_line: lines.start.line,
            end_line: lines.end.line,
            kind: Some(FoldingRangeKind::Region),
            ..FoldingRange::default()
        })
    };
    let of_lesson = |lesson: &Lesson| -> Vec<FoldingRange> {
        let places = &lesson.places;
        let end = places.separator.as_ref().map_or(places.entry.end, |separator| separator.start);
        let sections = places.sections.iter().map(|place| place.heading.start..place.body.end.max(place.heading.end));
        std::iter::once(places.entry.start..end).chain(sections).filter_map(fold).collect()
    };
    graveyard.lessons.iter().flat_map(of_lesson).collect()
}

/// Where the test of the **Test** line at a byte offset is defined.
pub fn definition(world: &World, path: &Path, graveyard: &Graveyard, offset: usize) -> Option<Location> {
    let on_test = |lesson: &&Lesson| {
        lesson.places.test.as_ref().is_some_and(|place| place.start <= offset && offset <= place.end)
    };
    let lesson = graveyard.lessons.iter().find(on_test)?;
    test(world, world.folder_of(path)?, lesson.test.trim_matches(['`', ' ']))
}

/// The place of a node id, with or without parameters; of the file where the test is gone.
fn test(world: &World, folder: &Folder, nodeid: &str) -> Option<Location> {
    let nodeid = nodeid.split('[').next().unwrap_or(nodeid);
    let name = FilePath::new(nodeid.split("::").next()?);
    if !name.is_inside() {
        return None;
    }
    let source = world.project(folder).source(&name)?;
    let items = outline::tests(&source, &name);
    let range = find(&items, nodeid).map_or(0..0, |item| item.selection.clone());
    let path = folder.absolute(&name);
    let page = world.page_at(&path)?;
    Some(Location { uri: world.uri_of(&path)?, range: page.range(range, world.encoding()) })
}

fn find<'i>(items: &'i [Item], nodeid: &str) -> Option<&'i Item> {
    items.iter().find_map(|item| if item.nodeid == nodeid { Some(item) } else { find(&item.children, nodeid) })
}

/// The mends of the problems that touch a range of bytes.
pub fn actions(
    world: &World,
    uri: &Uri,
    page: &Page,
    graveyard: &Graveyard,
    touched: Range<usize>,
) -> Vec<CodeActionOrCommand> {
    let Some(path) = &graveyard.path else { return Vec::new() };
    let touches = |range: &Range<usize>| range.start <= touched.end && touched.start <= range.end.max(range.start);
    let problems = graveyard.problems.iter().filter(|problem| touches(&problem.range));
    let action = |problem: &crate::graveyard::Problem| {
        let mend = problem.mend()?;
        let edit = Edit::replace(path, mend.range, mend.text);
        Some(CodeActionOrCommand::CodeAction(CodeAction {
            title: mend.title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![problems::of_graveyard(world, page, problem)]),
            edit: Some(workspace_edit(world, uri, page, &[edit])),
            is_preferred: Some(true),
            ..CodeAction::default()
        }))
    };
    problems.filter_map(action).collect()
}
