//! What holds for every input: chunks do not matter, a cut log gives a part of the whole, nothing panics.

use std::collections::HashMap;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;
use pytest_medic::report::{Failure, Format, Phase, Reader, Report, parse};

fn any_log() -> impl Strategy<Value = PathBuf> {
    prop::sample::select(super::logs())
}

fn read_in_chunks(bytes: &[u8], cuts: &[Index]) -> Report {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.sort_unstable();
    let mut reader = Reader::default();
    let mut done = 0;
    for cut in cuts {
        reader.feed(&bytes[done..cut]);
        done = cut;
    }
    reader.feed(&bytes[done..]);
    reader.finish()
}

/// A failure's test without its file, which only the summary may tell, and its phase.
fn identity(failure: &Failure) -> (String, Phase) {
    if failure.phase == Phase::Conftest {
        return ("conftest.py".to_string(), failure.phase); // its path is relative as soon as a frame shows how
    }
    let test = failure
        .nodeid
        .split_once("::")
        .filter(|(file, _)| file.contains('.') && !file.contains('['))
        .map(|(_, test)| test);
    (test.unwrap_or(&failure.nodeid).to_string(), failure.phase)
}

/// Whether each failure of a log's beginning is one of the whole log, or begins as one.
fn is_told_by(torn: &Report, whole: &Report) -> Result<(), String> {
    let mut known = HashMap::<_, Vec<&Failure>>::new();
    for failure in &whole.failures {
        known.entry(identity(failure)).or_default().push(failure);
    }
    let has_name = |failure: &&Failure| failure.nodeid.contains("::") || failure.phase != Phase::Call;
    for failure in torn.failures.iter().filter(has_name) {
        let named = known.get(&identity(failure)).ok_or_else(|| format!("{failure:?} is not in the whole"))?;
        if !named.iter().any(|of_whole| is_beginning(failure, of_whole)) {
            return Err(format!("{failure:?} says something else than the whole"));
        }
    }
    Ok(())
}

#[test]
fn a_session_that_a_test_printed_is_no_failure_wherever_the_log_is_cut() {
    let log = super::logs().into_iter().find(|log| log.ends_with("7.2/things-native.log")).unwrap();
    let bytes = std::fs::read(log).unwrap();
    let whole = parse(&bytes);
    for cut in (0..bytes.len()).step_by(11) {
        is_told_by(&parse(&bytes[..cut]), &whole).unwrap_or_else(|why| panic!("cut at {cut}: {why}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn any_split_into_chunks_gives_the_same_report(path in any_log(), cuts in prop::collection::vec(any::<Index>(), 0..12)) {
        let bytes = std::fs::read(&path).unwrap();
        prop_assert_eq!(read_in_chunks(&bytes, &cuts), parse(&bytes), "{}", path.display());
    }

    #[test]
    fn reading_while_the_log_grows_changes_nothing(path in any_log(), cut in any::<Index>()) {
        let bytes = std::fs::read(&path).unwrap();
        let cut = cut.index(bytes.len() + 1);
        let mut reader = Reader::default();
        reader.feed(&bytes[..cut]);
        let early = reader.report();
        prop_assert_eq!(&early, &parse(&bytes[..cut]));
        reader.feed(&bytes[cut..]);
        prop_assert_eq!(reader.report(), parse(&bytes));
    }

    #[test]
    fn a_cut_log_gives_a_part_of_the_whole(path in any_log(), cut in any::<Index>()) {
        let bytes = std::fs::read(&path).unwrap();
        let whole = parse(&bytes);
        let torn = parse(&bytes[..cut.index(bytes.len() + 1)]);
        // with several sessions, another one is the last
        prop_assume!(whole.runs.len() == 1);
        let told = is_told_by(&torn, &whole);
        prop_assert!(told.is_ok(), "{}: {}", path.display(), told.unwrap_err());
        let is_document = matches!(whole.runs[0].format, Format::JunitXml | Format::JsonReport);
        prop_assert!(is_document || torn.failures.len() <= whole.failures.len(), "{}", path.display());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), cuts in prop::collection::vec(any::<Index>(), 0..4)) {
        prop_assert_eq!(read_in_chunks(&bytes, &cuts), parse(&bytes));
    }

    #[test]
    fn lines_of_real_logs_in_any_order_never_panic(
        logs in prop::collection::vec(any_log(), 1..3),
        picks in prop::collection::vec((any::<Index>(), any::<Index>(), 1usize..6), 1..60),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 0..12),
    ) {
        let logs: Vec<_> = logs.iter().map(|path| std::fs::read(path).unwrap()).collect();
        let lines: Vec<Vec<&[u8]>> = logs.iter().map(|bytes| bytes.split(|&b| b == b'\n').collect()).collect();
        let mut mixed = Vec::new();
        for (log, start, length) in picks {
            let lines = &lines[log.index(lines.len())];
            let start = start.index(lines.len());
            for line in &lines[start..(start + length).min(lines.len())] {
                mixed.extend_from_slice(line);
                mixed.push(b'\n');
            }
        }
        for (at, byte) in damage {
            let at = at.index(mixed.len());
            mixed[at] = byte;
        }
        let report = parse(&mixed);
        prop_assert!(report.failures.len() <= mixed.len());
    }
}

/// Whether a failure of a torn log says a part of what the whole says: of the failure itself, or, where the log
/// ends inside a chain or group, of an exception in it.
fn is_beginning(torn: &Failure, whole: &Failure) -> bool {
    let starts = |torn: &Option<String>, whole: &Option<String>| match (torn, whole) {
        (Some(torn), Some(whole)) => whole.starts_with(torn.trim_end()),
        _ => torn.is_none(),
    };
    let causes = whole.chain.iter().chain(&whole.group).map(|cause| (&cause.exc_type, &cause.message));
    std::iter::once((&whole.exc_type, &whole.message))
        .chain(causes)
        .any(|(exc_type, message)| starts(&torn.exc_type, exc_type) && starts(&torn.message, message))
}
