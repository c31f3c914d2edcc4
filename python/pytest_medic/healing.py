"""`pytest --healing`: what failed is handed to the `pytest-medic` command, what it proved is shown in the summary.

Files are not edited: a fix is proven by reruns on patched text and waits as a patch, unless `--healing-auto-commit`
asks for more. The exit status stays that of the tests that were run: healed or not, they failed.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile

import pytest

from . import events

NAME = "pytest_medic_healing"
INSIDE = "PYTEST_MEDIC_INSIDE"


def add_options(parser):
    group = parser.getgroup("healing", "self-healing by pytest-medic")
    group.addoption("--healing", action="store_true", help="look for proven fixes of the tests that failed")
    group.addoption("--healing-suggest-only", action="store_true", help="show fixes without rerunning anything")
    group.addoption("--healing-auto-commit", action="store_true", help="apply proven fixes and commit them")
    group.addoption("--healing-confidence", type=float, metavar="F", help="least confidence of a fix, 0 to 1")
    group.addoption("--healing-review", action="store_true", help="walk through the pending patches; runs no test")
    group.addoption("--healing-apply", metavar="PATCH", help="apply one pending patch; runs no test")
    parser.addini("healing_enabled", "as if --healing were given", type="bool", default=False)
    parser.addini("healing_max_retries", "how often to heal and rerun", default="")
    parser.addini("healing_auto_commit", "as if --healing-auto-commit were given", type="bool", default=False)
    parser.addini("healing_mcp_server", "an MCP server to ask where nothing else helps", default="")
    parser.addini("healing_confidence_threshold", "least confidence of a fix, 0 to 1", default="")


def add_markers(config):
    config.addinivalue_line("markers", "healable: this test may be healed, even where its class or module says no_healing")
    config.addinivalue_line("markers", "no_healing: this test is never healed")


class Settings:
    """Command line, then environment, then ini."""

    def __init__(self, config, options):
        self.suggest_only = options.healing_suggest_only
        self.enabled = (
            options.healing
            or self.suggest_only
            or options.healing_auto_commit
            or _flag("PYTEST_HEALING_ENABLED", config.getini("healing_enabled"))
        )
        self.auto_commit = not self.suggest_only and (
            options.healing_auto_commit or _flag("PYTEST_HEALING_AUTO_COMMIT", config.getini("healing_auto_commit"))
        )
        self.confidence = options.healing_confidence
        if self.confidence is None:
            written = os.environ.get("PYTEST_HEALING_CONFIDENCE") or config.getini("healing_confidence_threshold")
            self.confidence = _number(written, "healing_confidence_threshold", float) if written else None
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise pytest.UsageError(f"healing confidence {self.confidence} is not between 0 and 1")
        written = os.environ.get("PYTEST_HEALING_MAX_RETRIES") or config.getini("healing_max_retries")
        self.max_retries = _number(written, "healing_max_retries", int) if written else None
        server = os.environ.get("PYTEST_HEALING_MCP_SERVER") or config.getini("healing_mcp_server")
        self.mcp_server = server or None


def _flag(variable, default):
    value = os.environ.get(variable, "").strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    return False if value in ("0", "false", "no", "off") else default


def _number(text, name, kind):
    try:
        return kind(text)
    except ValueError:
        raise pytest.UsageError(f"{name} = {text}: not a number") from None


class Instead:
    """`--healing-review` and `--healing-apply`: no test is run."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config):
        if config.option.healing_review:
            arguments = ["review"]
        elif config.option.healing_apply:
            arguments = ["apply", os.path.abspath(config.option.healing_apply)]
        else:
            return None
        try:
            return subprocess.call([_program(), *arguments], cwd=_rootdir(config))
        except Trouble as trouble:
            raise pytest.UsageError(str(trouble)) from None


def begin(early_config):
    """Records the run for the healer, where healing is asked for and this is not a run of the healer itself."""
    if INSIDE in os.environ or hasattr(early_config, "workerinput"):
        return
    early_config.pluginmanager.register(Instead(), NAME + "_instead")
    settings = Settings(early_config, early_config.known_args_namespace)
    if not settings.enabled or early_config.pluginmanager.hasplugin(events.NAME):
        return
    folder = tempfile.TemporaryDirectory(prefix="pytest-medic-")
    events.begin(early_config, os.path.join(folder.name, "events.jsonl"))
    early_config.pluginmanager.register(Healer(early_config, settings, folder), NAME)


class Healer:
    def __init__(self, config, settings, folder):
        self.config, self.settings, self.folder = config, settings, folder
        self.eligible = {}
        self.failed = []

    def pytest_collection_modifyitems(self, items):
        for item in items:
            marks = [mark.name for mark in item.iter_markers() if mark.name in ("healable", "no_healing")]
            # The nearest marker counts: the function's before the class's before the module's.
            self.eligible[item.nodeid] = not marks or marks[0] == "healable"

    def pytest_collectreport(self, report):
        if report.failed:
            self._add(report.nodeid)

    def pytest_runtest_logreport(self, report):
        if report.failed and self.eligible.get(report.nodeid, True):
            self._add(report.nodeid)

    def _add(self, nodeid):
        if nodeid and nodeid not in self.failed:
            self.failed.append(nodeid)

    def pytest_terminal_summary(self, terminalreporter, exitstatus):
        if not self.failed:
            return
        terminalreporter.section("healing", sep="=")
        self.config.pluginmanager.get_plugin(events.NAME).finish(int(exitstatus))
        try:
            show(terminalreporter, self.heal())
        except Trouble as trouble:
            terminalreporter.write_line(f"not healed: {trouble}", yellow=True)

    def pytest_unconfigure(self):
        self.folder.cleanup()

    def heal(self):
        """What the command found, as its JSON says it."""
        log = os.path.join(self.folder.name, "events.jsonl")
        settings = self.settings
        if settings.suggest_only:
            # `suggest` knows no paths: it reads what may be healed only.
            command = [_program(), "suggest", self._only_eligible(log), "--format", "json"]
        else:
            command = [_program(), "heal", "--from", log, "--format", "json"]
            command += ["--auto-commit"] if settings.auto_commit else ["--suggest-only"]
            command += [] if settings.confidence is None else ["--confidence", str(settings.confidence)]
            command += [] if settings.max_retries is None else ["--max-iterations", str(settings.max_retries)]
            command += ["--", *self.failed]
        done = subprocess.run(
            command,
            cwd=_rootdir(self.config),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            encoding="utf-8",
            errors="replace",
        )
        try:
            return json.loads(done.stdout)
        except ValueError:
            said = done.stderr.strip().splitlines()[-3:]
            raise Trouble(f"{os.path.basename(command[0])} ended with {done.returncode}: " + " | ".join(said)) from None

    def _only_eligible(self, log):
        kept = os.path.join(self.folder.name, "eligible.jsonl")
        with open(log, encoding="utf-8") as lines, open(kept, "w", encoding="utf-8") as out:
            for line in lines:
                event = json.loads(line)
                if "failure" not in event or event.get("nodeid") in self.failed:
                    out.write(line)
        return kept

    def _environment(self):
        """The healer reruns with this interpreter, and its runs do not heal in their turn."""
        environment = {**os.environ, INSIDE: "1"}
        if sys.prefix != sys.base_prefix:
            environment["VIRTUAL_ENV"] = sys.prefix
        here = os.path.dirname(sys.executable)
        environment["PATH"] = os.pathsep.join([here, environment.get("PATH", "")])
        if self.settings.mcp_server is not None:
            environment["PYTEST_HEALING_MCP_SERVER"] = self.settings.mcp_server
        return environment


class Trouble(Exception):
    """Healing could not be done; the test run itself is not touched by that."""


def _program():
    """The command that came with this plugin, else one on the PATH; `PYTEST_MEDIC_BIN` names another."""
    named = os.environ.get("PYTEST_MEDIC_BIN")
    name = "pytest-medic.exe" if os.name == "nt" else "pytest-medic"
    beside = os.path.join(sysconfig.get_path("scripts"), name)
    found = named or (beside if os.path.isfile(beside) else shutil.which(name))
    if not found:
        raise Trouble("the pytest-medic command is not installed here: pip install pytest-medic")
    if not os.access(found, os.X_OK):
        raise Trouble(f"{found} cannot be run; PYTEST_MEDIC_BIN names the pytest-medic command")
    return found


def _rootdir(config):
    return str(getattr(config, "rootpath", None) or config.rootdir)


def show(terminal, result):
    """The summary: healed tests with diff and patch, then what stays as it is and why."""
    for fix in [*result.get("applied", []), *result.get("suggested", [])]:
        # A patch that could not be proven, or that changes what is checked, is a suggestion.
        proven = "patch" not in fix or (fix.get("validation") or {}).get("verdict") == "passes"
        word = "HEALED" if proven and fix["fix"].get("tier") == "safe" else "SUGGESTED"
        _show_fix(terminal, word, fix.get("nodeids", []), fix["fix"], fix.get("diff", ""), fix.get("patch"))
        if fix.get("dependence") == "possibly-vacuous":
            terminal.write_line("    passes on the source before the change, too: possibly vacuous", yellow=True)
        elif fix["fix"].get("tier") == "review":
            terminal.write_line("    changes what is checked: a person decides", yellow=True)
    for failure in result.get("failures", []):
        fixes = failure.get("fixes", [])
        if fixes:
            _show_fix(terminal, "SUGGESTED", [failure["nodeid"]], fixes[0], fixes[0].get("diff", ""), None)
        else:
            reasons = [refused["reason"] for refused in failure.get("refused", [])[:1]] or [failure.get("reason", "")]
            terminal.write("NOT HEALED ", yellow=True)
            terminal.write_line(f"{failure['nodeid']}: {reasons[0]}")


def _show_fix(terminal, word, nodeids, fix, diff, patch):
    for nodeid in nodeids:
        terminal.write(f"{word} ", green=True, bold=True)
        terminal.write_line(f"{nodeid}: {fix['title']} (confidence {fix['confidence']:.2f})")
    for line in diff.splitlines():
        colour = {"+": {"green": True}, "-": {"red": True}}.get(line[:1], {})
        terminal.write_line(f"    {line}", **colour)
    if patch:
        terminal.write_line(f"    patch: {patch}  (pytest --healing-apply {patch}, or git apply {patch})")
