//! `pytest-medic mcp`: what coding agents ask for, over MCP on stdin and stdout.
//!
//! Each tool does what the subcommand of its name does and returns the same JSON. The one that edits hands an agent's
//! edit to the guard and to trial runs first, as a heal does with its own.

mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::schemars::{self, JsonSchema};
use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Failed, OK, graveyard, lookup, project, report, suggest};
use crate::diagnosis::diagnose;
use crate::fix::{Confidence, Evidence, EvidenceKind, Fix, Place, Tier};
use crate::guard;
use crate::heal::files::{FileError, back_up, editable, inside, write_atomic};
use crate::heal::history::{self, Entry, History, Outcome};
use crate::heal::lesson::{lesson_of, record};
use crate::heal::run_loop::{TRIALS, applied};
use crate::heal::{Healing, clock, expectations, patches};
use crate::mcp::replacement;
use crate::report::{Failure, Report};
use crate::text::FilePath;
use crate::validation::runner::Cancel;
use crate::validation::{Rerun, Verdict};
use crate::workspace::{Snapshot, graveyards};

/// Serves coding agents: failures, evidence, fixes and lessons over the Model Context Protocol; edits only through
/// the guard.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example (an agent's configuration):
  {\"mcpServers\": {\"pytest-medic\": {\"command\": \"pytest-medic\", \"args\": [\"mcp\"]}}}")]
pub struct Args {}

/// Serves until the client closes stdin.
pub fn run(_args: &Args) -> Result<u8, Failed> {
    let stopped = |error: String| Failed::runner(format!("the MCP server stopped: {error}"));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| stopped(error.to_string()))?;
    runtime.block_on(async {
        let (ends, written) = wire::between(tokio::io::stdin(), tokio::io::stdout());
        let service = Medic.serve(ends).await.map_err(|error| stopped(error.to_string()))?;
        service.waiting().await.map_err(|error| stopped(error.to_string()))?;
        written.await.map_err(|error| stopped(error.to_string()))?;
        Ok(OK)
    })
}

/// The tools. They keep nothing: each call reads the project as it stands.
#[derive(Clone)]
struct Medic;

/// Which finished runs to read.
#[derive(Deserialize, JsonSchema)]
struct Logs {
    /// Logs, JUnit XML or other reports of runs, relative to the project; the project's own log by default.
    #[serde(default)]
    logs: Vec<PathBuf>,
}

#[derive(Deserialize, JsonSchema)]
struct SuggestRequest {
    #[serde(flatten)]
    logs: Logs,
    /// Run the failing tests with each fix in place of the file, which stays as it is.
    #[serde(default)]
    validate: bool,
}

#[derive(Deserialize, JsonSchema)]
struct LookupRequest {
    /// A name, or a dotted path such as `shop.cart.Cart.total`.
    name: String,
    /// Look into this installed package instead of the project.
    distribution: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct LessonsRequest {
    /// Words, or code that may repeat a mistake.
    query: String,
}

/// An agent's edit for one failing test.
#[derive(Deserialize, JsonSchema)]
struct EditRequest {
    #[serde(flatten)]
    logs: Logs,
    /// The node id of the failing test.
    nodeid: String,
    /// The test file to edit, relative to the project; the failing test's own by default.
    path: Option<String>,
    /// What to replace: it must stand in the file exactly once.
    old_code: String,
    /// What to write instead.
    new_code: String,
    /// What the edit does, in one line.
    title: String,
    /// Write it to the file if the guard lets it pass and the test then passes; what changes what the test expects
    /// becomes a patch for a person instead.
    #[serde(default)]
    apply: bool,
}

#[tool_router]
impl Medic {
    #[tool(description = "Failures of finished pytest runs, each with its place, message and diagnosis. Runs nothing.")]
    async fn failures(&self, Parameters(request): Parameters<Logs>) -> Result<String, String> {
        answer(move || {
            let snapshot = project::open()?;
            Ok(report::as_json(&snapshot, read(&snapshot, request)?))
        })
        .await
    }

    #[tool(
        description = "Fixes for the failures of finished pytest runs, with evidence, diff and what the guard refused."
    )]
    async fn suggest(&self, Parameters(request): Parameters<SuggestRequest>) -> Result<String, String> {
        answer(move || {
            let snapshot = project::open()?;
            let report = read(&snapshot, request.logs)?;
            suggest::as_json(&snapshot.ran_by(report.python()), &report, request.validate)
        })
        .await
    }

    #[tool(description = "What is known of a Python name: definitions with signatures, what a commit renamed it to.")]
    async fn lookup(&self, Parameters(request): Parameters<LookupRequest>) -> Result<String, String> {
        answer(move || {
            let snapshot = project::open()?;
            Ok(json!(lookup::answers(&snapshot, &request.name, request.distribution.as_deref())?))
        })
        .await
    }

    #[tool(description = "Lessons of GRAVEYARD.md that fit words or a piece of code: read them before writing a test.")]
    async fn lessons(&self, Parameters(request): Parameters<LessonsRequest>) -> Result<String, String> {
        answer(move || {
            let snapshot = project::open()?;
            Ok(graveyard::search::as_json(&graveyard::search::found(&snapshot, &request.query)))
        })
        .await
    }

    #[tool(
        description = "Tries an edit of a failing test: refused where it checks less, else run in place of the file."
    )]
    async fn edit(&self, Parameters(request): Parameters<EditRequest>) -> Result<String, String> {
        answer(move || edit(request)).await
    }
}

#[tool_handler(name = "pytest-medic")]
impl ServerHandler for Medic {}

/// Does `work` beside the protocol and prints its result, or why there is none.
async fn answer(work: impl FnOnce() -> Result<Value, Failed> + Send + 'static) -> Result<String, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(format!("{value:#}")),
        Ok(Err(failed)) => Err(failed.message),
        Err(_) => Err("pytest-medic failed at this; the next call is fine".to_string()),
    }
}

fn read(snapshot: &Snapshot, request: Logs) -> Result<Report, Failed> {
    let root = project::root(snapshot);
    let own = || vec![PathBuf::from(&snapshot.config().log)];
    let logs = if request.logs.is_empty() { own() } else { request.logs };
    project::read_logs(&logs.into_iter().map(|log| root.join(log)).collect::<Vec<_>>())
}

fn edit(request: EditRequest) -> Result<Value, Failed> {
    let snapshot = project::open()?;
    let report = read(&snapshot, request.logs)?;
    let failure = report.failures.iter().find(|failure| failure.nodeid == request.nodeid).ok_or_else(|| {
        Failed::usage(format!("{} does not fail in the log; the tool `failures` lists what does", request.nodeid))
    })?;
    let file = request.path.as_deref().unwrap_or_else(|| failure.nodeid.split("::").next().unwrap_or_default());
    let path = FilePath::new(file);
    let text = Some(&path).filter(|path| path.is_inside()).and_then(|path| snapshot.text(path));
    let text = text.ok_or_else(|| Failed::usage(format!("{path} is no file of the project")))?;
    let edit = replacement(&path, &text, &request.old_code, &request.new_code)
        .map_err(|why| Failed::usage(format!("the edit {why}")))?;
    let fix = Fix {
        evidence: vec![Evidence { kind: EvidenceKind::Agent, place: Place::Log, text: request.title.clone() }],
        title: request.title,
        strategy: "agent",
        edits: vec![edit],
        confidence: Confidence::new(0.5),
        tier: Tier::Review,
    };
    let diagnosis = diagnose(&snapshot, &failure.clone().into());
    let healing = Healing { diagnosis, fixes: Vec::new(), refused: Vec::new() };
    match guard::review(&snapshot, &healing.diagnosis, fix) {
        Err(refusal) => Ok(json!({"guard": refusal, "validation": null, "applied": false})),
        Ok(guarded) => {
            let rerun = try_out(&snapshot, failure, guarded.fix())?;
            let wanted = request.apply && matches!(rerun.verdict, Verdict::Passes { .. });
            let review = expectations::changed(&snapshot, &healing.diagnosis, &guarded.fix().edits);
            let patch = match review {
                Some(_) if wanted => Some(save(&snapshot, &healing, guarded.fix())?),
                None if wanted => apply(&snapshot, &healing, guarded.fix(), rerun.verdict.clone()).map(|()| None)?,
                _ => None,
            };
            Ok(json!({"guard": null, "validation": rerun.verdict, "failures": rerun.failures,
                "tier": if review.is_some() { Tier::Review } else { Tier::Safe }, "review": review, "patch": patch,
                "applied": wanted && review.is_none(), "next": patch.as_ref().map(|_| NEXT)}))
        }
    }
}

fn try_out(snapshot: &Snapshot, failure: &Failure, fix: &Fix) -> Result<Rerun, Failed> {
    let mut validator = project::validator(snapshot, Cancel::default())?;
    Ok(validator.validate(snapshot, &fix.edits, &[failure], TRIALS))
}

/// What an agent is told of an edit that waits.
const NEXT: &str = "nothing was written: a person takes or refuses the patch with `pytest-medic review`";

/// Leaves the edit as a patch for a person; its name below the root.
fn save(snapshot: &Snapshot, healing: &Healing, fix: &Fix) -> Result<String, Failed> {
    let root = project::root(snapshot);
    let patch = patches::save(&root, snapshot, &healing.diagnosis, fix)?;
    Ok(patch.strip_prefix(&root).unwrap_or(&patch).to_string_lossy().into_owned())
}

/// Writes the healed files, keeps the originals, and remembers the fix and its lesson.
fn apply(snapshot: &Snapshot, healing: &Healing, fix: &Fix, verdict: Verdict) -> Result<(), Failed> {
    let root = project::root(snapshot);
    let now = SystemTime::now();
    let Some(applied) = applied(snapshot, healing, fix.clone(), verdict) else { return Ok(()) };
    // Whatever cannot be written later is told while nothing is.
    inside(&root, &FilePath::new(graveyards::FILE))?;
    history::place(&root)?;
    let place = |(path, (_, after)): (&FilePath, &(Arc<str>, Arc<str>))| {
        back_up(&root, path, &clock::compact(now))?;
        Ok((editable(&root, snapshot, path)?, after.clone()))
    };
    let places: Vec<(PathBuf, Arc<str>)> = applied.texts.iter().map(place).collect::<Result<_, FileError>>()?;
    for (place, after) in places {
        write_atomic(&place, after.as_bytes())?;
    }
    History::open(&root).record(vec![Entry::new(&applied.failure, fix, Outcome::Applied)])?;
    let lesson = lesson_of(&applied, &clock::date(now));
    record(&root, &lesson).map(|_| ()).map_err(Failed::usage)
}
