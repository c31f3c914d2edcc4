"""The live event stream: one JSON object per line, written while the run goes on (docs/events.md)."""

import json
import os
import platform
import socket
import stat
import threading
import time

import pytest

from . import failure

NAME = "pytest_medic_events"
SCHEMA = 1


class Stream:
    """Where the events go. A reader that went away must not hurt the run."""

    def __init__(self, place):
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._send = _open(place)

    @classmethod
    def over(cls, connection):
        """The events of a forked child go to its server's connection."""
        stream = cls.__new__(cls)
        stream._pid, stream._lock, stream._send = os.getpid(), threading.Lock(), connection.sendall
        return stream

    def write(self, event, **fields):
        # A process forked by a test holds a copy of this object and must not speak for the run.
        if self._send is None or os.getpid() != self._pid:
            return
        line = json.dumps({"event": event, **fields}, separators=(",", ":"), default=str)
        try:
            with self._lock:
                self._send(line.encode("utf-8", "backslashreplace") + b"\n")
        except OSError:
            self._send = None


def _open(place):
    try:
        if hasattr(socket, "AF_UNIX") and os.path.exists(place) and stat.S_ISSOCK(os.stat(place).st_mode):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(place)
            return connection.sendall
        # Values of a failing test may be private.
        file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise pytest.UsageError(f"pytest-medic cannot write events to {place}: {error}") from None
    return lambda data: _write_all(file, data)


def _write_all(file, data):
    while data:
        data = data[os.write(file, data) :]


def begin(config, place):
    """Reports the run of `config` to `place`."""
    register(config, Stream(place))


def register(config, stream):
    reporter = Reporter(config, stream)
    reporter.start()
    config.pluginmanager.register(reporter, NAME)
    return reporter


def conftest_failed(config, error):
    reporter = config.pluginmanager.get_plugin(NAME)
    if reporter is not None and type(error).__name__ == "ConftestImportFailure":
        reporter.conftest_failed(error)


class Reporter:
    """Listens to pytest and writes the stream. With pytest-xdist it lives in the controller."""

    def __init__(self, config, stream):
        self.config, self.stream = config, stream
        self.rootdir = str(getattr(config, "rootpath", None) or config.rootdir)
        self.counts = {}
        self.began = time.perf_counter()
        self.finished = False

    def start(self):
        self.stream.write(
            "start",
            schema=SCHEMA,
            pytest=pytest.__version__,
            python=platform.python_version(),
            rootdir=self.rootdir,
            args=[str(argument) for argument in self.config.invocation_params.args],
            pid=os.getpid(),
        )

    def conftest_failed(self, error):
        described = failure.describe(error, self.rootdir, test_file=None)
        path = relative_conftest(error, self.rootdir)
        described["path"] = described["path"] or path
        self._count("errors")
        self._write(path or "", "conftest", "error", None, described)
        self.finish(4)

    def pytest_collection_finish(self, session):
        if not hasattr(session.config, "workerinput"):
            self.stream.write("collected", tests=len(session.items))

    def pytest_deselected(self, items):
        self._count("deselected", len(items))

    def pytest_collectreport(self, report):
        if report.failed:
            self._count("errors")
            described = getattr(report, "medic_failure", None) or _as_printed(report)
            phase = "conftest" if described.pop("in_conftest", False) else "collection"
            self._write(report.nodeid, phase, "error", None, described)
        elif report.skipped:
            self._count("skipped")

    def pytest_runtest_logreport(self, report):
        outcome = outcome_of(report)
        if report.when == "call" or outcome != "passed":
            self._count("errors" if outcome == "error" else outcome)
        described = None
        if outcome in ("failed", "error"):
            described = getattr(report, "medic_failure", None) or _as_printed(report)
            described["captured"] = failure.captured(report)
        fields = {}
        if hasattr(report, "medic_checks"):
            fields = {"checks": report.medic_checks, "has_checks": report.medic_has_checks}
        self._write(report.nodeid, report.when, outcome, report.duration, described, **fields)

    def pytest_warning_recorded(self, warning_message, when, nodeid, location):
        self._count("warnings")
        self.stream.write(
            "warning",
            path=failure.relative(warning_message.filename, self.rootdir),
            line=warning_message.lineno,
            category=warning_message.category.__name__,
            message=str(warning_message.message)[: failure.LONGEST_MESSAGE],
            nodeids=[nodeid] if nodeid else [],
        )

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session, exitstatus):
        yield  # fixtures of session scope are torn down in here
        self.finish(int(exitstatus))

    def finish(self, exitstatus):
        if not self.finished:
            self.finished = True
            duration = round(time.perf_counter() - self.began, 6)
            self.stream.write("finish", exitstatus=exitstatus, duration=duration, counts=self.counts)

    def _count(self, what, number=1):
        self.counts[what] = self.counts.get(what, 0) + number

    def _write(self, nodeid, phase, outcome, duration, described, **fields):
        if duration is not None:
            fields["duration"] = round(duration, 6)
        if described is not None:
            fields["failure"] = described
        self.stream.write("report", nodeid=nodeid, phase=phase, outcome=outcome, **fields)


def outcome_of(report):
    """pytest's word for how a phase ended, as its terminal shows it."""
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed" if report.passed else "failed"
    if report.failed:
        return "failed" if report.when == "call" else "error"
    return report.outcome


def relative_conftest(error, rootdir):
    path = getattr(error, "path", None)
    return failure.relative(str(path), rootdir) if path is not None else None


def _as_printed(report):
    """For a failure without an exception of its own, such as a strict xpass or a worker that crashed."""
    crash = getattr(report.longrepr, "reprcrash", None)
    message = crash.message if crash is not None else str(report.longrepr or "")
    return {"message": message[: failure.LONGEST_MESSAGE]}
