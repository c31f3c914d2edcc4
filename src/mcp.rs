//! The server of the setting `mcp-server`: asked over MCP for a fix where nothing else was found.
//!
//! The server offers a tool `heal` (docs/mcp.md). Its answer is a candidate like any other: the guard and the trial
//! runs decide, and it is only ever taken where changes for review are accepted.

use std::future::Future;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::transport::StreamableHttpClientTransport;
use serde::{Deserialize, Serialize};

use crate::diagnosis::{Category, Verdict};
use crate::fix::{Confidence, Evidence, EvidenceKind, Fix, Place, Tier};
use crate::heal::Healing;
use crate::text::{Edit, FilePath};
use crate::workspace::Snapshot;

/// The tool that a server has to offer.
const TOOL: &str = "heal";
/// The id under which its fixes are remembered.
const STRATEGY: &str = "mcp";
/// How long one question may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a server says of its own answer counts up to here: it is a claim, nothing was measured.
const MOST_CONFIDENCE: f64 = 0.8;

/// What the server is told: the failure, why it is thought to have happened, and the file it stands in.
#[derive(Debug, Serialize)]
struct Question<'a> {
    nodeid: &'a str,
    path: &'a FilePath,
    line: Option<u32>,
    exc_type: Option<&'a str>,
    message: Option<&'a str>,
    category: Category,
    verdict: Verdict,
    reason: &'a str,
    culprit: Option<&'a str>,
    text: &'a str,
}

/// What the server says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    fix_available: bool,
    description: String,
    path: Option<String>,
    old_code: String,
    new_code: String,
    confidence: f64,
    suggestions: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody answered, or not in MCP.
    #[error("the MCP server {url} did not answer: {why}; see the setting `mcp-server`")]
    NoAnswer {
        /// Its address.
        url: String,
        /// What happened.
        why: String,
    },
    /// It answered, and not as docs/mcp.md says.
    #[error("the MCP server {url} {why}; docs/mcp.md tells what its tool `heal` has to return")]
    Misunderstood {
        /// Its address.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// It knows no fix.
    #[error("the MCP server {url} has no fix{}", .suggestions.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    NoFix {
        /// Its address.
        url: String,
        /// What it says instead.
        suggestions: Option<String>,
    },
}

/// The fix that the server at `url` has for `healing`, not yet guarded.
pub fn ask(url: &str, snapshot: &Snapshot, healing: &Healing) -> Result<Fix, AskError> {
    let misunderstood = |why: String| AskError::Misunderstood { url: url.to_string(), why };
    let no_answer = |why: String| AskError::NoAnswer { url: url.to_string(), why };
    let diagnosis = &healing.diagnosis;
    let failure = &diagnosis.failure;
    let file = failure.nodeid.split("::").next().unwrap_or_default();
    let path = diagnosis.site.as_ref().map_or_else(|| FilePath::new(file), |site| site.path.clone());
    let text = snapshot.text(&path).ok_or_else(|| misunderstood(format!("was not asked: {path} cannot be read")))?;
    let question = Question {
        nodeid: &failure.nodeid,
        path: &path,
        line: failure.line,
        exc_type: failure.exc_type.as_deref(),
        message: failure.message.as_deref(),
        category: diagnosis.category,
        verdict: diagnosis.verdict,
        reason: &diagnosis.reason,
        culprit: diagnosis.culprit.as_deref(),
        text: &text,
    };
    let arguments = serde_json::to_value(&question).ok().and_then(|value| value.as_object().cloned());
    let result = in_time(call(url, arguments.unwrap_or_default())).map_err(no_answer)?;
    let answer = read(&result).map_err(misunderstood)?;
    if !answer.fix_available {
        let suggestions = Some(one_line(&answer.suggestions)).filter(|text| !text.is_empty());
        return Err(AskError::NoFix { url: url.to_string(), suggestions });
    }
    let path = answer.path.as_deref().map_or(path, FilePath::new);
    let text = Some(&path).filter(|path| path.is_inside()).and_then(|path| snapshot.text(path));
    let text = text.ok_or_else(|| misunderstood(format!("wants to edit {path}, which is no file here")))?;
    fix_of(url, &path, &text, &answer).map_err(misunderstood)
}

/// Runs to the end or to the limit of time.
fn in_time<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let limited = async { tokio::time::timeout(PATIENCE, work).await };
    runtime.block_on(limited).unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
}

async fn call(url: &str, arguments: serde_json::Map<String, serde_json::Value>) -> Result<CallToolResult, String> {
    let client = ().serve(StreamableHttpClientTransport::from_uri(url)).await.map_err(|error| error.to_string())?;
    let question = CallToolRequestParams::new(TOOL).with_arguments(arguments);
    let result = client.call_tool(question).await.map_err(|error| error.to_string());
    // The answer is here; how the session ends changes nothing.
    drop(client.cancel().await);
    result
}

/// The answer, structured or as JSON in the first text.
fn read(result: &CallToolResult) -> Result<Answer, String> {
    let text = result.content.iter().find_map(|block| block.as_text()).map(|text| text.text.as_str());
    if result.is_error == Some(true) {
        return Err(format!("could not heal: {}", one_line(text.unwrap_or("it does not say why"))));
    }
    let answer = match (&result.structured_content, text) {
        (Some(value), _) => serde_json::from_value(value.clone()),
        (None, Some(text)) => serde_json::from_str(text),
        (None, None) => return Err("returned nothing".to_string()),
    };
    answer.map_err(|error| format!("returned something else than the JSON of an answer: {error}"))
}

/// The edit that puts `new` in the place of `old`, which must stand in the file exactly once; else what is wrong.
pub fn replacement(path: &FilePath, text: &str, old: &str, new: &str) -> Result<Edit, String> {
    let mut places = text.match_indices(old).map(|(start, _)| start);
    match (old.is_empty(), places.next(), places.next()) {
        (true, ..) => Err("names no old_code to replace".to_string()),
        (_, None, _) => Err(format!("wants to replace code that is not in {path}")),
        (_, _, Some(_)) => Err(format!("wants to replace code that stands in {path} more than once")),
        (_, Some(start), None) => Ok(Edit::replace(path, start..start + old.len(), new)),
    }
}

fn fix_of(url: &str, path: &FilePath, text: &str, answer: &Answer) -> Result<Fix, String> {
    let edit = replacement(path, text, &answer.old_code, &answer.new_code)?;
    let title = match one_line(&answer.description) {
        empty if empty.is_empty() => format!("Apply the answer of {url}"),
        title => title,
    };
    let evidence = Evidence { kind: EvidenceKind::Agent, place: Place::Log, text: format!("{url} answers: {title}") };
    Ok(Fix {
        edits: vec![edit],
        confidence: Confidence::new(answer.confidence.min(MOST_CONFIDENCE)),
        strategy: STRATEGY,
        evidence: vec![evidence],
        tier: Tier::Review,
        title,
    })
}

/// A foreign text in one line that a terminal can show.
fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(300).collect()
}
