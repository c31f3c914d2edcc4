"""A run that `pytest-medic` started to try something: patched texts, limits, and nothing left behind."""

import json
import os
import sys
import tempfile

import pytest

from . import checks
from .overlay import OVERLAY

VARIABLE = "PYTEST_MEDIC_JOB"


def take():
    """The job of this process, if there is one.

    The variable stays: workers of pytest-xdist and pytest runs inside of tests see the same texts.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            return Job(json.load(file))
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"pytest-medic cannot read the job {path}: {error}") from None


class Job:
    """`overlay`: path -> text; `private`: a folder of this run alone; `memory`: bytes; `nice`: 0 to 19."""

    def __init__(self, fields):
        # Each process gets a folder of its own: pytest empties `--basetemp`, also that of a pytest around it.
        self.private = fields.get("private")
        self.folder = tempfile.mkdtemp(prefix="t", dir=self.private) if self.private else None
        if self.folder:
            # What tests leave in the temporary folder goes with the run.
            os.environ["TMPDIR"] = tempfile.tempdir = self.folder
        # Before any conftest is imported. Runs to try something leave no .pyc of their own.
        sys.dont_write_bytecode = True
        OVERLAY.load(fields.get("overlay", {}))
        limit_memory(fields.get("memory"))
        if fields.get("nice") and hasattr(os, "nice"):
            os.nice(int(fields["nice"]))

    def begin(self, early_config):
        """Options that plugins read before the conftests are loaded."""
        OVERLAY.go_first()
        self.quieten(early_config.known_args_namespace)
        if OVERLAY.texts and not early_config.pluginmanager.hasplugin(CheckCounter.NAME):
            early_config.pluginmanager.register(CheckCounter(), CheckCounter.NAME)

    def quieten(self, options):
        """The project's `addopts` may ask for files, workers and repetitions: a trial run makes none."""
        for name, value in _QUIET.items():
            if hasattr(options, name):
                setattr(options, name, value)
        if self.folder:
            options.basetemp = os.path.join(self.folder, "tmp")


# What the options of pytest and its common plugins are called, and the value that makes them do nothing.
_QUIET = {
    "xmlpath": None,
    "pastebin": None,
    "log_file": None,
    "usepdb": False,
    "trace": False,
    "maxfail": 0,
    "lf": False,
    "failedfirst": False,
    "newfirst": False,
    "stepwise": False,
    "cacheclear": False,
    "durations": None,
    "cov_source": [],  # pytest-cov
    "no_cov": True,
    "numprocesses": None,  # pytest-xdist
    "dist": "no",
    "tx": [],
    "reruns": 0,  # pytest-rerunfailures
    "count": 1,  # pytest-repeat
    "htmlpath": None,  # pytest-html
    "report_log": None,  # pytest-reportlog
    "json_report": False,  # pytest-json-report
    "allure_report_dir": None,  # allure-pytest
    "benchmark_json": None,  # pytest-benchmark
}


def limit_memory(limit):
    """Private memory of this process and what it starts; a candidate may loop while it allocates."""
    if not limit:
        return
    try:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))
    except (ImportError, OSError, ValueError):
        pass  # no such limit on this system


class CheckCounter:
    """Tells per test how many checks it executed."""

    NAME = "pytest_medic_checks"

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self):
        checks.executed = 0
        yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item):
        outcome = yield
        if outcome.excinfo is None:
            report = outcome.get_result()
            report.medic_checks = checks.executed
            report.medic_has_checks = checks.held_by(getattr(item, "obj", None))
