"""The pytest side of pytest-medic: live events with evidence, overlays, a warm fork server, `pytest --healing`.

Everything is inert unless it is asked for: by `--healing` (or `healing_enabled`), or by one of three
environment variables that the `pytest-medic` command sets for the runs it starts:

* ``PYTEST_MEDIC_EVENTS``  a file, FIFO or Unix socket that receives one JSON object per line (docs/events.md);
* ``PYTEST_MEDIC_JOB``     a JSON file: patched texts to run instead of the files, and the limits of this run;
* ``PYTEST_MEDIC_SERVE``   a Unix socket: load once, then fork one child per request.

Python >= 3.8, pytest >= 6.2, no other dependency.
"""

import os

import pytest

from . import events, evidence, healing, job, server

JOB = job.take()
EVENTS = os.environ.pop("PYTEST_MEDIC_EVENTS", None)
SERVE = os.environ.pop("PYTEST_MEDIC_SERVE", None)


def pytest_addoption(parser):
    healing.add_options(parser)


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config):
    """The earliest hook that knows the configuration; a broken conftest shows here and nowhere later."""
    if JOB is not None:
        JOB.begin(early_config)
    if EVENTS is not None and not hasattr(early_config, "workerinput"):
        events.begin(early_config, EVENTS)
    healing.begin(early_config)
    outcome = yield
    if outcome.excinfo is not None:
        events.conftest_failed(early_config, outcome.excinfo[1])


@pytest.hookimpl(hookwrapper=True)
def pytest_cmdline_main(config):
    """Wraps every other implementation: options of plugins can still be changed, and a fork server stays here."""
    if JOB is not None:
        JOB.quieten(config.option)
    if SERVE is not None:
        server.serve(config, SERVE, JOB)
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    healing.add_markers(config)
    worker_wants = getattr(config, "workerinput", {}).get("medic_evidence", False)
    if worker_wants or config.pluginmanager.hasplugin(events.NAME):
        config.pluginmanager.register(evidence.Recorder(config), evidence.NAME)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """pytest-xdist starts a worker: it records evidence, this process writes the events."""
    node.workerinput["medic_evidence"] = node.config.pluginmanager.hasplugin(events.NAME)
