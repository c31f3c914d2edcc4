//! Headlines of blocks, and the bridge between a headline's domain and a node id.

use std::borrow::Cow;

use super::{Phase, rule};

/// `ERROR at setup of TestA.test_b[1]`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Headline {
    pub(super) phase: Phase,
    /// The node id after its file, with `.` for `::`; a path for collection errors.
    pub(super) domain: String,
}

impl Headline {
    /// Reads `____ title ____`; pytest-sugar draws with `―`.
    pub(super) fn read(line: &str) -> Option<Self> {
        let title = match line.as_bytes().first()? {
            b'_' => rule::title(line, '_')?,
            0xe2 => rule::title(line, '\u{2015}')?,
            _ => return None,
        };
        Some(Self::of_title(title))
    }

    fn of_title(title: &str) -> Self {
        for (prefix, phase) in [
            ("ERROR at setup of ", Phase::Setup),
            ("ERROR at teardown of ", Phase::Teardown),
            ("ERROR collecting ", Phase::Collection),
        ] {
            if let Some(domain) = title.strip_prefix(prefix) {
                return Self { phase, domain: domain.to_string() };
            }
        }
        Self { phase: Phase::Call, domain: title.to_string() }
    }

    /// The headline of `ImportError while loading conftest '/abs/conftest.py'.`
    pub(super) fn of_conftest(line: &str) -> Option<Self> {
        let path = line.strip_prefix("ImportError while loading conftest '")?.trim_end().strip_suffix("'.")?;
        Some(Self { phase: Phase::Conftest, domain: path.to_string() })
    }

    /// The domain without what subtests add: `test_x [message] (i=1)`.
    pub(super) fn without_subtest(&self) -> &str {
        let name = self.domain.find(['[', ' ', '(']).unwrap_or(self.domain.len());
        let tail = &self.domain[name..];
        let parameters = match tail.starts_with('[') {
            true if !tail.contains(' ') => tail.len(),
            true => ["] [", "] ("].iter().filter_map(|end| tail.find(end)).min().map_or(tail.len(), |at| at + 1),
            false => 0,
        };
        &self.domain[..name + parameters]
    }
}

/// The domain of a node id: `tests/a.py::TestA::test_b[x::y]` gives `TestA.test_b[x::y]`; a bare path is its own.
pub(super) fn domain(nodeid: &str) -> Cow<'_, str> {
    let Some(colons) = rule::double_colon(nodeid) else { return nodeid.into() };
    let inner = &nodeid[colons + 2..];
    let names = inner.find('[').unwrap_or(inner.len());
    if rule::double_colon(&inner[..names]).is_none() {
        return inner.into();
    }
    format!("{}{}", inner[..names].replace("::", "."), &inner[names..]).into()
}

/// The node id of a domain in a file.
pub(super) fn nodeid(file: &str, domain: &str) -> String {
    format!("{file}::{}", nameless(domain))
}

/// The node id of a domain whose file nothing tells; a crashed worker's domain is a file.
pub(super) fn nameless(domain: &str) -> String {
    if domain.ends_with(".py") {
        return domain.to_string();
    }
    let names = domain.find('[').unwrap_or(domain.len());
    format!("{}{}", domain[..names].replace('.', "::"), &domain[names..])
}

/// The file of a node id; `""` where only the test's own name is known.
pub(super) fn file(nodeid: &str) -> &str {
    let file = rule::double_colon(nodeid).map_or(nodeid, |at| &nodeid[..at]);
    if file.contains(['.', '/']) && !file.contains('[') { file } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headlines_name_phase_and_domain() {
        let read = |line| Headline::read(line).map(|h| (h.phase, h.domain));
        assert_eq!(read("___ ERROR at setup of A.test_b[1] ___"), Some((Phase::Setup, "A.test_b[1]".into())));
        assert_eq!(read("_ ERROR collecting a/b.py _"), Some((Phase::Collection, "a/b.py".into())));
        assert_eq!(read("――― test_x ―――"), Some((Phase::Call, "test_x".into())));
    }

    #[test]
    fn a_subtest_hangs_on_its_test() {
        let test = |title: &str| Headline::of_title(title).without_subtest().to_string();
        assert_eq!(test("test_x [custom message] (i=1)"), "test_x");
        assert_eq!(test("A.test_x[1 - 2] (i=1)"), "A.test_x[1 - 2]");
        assert_eq!(test("test_x[a b]"), "test_x[a b]");
    }

    #[test]
    fn domain_and_node_id_are_two_spellings() {
        assert_eq!(domain("t/a.py::A::test_b[x::y]"), "A.test_b[x::y]");
        assert_eq!(nodeid("t/a.py", "A.test_b[x.y]"), "t/a.py::A::test_b[x.y]");
    }
}
