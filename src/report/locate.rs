//! The site of a failure: the line in the test file where it surfaces.

use super::rule::is_absolute;
use super::{Failure, Frame};

/// Writes paths relative to rootdir, with `/`.
pub(super) fn relative(path: &str, rootdir: Option<&str>) -> String {
    let path = path.replace('\\', "/");
    if let Some(root) = rootdir {
        let root = root.replace('\\', "/");
        let root = root.trim_end_matches('/');
        if path.len() > root.len()
            && path.is_char_boundary(root.len())
            && path[..root.len()].eq_ignore_ascii_case(root)
            && path[root.len()..].starts_with('/')
        {
            return path[root.len() + 1..].to_string();
        }
    }
    path.strip_prefix("./").unwrap_or(&path).to_string()
}

/// Writes every path of a failure relative to rootdir.
pub(super) fn relate(failure: &mut Failure, rootdir: Option<&str>) {
    let causes = failure.chain.iter_mut().chain(&mut failure.group).flat_map(|cause| &mut cause.frames);
    for frame in failure.frames.iter_mut().chain(causes) {
        frame.path = relative(&frame.path, rootdir);
    }
    failure.path = failure.path.take().map(|path| relative(&path, rootdir));
}

/// Fills in the site: the deepest frame in `file`, else the deepest one that belongs to the project.
pub(super) fn site(failure: &mut Failure, file: Option<&str>) {
    if let Some(path) = &failure.path {
        if let Some(file) = file.filter(|file| same_file(path, file)) {
            failure.path = Some(file.to_string());
        }
        return;
    }
    let frames = &failure.frames;
    let in_file = |frame: &&Frame| file.is_some_and(|file| same_file(&frame.path, file));
    if let Some(frame) = frames.iter().rev().find(in_file) {
        failure.line = Some(frame.line);
        failure.path = file.map(str::to_string);
    } else if let Some(frame) = frames.iter().rev().find(|frame| is_of_project(&frame.path)) {
        failure.line = Some(frame.line);
        failure.path = Some(frame.path.clone());
    } else {
        failure.path = file.map(str::to_string);
    }
}

/// The file that a failure's test lives in, where no summary tells: the outermost test-like frame.
pub(super) fn test_file(failure: &Failure) -> Option<&str> {
    let paths = || failure.frames.iter().map(|frame| frame.path.as_str());
    paths().find(|path| is_test_like(path)).or_else(|| paths().find(|path| is_of_project(path)))
}

/// `test_*.py` and `*_test.py`.
pub(super) fn is_test_like(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"))
}

/// Not of an installed package, the standard library or generated code.
pub(super) fn is_of_project(path: &str) -> bool {
    let outside = ["site-packages/", "dist-packages/", "/_pytest/", "/pluggy/", "lib/python"];
    !path.starts_with('<') && !outside.iter().any(|part| path.contains(part))
}

/// The same file, where one of both may be absolute.
pub(super) fn same_file(frame: &str, file: &str) -> bool {
    frame == file
        || (is_absolute(frame) && ends_with_path(frame, file))
        || (is_absolute(file) && ends_with_path(file, frame))
        || (frame.starts_with("../") && frame.trim_start_matches("../") == file)
}

fn ends_with_path(long: &str, short: &str) -> bool {
    long.strip_suffix(short.trim_start_matches("../")).is_some_and(|before| before.ends_with('/'))
}
