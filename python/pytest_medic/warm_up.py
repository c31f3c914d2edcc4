"""What a fork server loads before it forks, why it must not fork, and what makes it stale."""

import ast
import importlib
import importlib.util
import os
import socket
import stat
import sys
import sysconfig
import threading

from .overlay import real

# Libraries whose threads or devices do not survive a fork.
_UNSAFE_MODULES = ("grpc", "jaxlib", "tensorflow", "ray")


def _open_files():
    try:
        return {int(name) for name in os.listdir("/proc/self/fd")}
    except OSError:
        return set()


_inherited = _open_files()


def import_what_tests_import(config):
    """The top-level imports of the test files, except what a candidate could change: the test files themselves."""
    folder = str(config.invocation_params.dir)
    files = {os.path.join(folder, str(argument).split("::")[0]) for argument in config.args}
    files = {real(path) for path in files if os.path.isfile(path)}
    for path in sorted(files):
        for name in _imported_names(path):
            try:
                spec = importlib.util.find_spec(name)
                if spec is not None and not (spec.origin and real(spec.origin) in files):
                    importlib.import_module(name)
            except BaseException:  # also SystemExit and pytest's Skipped: a failing import is the child's business
                continue


def _imported_names(path):
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module


def why_unsafe(own_connection):
    """Why children of this process could behave unlike a fresh process; or ``None``."""
    if not hasattr(os, "fork") or not hasattr(os, "waitid"):
        return "this system has no fork"
    if sys.platform == "darwin":
        return "system frameworks of macOS do not survive a fork"
    if threading.active_count() > 1:
        names = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
        return "loading started threads: " + ", ".join(sorted(names)[:5])
    loaded = [name for name in _UNSAFE_MODULES if name in sys.modules]
    if loaded:
        return f"{loaded[0]} does not survive a fork"
    if getattr(sys.modules.get("torch.cuda"), "_initialized", False):
        return "CUDA does not survive a fork"
    if own_children():
        return "loading started a process"
    for file in _open_files() - _inherited - {own_connection}:
        connection = _connection(file)
        if connection is not None:
            return f"loading opened a connection: {connection}"
    return None


def own_children():
    """Process ids of living and dead children (Linux)."""
    try:
        with open(f"/proc/self/task/{threading.get_native_id()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _connection(file):
    """The address of a socket; `None` for other files and for nameless pairs, as event loops have."""
    try:
        if not stat.S_ISSOCK(os.fstat(file).st_mode):
            return None
        with socket.socket(fileno=os.dup(file)) as copy:
            for address in (copy.getpeername, copy.getsockname):
                try:
                    if address():
                        return str(address())
                except OSError:
                    continue
    except OSError:
        pass
    return None


class Watched:
    """The sources that are loaded: what lies in the project, or in any other place but installed packages."""

    def __init__(self, config):
        installed = {sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        installed = tuple(real(path) + os.sep for path in (*installed, os.path.dirname(__file__)))
        files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        files = {real(file) for file in files if isinstance(file, str)}
        files = {file for file in files if not file.startswith(installed)}
        settings = getattr(config, "inipath", None) or getattr(config, "inifile", None)
        if settings is not None:
            files.add(real(str(settings)))
        self.states = {file: _state(file) for file in files}

    def changed(self):
        return sorted(file for file, state in self.states.items() if _state(file) != state)


def _state(file):
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
