//! `pytest-medic suggest LOG…`: what would heal a finished run, without changing a file.

use std::path::PathBuf;

use serde_json::Value;

use super::propose::{self, Proposal, propose};
use super::style::{DIM, GOOD, RESET, STRONG};
use super::{FAILURES, Failed, OK, Output, interrupt, out, project, show};
use crate::fix::{Fix, in_words};
use crate::heal::history::History;
use crate::heal::{Healing, heal};
use crate::report::Report;
use crate::validation::{Dependence, runner::Cancel};
use crate::workspace::Snapshot;

/// Proposes fixes for finished runs and changes no file.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pytest-medic suggest test_run.log\n  pytest tests | pytest-medic suggest - --validate"
)]
pub struct Args {
    /// Logs, JUnit XML or other reports of runs; `-` reads stdin.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// Try the fixes: the failing tests run with each in place of the file, which stays as it is.
    #[arg(long)]
    validate: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

/// Exit code 0, or 1 while failures remain.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let report = project::read_logs(&args.logs)?;
    let snapshot = snapshot.ran_by(report.python());
    let (proposals, fresh) = proposals(&snapshot, &report, args.validate.then(interrupt::cancel_on_interrupt))?;
    match args.format {
        Output::Human => human(&snapshot, &proposals, fresh.as_deref()),
        Output::Json => out::println!("{:#}", json(&snapshot, &report, &proposals, fresh.as_deref())),
    }
    Ok(if report.failures.is_empty() { OK } else { FAILURES })
}

/// What `--format json` prints.
pub(super) fn as_json(snapshot: &Snapshot, report: &Report, validate: bool) -> Result<Value, Failed> {
    let (proposals, fresh) = proposals(snapshot, report, validate.then(Cancel::default))?;
    Ok(json(snapshot, report, &proposals, fresh.as_deref()))
}

/// The proposals, and why trials needed fresh processes.
type Proposals = (Vec<Proposal>, Option<String>);

/// Tries the fixes where `trials` is the switch that ends it.
fn proposals(snapshot: &Snapshot, report: &Report, trials: Option<Cancel>) -> Result<Proposals, Failed> {
    match trials {
        Some(cancel) => tried(snapshot, report, cancel),
        None => Ok((untried(snapshot, report), None)),
    }
}

fn untried(snapshot: &Snapshot, report: &Report) -> Vec<Proposal> {
    let dependence = || Dependence::Unknown("nothing was run".to_string());
    let one = |healing| Proposal { healing, found: None, dependence: dependence() };
    heal(snapshot, report).into_iter().map(one).collect()
}

fn tried(snapshot: &Snapshot, report: &Report, cancel: Cancel) -> Result<Proposals, Failed> {
    let mut validator = project::validator(snapshot, cancel)?;
    let proposals = propose(snapshot, report, Some(&mut validator), 0.0);
    Ok((proposals, validator.why_fresh().map(str::to_string)))
}

fn human(snapshot: &Snapshot, proposals: &[Proposal], fresh: Option<&str>) {
    let texts = proposals.iter().map(|proposal| {
        let nodeid = proposal.healing.diagnosis.failure.nodeid.as_str();
        (nodeid, diagnosis_text(&proposal.healing) + &proposal_text(snapshot, proposal))
    });
    show::once(texts).iter().for_each(|text| out::println!("{text}"));
    let offered = proposals.iter().filter(|proposal| !proposal.healing.fixes.is_empty()).count();
    out::println!("{STRONG}{}, a fix for {offered}{RESET}", show::count(proposals.len(), "failure"));
    if let Some(reason) = fresh {
        out::println!("{DIM}{}{RESET}", show::fresh(reason));
    }
}

fn proposal_text(snapshot: &Snapshot, Proposal { healing, found, dependence }: &Proposal) -> String {
    match found {
        Some(found) => {
            let verdict = propose::verdict(found, dependence);
            format!("{}    {GOOD}{verdict}{RESET}\n", show::fix(snapshot, &found.fix))
        }
        None => fixes_text(snapshot, healing, rejected(snapshot, healing)),
    }
}

/// A failure with its fixes, or the reason why there is none.
pub fn healing_text(snapshot: &Snapshot, healing: &Healing) -> String {
    diagnosis_text(healing) + &fixes_text(snapshot, healing, rejected(snapshot, healing)) + "\n"
}

/// What is to be said of a fix on which the last word was no.
fn rejected<'a>(snapshot: &Snapshot, healing: &'a Healing) -> impl Fn(&Fix) -> &'static str + 'a {
    let history = History::open(&project::root(snapshot));
    move |fix| if history.failed_before(&healing.diagnosis.failure, fix) { ", rejected before" } else { "" }
}

/// The same, with what was tried in vain named last and without its diff: nobody wants to apply it.
pub fn tried_text(snapshot: &Snapshot, healing: &Healing, was_tried: impl Fn(&Fix) -> bool) -> String {
    let (tried, open): (Vec<_>, Vec<_>) = healing.fixes.iter().map(|fix| fix.fix()).partition(|fix| was_tried(fix));
    let open = open.into_iter().map(|fix| show::fix(snapshot, fix));
    let tried = tried.into_iter().map(|fix| show::fix_title(fix, ", tried: its test still fails"));
    let refused = healing.refused.iter().map(show::refusal);
    diagnosis_text(healing) + &open.chain(tried).chain(refused).collect::<String>() + "\n"
}

fn diagnosis_text(healing: &Healing) -> String {
    let diagnosis = &healing.diagnosis;
    let verdict = show::verdict(diagnosis.verdict);
    let reason = &diagnosis.reason;
    let is_new = |commit: &&str| !reason.contains(commit) && !reason.contains(in_words(commit));
    let commit = diagnosis.culprit.as_deref().filter(is_new);
    let commit = commit.map(|commit| format!(" (commit {commit})").replace("commit uncommitted", "uncommitted"));
    let commit = commit.unwrap_or_default();
    format!("{}    {DIM}{verdict}: {reason}{commit}{RESET}\n", show::failure(&diagnosis.failure))
}

fn fixes_text(snapshot: &Snapshot, healing: &Healing, note: impl Fn(&Fix) -> &'static str) -> String {
    let fixes = healing.fixes.iter().map(|guarded| show::noted_fix(snapshot, guarded.fix(), note(guarded.fix())));
    fixes.chain(healing.refused.iter().map(show::refusal)).collect()
}

fn json(snapshot: &Snapshot, report: &Report, proposals: &[Proposal], fresh: Option<&str>) -> Value {
    let failure = |proposal: &Proposal| {
        let mut value = show::healing_json(snapshot, &proposal.healing);
        if let Some(found) = &proposal.found {
            let mut best = show::fix_json(snapshot, &found.fix);
            best["validation"] = serde_json::json!(found.verdict);
            best["dependence"] = serde_json::json!(proposal.dependence);
            if let Some(fixes) = value["fixes"].as_array_mut() {
                fixes.retain(|fix| fix["edits"] != best["edits"]);
                fixes.insert(0, best);
            }
        }
        value
    };
    let failures: Vec<_> = proposals.iter().map(failure).collect();
    serde_json::json!({
        "schema": 1, "runs": report.runs, "failures": failures, "warnings": report.warnings, "fresh": fresh,
    })
}
