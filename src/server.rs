//! The language server: diagnostics, fixes and lessons in the editor.
//!
//! The main thread reads stdin and is the protocol's thread: it applies what changes the state at once, in
//! wire order ([`ingress`]), and hands requests, each with the [`world`] of its moment, to others. Worker
//! threads read logs and find failures in the texts ([`analysis`]); what they find is committed only if
//! the text is still the one they saw. A thread of its own writes stdout ([`transport`]), so nobody ever
//! waits for the client.

mod alike;
mod analysis;
mod backend;
mod client;
mod commands;
mod diagnostics;
mod document;
mod graveyard;
mod ingress;
mod jobs;
mod lessons;
mod mark;
mod notifications;
mod offers;
mod outline;
mod pages;
mod parent;
mod problems;
mod prove;
mod questions;
mod requests;
mod runs;
mod session;
mod to_proto;
mod transport;
mod watch;
mod world;

use std::io::{self, BufReader};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures::{FutureExt, SinkExt, StreamExt};
use serde_json::json;
use tower::Service;
use tower_lsp::jsonrpc::Response;
use tower_lsp::ls_types::{MessageType, Uri};
use tower_lsp::{Client, LspService};

use analysis::Job;
use ingress::Ingress;
use jobs::Jobs;
use session::Session;
use transport::{Incoming, Output};
use world::World;

/// How long runs, workers and the last messages may each take when the process ends.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// What all threads of the server share.
pub struct Server {
    session: Mutex<Session>,
    analysis: Jobs<Job>,
    publishing: Jobs<Uri>,
    output: Output,
    client: OnceLock<(Client, tokio::runtime::Handle)>,
    watching: watch::Watching,
    runs: runs::Runs,
    prover: prove::Prover,
    /// What the client was asked about its settings.
    asked: Arc<questions::Questions>,
    initialized: AtomicBool,
    shut_down: AtomicBool,
}

impl Server {
    fn new(output: Output) -> Self {
        Self {
            session: Mutex::default(),
            analysis: Jobs::default(),
            publishing: Jobs::default(),
            output,
            client: OnceLock::new(),
            watching: watch::Watching::default(),
            runs: runs::Runs::default(),
            prover: prove::Prover::default(),
            asked: Arc::default(),
            initialized: AtomicBool::new(false),
            shut_down: AtomicBool::new(false),
        }
    }

    /// The state of this moment.
    fn world(&self) -> Arc<World> {
        self.update(|session| session.world())
    }

    /// Changes the state, at once.
    fn update<T>(&self, change: impl FnOnce(&mut Session) -> T) -> T {
        // A panic in a change leaves the world before it or after it: both are whole.
        change(&mut self.session.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks for the diagnostics of files to be sent again.
    fn publish(&self, paths: impl IntoIterator<Item = PathBuf>) {
        let world = self.world();
        paths.into_iter().filter_map(|path| world.uri_of(&path)).for_each(|uri| self.publishing.push(uri));
    }

    /// Speaks with the client, in its own task: nobody waits for it. The one who asks sets a limit.
    fn ask<F: Future<Output = ()> + Send + 'static>(&self, conversation: impl FnOnce(Client) -> F) {
        if let Some((client, runtime)) = self.client.get() {
            runtime.spawn(conversation(client.clone()));
        }
    }

    /// Asks the client to ask again for what depends on results.
    fn refresh(&self) {
        const PATIENCE: Duration = Duration::from_secs(10);
        let abilities = self.world().abilities.clone();
        self.ask(move |client| async move {
            // A client that does not answer asks again when it wants to.
            if abilities.refreshes_lenses {
                let _ = tokio::time::timeout(PATIENCE, client.code_lens_refresh()).await;
            }
            if abilities.refreshes_hints {
                let _ = tokio::time::timeout(PATIENCE, client.inlay_hint_refresh()).await;
            }
            if abilities.pulls && abilities.refreshes_diagnostics {
                let _ = tokio::time::timeout(PATIENCE, client.workspace_diagnostic_refresh()).await;
            }
        });
    }

    /// Tells clients that show test results that there are others now.
    fn results_changed(&self) {
        if self.world().abilities.shows_results {
            let params = json!({ "running": self.runs.any() });
            self.output.send(&json!({"jsonrpc": "2.0", "method": "pytest-medic/resultsChanged", "params": params}));
        }
    }

    /// A line in the client's log of this server.
    fn log(&self, message: &str) {
        self.output.log(MessageType::INFO, message);
    }
}

/// Serves one client on stdin and stdout, and says with which code to exit: 0 after `shutdown`, else 1.
pub fn serve_stdio() -> io::Result<u8> {
    let output = Output::start(io::stdout());
    report_panics(output.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let server = Arc::new(Server::new(output));
    let workers = [
        ("medic-analysis", analysis::work as fn(&Arc<Server>)),
        ("medic-publish", diagnostics::work as fn(&Arc<Server>)),
        ("medic-prove", prove::work as fn(&Arc<Server>)),
    ];
    let mut working = Vec::new();
    for (name, work) in workers {
        let server = server.clone();
        working.push(std::thread::Builder::new().name(name.to_string()).spawn(move || work(&server))?);
    }
    let code = protocol(&server, &runtime, BufReader::new(io::stdin()));
    server.runs.cancel_all(LAST_WORDS);
    server.prover.close();
    server.analysis.close();
    server.publishing.close();
    wait_for(&working, LAST_WORDS);
    server.output.flush(LAST_WORDS);
    runtime.shutdown_background();
    Ok(code)
}

/// Waits until the workers have gone home, at most `limit`: results are kept then.
fn wait_for(workers: &[JoinHandle<()>], limit: Duration) {
    let end = Instant::now() + limit;
    while workers.iter().any(|worker| !worker.is_finished()) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Reads the client's messages to the end, each handled in its turn.
fn protocol(server: &Arc<Server>, runtime: &tokio::runtime::Runtime, mut input: impl io::BufRead) -> u8 {
    let _guard = runtime.enter();
    let (service, socket) = LspService::build(|client| backend::Backend::new(server.clone(), client))
        .custom_method("pytest-medic/results", backend::Backend::results)
        .finish();
    let mut ingress = Ingress::new(server.clone(), service);
    let (mut requests, mut answers) = socket.split();
    let output = server.output.clone();
    runtime.spawn(async move {
        while let Some(request) = requests.next().await {
            output.send(&request);
        }
    });
    while let Ok(Some(incoming)) = transport::read(&mut input) {
        match incoming {
            Incoming::Call(request) if request.method() == "exit" => break,
            Incoming::Call(request) => {
                runtime.spawn(send_when_ready(ingress.call(request), server.output.clone()));
            }
            // The sink only hands the answer to whoever waits for it.
            Incoming::Answer(response) => drop(answers.send(response).now_or_never()),
            Incoming::Garbage(why) => server.output.log(MessageType::WARNING, &why),
        }
    }
    u8::from(!server.shut_down.load(Ordering::SeqCst))
}

/// Sends what a call answers; a notification answers nothing.
async fn send_when_ready<E>(answer: impl Future<Output = Result<Option<Response>, E>>, output: Output) {
    if let Ok(Some(response)) = answer.await {
        output.send(&response);
    }
}

/// What a panic says: `panic!` makes one of these two.
fn text_of(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// A panic is a bug of ours: it goes to the client's log and to stderr, and the server goes on.
fn report_panics(output: Output) {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = text_of(panic.payload());
        output.log(MessageType::ERROR, &format!("a bug in pytest-medic at {place}: {what}; the server goes on"));
        default(panic);
    }));
}
