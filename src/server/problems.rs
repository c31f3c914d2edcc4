//! Problems of files that are not tests: settings that cannot be used, lessons that leave their format.

use std::path::Path;

use tower_lsp::ls_types::{Diagnostic, DiagnosticSeverity, NumberOrString};

use crate::graveyard::problems::Severity;
use crate::workspace::config::Origin;

use super::diagnostics::SOURCE;
use super::world::{Folder, Page, World};

/// The problems of the file at `path`.
pub fn of(world: &World, folder: &Folder, path: &Path, page: &Page) -> Vec<Diagnostic> {
    let Some(name) = folder.name(path) else { return Vec::new() };
    let settings = folder.problems.iter().filter_map(|problem| match &problem.origin {
        Origin::File { path, line } if *path == name => Some(Diagnostic {
            range: page.line_range(*line, world.encoding()),
            severity: Some(DiagnosticSeverity::ERROR),
            code: Some(NumberOrString::String("setting".to_string())),
            source: Some(SOURCE.to_string()),
            message: problem.message.clone(),
            ..Diagnostic::default()
        }),
        _ => None,
    });
    let graveyards = folder.disk.lessons().iter().filter(|graveyard| graveyard.path.as_ref() == Some(&name));
    let lessons = graveyards.flat_map(|graveyard| &graveyard.problems);
    settings.chain(lessons.map(|problem| of_graveyard(world, page, problem))).collect()
}

/// One departure from the format of GRAVEYARD.md.
pub fn of_graveyard(world: &World, page: &Page, problem: &crate::graveyard::Problem) -> Diagnostic {
    Diagnostic {
        range: page.range(problem.range.clone(), world.encoding()),
        severity: Some(match problem.severity() {
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Information => DiagnosticSeverity::INFORMATION,
            Severity::Hint => DiagnosticSeverity::HINT,
        }),
        code: Some(NumberOrString::String(problem.code().to_string())),
        source: Some(SOURCE.to_string()),
        message: problem.message(),
        ..Diagnostic::default()
    }
}
