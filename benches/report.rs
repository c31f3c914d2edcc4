//! How fast runs are read, beside what could not be faster: counting lines (`wc -l`), and what people write first: a
//! regular expression per line. `benches/report_vs_python.sh` compares with `wc` and Python themselves.

use std::fmt::Write;
use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use pytest_medic::report::{Reader, parse};

fn main() {
    divan::main();
}

const SIZE: usize = 32 << 20;
/// As large as what a pipe or a growing file gives at once.
const CHUNK: usize = 256 << 10;

static PASSING: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut log = header();
    let mut test = 0;
    while log.len() < SIZE {
        let _ = writeln!(log, "tests/unit/test_module_{}.py::TestCase::test_number_{test} PASSED   [ 42%]", test / 50);
        test += 1;
    }
    let _ = writeln!(log, "===== {test} passed in 61.20s (0:01:01) =====");
    log.into_bytes()
});

/// Without `-v`: a file and a letter for each of its tests.
static DOTS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut log = header();
    let mut file = 0;
    while log.len() < SIZE {
        let _ = writeln!(log, "tests/unit/test_module_{file}.py {}  [ 42%]", ".".repeat(24));
        file += 1;
    }
    let _ = writeln!(log, "===== {} passed in 61.20s (0:01:01) =====", file * 24);
    log.into_bytes()
});

static FAILING: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut log = header();
    let _ = writeln!(log, "=================================== FAILURES ===================================");
    let (mut summary, mut test) = (String::new(), 0);
    while log.len() < SIZE {
        let _ = write!(log, "{}", BLOCK.replace("NUMBER", &test.to_string()));
        let _ = writeln!(summary, "FAILED tests/test_a.py::test_x[{test}] - assert {test} == 2");
        test += 1;
    }
    let _ =
        writeln!(log, "=========================== short test summary info ============================\n{summary}");
    let _ = writeln!(log, "===== {test} failed in 61.20s (0:01:01) =====");
    log.into_bytes()
});

const BLOCK: &str = "\
________________________________ test_x[NUMBER] ________________________________

client = <shop.net.Client object at 0x7f0000000000>, number = NUMBER

    @pytest.mark.parametrize(\"number\", range(100000))
    def test_x(client, number):
        client.prepare(number)
>       assert client.get(\"/items\", number=number) == 2
E       assert NUMBER == 2
E        +  where NUMBER = get('/items', number=NUMBER)
E        +    where get = <shop.net.Client object at 0x7f0000000000>.get

tests/test_a.py:12: AssertionError
----------------------------- Captured stdout call -----------------------------
preparing NUMBER
requesting /items
------------------------------ Captured log call -------------------------------
WARNING  shop.net:net.py:25 status=200
";

fn header() -> String {
    "============================= test session starts ==============================\n\
     platform linux -- Python 3.13.0, pytest-9.2.0, pluggy-1.7.0\nrootdir: /home/dev/proj\ncollected 9 items\n\n"
        .to_string()
}

fn read(log: &[u8]) -> usize {
    let mut reader = Reader::default();
    log.chunks(CHUNK).for_each(|chunk| reader.feed(chunk));
    reader.finish().failures.len()
}

#[divan::bench]
fn passing_log(bencher: Bencher) {
    bencher.counter(BytesCount::new(PASSING.len())).bench(|| read(black_box(&PASSING)));
}

#[divan::bench]
fn dots(bencher: Bencher) {
    bencher.counter(BytesCount::new(DOTS.len())).bench(|| read(black_box(&DOTS)));
}

#[divan::bench]
fn failure_text(bencher: Bencher) {
    bencher.counter(BytesCount::new(FAILING.len())).bench(|| read(black_box(&FAILING)));
}

#[divan::bench]
fn count_lines_of_failure_text(bencher: Bencher) {
    bencher.counter(BytesCount::new(FAILING.len())).bench(|| memchr::memchr_iter(b'\n', black_box(&FAILING)).count());
}

#[divan::bench]
fn regex_per_line_of_failure_text(bencher: Bencher) {
    let location = regex::bytes::Regex::new(r"^(\S[^:]*):(\d+): (\w+)$|^E +(.*)$|^_+ (.*) _+$").unwrap();
    let matches = |log: &[u8]| log.split(|&b| b == b'\n').filter(|line| location.is_match(line)).count();
    bencher.counter(BytesCount::new(FAILING.len())).bench(|| matches(black_box(&FAILING)));
}

/// One megabyte, as an editor reads it after a run: the budget is 50 ms to the squiggle.
#[divan::bench]
fn one_megabyte_of_failures(bencher: Bencher) {
    let log = &FAILING[..1 << 20];
    bencher.counter(BytesCount::new(log.len())).bench(|| parse(black_box(log)));
}
