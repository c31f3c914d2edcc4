//! What lessons cost while someone types: reading and learning a graveyard, matching a whole file, a hover in it,
//! with 10,000 lessons beside 10 in the same run.
//!
//! ```text
//! cargo bench --bench graveyard
//! ```
//!
//! The file has 500 statements that use the words of the lessons and repeats some of their mistakes. Aims: a file
//! below 15 ms, a hover (p99) below 2 ms.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pytest_medic::graveyard::{Graveyard, Lessons, look_up};
use pytest_medic::syntax::Source;
use pytest_medic::text::FilePath;

fn main() {
    println!(
        "{:>7}  {:>9}  {:>9}  {:>20}  {:>20}  {:>9}",
        "lessons", "read", "learn", "file p50 / p99", "hover p50 / p99", "found"
    );
    for count in [10, 1_000, 10_000] {
        measure(count);
    }
}

fn measure(count: usize) {
    let text = graveyard(count);
    let (read, reading) = timed(|| Graveyard::parse(Some(FilePath::new("GRAVEYARD.md")), &text));
    let read = vec![Arc::new(read)];
    let (lessons, learning) = timed(|| Lessons::new(&read));
    let path = FilePath::new("tests/test_many.py");
    let mut files = Vec::new();
    let mut hovers = Vec::new();
    let mut found = 0;
    for round in 0..60 {
        // Every round is another text, as after a keystroke.
        let source = Source::parse(file(round));
        let (sightings, took) = timed(|| lessons.find(&path, &source));
        files.push(took);
        found = sightings.len();
        for offset in (0..source.text().len()).step_by(source.text().len() / 20) {
            hovers.push(timed(|| hover(&lessons, &path, &source, offset)).1);
        }
    }
    println!(
        "{count:7}  {:6.1} ms  {:6.1} ms  {:7.2} / {:7.2} ms  {:7.3} / {:7.3} ms  {found:9}",
        ms(reading),
        ms(learning),
        ms(at(&mut files, 0.5)),
        ms(at(&mut files, 0.99)),
        ms(at(&mut hovers, 0.5)),
        ms(at(&mut hovers, 0.99)),
    );
}

fn hover(lessons: &Lessons, path: &FilePath, source: &Source, offset: usize) -> String {
    let found = lessons.find(path, source);
    let here = found.iter().filter(|sighting| sighting.covers(offset));
    here.map(|sighting| look_up::markdown(sighting.lesson(), None)).collect()
}

/// Lessons of six shapes: names, keywords, imports, waits, exceptions, values.
fn graveyard(count: usize) -> String {
    let mut text = String::from("# GRAVEYARD - Test Generation Lessons Learned\n\n---\n\n");
    for n in 0..count {
        let (wrong, correct) = match n % 6 {
            0 => (format!("cart.old_name_{n}(item)"), format!("cart.new_name_{n}(item)")),
            1 => (
                format!("machine = Machine{n}(name=name, memory=\"1Gi\")"),
                format!("machine = Machine{n}(name=name, memory_guest=\"1Gi\")"),
            ),
            2 => (format!("from shop.part_{n} import Cart"), format!("from shop.core_{n} import Cart")),
            3 => (
                format!("vm.migrate()\nassert uptime_{n}(vm) > 0"),
                format!("vm.migrate()\nwait_for_agent(vm=vm)\nassert uptime_{n}(vm) > 0"),
            ),
            4 => (
                format!("with pytest.raises(ValueError):\n    parse_{n}(text)"),
                format!("with pytest.raises(KeyError):\n    parse_{n}(text)"),
            ),
            _ => (
                format!("assert client.get(\"/v1/items_{n}\").status == 200"),
                format!("assert client.get(\"/v2/items_{n}\").status == 200"),
            ),
        };
        let _ = write!(
            text,
            "## Entry: Lesson number {n}\n\n**Category**: TypeError\n**Date**: 2026-01-02\n**Test**: tests/test_{n}.py::test_a\n\n\
             ### What Went Wrong\nThe code of part {n} was outdated.\n\n### Wrong Code\n```python\n{wrong}\n```\n\n\
             ### Correct Code\n```python\n{correct}\n```\n\n### Lesson Learned\nPart {n} changed.\n\n\
             ### How to Avoid\nFollow the changes of `part_{n}`.\n\n---\n\n"
        );
    }
    text
}

/// 500 statements in 50 tests; every tenth repeats a mistake.
fn file(round: usize) -> String {
    let mut text = format!("import pytest\nimport time\n\nROUND = {round}\n");
    for test in 0..50 {
        let _ = write!(text, "\ndef test_{test}(cart, vm, client, name):\n");
        for line in 0..10 {
            let n = test * 10 + line;
            let _ = match line {
                0 => writeln!(text, "    cart.old_name_{}(item)", n - n % 6),
                1 => writeln!(text, "    machine_{n} = Machine(name=name, memory=\"1Gi\")"),
                2 => writeln!(text, "    vm.migrate()"),
                3 => writeln!(text, "    assert uptime(vm) > {n}"),
                4 => writeln!(text, "    assert client.get(\"/v1/items\").status == 200"),
                5 => writeln!(text, "    with pytest.raises(ValueError):\n        parse(text, {n})"),
                6 => writeln!(text, "    reply = client.post(\"/orders\", json={{\"amount\": {n}}})"),
                7 => writeln!(text, "    assert reply.json()[\"total\"] == {n}"),
                8 => writeln!(text, "    for item in cart.items():\n        item.check(level={n})"),
                _ => writeln!(text, "    time.sleep({n})"),
            };
        }
    }
    text
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

fn at(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share).round() as usize]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
