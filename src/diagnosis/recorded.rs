//! Expectations that a plugin keeps in files of their own and writes anew when it is asked to.

use crate::report::Failure;

/// A plugin's words for a value that differs from the recorded one, and the option that records it anew.
const PLUGINS: [(&str, &str, &str); 6] = [
    ("FILES DIFFER:", "pytest-regressions", "--force-regen"),
    ("[- snapshot]", "syrupy", "--snapshot-update"),
    ("--snapshot-update", "the snapshot plugin", "--snapshot-update"),
    ("--inline-snapshot", "inline-snapshot", "--inline-snapshot=fix"),
    ("--update-goldens", "pytest-golden", "--update-goldens"),
    ("Image files did not match", "pytest-mpl", "--mpl-generate-path"),
];

/// Where the value that was expected is recorded, as a sentence fragment with the command that records it anew.
pub fn recorded(failure: &Failure) -> Option<String> {
    let message = failure.message.as_deref().filter(|_| failure.exc_type.as_deref() == Some("AssertionError"))?;
    let (_, plugin, option) = PLUGINS.iter().find(|(marker, ..)| message.contains(marker))?;
    // pytest-regressions names the copy of the file that it compared with.
    let path = message.lines().skip_while(|line| !line.contains("FILES DIFFER:")).nth(1);
    let place = match path.and_then(|path| path.trim().rsplit(['/', '\\']).next()) {
        Some(name) => format!("stands in {name}"),
        None => format!("is recorded by {plugin}"),
    };
    let nodeid = &failure.nodeid;
    Some(format!("what is expected {place}: `pytest {option} \"{nodeid}\"` writes it anew, for a person to look at"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(message: &str) -> Option<String> {
        let message = Some(message.to_string());
        let exc_type = Some("AssertionError".to_string());
        recorded(&Failure { nodeid: "t.py::test_a".into(), exc_type, message, ..Failure::default() })
    }

    #[test]
    fn the_file_and_the_command_that_writes_it() {
        let differ = "FILES DIFFER:\n/tmp/pytest-0/test_a/test_a.yml\n/tmp/pytest-0/test_a/test_a.obtained.yml\n";
        let expect = "what is expected stands in test_a.yml: `pytest --force-regen \"t.py::test_a\"` writes it anew, \
                      for a person to look at";
        assert_eq!(of(differ).as_deref(), Some(expect));
        let snapshot = of("assert [+ received] == [- snapshot]").unwrap();
        assert!(
            snapshot.starts_with("what is expected is recorded by syrupy: `pytest --snapshot-update "),
            "{snapshot}"
        );
        assert_eq!(of("assert 1 == 2"), None);
    }
}
