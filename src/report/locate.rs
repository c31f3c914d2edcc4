//! The site of a failure: the line in the test file where it surfaces.

use super::rule::is_absolute;
use super::{Failure, Frame, Phase};
use crate::text::FilePath;

/// The folder that node ids are relative to.
pub(super) struct Root(String);

impl Root {
    pub(super) fn new(rootdir: impl AsRef<str>) -> Self {
        Self(rootdir.as_ref().replace('\\', "/").trim_end_matches('/').to_string())
    }

    /// What of `path` lies below the folder.
    fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (root, below) = path.split_at_checked(self.0.len())?;
        if root.eq_ignore_ascii_case(&self.0) { below.strip_prefix('/') } else { None }
    }
}

/// Writes a path relative to rootdir, with `/`.
pub(super) fn relative(path: &str, root: Option<&Root>) -> String {
    let mut path = path.to_string();
    make_relative(&mut path, root);
    path
}

fn make_relative(path: &mut String, root: Option<&Root>) {
    if path.contains('\\') {
        *path = path.replace('\\', "/");
    }
    let below = root.and_then(|root| root.below(path)).or_else(|| path.strip_prefix("./"));
    if let Some(below) = below.filter(|below| !below.is_empty()) {
        path.drain(..path.len() - below.len());
    }
}

/// Writes every path of a failure relative to rootdir.
pub(super) fn relate(failure: &mut Failure, root: Option<&Root>) {
    let causes = failure.chain.iter_mut().chain(&mut failure.group).flat_map(|cause| &mut cause.frames);
    let frames = failure.frames.iter_mut().chain(causes).map(|frame| &mut frame.path);
    frames.chain(&mut failure.path).for_each(|path| make_relative(path, root));
}

/// Fills in the site: the deepest frame in `file`, else the deepest one of the tests, where a test is inherited from
/// another file, else the deepest one of the project. What fails before the test begins fails in what the tests bring
/// with them: their helpers, conftests and the file itself.
pub(super) fn site(failure: &mut Failure, file: Option<&str>) {
    if let Some(path) = &failure.path {
        if let Some(file) = file.filter(|file| same_file(path, file)) {
            failure.path = Some(file.to_string());
        }
        return;
    }
    let frames = &failure.frames;
    let deepest = |is_it: &dyn Fn(&Frame) -> bool| frames.iter().rev().find(|frame| is_it(frame));
    let in_file = |frame: &&Frame| file.is_some_and(|file| same_file(&frame.path, file));
    let is_early = matches!(failure.phase, Phase::Collection | Phase::Conftest | Phase::Setup);
    let of_tests = |frame: &&Frame| is_early && is_of_tests(&frame.path) || in_file(frame);
    if let Some(frame) = frames.iter().rev().find(of_tests).filter(|frame| !in_file(frame)) {
        failure.line = Some(frame.line);
        failure.path = Some(frame.path.clone());
    } else if let Some(frame) = frames.iter().rev().find(in_file) {
        failure.line = Some(frame.line);
        failure.path = file.map(str::to_string);
    } else if let Some(frame) =
        deepest(&|frame| is_of_tests(&frame.path)).or_else(|| deepest(&|frame| is_of_project(&frame.path)))
    {
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

/// A helper or conftest below the root, or a test file.
fn is_of_tests(path: &str) -> bool {
    is_of_project(path) && !is_absolute(path) && !path.starts_with("../") && FilePath::new(path).is_test_code()
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
