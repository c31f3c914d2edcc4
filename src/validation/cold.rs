//! A trial in a fresh process: correct everywhere, as dear as one run of pytest.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Options;
use super::plugin::Plugin;
use super::runner::{Cancel, end_group};
use super::trial::{Setting, Shown, Texts, Trial};
use crate::report::events;
use crate::report::rebase::Rebase;

/// Runs the trial in `root`, an absolute path without links.
pub(super) fn run(setting: &Setting, root: &Path, trial: &Trial) -> io::Result<Shown> {
    let Setting { runner, options, plugin, cancel, .. } = setting;
    let private = Private::make(plugin, &trial.texts, options)?;
    let place = private.folder.path().join("events.jsonl");
    let arguments: Vec<String> = private.arguments().into_iter().chain(trial.tests.iter().cloned()).collect();
    let mut command = runner.command(root, &arguments);
    command.envs(plugin.variables_with_events(&place));
    private.connect(&mut command)?;
    let mut child = command.spawn()?;
    let ended = wait(&mut child, options.limit, cancel)?;
    let (mut shown, mut rebase) = (Shown::default(), Rebase::to(root));
    if let Ok(file) = File::open(&place) {
        for line in BufReader::new(file).lines().map_while(Result::ok) {
            events::read(&line).into_iter().for_each(|event| shown.add(rebase.apply(event)));
        }
    }
    if !shown.finished {
        shown.problem = Some(match ended {
            Ended::Itself(status) => format!("pytest ended early ({status}): {}", private.last_words()),
            Ended::TooLate => format!("not done after {:.0} s", options.limit.as_secs_f64()),
            Ended::Cancelled => "cancelled".to_string(),
        });
    }
    Ok(shown)
}

/// The folder of one process: its job, its cache, its temporary files, its output. Gone with this value.
pub(super) struct Private {
    pub(super) folder: TempDir,
}

impl Private {
    /// Writes the job that the plugin reads (python/pytest_medic/job.py).
    pub(super) fn make(plugin: &Plugin, texts: &Texts, options: &Options) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(plugin.folder())?;
        let overlay: std::collections::BTreeMap<_, &str> =
            texts.iter().map(|(path, text)| (path.to_string_lossy(), &**text)).collect();
        let job = serde_json::json!({
            "overlay": overlay, "private": folder.path(), "memory": options.memory, "nice": options.nice,
        });
        std::fs::write(folder.path().join("job.json"), job.to_string())?;
        Ok(Self { folder })
    }

    /// What pytest is told besides the tests: `--lf` must go on to mean the user's last run.
    pub(super) fn arguments(&self) -> Vec<String> {
        vec!["-o".to_string(), format!("cache_dir={}", self.folder.path().join("cache").display())]
    }

    /// Connects a process with the job, and its output with a file.
    pub(super) fn connect(&self, command: &mut Command) -> io::Result<()> {
        let output = File::create(self.folder.path().join("output"))?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        command.env("PYTEST_MEDIC_JOB", self.folder.path().join("job.json"));
        Ok(())
    }

    /// The end of what was printed, on one line.
    pub(super) fn last_words(&self) -> String {
        let output = std::fs::read(self.folder.path().join("output")).unwrap_or_default();
        let end = String::from_utf8_lossy(&output[output.len().saturating_sub(2000)..]).into_owned();
        let lines: Vec<&str> = end.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        lines[lines.len().saturating_sub(3)..].join(" | ")
    }
}

enum Ended {
    Itself(ExitStatus),
    TooLate,
    Cancelled,
}

/// Waits for the end, and ends what is left of the process group.
fn wait(child: &mut Child, limit: Duration, cancel: &Cancel) -> io::Result<Ended> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            break Ended::Itself(status);
        }
        if cancel.is_cancelled() {
            break Ended::Cancelled;
        }
        if started.elapsed() > limit {
            break Ended::TooLate;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    end_group(child.id());
    if !matches!(ended, Ended::Itself(_)) {
        child.wait()?;
    }
    Ok(ended)
}
