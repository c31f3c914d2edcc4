"""A live exception as the `failure` object of the event stream (docs/events.md)."""

import inspect
import io
import linecache
import os
import re
import sys
import traceback

from . import safe

LONGEST_MESSAGE = 20_000
LONGEST_OUTPUT = 64_000
MOST_FRAMES = 60
MOST_CAUSES = 8

# How a module gets from its file into memory; a syntax error in it is raised by these.
_MACHINERY = {os.path.join(os.path.dirname(os.__file__), *tail) for tail in (("importlib", "__init__.py"), ("ast.py",))}
_INTERNAL = re.compile(r"[/\\](_pytest|pluggy|pytest_medic)[/\\]|[/\\]pytest\.py$")


def describe(error, rootdir, test_file=None):
    """Everything but the captured output: that belongs to the report, not to the exception."""
    error = innermost(error)
    frames = frames_of(error.__traceback__, rootdir)
    surface = _surface(frames, rootdir, test_file)
    if surface is None and isinstance(error, SyntaxError) and error.filename:
        surface = {"path": relative(error.filename, rootdir), "line": error.lineno}
    fixture_missing = type(error).__name__ == "FixtureLookupError"
    if fixture_missing:
        surface = _asking_function(error, rootdir)
    return {
        "path": surface["path"] if surface else relative(test_file, rootdir) if test_file else None,
        "line": surface["line"] if surface else None,
        "exc_type": type(error).__name__,
        "message": _fixture_message(error) if fixture_missing else safe.clip(safe.text_of(error), LONGEST_MESSAGE),
        "hint": hint(error),
        "frames": frames,
        # Before pytest 8, a missing fixture brings a KeyError of pytest's own along.
        "chain": [] if fixture_missing else [_cause(cause, rootdir) for cause in _causes(error)],
        "group": [_cause(member, rootdir) for member in _members(error)],
    }


def innermost(error):
    """What really happened where pytest wraps it: a module or conftest that could not be imported."""
    for _ in range(MOST_CAUSES):
        wrapped = error.__cause__ or error.__context__
        if type(error).__name__ == "ConftestImportFailure":
            # pytest 8 names it `cause`, before it was the triple of `sys.exc_info()`.
            wrapped = getattr(error, "cause", None) or getattr(error, "excinfo", (None, wrapped))[1] or wrapped
        elif type(error).__name__ != "CollectError":
            break
        if not isinstance(wrapped, BaseException):
            break
        error = wrapped
    return error


def frames_of(tb, rootdir):
    """The traceback, outermost first, without the frames of pytest and of assertion helpers."""
    frames = []
    while tb is not None:
        frame = tb.tb_frame
        if not _hidden(frame):
            path, line = frame.f_code.co_filename, tb.tb_lineno
            text = linecache.getline(path, line, frame.f_globals).strip()
            function = getattr(frame.f_code, "co_qualname", frame.f_code.co_name).rpartition("<locals>.")[2]
            frames.append(
                {"path": relative(path, rootdir), "line": line, "function": function, "text": safe.clip(text)}
            )
        tb = tb.tb_next
    return frames[-MOST_FRAMES:]


def _hidden(frame):
    path = frame.f_code.co_filename
    if _INTERNAL.search(path) or path.startswith("<frozen importlib") or "__unittest" in frame.f_globals:
        return True
    if path in _MACHINERY:
        return True
    hide = frame.f_locals.get("__tracebackhide__", frame.f_globals.get("__tracebackhide__", False))
    return hide is True


def _surface(frames, rootdir, test_file):
    """The innermost frame in the test file, else in the project, else none."""
    if test_file is not None:
        wanted = relative(test_file, rootdir)
        inside = [frame for frame in frames if frame["path"] == wanted]
        if inside:
            return inside[-1]
    own = [frame for frame in frames if not os.path.isabs(frame["path"]) and "site-packages/" not in frame["path"]]
    return own[-1] if own else None


def relative(path, rootdir):
    """As pytest prints it: relative to rootdir where it lies below, `/` for separators."""
    path = os.fspath(path)
    try:
        below = os.path.relpath(path, rootdir)
    except ValueError:  # another drive
        below = ".."
    inside = not below.startswith("..") and os.path.isabs(path)
    return (below if inside else path).replace(os.sep, "/")


def hint(error):
    """CPython's "Did you mean", which is no part of ``str(error)``; pytest shows it from Python 3.12 on only."""
    if not isinstance(error, (AttributeError, NameError, ImportError)):
        return None
    if sys.version_info >= (3, 12):
        with_hint = traceback.TracebackException(type(error), error, error.__traceback__, limit=1)
        printed = "".join(with_hint.format_exception_only())
    elif sys.version_info >= (3, 10):
        printed = _as_the_interpreter_prints(error)
    else:
        return None
    found = re.search(r"\. ((?:Did you mean|Did you forget|Or did you forget)\b.*\?)\s*\Z", printed, re.DOTALL)
    return safe.mask(found.group(1)) if found else None


def _as_the_interpreter_prints(error):
    """3.10 and 3.11 compute the suggestion in C, while they print."""
    stream, sys.stderr = sys.stderr, io.StringIO()
    cause, context = error.__cause__, error.__context__
    try:
        # The chain would be printed, too.
        error.__cause__ = error.__context__ = None
        sys.__excepthook__(type(error), error, error.__traceback__)
        return sys.stderr.getvalue()
    finally:
        sys.stderr = stream
        suppressed = error.__suppress_context__
        error.__cause__, error.__context__ = cause, context
        error.__suppress_context__ = suppressed


def _causes(error):
    causes = []
    while len(causes) < MOST_CAUSES:
        # `raise ... from None` hides the context.
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is None or before in causes:
            break
        causes.append(before)
        error = before
    return causes


def _members(error):
    members = getattr(error, "exceptions", None)
    is_group = type(error).__mro__ and any(kind.__name__ == "BaseExceptionGroup" for kind in type(error).__mro__)
    return list(members)[:20] if is_group and isinstance(members, tuple) else []


def _cause(error, rootdir):
    return {
        "exc_type": type(error).__name__,
        "message": safe.clip(safe.text_of(error), LONGEST_MESSAGE),
        "frames": frames_of(error.__traceback__, rootdir),
    }


def _asking_function(error, rootdir):
    """Where the test or fixture begins that asked for what is not there, as pytest prints it."""
    stack = [definition.func for definition in error.fixturestack]
    test = getattr(getattr(error.request, "_pyfuncitem", None), "obj", None)
    function = inspect.unwrap(stack[-1] if stack else test)
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return {"path": relative(code.co_filename, rootdir), "line": code.co_firstlineno} if code else None


def _fixture_message(error):
    if getattr(error, "msg", None):
        return str(error.msg)
    return f"fixture '{error.argname}' not found"


def captured(report):
    """What the test printed, its last part where it is long."""
    output = {
        "stdout": getattr(report, "capstdout", ""),
        "stderr": getattr(report, "capstderr", ""),
        "log": getattr(report, "caplog", ""),
    }
    return {kind: text[-LONGEST_OUTPUT:] for kind, text in output.items() if text}
