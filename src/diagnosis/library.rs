//! What an installed package or Python itself, and not the project, has no more or does not take: the test is for
//! another version.

use std::sync::LazyLock;

use regex::Regex;

use crate::report::Failure;
use crate::syntax::{Node, descendants};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::Site;
use super::complaint::{Complaint, Owner};
use super::removed_names::removed_name;

/// The installed package whose code raised, with its version: `pandas 3.1.1`.
pub fn that_raised(snapshot: &Snapshot, failure: &Failure) -> Option<String> {
    let path = &failure.frames.last()?.path;
    let found = Library::of_file(snapshot, path).or_else(|| {
        // `pandas/_libs/tslibs/offsets.pyx`: compiled code names its source alone.
        let package = path.split('/').next().filter(|_| path.ends_with(".pyx") && !path.starts_with('/'))?;
        Library::of_module(snapshot, package)
    });
    found.filter(|library| !library.is_pytest && !library.is_python).map(|library| library.title)
}

/// What a package lacks, as a sentence: the name that the test asks of it, or the argument that the test passes to it.
pub fn lack(snapshot: &Snapshot, failure: &Failure, complaint: &Complaint, site: &Site) -> Option<String> {
    // `<frozen importlib._bootstrap>` is no file.
    let is_of_product = |path: FilePath| {
        path.is_inside() && path.as_str().ends_with(".py") && !path.is_test_code() && path != site.path
    };
    if failure.frames.iter().any(|frame| is_of_product(snapshot.file_path(&frame.path))) {
        return None;
    }
    let (library, lacks) = match complaint {
        Complaint::NoAttribute { owner: Owner::Module(module), name } | Complaint::NoImport { name, module } => {
            let successor = removed_name(module, name);
            let now = successor.map(|gone| format!("; since {} `{}` serves instead", gone.since, gone.successor));
            (Library::of_module(snapshot, module)?, format!("has no `{name}`{}", now.unwrap_or_default()))
        }
        Complaint::NoModule { module } => {
            let (package, _) = module.split_once('.')?;
            (Library::of_module(snapshot, package)?, format!("has no module `{module}`"))
        }
        Complaint::NoAttribute { owner: Owner::Instance(class) | Owner::Class(class), name } => {
            let class = class.as_str();
            // A `__getattr__` raises where the class is.
            let raised = failure.frames.last().and_then(|frame| Library::of_file(snapshot, &frame.path));
            let library = raised.filter(|library| !library.is_pytest && !library.is_python);
            let library = library.or_else(|| Library::of_class(snapshot, site, class))?;
            (library, format!("has no `{name}` in `{}`", last_part(class)))
        }
        Complaint::UnexpectedKeyword { function, keyword } => {
            (Library::of_function(snapshot, site, function)?, format!("takes no `{keyword}` in `{}`", plain(function)))
        }
        Complaint::MissingArguments { function, .. } | Complaint::TooManyPositionals { function, .. } => {
            (Library::of_function(snapshot, site, function)?, format!("takes other arguments in `{}`", plain(function)))
        }
        _ => return None,
    };
    let told = if lacks.contains("; since") { "" } else { "; its release notes tell what serves instead" };
    Some(format!("{}, {}, {lacks}: the test is for another version{told}", library.title, library.place()))
}

/// `Field` for `Field.__init__`, `fail` for the `_Fail.__call__` that pytest makes it of.
fn plain(function: &str) -> String {
    let made = ["__init__", "__new__"].iter().find_map(|made| function.strip_suffix(made)?.strip_suffix('.'));
    let called = function.strip_suffix(".__call__").and_then(|class| class.strip_prefix('_'));
    made.map(str::to_string).or_else(|| called.map(str::to_lowercase)).unwrap_or_else(|| function.to_string())
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A package that is not the project's, or Python.
struct Library {
    /// Its name and version: `pandas 3.1.1`.
    title: String,
    is_pytest: bool,
    is_python: bool,
}

impl Library {
    fn place(&self) -> &'static str {
        if self.is_python { "which runs the tests" } else { "which is installed" }
    }

    fn of_file(snapshot: &Snapshot, path: &str) -> Option<Self> {
        static VERSION: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"/python(3\.[0-9]+)/").expect("the pattern is played by the tests"));
        if FilePath::new(path).is_inside() {
            return None;
        }
        let Some((_, installed)) = path.rsplit_once("site-packages/") else {
            let version = VERSION.captures(path)?.get(1)?.as_str();
            let title = format!("Python {version}");
            return Some(Self { title, is_pytest: false, is_python: true });
        };
        let package = installed.split('/').next()?.trim_end_matches(".py");
        let name = if package == "_pytest" { "pytest" } else { package };
        let found = snapshot.distribution(name)?;
        let title = format!("{} {}", found.name, found.version);
        Some(Self { title, is_pytest: matches!(name, "pytest" | "pluggy"), is_python: false })
    }

    /// Whose module it is.
    fn of_module(snapshot: &Snapshot, module: &str) -> Option<Self> {
        let path = snapshot.module(module).or_else(|| snapshot.module(module.split('.').next()?))?;
        Self::of_file(snapshot, path.as_str())
    }

    /// Whose class it is: `numpy.ndarray` tells by itself; else what the file imports defines it, and the project does
    /// not.
    fn of_class(snapshot: &Snapshot, site: &Site, class: &str) -> Option<Self> {
        let (module, name) = class.rsplit_once('.').map_or((None, class), |(module, name)| (Some(module), name));
        if snapshot.definitions(name).iter().any(|symbol| symbol.path.is_inside()) {
            return None;
        }
        if let Some(module) = module {
            return Self::of_module(snapshot, module);
        }
        let outline = snapshot.outline(&site.path)?;
        let imported = outline.imports.iter().map(|import| import.module.as_str());
        imported.filter(|module| !module.starts_with('.')).find_map(|module| {
            let library = Self::of_module(snapshot, module)?;
            let package = if library.is_pytest { "pytest" } else { module.split('.').next()? };
            let scope = if library.is_python { module } else { package };
            snapshot.defines_class(scope, name).then_some(library)
        })
    }

    /// Whose function the failing statement calls by the name that the message prints: `Client.get`, `load`.
    fn of_function(snapshot: &Snapshot, site: &Site, function: &str) -> Option<Self> {
        let source = snapshot.source(&site.path)?;
        let statement = source.statement_at(site.statement.start)?;
        let parts: Vec<&str> = function.split('.').collect();
        let is_named = |call: &Node<'_>| {
            let called = call.child_by_field_name("function").map(|called| last_part(source.slice(called)));
            call.kind() == "call" && called.is_some_and(|called| parts.contains(&called))
        };
        let called = descendants(statement).filter(is_named);
        let mut callees = called.filter_map(|call| snapshot.callee(&site.path, call.byte_range()));
        match (callees.next(), parts.as_slice()) {
            (Some(callee), _) => Self::of_file(snapshot, callee.path.as_str()),
            (None, [.., class, _]) => Self::of_class(snapshot, site, class),
            _ => None,
        }
    }
}
