"""The warm fork server: plugins, conftests and heavy packages are loaded once, each candidate runs in a fork.

It stays inside ``pytest_cmdline_main``. A forked child leaves it and goes on as an ordinary pytest session with its
own overlay; the parent waits, ends what the child left behind, and tells. One JSON object per line both ways over a
Unix socket: requests have `id`, `overlay`, `tests` and `limit` (seconds); replies are the events of the child, then
`done`, or instead of them `stale` or `cold` with a reason. When the client goes, so do the child and the server.
"""

import atexit
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import warnings
import weakref

import pytest

from . import events, job, warm_up
from .overlay import OVERLAY, real


def serve(config, place, own_job):
    """Returns in a forked child only."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(place)
    Server(config, connection, own_job).loop()


class Server:
    def __init__(self, config, connection, own_job):
        self.config, self.connection, self.job = config, connection, own_job
        self.requests = connection.makefile("r", encoding="utf-8")
        self.base = dict(OVERLAY.texts)

    def loop(self):
        warm_up.import_what_tests_import(self.config)
        reason = warm_up.why_unsafe(self.connection.fileno())
        self.tell("ready", unsafe=reason)
        if reason is not None:
            os._exit(0)
        _adopt_orphans()
        self.watched = warm_up.Watched(self.config)
        gc.collect()
        gc.freeze()  # children neither scan nor copy the warm objects
        for line in self.requests:
            request = json.loads(line)
            overlay = {real(path): text for path, text in request["overlay"].items()}
            changed, loaded = self.watched.changed(), self.loaded_otherwise(overlay)
            if changed:
                self.tell("stale", reason="changed since it was loaded: " + ", ".join(changed[:5]))
            elif loaded:
                self.tell("cold", reason="the candidate changes what is loaded already: " + ", ".join(loaded[:5]))
            elif self.fork(request, overlay) == 0:
                return
        os._exit(0)

    def tell(self, event, **fields):
        # A child that was killed may have left half a line.
        line = "\n" + json.dumps({"event": event, **fields}) + "\n"
        try:
            self.connection.sendall(line.encode("utf-8", "backslashreplace"))
        except OSError:
            os._exit(1)

    def loaded_otherwise(self, overlay):
        """Modules that the parent has loaded from another text than the candidate's."""
        differs = {path for path in {*overlay, *self.base} if overlay.get(path) != self.base.get(path)}
        files = ((name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items()))
        return [name for name, file in files if isinstance(file, str) and real(file) in differs]

    def fork(self, request, overlay):
        folder = tempfile.mkdtemp(prefix="f", dir=self.job.private)
        began = time.monotonic()
        _empty_output()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python 3.12 warns where native threads exist
            pid = os.fork()
        if pid == 0:
            self.become_session(request, overlay, folder)
            return 0
        _set_group(pid)
        late = self.wait(pid, began + request["limit"])
        _end_group(pid)
        _, status, usage = os.wait4(pid, 0)
        _end_orphans()
        shutil.rmtree(folder, ignore_errors=True)
        cpu = round(usage.ru_utime + usage.ru_stime, 4)
        self.tell("done", id=request["id"], status=status, late=late, cpu=cpu)
        return pid

    def wait(self, pid, deadline):
        """Until the child has ended (it is not reaped yet). Whether it was too late."""
        pause = 0.0005
        ended = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        try:
            while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    return True
                pause = min(pause * 2, 0.01)
                watched = [self.connection] if ended is None else [self.connection, ended]
                readable, _, _ = select.select(watched, [], [], left if ended is not None else min(pause, left))
                if self.connection in readable and not self.connection.recv(1, socket.MSG_PEEK):
                    # The client is gone: nobody waits for an answer.
                    _end_group(pid)
                    os._exit(0)
            return False
        finally:
            if ended is not None:
                os.close(ended)

    def become_session(self, request, overlay, folder):
        _set_group(0)
        _own_exit_handlers()
        _own_capture(self.config)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        self.config.option.basetemp = os.path.join(folder, "tmp")
        OVERLAY.load(overlay)
        # Workers and pytest runs that a test starts see the same texts.
        path = os.path.join(folder, "job.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"overlay": overlay, "private": folder}, file)
        os.environ[job.VARIABLE] = path
        self.config.args[:] = request["tests"]
        manager = self.config.pluginmanager
        if not manager.hasplugin(job.CheckCounter.NAME):  # a server with texts of its own has one
            manager.register(job.CheckCounter(), job.CheckCounter.NAME)
        manager.register(Leave(), "pytest_medic_leave")
        events.register(self.config, events.Stream.over(self.connection))


class Leave:
    """Ends a child after its session: the interpreter's own teardown is most of a child's time."""

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session, exitstatus):
        yield
        reporter = session.config.pluginmanager.get_plugin(events.NAME)
        reporter.finish(int(exitstatus))
        atexit._run_exitfuncs()  # what this child registered
        sys.stdout.flush()
        os._exit(0)


def _empty_output():
    """The file that takes what children print holds one child's output at a time."""
    try:
        os.ftruncate(1, 0)
        os.lseek(1, 0, os.SEEK_SET)
    except OSError:
        pass


def _own_exit_handlers():
    """Handlers and finalizers of the parent are the parent's; those that tests register run when the child ends."""
    atexit._clear()
    for finalizer in list(weakref.finalize._registry):
        finalizer.atexit = False
    atexit.register(weakref.finalize._exitfunc)
    processes = sys.modules.get("multiprocessing.util")
    if processes is not None:
        atexit.register(processes._exit_function)


def _own_capture(config):
    """The temporary files of pytest's capture would share their offset with the parent's: new ones."""
    manager = config.pluginmanager.get_plugin("capturemanager")
    if manager is not None and manager.is_globally_capturing():
        manager.stop_global_capturing()
        manager.start_global_capturing()
        manager.suspend_global_capture(in_=True)


def _set_group(pid):
    """Parent and child both do it, whoever comes first."""
    try:
        os.setpgid(pid, pid)
    except OSError:
        pass


def _end_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass


def _adopt_orphans():
    """Linux: processes that left their group come to this server when their parent ends (`prctl(2)`)."""
    try:
        import ctypes

        PR_SET_CHILD_SUBREAPER = 36
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass


def _end_orphans():
    """What a candidate left behind, and what that left behind in its turn."""
    for _ in range(100):
        children = warm_up.own_children()
        if not children:
            return
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except OSError:
                pass
