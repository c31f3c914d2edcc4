//! The settings of a project and where each value came from.

/// Settings, merged from the command line, the environment, the editor, pyproject.toml and pytest.ini.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The shell command line that runs tests; `{tests}` stands for the paths, else they are appended.
    pub runner: Option<String>,
    /// Where the output of a run goes, relative to the root.
    pub log: String,
    /// How often `heal` heals and reruns.
    pub max_iterations: u32,
    /// Fixes below this confidence are not applied without a person, 0 to 1.
    pub confidence: f64,
    /// The largest timeout a fix may write, in seconds.
    pub timeout_cap: f64,
    /// Graveyards besides GRAVEYARD.md at the root, as paths.
    pub graveyards: Vec<String>,
    /// Folders that imports start from besides the root and `src`, as pytest's `pythonpath`.
    pub pythonpath: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            runner: None,
            log: "test_run.log".to_string(),
            max_iterations: 3,
            confidence: 0.8,
            timeout_cap: 600.0,
            graveyards: Vec::new(),
            pythonpath: Vec::new(),
        }
    }
}
