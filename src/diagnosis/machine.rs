//! What the machine or a service refused, in words, and where the code asked for it.

use crate::report::{Failure, Frame, Phase};
use crate::text::FilePath;
use crate::workspace::Snapshot;

use super::{Site, product};

/// What a machine says, and how a person would put it; `@` is the place that asked.
const REFUSALS: [(&[&str], &str); 11] = [
    (
        &["Connection refused", "ConnectionRefused"],
        "nothing answers the connection that @ opens: is the service running?",
    ),
    (
        &["Name or service not known", "name resolution", "nodename nor servname", "getaddrinfo failed"],
        "the host that @ calls is not found: is there a network?",
    ),
    (&["Network is unreach", "No route to host"], "there is no network for the call at @"),
    (&["No space left"], "the disk is full, and @ writes to it"),
    (
        &["Address already in use"],
        "another program holds the address that @ listens on, or an earlier test left it open",
    ),
    (&["Read-only file system"], "the file system that @ writes to is read-only"),
    (&["Too many open files"], "no more files may be open at once, and @ opens one"),
    (&["unsupported locale"], "this machine lacks the locale that @ sets"),
    (&["CERTIFICATE_VERIFY_FAILED", "SSL"], "the certificate of the host that @ calls is not trusted here"),
    (&["[Errno 13]", "[Errno 1]"], "the user who runs the tests has no right to what @ asks for"),
    (&["MemoryError"], "there is not enough memory for what @ asks for"),
];

/// What was refused; `None` where the product refuses itself, by a line that it got since the test was touched.
pub fn refused(snapshot: &Snapshot, failure: &Failure, site: Option<&Site>) -> Option<String> {
    let name = failure.exc_type.as_deref().unwrap_or("the exception");
    let said = format!("{name}: {}", failure.message.as_deref().unwrap_or_default());
    let place = place(snapshot, failure);
    if place.as_ref().is_some_and(|place| place.raises(snapshot) && place.is_new(snapshot, site)) {
        return None;
    }
    let place = place.map_or("the test".to_string(), |place| place.to_string());
    let known = REFUSALS.iter().find(|(words, _)| words.iter().any(|word| said.contains(word)));
    Some(match known {
        Some((_, text)) => text.replace('@', &place),
        None => format!("the machine or a service refused what {place} asks for ({name})"),
    })
}

/// The environment variable that is not set, and who reads it.
pub fn unset(snapshot: &Snapshot, failure: &Failure, key: &str) -> String {
    let reader = place(snapshot, failure).map(|place| format!(", which {place} reads,")).unwrap_or_default();
    format!("the environment variable `{key}`{reader} is not set")
}

/// The variable that `os.getenv("KEY")` found unset, where the line that failed asks for it.
pub fn unset_option(snapshot: &Snapshot, failure: &Failure, site: Option<&Site>) -> Option<String> {
    let place = place(snapshot, failure).filter(|place| !place.is_new(snapshot, site))?;
    let line = place.text(snapshot)?;
    let asked = ["getenv(", "environ.get("].iter().find_map(|call| Some(line.split_once(call)?.1))?;
    let quote = asked.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (key, rest) = asked[1..].split_once(quote)?;
    rest.starts_with(')').then(|| unset(snapshot, failure, key))
}

/// Whether Python was to start a program.
pub fn is_of_subprocess(failure: &Failure) -> bool {
    failure.frames.last().is_some_and(|frame| frame.path.ends_with("/subprocess.py"))
}

/// The program that is not there, where the product did not begin to ask for it.
pub fn absent_program(snapshot: &Snapshot, failure: &Failure, site: Option<&Site>) -> Option<String> {
    let program = failure.message.as_deref()?.split_once("No such file or directory: '")?.1.split('\'').next()?;
    let place = place(snapshot, failure)?;
    let hunks = site.map(|site| product::hunks(snapshot, &site.path)).unwrap_or_default();
    let is_new = hunks.iter().any(|hunk| hunk.added.iter().any(|line| line.contains(program)));
    (!is_new).then(|| format!("the program `{program}`, which {place} starts, is not on this machine"))
}

/// What fails wherever it runs, and says so itself: a recursion without end, a program that ends itself, a conftest that
/// raises while pytest loads it.
pub fn certain(snapshot: &Snapshot, failure: &Failure) -> Option<String> {
    let place = place(snapshot, failure)?;
    match failure.exc_type.as_deref()? {
        "RecursionError" => Some(format!("the calls at {place} do not end")),
        "SystemExit" => Some(format!("{place} ends the program")),
        _ if failure.phase < Phase::Setup && place.path.file_name() == "conftest.py" => {
            Some(format!("{place} raises while pytest loads it, and no test below it can run"))
        }
        _ => None,
    }
}

/// A line of the project on the trace.
pub struct Place<'f> {
    /// The file.
    pub path: FilePath,
    frame: &'f Frame,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.frame.line)
    }
}

impl Place<'_> {
    fn text(&self, snapshot: &Snapshot) -> Option<String> {
        let text = snapshot.text(&self.path)?;
        Some(text.lines().nth(self.frame.line.checked_sub(1)? as usize)?.trim().to_string())
    }

    /// Whether the line raises itself what stopped the test.
    fn raises(&self, snapshot: &Snapshot) -> bool {
        self.text(snapshot).is_some_and(|line| line.starts_with("raise"))
    }

    /// Whether the product's line came since the test was touched.
    fn is_new(&self, snapshot: &Snapshot, site: Option<&Site>) -> bool {
        let Some(line) = self.text(snapshot) else { return false };
        let hunks = site.map(|site| product::hunks(snapshot, &site.path)).unwrap_or_default();
        hunks.iter().any(|hunk| hunk.path == self.path && hunk.added.iter().any(|added| added.trim() == line))
    }
}

/// The innermost line of the project.
pub fn place<'f>(snapshot: &Snapshot, failure: &'f Failure) -> Option<Place<'f>> {
    let own = |frame: &'f Frame| {
        let path = snapshot.file_path(&frame.path);
        (path.is_inside() && snapshot.text(&path).is_some()).then_some(Place { path, frame })
    };
    failure.frames.iter().rev().find_map(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(exc_type: &str, message: &str, frames: &[(&str, u32)]) -> Failure {
        let frame = |(path, line): &(&str, u32)| Frame { path: path.to_string(), line: *line, ..Frame::default() };
        Failure {
            exc_type: Some(exc_type.to_string()),
            message: Some(message.to_string()),
            frames: frames.iter().map(frame).collect(),
            ..Failure::default()
        }
    }

    fn project(line: &str) -> Snapshot {
        let text = format!("import os\n{line}\n");
        Snapshot::in_memory([("shop.py", text.as_str()), ("tests/test_shop.py", "\n")])
    }

    #[test]
    fn what_a_service_refused_is_said_with_the_place_that_asked() {
        let trace = [("tests/test_shop.py", 1), ("shop.py", 2), ("/usr/lib/python3.11/socket.py", 851)];
        let failure = failed("ConnectionRefusedError", "[Errno 111] Connection refused", &trace);
        let told = refused(&project("connect()"), &failure, None).unwrap();
        assert_eq!(told, "nothing answers the connection that shop.py:2 opens: is the service running?");
        let failure = failed("BlockingIOError", "[Errno 11] busy", &trace);
        let told = refused(&project("connect()"), &failure, None).unwrap();
        assert_eq!(told, "the machine or a service refused what shop.py:2 asks for (BlockingIOError)");
    }

    #[test]
    fn a_variable_that_is_read_without_a_default_is_named() {
        let failure = failed("AttributeError", "'NoneType' object has no attribute 'upper'", &[("shop.py", 2)]);
        let told = |line: &str| unset_option(&project(line), &failure, None);
        let reason = "the environment variable `KEY`, which shop.py:2 reads, is not set";
        assert_eq!(told("x = os.getenv('KEY').upper()").as_deref(), Some(reason));
        assert_eq!(told("x = os.environ.get(\"KEY\").upper()").as_deref(), Some(reason));
        assert_eq!(told("x = os.getenv('KEY', 'a').find().upper()"), None);
        assert_eq!(told("x = find('KEY').upper()"), None);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let trace = [("shop.py", 2), ("/usr/lib/python3.11/subprocess.py", 1953)];
        let failure = failed("FileNotFoundError", "[Errno 2] No such file or directory: 'dot'", &trace);
        assert!(is_of_subprocess(&failure));
        let told = absent_program(&project("run(['dot'])"), &failure, None).unwrap();
        assert_eq!(told, "the program `dot`, which shop.py:2 starts, is not on this machine");
    }
}
