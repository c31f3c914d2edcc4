//! The keys of `[tool.pytest-medic]`: one row for each.

use std::fmt;

use super::Config;

/// A key, how it is set and how it is shown.
pub struct Key {
    /// As written in pyproject.toml.
    pub name: &'static str,
    /// The ini option of pytest that means the same.
    pub ini: Option<&'static str>,
    /// The environment variables that mean the same; a later one wins.
    pub variables: &'static [&'static str],
    pub(super) set: fn(&mut Config, &Value) -> Result<(), &'static str>,
    pub(super) show: fn(&Config) -> String,
}

/// A value as some source wrote it. Text sources (ini, environment) write everything as text.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    List(Vec<String>),
    Table(Vec<(String, String)>),
    /// A date, a nested list, a table of tables: what was written.
    Other(String),
}

/// Keys that only a person may switch on, in the editor or the environment: a project's files come from others.
pub(super) const PERSONAL: [&str; 1] = ["validate"];

impl Key {
    /// All keys, in the order of the documentation.
    pub const ALL: [Self; 19] = [
        Self {
            name: "enabled",
            ini: Some("healing_enabled"),
            variables: &["PYTEST_HEALING_ENABLED"],
            set: |config, value| value.flag().map(|value| config.enabled = value),
            show: |config| config.enabled.to_string(),
        },
        Self {
            name: "runner",
            ini: None,
            variables: &["PYTEST_MEDIC_RUNNER"],
            set: |config, value| value.text().map(|value| config.runner = Some(value)),
            show: |config| config.runner.clone().unwrap_or_else(|| "found by itself".to_string()),
        },
        Self {
            name: "log",
            ini: None,
            variables: &["PYTEST_MEDIC_LOG"],
            set: |config, value| value.text().map(|value| config.log = value),
            show: |config| config.log.clone(),
        },
        Self {
            name: "logs",
            ini: None,
            variables: &[],
            set: |config, value| value.list().map(|value| config.logs = value),
            show: |config| config.logs.join(", "),
        },
        Self {
            name: "max-iterations",
            ini: Some("healing_max_retries"),
            variables: &["PYTEST_HEALING_MAX_RETRIES"],
            set: |config, value| {
                let number = value.number().filter(|number| number.fract() == 0.0 && (1.0..=100.0).contains(number));
                number.map(|number| config.max_iterations = number as u32).ok_or("a whole number from 1 to 100")
            },
            show: |config| config.max_iterations.to_string(),
        },
        Self {
            name: "confidence",
            ini: Some("healing_confidence_threshold"),
            variables: &["PYTEST_HEALING_CONFIDENCE_THRESHOLD", "PYTEST_HEALING_CONFIDENCE"],
            set: |config, value| {
                let number = value.number().filter(|number| (0.0..=1.0).contains(number));
                number.map(|number| config.confidence = number).ok_or("a number from 0 to 1")
            },
            show: |config| config.confidence.to_string(),
        },
        Self {
            name: "timeout-cap",
            ini: None,
            variables: &["PYTEST_MEDIC_TIMEOUT_CAP"],
            set: |config, value| {
                let number = value.number().filter(|number| *number > 0.0 && number.is_finite());
                number.map(|number| config.timeout_cap = number).ok_or("a number of seconds above 0")
            },
            show: |config| format!("{} s", config.timeout_cap),
        },
        Self {
            name: "ci",
            ini: None,
            variables: &["CI"],
            set: |config, value| value.flag().map(|value| config.ci = value),
            show: |config| config.ci.to_string(),
        },
        Self {
            name: "renames",
            ini: None,
            variables: &[],
            set: |config, value| value.table().map(|value| config.renames = value),
            show: |config| shown(&config.renames),
        },
        Self {
            name: "resource-renames",
            ini: None,
            variables: &[],
            set: |config, value| value.table().map(|value| config.resource_renames = value),
            show: |config| shown(&config.resource_renames),
        },
        Self {
            name: "auto-commit",
            ini: Some("healing_auto_commit"),
            variables: &["PYTEST_HEALING_AUTO_COMMIT"],
            set: |config, value| value.flag().map(|value| config.auto_commit = value),
            show: |config| config.auto_commit.to_string(),
        },
        Self {
            name: "graveyards",
            ini: None,
            variables: &[],
            set: |config, value| value.list().map(|value| config.graveyards = value),
            show: |config| config.graveyards.join(", "),
        },
        Self {
            name: "ignored-lessons",
            ini: None,
            variables: &[],
            set: |config, value| value.list().map(|value| config.ignored_lessons = value),
            show: |config| config.ignored_lessons.join(", "),
        },
        Self {
            name: "exclude",
            ini: None,
            variables: &[],
            set: |config, value| value.list().map(|value| config.exclude = value),
            show: |config| config.exclude.join(", "),
        },
        Self {
            name: "python",
            ini: None,
            variables: &["PYTEST_MEDIC_PYTHON"],
            set: |config, value| value.text().map(|value| config.python = Some(value)),
            show: |config| config.python.clone().unwrap_or_else(|| "found by itself".to_string()),
        },
        Self {
            name: "mcp-server",
            ini: Some("healing_mcp_server"),
            variables: &["PYTEST_HEALING_MCP_SERVER"],
            set: |config, value| value.text().map(|value| config.mcp_server = Some(value)),
            show: |config| config.mcp_server.clone().unwrap_or_else(|| "none".to_string()),
        },
        Self {
            name: "pythonpath",
            ini: Some("pythonpath"),
            variables: &[],
            set: |config, value| value.list().map(|value| config.pythonpath = value),
            show: |config| config.pythonpath.join(", "),
        },
        Self {
            name: "validate",
            ini: None,
            variables: &["PYTEST_MEDIC_VALIDATE"],
            set: |config, value| value.flag().map(|value| config.validate = Some(value)),
            show: |config| config.validate.map_or("once a run was started".to_string(), |value| value.to_string()),
        },
        Self {
            name: "validate-with-runner",
            ini: None,
            variables: &["PYTEST_MEDIC_VALIDATE_WITH_RUNNER"],
            set: |config, value| value.flag().map(|value| config.validate_with_runner = value),
            show: |config| config.validate_with_runner.to_string(),
        },
    ];
}

impl Value {
    /// The value of an environment variable. CI systems set `CI` to their name, or to anything.
    pub(super) fn of_variable(name: &str, text: String) -> Self {
        let value = Self::Text(text);
        match name {
            "CI" => Self::Flag(value.flag().unwrap_or(true)),
            _ => value,
        }
    }

    /// A value of an editor's settings; `None` for `null`, which means "not set".
    pub(super) fn from_json(value: &serde_json::Value) -> Option<Self> {
        use serde_json::Value as Json;
        Some(match value {
            Json::Null => return None,
            Json::Bool(flag) => Self::Flag(*flag),
            Json::Number(number) => Self::Number(number.as_f64()?),
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(items) => match items.iter().map(|item| item.as_str().map(String::from)).collect() {
                Some(items) => Self::List(items),
                None => Self::Other(value.to_string()),
            },
            Json::Object(entries) => {
                let entry = |(old, new): (&String, &Json)| Some((old.clone(), new.as_str()?.to_string()));
                entries
                    .iter()
                    .map(entry)
                    .collect::<Option<_>>()
                    .map_or_else(|| Self::Other(value.to_string()), Self::Table)
            }
        })
    }

    fn text(&self) -> Result<String, &'static str> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Ok(text.clone()),
            Self::Text(_) => Err("a string that is not empty"),
            _ => Err("a string"),
        }
    }

    pub(super) fn flag(&self) -> Result<bool, &'static str> {
        let wrong = Err("true or false");
        match self {
            Self::Flag(flag) => Ok(*flag),
            Self::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(true),
                "false" | "no" | "off" | "0" => Ok(false),
                _ => wrong,
            },
            _ => wrong,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Old names with their new ones.
    fn table(&self) -> Result<Vec<(String, String)>, &'static str> {
        match self {
            Self::Table(entries) => Ok(entries.clone()),
            _ => Err("a table of strings: { old = \"new\" }"),
        }
    }

    /// A list; text is split at whitespace, as pytest does with `pythonpath`.
    fn list(&self) -> Result<Vec<String>, &'static str> {
        match self {
            Self::List(items) => Ok(items.clone()),
            Self::Text(text) => Ok(text.split_whitespace().map(String::from).collect()),
            _ => Err("a list of strings"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::List(items) => write!(f, "{items:?}"),
            Self::Table(entries) => f.write_str(&shown(entries)),
            Self::Other(written) => f.write_str(written),
        }
    }
}

/// `spireserver = spire-server, …`.
fn shown(entries: &[(String, String)]) -> String {
    entries.iter().map(|(old, new)| format!("{old} = {new}")).collect::<Vec<_>>().join(", ")
}

/// `maxIterations` and `max_iterations` are `max-iterations`.
pub(super) fn kebab(key: &str) -> String {
    let mut result = String::new();
    for c in key.chars() {
        if c.is_uppercase() {
            result.push('-');
        }
        result.extend(c.to_lowercase());
    }
    result.replace('_', "-")
}
