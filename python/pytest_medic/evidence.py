"""Runtime evidence: facts that are only known while the failing frames live (docs/events.md, `runtime`).

What is found travels on the report, so it survives pytest-xdist's way from the worker to the controller.
"""

import inspect
import re
import sys
import types

import pytest

from . import failure, safe
from .expressions import Unsafe, evaluate, failing_nodes, ast, unparse

NAME = "pytest_medic_evidence"
SECONDS = 1.0
MOST_KEYS = 200
LONGEST_BODY = 2000


class Recorder:
    """Looks at each exception before pytest lets it go."""

    def __init__(self, config):
        self.rootdir = str(getattr(config, "rootpath", None) or config.rootdir)
        self.compared = None

    def pytest_runtest_setup(self):
        self.compared = None

    def pytest_assertrepr_compare(self, op, left, right):
        # Called for failing asserts only. No value is kept: it could keep resources of the test alive.
        with safe.time_limit(SECONDS):
            coroutine = _coroutine(left) or _coroutine(right)
            self.compared = (op, safe.show(left), safe.show(right), coroutine, _whole(left, right))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        if call.excinfo is None or outcome.excinfo is not None:
            return
        report = outcome.get_result()
        if report.failed:
            path = str(getattr(item, "path", None) or item.fspath)
            report.medic_failure = self._described(call.excinfo.value, path, item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        outcome = yield
        report = outcome.get_result() if outcome.excinfo is None else None
        call = getattr(report, "call", None)
        if call is not None and call.excinfo is not None and report.failed:
            error = call.excinfo.value
            path = str(getattr(collector, "path", None) or collector.fspath)
            described = self._described(error, path, None)
            if described is not None and type(error).__name__ == "ConftestImportFailure":
                described["in_conftest"] = True
            report.medic_failure = described

    def _described(self, error, path, item):
        """Never lets an error of ours change the outcome of a test; without a description, the report is read."""
        try:
            described = failure.describe(error, self.rootdir, path)
        except Exception:
            return None
        runtime = {}
        with safe.time_limit(SECONDS):
            try:
                # What was found before a failure, or before the time was up, is kept.
                _look(failure.innermost(error), runtime, self.compared, self.rootdir, item)
            except Exception:
                pass
        if self.compared is not None and isinstance(error, AssertionError):
            op, left, right = self.compared[:3]
            if f" {op} " in str(described["message"]).split("\n")[0]:
                described["introspection"] = {"left": left, "op": op, "right": right}
        if runtime:
            described["runtime"] = runtime
        fixtures = runtime.get("fixtures")
        if fixtures and described["exc_type"] == "FixtureLookupError":
            described["available_fixtures"] = fixtures
        return described


def _look(error, runtime, compared, rootdir, item):
    entries = _entries(error.__traceback__)
    if type(error).__name__ == "FixtureLookupError":
        _fixture_error(error, runtime)
    elif isinstance(error, ImportError):
        _import_error(error, runtime, rootdir)
    elif isinstance(error, AttributeError):
        _attribute_error(error, entries, runtime, rootdir)
    elif isinstance(error, LookupError):
        _lookup_error(error, entries, runtime, rootdir)
    elif isinstance(error, TypeError):
        _type_error(error, entries, runtime, rootdir)
    elif isinstance(error, AssertionError):
        _assertion_error(error, compared, runtime)
    elif isinstance(error, NameError) and item is not None:
        runtime["fixtures"] = _visible_fixtures(item)
    _coroutines(entries, runtime)
    _responses(entries, runtime)


def _entries(tb):
    """Traceback entries, innermost first."""
    entries = []
    while tb is not None:
        entries.append(tb)
        tb = tb.tb_next
    return entries[::-1]


def _receiver(target, runtime, rootdir):
    kind = target if isinstance(target, (type, types.ModuleType)) else type(target)
    runtime["receiver_type"] = kind.__name__ if isinstance(kind, types.ModuleType) else safe.type_name(kind)
    runtime["receiver_place"] = _place(kind, rootdir)
    runtime["public_names"] = safe.public_names(target)
    if isinstance(target, types.CoroutineType):
        runtime["coroutine"] = _coroutine(target)


def _place(definition, rootdir):
    try:
        path = inspect.getsourcefile(definition)
        line = 1 if isinstance(definition, types.ModuleType) else inspect.getsourcelines(definition)[1]
    except Exception:
        return None
    if path is None:
        return None
    return {"path": failure.relative(path, rootdir), "line": line, "function": None, "text": None}


def _attribute_error(error, entries, runtime, rootdir):
    missing = getattr(error, "name", None)
    if missing is not None and hasattr(error, "obj"):
        return _receiver(error.obj, runtime, rootdir)
    # Raised without `obj`: before Python 3.10, and by a `__getattr__` of the user's.
    match = re.search(r"has no attribute '([^']+)'", safe.text_of(error))
    missing = match.group(1) if match else missing
    for entry in entries:
        for node in failing_nodes(entry, ast.Attribute):
            if node.attr == missing:
                try:
                    return _receiver(evaluate(node.value, entry.tb_frame), runtime, rootdir)
                except Unsafe:
                    continue
    return None


def _lookup_error(error, entries, runtime, rootdir):
    wanted = error.args[0] if error.args else None
    for entry in entries:
        for node in failing_nodes(entry, (ast.Subscript, ast.Call)):
            try:
                owner, index = _subscript(node, entry.tb_frame)
                # KeyError(key) names the key; IndexError names nothing.
                if isinstance(error, KeyError) and not (type(index) is type(wanted) and index == wanted):
                    continue
            except Exception:
                continue
            runtime["callee"] = safe.clip(unparse(node, entry.tb_frame), 200)
            _receiver(owner, runtime, rootdir)
            if isinstance(owner, dict):
                runtime["keys"] = [safe.show(key) for key, _ in zip(dict.keys(owner), range(MOST_KEYS))]
            else:
                runtime["left"] = safe.show(owner)
            return


def _subscript(node, frame):
    if isinstance(node, ast.Subscript):
        return evaluate(node.value, frame), evaluate(node.slice, frame)
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("pop", "__getitem__") and node.args:
        return evaluate(node.func.value, frame), evaluate(node.args[0], frame)
    raise Unsafe("no subscript")


def _type_error(error, entries, runtime, rootdir):
    match = re.match(r"([\w.<>]+)\(\)", safe.text_of(error))
    refused = match.group(1).rpartition(".")[2] if match else None
    if refused is None or not entries:
        return
    for node in failing_nodes(entries[0], ast.Call):
        try:
            function = evaluate(node.func, entries[0].tb_frame)
        except Unsafe:
            continue
        called = "__init__" if isinstance(function, type) else getattr(function, "__name__", None)
        if refused not in (called, getattr(function, "__name__", None)):
            continue
        plain = getattr(function, "__func__", function)
        if isinstance(function, type) and isinstance(function.__init__, types.FunctionType):
            plain = function.__init__
        try:
            runtime["signature"] = safe.mask(safe.clip(str(inspect.signature(plain))))
        except (TypeError, ValueError):
            pass
        runtime["callee"] = safe.type_name(function)
        runtime["receiver_place"] = _place(function, rootdir)
        return


def _import_error(error, runtime, rootdir):
    module = sys.modules.get(error.name or "")
    if module is not None:
        _receiver(module, runtime, rootdir)


def _assertion_error(error, compared, runtime):
    if compared is not None:
        *_, coroutine, sides = compared
        runtime.update(sides)
        if coroutine:
            runtime["coroutine"] = coroutine
        return
    for entry in _entries(error.__traceback__):
        local = entry.tb_frame.f_locals
        names = next((names for names in _UNITTEST_SIDES if all(name in local for name in names)), None)
        if names and "__unittest" in entry.tb_frame.f_globals:
            runtime.update(_whole(*(local[name] for name in names)))
            return


# What unittest calls the two sides: assertEqual(first, second), assertIn(member, container), assertIs(expr1, expr2).
_UNITTEST_SIDES = (("first", "second"), ("member", "container"), ("expr1", "expr2"))


def _whole(left, right):
    """Both sides of a comparison, and whether they are whole."""
    (left, left_is_whole), (right, right_is_whole) = safe.show_whole(left), safe.show_whole(right)
    return {"left": left, "right": right, "whole": left_is_whole and right_is_whole}


def _fixture_error(error, runtime):
    text = str(getattr(error.formatrepr(), "errorstring", ""))
    match = re.search(r"available fixtures: (.*)", text)
    runtime["fixtures"] = [name.strip() for name in match.group(1).split(",")] if match else []


def _visible_fixtures(item):
    """What the test could have asked for. pytest has no public list: its ways are those of 6.2 to 9.2."""
    manager = item.session._fixturemanager
    if hasattr(manager, "_get_all_fixture_defs_for_node"):
        names = {definition.argname for definition in manager._get_all_fixture_defs_for_node(item)}
    else:
        # pytest 8 asks with the node, before it was the node id.
        place = item if int(pytest.__version__.split(".")[0]) >= 8 else item.nodeid
        names = {name for name in manager._arg2fixturedefs if manager.getfixturedefs(name, place)}
    return sorted(name for name in names if not name.startswith("_"))[: safe.MOST_NAMES]


def _coroutine(value):
    """The qualified name of a coroutine's function, for a coroutine that was never awaited."""
    if isinstance(value, types.CoroutineType) and inspect.getcoroutinestate(value) == inspect.CORO_CREATED:
        return f"{value.cr_frame.f_globals.get('__name__', '?')}.{value.__qualname__}"
    return None


def _coroutines(entries, runtime):
    if "coroutine" in runtime:
        return
    for entry in entries:
        for value in list(entry.tb_frame.f_locals.values()):
            found = _coroutine(value)
            if found:
                runtime["coroutine"] = found
                return


# Clients whose responses keep status and body in plain attributes: top-level module -> (status, body).
_CLIENTS = {
    "requests": (("status_code",), ("_content",)),
    "httpx": (("status_code",), ("_content",)),
    "aiohttp": (("status",), ("_body",)),
    "urllib3": (("status",), ("_body",)),
    "django": (("status_code",), ("_container",)),
    "rest_framework": (("status_code",), ("_container",)),
    "werkzeug": (("_status_code",), ("response",)),
    "flask": (("_status_code",), ("response",)),
}


def _responses(entries, runtime):
    responses = []
    for entry in entries:
        for name, value in list(entry.tb_frame.f_locals.items()):
            found = _response(name, value)
            if found is not None and found not in responses and len(responses) < 5:
                responses.append(found)
    if responses:
        runtime["responses"] = responses


def _response(name, value):
    """Plain attributes only: reading `.text` or `.content` may read a stream to its end."""
    own = [kind for kind in type(value).__mro__ if "Response" in kind.__name__]
    client = next((kind.__module__.split(".")[0] for kind in own if kind.__module__.split(".")[0] in _CLIENTS), None)
    held = getattr(value, "__dict__", None) if client else None
    if not isinstance(held, dict):
        return None
    statuses, bodies = _CLIENTS[client]
    status = next((held[key] for key in statuses if isinstance(held.get(key), int)), None)
    body = next((held[key] for key in bodies if held.get(key)), None)
    if isinstance(body, (list, tuple)) and all(isinstance(part, (bytes, str)) for part in body):
        body = b"".join(part if isinstance(part, bytes) else part.encode() for part in body)
    if isinstance(body, bytes):
        body = safe.mask(body[: LONGEST_BODY * 4].decode("utf-8", "replace")[:LONGEST_BODY])
    return {"name": name, "status": status, "body": body if isinstance(body, str) else None}
