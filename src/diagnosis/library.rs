//! What an installed package, and not the project, has no more or does not take: the test is for another version.

use crate::report::Failure;
use crate::syntax::{Node, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::Site;
use super::complaint::{Complaint, Owner};

/// The installed package whose code raised, with its version: `pandas 3.1.1`.
pub fn that_raised(snapshot: &Snapshot, failure: &Failure) -> Option<String> {
    of_file(snapshot, &failure.frames.last()?.path)
}

/// What a package lacks, as a sentence: the name that the test asks of it, or the keyword that the test passes to it.
pub fn lack(snapshot: &Snapshot, complaint: &Complaint, site: &Site) -> Option<String> {
    let (package, lacks) = match complaint {
        Complaint::NoAttribute { owner: Owner::Module(module), name } | Complaint::NoImport { name, module } => {
            (of_module(snapshot, module)?, format!("has no `{name}`"))
        }
        Complaint::UnexpectedKeyword { function, keyword } => {
            (of_callee(snapshot, site, keyword)?, format!("takes no `{keyword}` in `{}`", plain(function)))
        }
        _ => return None,
    };
    Some(format!("{package}, which is installed, {lacks}: the test is for another version"))
}

/// `Field` for `Field.__init__`.
fn plain(function: &str) -> &str {
    ["__init__", "__new__"].iter().find_map(|made| function.strip_suffix(made)?.strip_suffix('.')).unwrap_or(function)
}

/// The package of a module that is none of the project's.
fn of_module(snapshot: &Snapshot, module: &str) -> Option<String> {
    let path = snapshot.module(module).or_else(|| snapshot.module(module.split('.').next()?))?;
    of_file(snapshot, path.as_str())
}

/// The package of the function that the failing statement passes the keyword to.
fn of_callee(snapshot: &Snapshot, site: &Site, keyword: &str) -> Option<String> {
    let source = snapshot.source(&site.path)?;
    let statement = source.statement_at(site.statement.start)?;
    let passes = |call: &Node<'_>| {
        let arguments = call.child_by_field_name("arguments").into_iter().flat_map(crate::syntax::children);
        let mut names = arguments.filter_map(|argument| argument.child_by_field_name("name"));
        call.kind() == "call" && names.any(|name| source.slice(name) == keyword)
    };
    let call = descendants(statement).find(passes)?;
    let callee = snapshot.callee(&site.path, call.byte_range())?;
    of_file(snapshot, callee.path.as_str())
}

fn of_file(snapshot: &Snapshot, path: &str) -> Option<String> {
    let installed = path.rsplit_once("site-packages/")?.1;
    let package = installed.split('/').next()?.trim_end_matches(".py");
    let found = snapshot.distribution(package).filter(|_| !matches!(package, "pytest" | "_pytest" | "pluggy"))?;
    (!FilePath::new(path).is_inside()).then(|| format!("{} {}", found.name, found.version))
}
