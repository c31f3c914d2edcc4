//! The client of the warm fork server (python/pytest_medic/server.py): one process that has loaded the
//! project, and a fork of it per trial.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Child;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::Options;
use super::cold::Private;
use super::runner::{Cancel, end_group};
use super::trial::{Setting, Shown, Texts, Trial};
use crate::report::events;
use crate::report::rebase::Rebase;

/// The server of a validator, started when it is first needed.
#[derive(Default)]
pub(super) struct Warm {
    server: Option<Server>,
    /// Test files that candidates are expected for.
    files: BTreeSet<String>,
    /// A fork has run a session to its end here.
    proven: bool,
    /// Why no server can serve this project.
    never: Option<String>,
}

impl Warm {
    /// Tells for which test files candidates will come, so that one server loads for all of them.
    pub(super) fn expect(&mut self, files: impl IntoIterator<Item = String>) {
        self.files.extend(files.into_iter().filter(|file| file.ends_with(".py")));
    }

    /// Runs `trial` in a fork, or says why that cannot be.
    pub(super) fn run(&mut self, setting: &Setting, trial: &Trial) -> Result<Shown, String> {
        if let Some(reason) = &self.never {
            return Err(reason.clone());
        }
        let files: Vec<String> = trial.files().map(str::to_string).collect();
        if files.iter().any(|file| !file.ends_with(".py")) {
            return Err("a whole folder is run".to_string());
        }
        let mut why = String::new();
        // Twice: the second server has loaded what the first one found changed.
        for _ in 0..2 {
            let server = match self.server.take().filter(|server| server.serves(&trial.base, &files)) {
                Some(server) => server,
                None => self.start(setting, trial, &files)?,
            };
            match self.server.insert(server).run(setting, trial) {
                Ok(shown) if shown.finished || self.proven => {
                    self.proven = true;
                    return Ok(shown);
                }
                Ok(shown) => return Err(format!("the first fork failed: {}", shown.problem.unwrap_or_default())),
                Err(Refused::Cold(reason)) => return Err(reason),
                Err(Refused::Stale(reason)) => {
                    self.server = None;
                    why = reason;
                }
            }
        }
        Err(why)
    }

    fn start(&mut self, setting: &Setting, trial: &Trial, files: &[String]) -> Result<Server, String> {
        self.expect(files.iter().cloned());
        let there = self.files.iter().filter(|file| setting.root.join(file).is_file()).cloned();
        Server::start(setting, trial.base.clone(), there.collect()).inspect_err(|reason| {
            self.never = Some(reason.clone());
        })
    }
}

/// A running server.
struct Server {
    child: Child,
    stream: BufReader<UnixStream>,
    private: Private,
    /// The texts that it loaded in the place of files.
    base: Texts,
    /// The test files whose conftests and imports it loaded.
    files: Vec<String>,
    asked: u64,
}

/// Why a trial did not run in a fork.
#[derive(Debug)]
enum Refused {
    /// The server loaded something that has changed since, or is gone: a new one may do.
    Stale(String),
    /// This trial needs a fresh process.
    Cold(String),
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Reply {
    Ready { r#unsafe: Option<String> },
    Done { id: u64, status: i32, late: bool },
    Stale { reason: String },
    Cold { reason: String },
}

/// How long a server may take to end by itself.
const GRACE: Duration = Duration::from_secs(1);
/// How long loading a project may take beyond the limit of one run.
const LOADING: Duration = Duration::from_secs(30);
/// How often a wait looks whether it was cancelled.
const TICK: Duration = Duration::from_millis(50);

impl Server {
    /// Starts a server that loads what `files` need; or why there can be none.
    fn start(setting: &Setting, base: Texts, files: Vec<String>) -> Result<Self, String> {
        let Setting { root, runner, options, plugin, cancel } = setting;
        let deadline = Instant::now() + options.limit + LOADING;
        let failed = |error: std::io::Error| format!("the fork server could not be started: {error}");
        let private = Private::make(plugin, &base, options).map_err(failed)?;
        let place = private.folder.path().join("socket");
        let listener = UnixListener::bind(&place).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let arguments: Vec<String> = private.arguments().into_iter().chain(files.iter().cloned()).collect();
        let mut command = runner.command(root, &arguments);
        command.envs(plugin.variables()).env("PYTEST_MEDIC_SERVE", &place);
        private.connect(&mut command).map_err(failed)?;
        let mut child = command.spawn().map_err(failed)?;
        let stream = match accept(&listener, &mut child, deadline, cancel) {
            Ok(stream) => stream,
            Err(reason) => {
                end(&mut child);
                return Err(format!("{reason}: {}", private.last_words()));
            }
        };
        let mut server = Self { child, stream: BufReader::new(stream), private, base, files, asked: 0 };
        server.stream.get_ref().set_nonblocking(false).map_err(failed)?;
        server.stream.get_ref().set_read_timeout(Some(TICK)).map_err(failed)?;
        loop {
            let line = server.line(deadline, cancel)?;
            if let Ok(Reply::Ready { r#unsafe }) = serde_json::from_str(&line) {
                return r#unsafe.map_or(Ok(server), Err);
            }
        }
    }

    /// Whether the server loaded what trials of `files` over `base` need.
    fn serves(&self, base: &Texts, files: &[String]) -> bool {
        self.base == *base && files.iter().all(|file| self.files.contains(file))
    }

    /// Runs one trial in a fork.
    fn run(&mut self, setting: &Setting, trial: &Trial) -> Result<Shown, Refused> {
        let Setting { root, options: Options { limit, .. }, cancel, .. } = setting;
        let limit = *limit;
        self.asked += 1;
        let overlay: std::collections::BTreeMap<_, &str> =
            trial.texts.iter().map(|(path, text)| (path.to_string_lossy(), &**text)).collect();
        let request = serde_json::json!({
            "id": self.asked, "overlay": overlay, "tests": trial.tests, "limit": limit.as_secs_f64(),
        });
        let gone = |reason: String| Refused::Stale(reason);
        self.stream.get_mut().write_all(format!("{request}\n").as_bytes()).map_err(|error| gone(error.to_string()))?;
        // The server ends the child at the limit; when it does not answer then, it is the server that hangs.
        let deadline = Instant::now() + limit + 5 * GRACE;
        let (mut shown, mut rebase) = (Shown::default(), Rebase::to(root));
        loop {
            let line = self.line(deadline, cancel).map_err(gone)?;
            match serde_json::from_str(&line) {
                Ok(Reply::Done { id, status, late }) if id == self.asked => {
                    if !shown.finished {
                        shown.problem = Some(self.problem(status, late, limit));
                    }
                    return Ok(shown);
                }
                Ok(Reply::Stale { reason }) => return Err(Refused::Stale(reason)),
                Ok(Reply::Cold { reason }) => return Err(Refused::Cold(reason)),
                Ok(_) => {}
                Err(_) => events::read(&line).into_iter().for_each(|event| shown.add(rebase.apply(event))),
            }
        }
    }

    fn problem(&self, status: i32, late: bool, limit: Duration) -> String {
        if late {
            return format!("not done after {:.0} s", limit.as_secs_f64());
        }
        format!("pytest ended early (wait status {status}): {}", self.private.last_words())
    }

    /// The next line; what is not UTF-8 in it is replaced.
    fn line(&mut self, deadline: Instant, cancel: &Cancel) -> Result<String, String> {
        let mut line = Vec::new();
        loop {
            match self.stream.read_until(b'\n', &mut line) {
                Ok(_) if line.ends_with(b"\n") => return Ok(String::from_utf8_lossy(&line).into_owned()),
                Ok(_) => return Err("the fork server ended".to_string()),
                Err(error) if is_tick(&error) => {}
                Err(error) => return Err(format!("the fork server cannot be read: {error}")),
            }
            if cancel.is_cancelled() {
                return Err("cancelled".to_string());
            }
            if Instant::now() > deadline {
                return Err("the fork server does not answer".to_string());
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server ends its child and itself when the connection closes.
        let _ = self.stream.get_ref().shutdown(std::net::Shutdown::Both);
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(2));
        }
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    end_group(child.id());
    // It was killed; there is nothing to learn from how.
    let _ = child.wait();
}

fn is_tick(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

fn accept(
    listener: &UnixListener,
    child: &mut Child,
    deadline: Instant,
    cancel: &Cancel,
) -> Result<UnixStream, String> {
    loop {
        match listener.accept() {
            Ok((stream, _)) => return Ok(stream),
            Err(error) if is_tick(&error) => {}
            Err(error) => return Err(format!("the fork server did not connect: {error}")),
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("pytest ended while it loaded ({status})"));
        }
        if cancel.is_cancelled() {
            return Err("cancelled".to_string());
        }
        if Instant::now() > deadline {
            return Err("loading took too long".to_string());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
