//! Several runs in one log that are parts of one whole: tox environments, nox sessions, the jobs of a CI workflow.

/// Which part of the whole the next run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Environment {
    /// What people call it: `py311`.
    pub(super) name: String,
    /// What tells it from the others: an environment may run pytest more than once.
    key: String,
}

impl Environment {
    /// Reads the line that announces a part: tox 4's `py311: commands[0]> pytest`, tox 3's
    /// `py311 run-test: commands[0] | pytest`, nox's `nox > Running session tests-3.11`, hatch's rule.
    pub(super) fn read(line: &str) -> Option<Self> {
        let name = of_tox(line).or_else(|| of_nox(line)).or_else(|| of_hatch(line))?;
        is_name(name).then(|| Self { name: name.to_string(), key: line.to_string() })
    }

    /// The job and step in front of each line of `gh run view --log`.
    pub(super) fn of_job(line: &str) -> Option<Self> {
        let mut columns = line.split('\t');
        let (job, step, _) = (columns.next()?, columns.next()?, columns.next()?);
        Some(Self { name: job.trim_end().to_string(), key: format!("{job}\t{step}") })
    }

    /// Whether both are the same part: the later run replaces the earlier one.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// nox names the session first and then each of its commands: `nox > pytest tests`.
    pub(super) fn with_command(&self, line: &str) -> Option<Self> {
        let command = line.strip_prefix("nox > ")?;
        let is_news = ["Running ", "Session ", "Creating ", "Re-using ", "Command ", "Ran "];
        let is_command = !is_news.iter().any(|news| command.starts_with(news));
        is_command.then(|| Self { name: self.name.clone(), key: format!("{} {command}", self.name) })
    }
}

/// A quick look at every line of a log.
pub(super) fn may_announce(line: &str) -> bool {
    match line.as_bytes().first() {
        Some(b'n') if line.starts_with("nox > ") => true,
        Some(0xe2) => line.starts_with('\u{2500}'),
        Some(_) => memchr::memchr(b':', line.as_bytes()).is_some_and(|at| line[at..].starts_with(": commands[")),
        None => false,
    }
}

fn of_tox(line: &str) -> Option<&str> {
    let at = line.find(": commands[")?;
    let digits = line[at + 11..].bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[at + 11 + digits..];
    let name = &line[..at];
    if rest.starts_with("]> ") {
        Some(name)
    } else {
        name.strip_suffix(" run-test").filter(|_| rest.starts_with("] | "))
    }
}

fn of_nox(line: &str) -> Option<&str> {
    line.strip_prefix("nox > Running session ").map(str::trim_end)
}

fn of_hatch(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix('\u{2500}')?.trim_matches('\u{2500}').trim();
    name.starts_with("hatch-test").then_some(name)
}

/// No sentence: names hold no blank, but nox's parameters may.
fn is_name(name: &str) -> bool {
    let plain = name.split('(').next().unwrap_or(name);
    !plain.is_empty() && plain.len() < 80 && plain.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+:".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_announces_its_parts() {
        let name = |line| Environment::read(line).map(|part| part.name);
        assert_eq!(name("py311-django4.2: commands[0]> pytest -q"), Some("py311-django4.2".into()));
        assert_eq!(name("py37 run-test: commands[1] | pytest"), Some("py37".into()));
        assert_eq!(name("nox > Running session tests-3.11(django='4.2')"), Some("tests-3.11(django='4.2')".into()));
        assert_eq!(name("────── hatch-test.py3.12 ──────"), Some("hatch-test.py3.12".into()));
        assert_eq!(name("py311: commands_pre[0]> pip install x"), None);
        assert_eq!(name("we ran this: commands[0]> pytest"), None);
        assert_eq!(name("tests/test_a.py::test_x PASSED"), None);
    }

    #[test]
    fn a_part_is_known_by_its_command() {
        let read = |line| Environment::read(line).unwrap();
        assert!(!read("py311: commands[0]> pytest a").is_same(&read("py311: commands[1]> pytest b")));
        let session = read("nox > Running session tests");
        let command = session.with_command("nox > pytest a").unwrap();
        assert!(command.is_same(&session.with_command("nox > pytest a").unwrap()));
        assert!(!command.is_same(&session.with_command("nox > pytest b").unwrap()));
        assert!(session.with_command("nox > Session tests was successful.").is_none());
        assert!(Environment::of_job("test (3.11)\tRun pytest\t2026-01-05T10:00:00Z ").is_some());
    }
}
