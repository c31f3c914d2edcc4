//! From an exception to a category.

use crate::report::Failure;
use crate::workspace::Snapshot;

use super::Category;
use super::complaint::Complaint;
use super::unmocked::unmocked;
use super::{environment, stdlib};

/// The category, by what was complained about, then by the exception's type and words.
pub fn category(snapshot: &Snapshot, failure: &Failure, complaint: &Complaint) -> Category {
    match complaint {
        Complaint::NoFixture { .. }
        | Complaint::AsyncFixture { .. }
        | Complaint::MarkedFixture
        | Complaint::NoParam
        | Complaint::ScopeMismatch { .. }
        | Complaint::Parametrize { .. }
        | Complaint::UnknownMark { .. }
        | Complaint::FixtureCalled { .. } => return Category::FixtureError,
        Complaint::AsyncUnsupported => return Category::DependencyError,
        Complaint::NoKey { .. } if environment::is_of_environ(failure) => return Category::EnvironmentError,
        Complaint::NoKey { .. } => return Category::KeyError,
        Complaint::NoModule { module } if is_foreign(snapshot, module) => return Category::DependencyError,
        _ => {}
    }
    let name = failure.exc_type.as_deref().unwrap_or_default().rsplit('.').next().unwrap_or_default();
    let message = failure.message.as_deref().unwrap_or_default();
    by_words(name, message).unwrap_or_else(|| by_type(name))
}

/// A package that neither the project nor the standard library has, now or in its history.
fn is_foreign(snapshot: &Snapshot, module: &str) -> bool {
    let top = module.split('.').next().unwrap_or(module);
    let known = snapshot.module(top).is_some()
        || stdlib::removed_module(top).is_some()
        || !snapshot.history().renames_of(module).is_empty();
    !known && !is_folder(snapshot, top)
}

/// Namespace packages and scripts: a folder or file of that name somewhere in the project.
fn is_folder(snapshot: &Snapshot, top: &str) -> bool {
    let (inside, at_root, file) = (format!("/{top}/"), format!("{top}/"), format!("{top}.py"));
    snapshot
        .python_files()
        .iter()
        .any(|path| path.as_str().contains(&inside) || path.as_str().starts_with(&at_root) || path.file_name() == file)
}

/// Types whose message decides: a `Failed` may be a timeout, an `ImportError` a broken library.
fn by_words(name: &str, message: &str) -> Option<Category> {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    // No service refused: the test's own mock has no answer.
    if unmocked(message).is_some() {
        return Some(Category::ResourceError);
    }
    match name {
        "Failed" if message.starts_with("Timeout") => Some(Category::TimeoutError),
        "ImportError" if says(&["DLL load failed", "cannot open shared object", "undefined symbol"]) => {
            Some(Category::DependencyError)
        }
        "ImportError" | "ModuleNotFoundError" if asks_to_install(message) => Some(Category::DependencyError),
        "OSError" | "RuntimeError" | "Exception" | "URLError" | "HTTPError" | "ApiException" => {
            let resource = ["(404)", "404 Not Found", "HTTP Error 404", "NotFound"];
            let machine = [
                "No space left",
                "Connection refused",
                "Name or service not known",
                "Temporary failure in name resolution",
                "Network is unreach",
                "Address already in use",
                "Read-only file system",
                "Too many open files",
            ];
            if says(&resource) {
                return Some(Category::ResourceError);
            }
            says(&machine).then_some(Category::EnvironmentError)
        }
        "Error" if says(&["unsupported locale setting"]) => Some(Category::EnvironmentError),
        _ => None,
    }
}

/// Whether a message says that a package has to be installed, as code with optional dependencies does.
pub fn asks_to_install(message: &str) -> bool {
    let words = [
        "pip install",
        "to be installed",
        "not installed",
        "must be installed",
        "Missing optional dependency",
        "requires the ",
    ];
    words.iter().any(|words| message.contains(words))
}

fn by_type(name: &str) -> Category {
    match name {
        "ImportError" | "ModuleNotFoundError" => Category::ImportError,
        "AttributeError" | "FrozenInstanceError" => Category::AttributeError,
        "NameError" | "UnboundLocalError" => Category::NameError,
        "TypeError" => Category::TypeError,
        "AssertionError" | "MismatchError" | "Failed" | "Exit" => Category::AssertionError,
        "KeyError" => Category::KeyError,
        "SyntaxError" | "IndentationError" | "TabError" => Category::SyntaxError,
        "FixtureLookupError" | "ScopeMismatchError" => Category::FixtureError,
        "FileNotFoundError" | "NotADirectoryError" | "IsADirectoryError" | "NoSuchElementException" => {
            Category::ResourceError
        }
        "PermissionError" | "BlockingIOError" | "MemoryError" | "gaierror" | "SSLError" | "ProxyError" => {
            Category::EnvironmentError
        }
        "PackageNotFoundError" | "DistributionNotFound" | "VersionConflict" => Category::DependencyError,
        "" => Category::Unknown,
        name if name.contains("Timeout") || name.contains("TimedOut") => Category::TimeoutError,
        name if name.contains("NotFound") => Category::ResourceError,
        name if name.starts_with("Connect") || name.starts_with("Connection") || name == "BrokenPipeError" => {
            Category::EnvironmentError
        }
        name if BUILT_IN.contains(&name) || name.ends_with("Warning") => Category::LogicError,
        _ => Category::Unknown,
    }
}

/// Built-in exceptions that a wrong use of values raises.
const BUILT_IN: &[&str] = &[
    "ValueError",
    "IndexError",
    "LookupError",
    "ZeroDivisionError",
    "ArithmeticError",
    "OverflowError",
    "RuntimeError",
    "RecursionError",
    "NotImplementedError",
    "StopIteration",
    "StopAsyncIteration",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "SystemExit",
    "JSONDecodeError",
    "Exception",
    "ExceptionGroup",
    "BaseExceptionGroup",
    "EOFError",
    "BufferError",
    "ReferenceError",
    "OSError",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(exc_type: &str, message: &str, expect: Category) {
        let snapshot = Snapshot::in_memory([("shop/cart.py", ""), ("tests/test_a.py", "")]);
        let failure = Failure { exc_type: Some(exc_type.into()), message: Some(message.into()), ..Failure::default() };
        assert_eq!(category(&snapshot, &failure, &Complaint::of(&failure)), expect, "{exc_type}: {message}");
    }

    #[test]
    fn every_category_has_an_exception() {
        check("ImportError", "cannot import name 'Cart' from 'shop.cart' (/p/shop/cart.py)", Category::ImportError);
        check("ModuleNotFoundError", "No module named 'shop.basket'", Category::ImportError);
        check("ModuleNotFoundError", "No module named 'distutils'", Category::ImportError);
        check("ModuleNotFoundError", "No module named 'no_such_package'", Category::DependencyError);
        let lacks = "Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.";
        check("ImportError", lacks, Category::DependencyError);
        check("ImportError", "The transport requires the azure-identity library", Category::DependencyError);
        check("ModuleNotFoundError", "validate_spec requires prance to be installed.", Category::DependencyError);
        check("ImportError", "libfoo.so.1: cannot open shared object file", Category::DependencyError);
        check("AttributeError", "'Cart' object has no attribute 'totl'", Category::AttributeError);
        check("NameError", "name 'os' is not defined", Category::NameError);
        check("TypeError", "add() takes 1 positional argument but 2 were given", Category::TypeError);
        check("AssertionError", "assert 1 == 2", Category::AssertionError);
        check("Failed", "DID NOT RAISE <class 'ValueError'>", Category::AssertionError);
        check("Failed", "Timeout >10.0s", Category::TimeoutError);
        check("TimeoutExpiredError", "Timed Out: 300", Category::TimeoutError);
        check("Failed", "fixture 'client' not found", Category::FixtureError);
        check("Failed", "Marks cannot be applied to fixtures.", Category::FixtureError);
        check("Failed", "'test_a' requested an async fixture 'a', with no plugin or hook", Category::FixtureError);
        check("AttributeError", "'SubRequest' object has no attribute 'param'", Category::FixtureError);
        check("Failed", "'slwo' not found in `markers` configuration option", Category::FixtureError);
        check("Failed", "Fixture \"client\" called directly. Fixtures are not meant", Category::FixtureError);
        check("Failed", "async def functions are not natively supported.\nYou need", Category::DependencyError);
        check("NotFoundError", "virtualmachines.kubevirt.io \"vm\" not found", Category::ResourceError);
        check("FileNotFoundError", "[Errno 2] No such file or directory: 'a.txt'", Category::ResourceError);
        check("KeyError", "'phase'", Category::KeyError);
        check("ValueError", "'phase' is not a valid field", Category::KeyError);
        check("SyntaxError", "invalid syntax", Category::SyntaxError);
        check("ConnectionRefusedError", "[Errno 111] Connection refused", Category::EnvironmentError);
        check("NoMockAddress", "No mock address: GET https://a.test/b", Category::ResourceError);
        check("ValueError", "not enough values to unpack", Category::LogicError);
        check("OutOfStock", "sold out", Category::Unknown);
    }
}
