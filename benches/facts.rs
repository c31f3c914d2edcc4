//! What looking facts up costs on generated workspaces: time to ready, first and later questions, memory.
//!
//! ```text
//! cargo bench --bench facts                        1,000 and 10,000 files
//! cargo bench --bench facts -- FOLDER              a workspace of yours, or one that other tools are measured on
//! cargo bench --bench facts -- write FOLDER COUNT  writes the generated workspace (for benches/facts_peers.py)
//! ```
//!
//! Each row is one process life: nothing is warm but the system's file cache. Beside the clock stands the
//! processor time, which another program's load does not lengthen.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use pytest_medic::text::FilePath;
use pytest_medic::workspace::Snapshot;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    match arguments.as_slice() {
        [marker, folder] if marker == "measure" => measure(Path::new(folder)),
        [marker, folder, count] if marker == "write" => {
            generate(Path::new(folder), count.parse().expect("COUNT is a number"));
        }
        [folder] => in_own_process(Path::new(folder)),
        _ => {
            for files in [1_000, 10_000] {
                let folder = tempfile::tempdir().expect("a temporary folder can be made");
                generate(folder.path(), files);
                in_own_process(folder.path());
            }
        }
    }
}

/// Memory is measured per process, so each workspace gets its own.
fn in_own_process(folder: &Path) {
    let this = std::env::current_exe().expect("a running program has a path");
    for _ in 0..3 {
        Command::new(&this).arg("measure").arg(folder).status().expect("this program runs again");
    }
}

fn measure(folder: &Path) {
    let (snapshot, opened) = timed(|| Snapshot::open(folder));
    let (files, ready) = timed(|| snapshot.python_files());
    let before = cpu_seconds();
    let (found, first) = timed(|| snapshot.definitions("method_17_3"));
    let first_cpu = cpu_seconds() - before;
    let mut answered = found.len();
    // Names that one file defines, spread over the workspace.
    let names: Vec<String> =
        (0..40).map(|n| n * files.len() / 41).map(|at| format!("method_{at}_{}", at % 7)).collect();
    let mut later: Vec<Duration> = Vec::new();
    for name in &names {
        let (found, took) = timed(|| snapshot.definitions(name));
        answered += found.len();
        later.push(took);
    }
    later.sort_unstable();
    let (everywhere, common) = timed(|| snapshot.files_naming("import"));
    let test = files.iter().find(|path| path.file_name().starts_with("test_")).cloned();
    let (fixtures, fixtures_took) = timed(|| test.as_ref().map_or(0, |test| snapshot.fixtures_at(test, 0).len()));
    let changed = files.first().cloned().unwrap_or_else(|| FilePath::new("gone.py"));
    let (refreshed, refresh) = timed(|| snapshot.refreshed(&[changed]));
    let (_, after_edit) = timed(|| refreshed.definitions("method_17_3"));
    println!(
        "{:6} files  ready {:6.1} ms  first {:6.1} ms ({:.0} ms of processor)  later {:5.2} ms (p50), {:5.2} (worst)  \
         {answered} answers  a word of {} files {:5.1} ms  {fixtures} fixtures {:5.1} ms  after an edit {:4.1} + {:4.1} ms  \
         resident {:4.1} MB  processor {:.2} s  load {}",
        files.len(),
        ms(opened + ready),
        ms(first),
        first_cpu * 1000.0,
        ms(later[later.len() / 2]),
        ms(later[later.len() - 1]),
        everywhere.len(),
        ms(common),
        ms(fixtures_took),
        ms(refresh),
        ms(after_edit),
        resident_mb(),
        cpu_seconds(),
        load(),
    );
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// `VmHWM` of /proc: the most that was ever resident. 0 where there is no /proc.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// User and system time of this process; 0 where there is no /proc.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name may hold spaces; what follows its bracket is counted from field 3.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    // Linux counts hundredths for programs, whatever the kernel's own clock is.
    (ticks(14) + ticks(15)) / 100.0
}

/// The load of the last minute.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_string()
}

/// Files of 10 to 14 KB: classes, functions, tests, a conftest in each folder.
fn generate(root: &Path, count: usize) {
    for index in 0..count {
        let folder = root.join(format!("package_{}", index / 50));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let name = if index % 4 == 0 { format!("test_module_{index}.py") } else { format!("module_{index}.py") };
        let text = module(index) + &if index % 4 == 0 { test(index) } else { String::new() };
        std::fs::write(folder.join(name), text).expect("the file can be written");
        if index % 50 == 0 {
            std::fs::write(folder.join("__init__.py"), "").expect("the file can be written");
            let conftest =
                format!("import pytest\n\n@pytest.fixture\ndef fixture_{}():\n    yield {index}\n", index / 50);
            std::fs::write(folder.join("conftest.py"), conftest).expect("the file can be written");
        }
    }
}

fn module(index: usize) -> String {
    let mut text =
        format!("\"\"\"Module {index} of a generated project.\"\"\"\n\nimport os\nfrom pathlib import Path\n\n");
    for class in 0..6 {
        text += &format!("class Service{index}_{class}:\n    \"\"\"Keeps what belongs to {class}.\"\"\"\n\n");
        for method in 0..10 {
            let number = index * 60 + class * 10 + method;
            text += &format!(
                "    def method_{index}_{number}(self, value, *, timeout=30):\n        result = self.compute(value, {number})\n        \
                 for item in result.items_{number}:\n            self.total += item.price * timeout\n        return result\n\n"
            );
        }
    }
    text + &format!("def method_{index}_{}(path: Path) -> str:\n    return os.fspath(path)\n", index % 7)
}

/// A test with a fixture of its folder and a class of the module after it.
fn test(index: usize) -> String {
    let (package, other) = (index / 50, index + 1);
    format!(
        "\nfrom package_{package}.module_{other} import Service{other}_0\n\n\ndef test_{index}(fixture_{package}):\n    \
         service = Service{other}_0()\n    assert service is not fixture_{package}\n"
    )
}
