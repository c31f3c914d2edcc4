//! The page behind a diagnostic's code: what its category means and how it is healed, as a file that any editor
//! opens. It is written to the user's cache folder when a failure of that category is shown for the first time.

use std::path::PathBuf;
use std::sync::LazyLock;

use dashmap::DashMap;
use tower_lsp::ls_types::Uri;

use crate::diagnosis::Category;
use crate::strategies::pages::category_page;

use super::analysis::cache_folder;

/// What was written by this process; `None` where the cache folder cannot be written.
static WRITTEN: LazyLock<DashMap<Category, Option<Uri>>> = LazyLock::new(DashMap::new);

/// The address of a category's page; a link never leads to a page that is not there.
pub fn address(category: Category) -> Option<Uri> {
    WRITTEN.entry(category).or_insert_with(|| Uri::from_file_path(write(category)?)).clone()
}

fn write(category: Category) -> Option<PathBuf> {
    let folder = cache_folder()?.join("pytest-medic").join("pages");
    let (path, page) = (folder.join(format!("{category:?}.md")), category_page(category));
    if std::fs::read(&path).is_ok_and(|known| known == page.as_bytes()) {
        return Some(path);
    }
    std::fs::create_dir_all(&folder).ok()?;
    crate::heal::files::write_atomic(&path, page.as_bytes()).ok()?;
    Some(path)
}
