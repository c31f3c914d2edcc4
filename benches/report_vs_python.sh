#!/bin/sh
# pytest-medic report beside `wc -l` and a Python regex reader, in one run on the same file.
#   benches/report_vs_python.sh [LOG]     (without LOG: a passing log and failure text of SIZE_MB, 256, megabytes each)
set -eu
medic=${PYTEST_MEDIC:-target/release/pytest-medic}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if [ $# -gt 0 ]; then
    cp "$1" "$folder/given.log"
else
    python3 - "$folder" "${SIZE_MB:-256}" <<'PY'
import sys
folder, size = sys.argv[1], int(sys.argv[2]) << 20
head = "=== test session starts ===\nrootdir: /home/dev/proj\ncollected 9 items\n\n"
block = '''____ test_x[%d] ____

    def test_x(client, number):
>       assert client.get(number) == 2
E       assert %d == 2
E        +  where %d = get()

tests/test_a.py:12: AssertionError
--- Captured stdout call ---
requesting /items
'''
with open(folder + "/passing.log", "w") as out:
    out.write(head)
    for n in range(size // 72):
        out.write("tests/unit/test_module.py::TestCase::test_number_%07d PASSED   [ 42%%]\n" % n)
    out.write("=== 9 passed in 61.20s (0:01:01) ===\n")
with open(folder + "/failing.log", "w") as out:
    out.write(head + "=== FAILURES ===\n")
    for n in range(size // 230):
        out.write(block % (n, n, n))
    out.write("=== 9 failed in 61.20s (0:01:01) ===\n")
PY
fi

cat > "$folder/reader.py" <<'PY'
import re, sys
pattern = re.compile(rb"^(\S[^:\n]*):(\d+): (\w+)$|^E +(.*)$|^_+ (.*) _+$|^(\S+::\S+) (PASSED|FAILED)")
print(sum(1 for line in open(sys.argv[1], "rb") if pattern.match(line)))
PY

for log in "$folder"/*.log; do
    bytes=$(wc -c < "$log")
    echo "$(basename "$log"): $((bytes / 1000000)) MB"
    for reader in "wc -l" "$medic report --format json" "python3 $folder/reader.py"; do
        python3 - "$bytes" $reader "$log" <<'PY'
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
print("  %-28s %7.2f s  %7.0f MB/s (cpu %.2f s)  peak %4.0f MB" % (
    " ".join(sys.argv[2:4])[-28:], seconds, int(sys.argv[1]) / 1e6 / seconds, cpu.ru_utime + cpu.ru_stime, peak))
PY
    done
done
