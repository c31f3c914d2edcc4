//! Finding and running the command that runs the tests.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::workspace::environment::interpreter;

/// What runs the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runner {
    /// pytest itself: a program and its first arguments. Candidates may be validated with it.
    Pytest {
        /// `["uv", "run", "pytest"]`.
        argv: Vec<String>,
        /// What it was found by: `uv.lock`.
        found: String,
    },
    /// A shell command line of the project's own; `{tests}` stands for the paths. Each run of it may be
    /// expensive, so it is used for real runs only.
    Custom {
        /// The command line.
        command: String,
    },
}

/// Why the tests could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// No Python with pytest.
    #[error(
        "found no pytest for {root}: {tried}; install it (python3 -m pip install pytest) or name your command \
         (`runner` of [tool.pytest-medic], or --runner)"
    )]
    NotFound {
        /// The project.
        root: PathBuf,
        /// Each interpreter that was asked, and what was missing.
        tried: String,
    },
    /// The command did not start.
    #[error("cannot start `{command}` in {root}: {source}; check --runner, or the runner setting")]
    NotStarted {
        /// The command line.
        command: String,
        /// Where it should have run.
        root: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The command is not there.
    #[error("`{command}` was not found (exit {code}); its output is in {log}; check --runner, or the runner setting")]
    NotThere {
        /// The command line.
        command: String,
        /// The shell's exit code, 126 or 127.
        code: i32,
        /// The captured output.
        log: PathBuf,
    },
    /// The log cannot be written.
    #[error("cannot write the log {path}: {source}; choose another place with --log")]
    Log {
        /// The log.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The project.
    pub root: &'a Path,
    /// Files, folders or node ids; everything without any.
    pub tests: &'a [String],
    /// Where the output goes.
    pub log: &'a Path,
    /// Added to the environment.
    pub variables: &'a [(&'static str, OsString)],
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// pytest's exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it, on Unix.
    pub signal: Option<i32>,
    /// Wall time.
    pub duration: Duration,
    /// Whether it was cancelled.
    pub cancelled: bool,
}

/// Tells a run to stop.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks for the end of the run.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Runner {
    /// The configured command, else pytest of the configured interpreter where there is one, else the first of: `uv run
    /// pytest` where there is a `uv.lock`, `poetry run`,
    /// `pdm run`, `.venv` or `venv`, the active venv, `python3 -m pytest`.
    pub fn find(root: &Path, configured: Option<&str>, python: Option<&str>) -> Result<Self, RunnerError> {
        if let Some(command) = configured.filter(|command| !command.trim().is_empty()) {
            return Ok(Self::Custom { command: command.to_string() });
        }
        // Another interpreter than the one that was asked for would be a surprise, so there is no next one to try.
        if let Some(python) = python.and_then(|named| interpreter(root, named)) {
            let python = python.to_string_lossy();
            return match has_pytest(&python) {
                true => Ok(Self::pytest(&[&python, "-m", "pytest"], "the setting `python`")),
                false => Err(RunnerError::NotFound {
                    root: root.to_path_buf(),
                    tried: format!("{python}, which the setting `python` names, has none"),
                }),
            };
        }
        for (lock, tool) in [("uv.lock", "uv"), ("poetry.lock", "poetry"), ("pdm.lock", "pdm")] {
            if root.join(lock).is_file() && on_path(tool) {
                return Ok(Self::pytest(&[tool, "run", "pytest"], lock));
            }
        }
        let mut tried = Vec::new();
        let active = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
        for venv in [Some(root.join(".venv")), Some(root.join("venv")), active].into_iter().flatten() {
            let Some(python) = venv_python(&venv) else { continue };
            if has_pytest(&python) {
                return Ok(Self::pytest(&[&python, "-m", "pytest"], &venv.to_string_lossy()));
            }
            tried.push(format!("{} has none", venv.display()));
        }
        for python in ["python3", "python"] {
            if has_pytest(python) {
                return Ok(Self::pytest(&[python, "-m", "pytest"], "PATH"));
            }
            tried.push(format!("{python} on PATH {}", if on_path(python) { "has none" } else { "is not there" }));
        }
        Err(RunnerError::NotFound { root: root.to_path_buf(), tried: tried.join(", ") })
    }

    /// Whether a run of it is one run of pytest, in an environment that we make: then our plugin is loaded. Another
    /// command may run pytest where the plugin is not.
    pub(super) fn is_pytest(&self, root: &Path) -> bool {
        match self {
            Self::Pytest { .. } => true,
            Self::Custom { command } => is_plain_pytest(root, command),
        }
    }

    fn pytest(argv: &[&str], found: &str) -> Self {
        Self::Pytest { argv: argv.iter().map(ToString::to_string).collect(), found: found.to_string() }
    }

    /// The runner that runs what can be collected although other files cannot, which pytest by itself does not;
    /// `None` for a custom one that is more than a call of pytest.
    pub fn past_collection_errors(&self) -> Option<Self> {
        let option = "--continue-on-collection-errors";
        Some(match self {
            Self::Pytest { argv, found } => {
                let argv = argv.iter().cloned().chain([option.to_string()]).collect();
                Self::Pytest { argv, found: found.clone() }
            }
            Self::Custom { command } => {
                Self::Custom { command: is_call_of_pytest(command).then(|| format!("{command} {option}"))? }
            }
        })
    }

    /// The command line for `tests`, as a shell would take it.
    pub fn command_line(&self, tests: &[String]) -> String {
        let quoted: Vec<String> = tests.iter().map(|test| quote(test)).collect();
        match self {
            Self::Custom { command } if command.contains("{tests}") => command.replace("{tests}", &quoted.join(" ")),
            Self::Custom { command } => format!("{command} {}", quoted.join(" ")).trim_end().to_string(),
            Self::Pytest { argv, .. } => {
                let argv = argv.iter().map(|arg| quote(arg));
                argv.chain(quoted.iter().cloned()).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Runs tests. Output and errors go together, as they come, to the log and to `live`. The run and its
    /// children end when `cancel` says so.
    pub fn run(&self, run: &Run<'_>, live: &mut dyn Write, cancel: &Cancel) -> Result<Finished, RunnerError> {
        let Run { root, tests, log, .. } = *run;
        let line = self.command_line(tests);
        let failed_to_start =
            |source| RunnerError::NotStarted { command: line.clone(), root: root.to_path_buf(), source };
        let failed_to_log = |source| RunnerError::Log { path: log.to_path_buf(), source };
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder).map_err(failed_to_log)?;
        }
        let mut file = std::fs::File::create(log).map_err(failed_to_log)?;
        let started = Instant::now();
        let (mut reader, mut child) = self.start(run).map_err(failed_to_start)?;
        let guard = Watch::over(&child, cancel);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            file.write_all(&buffer[..read]).map_err(failed_to_log)?;
            // Nobody watches any more: the run goes on, the log has it all.
            let _ = live.write_all(&buffer[..read]).and_then(|()| live.flush());
        }
        let status = child.wait().map_err(failed_to_start)?;
        drop(guard);
        match status.code() {
            Some(code @ (126 | 127)) if matches!(self, Self::Custom { .. }) => {
                Err(RunnerError::NotThere { command: line, code, log: log.to_path_buf() })
            }
            code => Ok(Finished {
                code,
                signal: signal_of(&status),
                duration: started.elapsed(),
                cancelled: cancel.is_cancelled(),
            }),
        }
    }

    fn start(&self, run: &Run<'_>) -> std::io::Result<(std::io::PipeReader, Child)> {
        let Run { root, tests, variables, .. } = *run;
        let (reader, writer) = std::io::pipe()?;
        let mut command = self.command(root, tests);
        command.stdout(writer.try_clone()?).stderr(writer);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        // Lines appear as they are printed, not when a buffer is full.
        command.env("PYTHONUNBUFFERED", "1");
        let child = command.spawn()?;
        Ok((reader, child))
    }

    /// The process that runs `tests` in `root`, without input, in a process group of its own.
    pub(super) fn command(&self, root: &Path, tests: &[String]) -> Command {
        let mut command = match self {
            Self::Pytest { argv, .. } => {
                let mut command = Command::new(&argv[0]);
                command.args(&argv[1..]).args(tests);
                command
            }
            Self::Custom { .. } => shell(&self.command_line(tests)),
        };
        command.current_dir(root).stdin(Stdio::null());
        own_group(&mut command);
        command
    }
}

/// Ends the process group of a run once it is cancelled.
struct Watch {
    done: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watch {
    fn over(child: &Child, cancel: &Cancel) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let (pid, cancel, ended) = (child.id(), cancel.clone(), done.clone());
        let watch = move || {
            while !ended.load(Ordering::Relaxed) {
                if cancel.is_cancelled() {
                    return end_group(pid);
                }
                std::thread::park_timeout(Duration::from_millis(50));
            }
        };
        Self { done, thread: Some(std::thread::spawn(watch)) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread only sleeps and kills; it has no result.
            let _ = thread.join();
        }
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

/// Ends a process that was started in a group of its own, and everything it started.
#[cfg(unix)]
pub fn end_group(pid: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // A group that is gone already needs no end.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// Ends a process and everything it started.
#[cfg(not(unix))]
pub fn end_group(pid: u32) {
    // A process that is gone already needs no end.
    let _ = Command::new("taskkill").args(["/T", "/F", "/PID", &pid.to_string()]).output();
}

#[cfg(unix)]
fn signal_of(status: &std::process::ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(status)
}

#[cfg(not(unix))]
fn signal_of(_: &std::process::ExitStatus) -> Option<i32> {
    None
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(not(unix))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.arg("/C").arg(line);
    command
}

/// `text` as one word of a POSIX shell.
fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `pytest -s`, `.venv/bin/python -m pytest {tests}`: pytest and nothing else, and no shell's work.
fn is_plain_pytest(root: &Path, command: &str) -> bool {
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or(program);
    let is_version = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_python = name.strip_prefix("python").is_some_and(is_version);
    let starts = match is_python {
        true => words.next() == Some("-m") && words.next() == Some("pytest"),
        // A script may start its interpreter so that it takes nothing from the environment (`-E`, `-I`).
        false => matches!(name, "pytest" | "py.test") && interpreter(root, program).is_some_and(|it| !has_options(&it)),
    };
    starts && !command.contains(|c: char| ";&|<>$`()\\\n".contains(c))
}

/// Whether the first line of a script gives its interpreter options.
fn has_options(script: &Path) -> bool {
    let mut start = [0; 256];
    let read = std::fs::File::open(script).and_then(|mut file| file.read(&mut start)).unwrap_or(0);
    String::from_utf8_lossy(&start[..read]).lines().next().is_some_and(|line| line.contains(" -"))
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .any(|folder| folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file())
}

/// The interpreter of a venv folder.
pub fn venv_python(venv: &Path) -> Option<String> {
    let python = [venv.join("bin/python"), venv.join("Scripts/python.exe")].into_iter().find(|path| path.exists())?;
    Some(python.to_string_lossy().into_owned())
}

fn has_pytest(python: &str) -> bool {
    // -P where it exists would be safer, but 3.10 lacks it: the check runs outside the project instead.
    let probe = Command::new(python)
        .args(["-c", "import pytest"])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    probe.is_ok_and(|status| status.success())
}

/// Whether a command ends in options of pytest: no shell, and nothing that hands its arguments on.
fn is_call_of_pytest(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let is_plain = !command.contains(['|', '&', ';', '<', '>', '$', '`', '(', '\n', '#']);
    is_plain
        && words.clone().all(|word| word != "--")
        && words.any(|word| word.rsplit(['/', '\\']).next().is_some_and(|name| matches!(name, "pytest" | "py.test")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn run_in<'a>(root: &'a Path, tests: &'a [String], log: &'a Path) -> Run<'a> {
        Run { root, tests, log, variables: &[] }
    }

    fn custom(command: &str) -> Runner {
        Runner::Custom { command: command.to_string() }
    }

    #[test]
    fn a_command_that_calls_pytest_goes_past_files_that_cannot_be_collected() {
        let further = |command: &str| Runner::Custom { command: command.to_string() }.past_collection_errors();
        for command in ["pytest -x", "/venv/bin/python -m pytest -p no:cacheprovider", "uv run pytest {tests}"] {
            let expect = format!("{command} --continue-on-collection-errors");
            assert!(matches!(further(command), Some(Runner::Custom { command }) if command == expect));
        }
        for command in ["tox -- ", "tox -e py -- pytest", "make test", "pytest | tee log", "cd a && pytest"] {
            assert!(further(command).is_none(), "{command}");
        }
    }

    #[test]
    fn the_paths_stand_where_the_command_wants_them_and_are_quoted() {
        let tests = ["tests/test a.py::t[x'y]".to_string()];
        assert_eq!(custom("./run {tests} --x").command_line(&tests), r"./run 'tests/test a.py::t[x'\''y]' --x");
        assert_eq!(custom("./run").command_line(&["t.py".into()]), "./run t.py");
    }

    #[test]
    fn a_command_that_is_pytest_alone_is_known() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("bin")).unwrap();
        std::fs::write(root.path().join("bin/pytest"), "#!/usr/bin/python3\n").unwrap();
        std::fs::write(root.path().join("py.test"), "#!/usr/bin/python3 -sE\n").unwrap();
        let is_pytest = |command: &str| custom(command).is_pytest(root.path());
        for command in ["bin/pytest -s", "/x/python3.12 -m pytest -q {tests}", "python -m pytest -k 'a or b'"] {
            assert!(is_pytest(command), "{command}");
        }
        for command in ["tox", "./py.test", "python -I -m pytest", "X=1 bin/pytest", "bin/pytest; true", "gone/pytest"]
        {
            assert!(!is_pytest(command), "{command}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn output_and_errors_come_together_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("logs/test_run.log");
        let mut live = Vec::new();
        let finished = custom("echo one; echo two >&2; echo {tests}; exit 5")
            .run(&run_in(folder.path(), &["t.py".into()], &log), &mut live, &Cancel::default())
            .unwrap();
        assert_eq!(finished.code, Some(5));
        assert_eq!(String::from_utf8(live).unwrap(), "one\ntwo\nt.py\n");
        assert_eq!(std::fs::read_to_string(log).unwrap(), "one\ntwo\nt.py\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("test_run.log");
        let error = custom("../runtstqe")
            .run(&run_in(folder.path(), &[], &log), &mut Vec::new(), &Cancel::default())
            .unwrap_err();
        assert!(error.to_string().starts_with("`../runtstqe` was not found (exit 127)"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_cancelled_run_leaves_no_child_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (cancel, log) = (Cancel::default(), folder.path().join("test_run.log"));
        let (stopper, root) = (cancel.clone(), folder.path().to_path_buf());
        let run = std::thread::spawn(move || {
            custom("sleep 600 & echo $! > child; wait").run(&run_in(&root, &[], &log), &mut Vec::new(), &cancel)
        });
        let child = folder.path().join("child");
        while std::fs::read_to_string(&child).unwrap_or_default().trim().is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        stopper.cancel();
        assert!(run.join().unwrap().unwrap().cancelled);
        let pid = std::fs::read_to_string(child).unwrap();
        while Path::new(&format!("/proc/{}/exe", pid.trim())).exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
