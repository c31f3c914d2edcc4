//! `pytest-medic lookup NAME`: what is known of a name.

use std::collections::HashSet;

use serde::Serialize;

use super::{FAILURES, Failed, OK, Output, out, project, style};
use crate::fix::{Evidence, EvidenceKind, Place, in_words};
use crate::text::FilePath;
use crate::workspace::Snapshot;
use crate::workspace::fixtures::Fixture;
use crate::workspace::history::{Removal, Rename, RenameKind};
use crate::workspace::notes::Note;
use crate::workspace::similar_names::similar;
use crate::workspace::symbols::{Symbol, SymbolKind};
use crate::workspace::usages::Usage;

/// Looks a name up as a healer does: definitions, what it became in which commit, what changelogs and
/// deprecations say, how tests use it, names that come near.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pytest-medic lookup total\n  pytest-medic lookup shop.cart.Cart --format json\n  pytest-medic lookup NINF --in numpy"
)]
pub struct Args {
    /// A name, or a dotted path such as `shop.cart.Cart.total`.
    name: String,
    /// Look into this installed package instead of the project.
    #[arg(long = "in", value_name = "DIST")]
    distribution: Option<String>,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t)]
    format: Output,
}

/// One answer.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    kind: &'static str,
    name: String,
    qualified: String,
    path: FilePath,
    line: u32,
    signature: Option<String>,
    evidence: Vec<Evidence>,
}

/// Near names that are worth showing.
const MOST_NEAR: usize = 5;
/// Notes and uses that are worth showing.
const MOST_NOTES: usize = 5;
const MOST_USES: usize = 3;
/// Pairs of a commit that are less alike are chance.
const LEAST_ALIKE: f64 = 0.5;
/// Characters of a note or a use.
const LONGEST_LINE: usize = 160;

/// Prints the answers, best first; 1 where nothing is known.
pub fn run(args: &Args) -> Result<u8, Failed> {
    let snapshot = project::open()?;
    let answers = answers(&snapshot, &args.name, args.distribution.as_deref())?;
    match args.format {
        Output::Json => out::println!("{:#}", serde_json::json!(answers)),
        Output::Human => print(&args.name, &answers),
    }
    Ok(if answers.is_empty() { FAILURES } else { OK })
}

/// What is known of `name` in the project, or in an installed distribution; best first.
pub(super) fn answers(snapshot: &Snapshot, name: &str, distribution: Option<&str>) -> Result<Vec<Answer>, Failed> {
    match distribution {
        Some(distribution) => in_distribution(snapshot, distribution, name),
        None => Ok(in_project(snapshot, name)),
    }
}

fn in_distribution(snapshot: &Snapshot, distribution: &str, name: &str) -> Result<Vec<Answer>, Failed> {
    if snapshot.files_of(distribution).is_empty() {
        let environment = snapshot.environment();
        let python = environment.python.as_ref().map_or("no Python".to_string(), |python| python.display().to_string());
        return Err(Failed::usage(format!(
            "`{distribution}` is not installed for {python}; `pytest-medic doctor` shows where packages are looked for"
        )));
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    let fits = |symbol: &Symbol| symbol.qualified == name || symbol.qualified.ends_with(&format!(".{name}"));
    let mut answers: Vec<Answer> =
        snapshot.definitions_in(distribution, last).into_iter().filter(fits).map(defined).collect();
    answers.extend(snapshot.notes_of(distribution, last).into_iter().take(MOST_NOTES).map(|note| noted(last, note)));
    if answers.is_empty() {
        answers.extend(near(snapshot, name.rsplit_once('.').map_or(distribution, |(owner, _)| owner), last));
    }
    Ok(answers)
}

fn in_project(snapshot: &Snapshot, name: &str) -> Vec<Answer> {
    let (owner, last) = name.rsplit_once('.').map_or((None, name), |(owner, last)| (Some(owner), last));
    let fits = |symbol: &Symbol| {
        owner.is_none() || symbol.qualified == name || symbol.qualified.ends_with(&format!(".{name}"))
    };
    let mut answers: Vec<Answer> = snapshot.definitions(last).into_iter().filter(fits).map(defined).collect();
    for fixture in snapshot.fixtures_called(last) {
        let same = |answer: &&mut Answer| Some(&answer.path) == fixture.path.as_ref() && answer.line == fixture.line;
        if let Some(answer) = answers.iter_mut().find(same) {
            answer.kind = "fixture";
            answer.evidence.extend(described(&fixture));
        }
    }
    if answers.is_empty() {
        answers.extend(snapshot.named(name).map(defined));
    }
    let is_defined = !answers.is_empty();
    let history = snapshot.history();
    let mut renames = history.renames_of(last);
    if owner.is_some() {
        renames.extend(history.renames_of(name));
    }
    // Of the same commit the first is the best; what is hardly alike helps nobody.
    let mut seen = HashSet::new();
    renames.retain(|rename| {
        rename.similarity >= LEAST_ALIKE
            && seen.insert((rename.commit.clone(), rename.new.clone(), rename.path.clone()))
    });
    answers.extend(renames.into_iter().map(renamed));
    if !is_defined {
        answers.extend(history.removals_of(last).into_iter().map(|removal| removed(last, removal)));
        answers.extend(owner.into_iter().flat_map(|owner| near(snapshot, owner, last)));
    }
    answers.extend(snapshot.notes_about(last).into_iter().take(MOST_NOTES).map(|note| noted(last, note)));
    answers.extend(snapshot.usages(last, MOST_USES).into_iter().map(|usage| used(last, usage)));
    answers
}

/// What a person wants to know of a fixture.
fn described(fixture: &Fixture) -> Option<Evidence> {
    let asks = fixture.requests.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let parts = [
        Some(format!("scope {}", fixture.scope)),
        fixture.autouse.then(|| "every test gets it unasked".to_string()),
        fixture.parametrized.then(|| "parametrized".to_string()),
        (!asks.is_empty()).then(|| format!("asks for {asks}")),
    ];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Some(Evidence::at(EvidenceKind::Source, fixture.path.as_ref()?, fixture.line, text))
}

fn removed(name: &str, removal: Removal) -> Answer {
    let about = if removal.subject.is_empty() { String::new() } else { format!(" ({})", removal.subject) };
    let evidence = vec![Evidence::commit(&removal.commit, format!("`{name}` went away{about}"))];
    let qualified = removal.within.map_or(name.to_string(), |within| format!("{within}.{name}"));
    placed("removed", name, qualified, removal.path, removal.line, evidence)
}

fn noted(name: &str, note: Note) -> Answer {
    let evidence = vec![Evidence::at(EvidenceKind::Docs, &note.path, note.line, note.text)];
    let qualified = note.replacement.unwrap_or_else(|| name.to_string());
    placed("note", name, qualified, note.path, note.line, evidence)
}

fn used(name: &str, usage: Usage) -> Answer {
    let text = usage.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let evidence = vec![Evidence::at(EvidenceKind::Example, &usage.path, usage.line, text)];
    placed("use", name, name.to_string(), usage.path, usage.line, evidence)
}

fn placed(
    kind: &'static str,
    name: &str,
    qualified: String,
    path: FilePath,
    line: u32,
    evidence: Vec<Evidence>,
) -> Answer {
    Answer { kind, name: name.to_string(), qualified, path, line, signature: None, evidence }
}

fn defined(symbol: Symbol) -> Answer {
    let text = format!("defines `{}`", symbol.qualified);
    let evidence = vec![Evidence::at(EvidenceKind::Source, &symbol.path, symbol.line, text)];
    answer(symbol, evidence)
}

fn answer(symbol: Symbol, evidence: Vec<Evidence>) -> Answer {
    Answer {
        kind: kind_name(symbol.kind),
        name: symbol.name,
        qualified: symbol.qualified,
        path: symbol.path,
        line: symbol.line,
        signature: symbol.signature.map(|signature| signature.to_string()),
        evidence,
    }
}

fn renamed(rename: Rename) -> Answer {
    let callers = match rename.callers_moved {
        0 => String::new(),
        1 => ", 1 caller moved with it".to_string(),
        count => format!(", {count} callers moved with it"),
    };
    let about = if rename.subject.is_empty() { String::new() } else { format!(" ({})", rename.subject) };
    let became =
        if rename.old == rename.new { format!("moved to {}", rename.path) } else { format!("became `{}`", rename.new) };
    let text = format!("`{}` {became}{callers}, likeness {:.2}{about}", rename.old, rename.similarity);
    Answer {
        kind: match rename.kind {
            RenameKind::Symbol(kind) => kind_name(kind),
            RenameKind::Parameter => "parameter",
            RenameKind::Module => "module",
            RenameKind::Literal => "literal",
            RenameKind::Usage => "usage",
        },
        qualified: rename.within.as_ref().map_or(rename.new.clone(), |within| format!("{within}.{}", rename.new)),
        name: rename.new,
        path: rename.path,
        line: rename.line,
        signature: None,
        evidence: vec![Evidence::commit(&rename.commit, text)],
    }
}

/// Members of `owner` that come near `last`.
fn near(snapshot: &Snapshot, owner: &str, last: &str) -> Vec<Answer> {
    let members = match snapshot.named(owner) {
        Some(class) if class.kind == SymbolKind::Class => snapshot.members(&class).symbols,
        _ => snapshot.module_members(owner).symbols,
    };
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let near = similar(last, names).into_iter().take(MOST_NEAR);
    let symbols = near.filter_map(|near| members.iter().find(|member| member.name == near.name));
    let answers = symbols.map(|symbol| {
        let text = format!("`{owner}` has no `{last}`, but `{}`", symbol.name);
        let evidence = vec![Evidence::at(EvidenceKind::Source, &symbol.path, symbol.line, text)];
        answer(symbol.clone(), evidence)
    });
    answers.collect()
}

fn kind_name(kind: SymbolKind) -> &'static str {
    match kind {
        SymbolKind::Module => "module",
        SymbolKind::Class => "class",
        SymbolKind::Function => "function",
        SymbolKind::Method => "method",
        SymbolKind::Property => "property",
        SymbolKind::Field => "field",
        SymbolKind::Variable => "variable",
    }
}

fn print(name: &str, answers: &[Answer]) {
    if answers.is_empty() {
        out::println!("nothing is known of `{name}` in this project or its history");
    }
    let mut titled = None;
    for answer in answers {
        let title = match answer.kind {
            "note" => Some("said of it"),
            "use" => Some("used"),
            _ => None,
        };
        match title {
            Some(title) => {
                if titled != Some(title) {
                    out::println!("{}{title}{}", style::STRONG, style::RESET);
                }
                print_mention(answer);
            }
            None => print_definition(answer),
        }
        titled = title;
    }
}

fn print_definition(answer: &Answer) {
    let signature = answer.signature.as_deref().unwrap_or("");
    let Answer { kind, qualified, path, line, .. } = answer;
    out::println!("{kind} {}{qualified}{}{signature}", style::STRONG, style::RESET);
    out::println!("  {}{path}:{line}{}", style::PLACE, style::RESET);
    for evidence in &answer.evidence {
        match &evidence.place {
            Place::Commit { commit } => {
                out::println!("  {}{}{} {}", style::NOTE, in_words(commit), style::RESET, evidence.text);
            }
            // That it is defined where it is defined, the line above says.
            _ if evidence.text.starts_with("defines ") => {}
            _ => out::println!("  {}{}{}", style::DIM, evidence.text, style::RESET),
        }
    }
}

/// One line: the place and what stands there.
fn print_mention(answer: &Answer) {
    let text: String = answer.evidence.iter().flat_map(|evidence| evidence.text.chars()).take(LONGEST_LINE).collect();
    out::println!("  {}{}:{}{} {text}", style::PLACE, answer.path, answer.line, style::RESET);
}
