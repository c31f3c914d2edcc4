"""A language server on stdio as a client meets it: every message with the moment of its arrival.

Standard library only. Requests of the server are answered on the reading thread, so nobody waits for the bench.
"""

import json
import os
import queue
import subprocess
import threading
import time

CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True},
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": True}},
        "codeLens": {"refreshSupport": True},
        "inlayHint": {"refreshSupport": True},
        "diagnostics": {"refreshSupport": True},
    },
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True, "codeDescriptionSupport": True},
        "diagnostic": {"dynamicRegistration": False},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeLens": {},
        "inlayHint": {},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {
            "isPreferredSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "source", "source.fixAll"]}},
        },
    },
}
QUIET = ("client/registerCapability", "client/unregisterCapability", "window/workDoneProgress/create")


class Gone(Exception):
    """The server has ended, or was silent for too long."""


class Server:
    """One process at work on `root`. `settings` answers `workspace/configuration`."""

    def __init__(self, command, root, settings=None, env=None):
        self.root, self.settings, self.started = root, settings or {}, time.perf_counter()
        # The program is named from where the bench was started, and works in another folder.
        program = os.path.abspath(command[0]) if os.path.exists(command[0]) else command[0]
        self.process = subprocess.Popen(
            [program, *command[1:]],
            cwd=root,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.answers, self.messages, self.ids = {}, queue.Queue(), 0
        self.writing = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    # -- what the client says

    def notification(self, method, params=None):
        return {"jsonrpc": "2.0", "method": method, "params": {} if params is None else params}

    def request(self, method, params=None):
        """A request that is not sent yet."""
        self.ids += 1
        self.answers[self.ids] = queue.Queue()
        message = {"jsonrpc": "2.0", "id": self.ids, "method": method}
        return message if params is None else {**message, "params": params}

    def send(self, *messages):
        """Writes all messages at once; the moment before."""
        frames = b"".join(frame(message) for message in messages)
        now = time.perf_counter()
        with self.writing:
            self.process.stdin.write(frames)
            self.process.stdin.flush()
        return now

    def notify(self, method, params=None):
        return self.send(self.notification(method, params))

    def wait(self, request, limit=60):
        """The moment of the answer to a request that was sent, and the answer."""
        try:
            at, answer = self.answers[request["id"]].get(timeout=limit)
        except queue.Empty:
            raise Gone(f"no answer to {request['method']} within {limit} s") from None
        if answer is None:
            raise Gone(f"ended before it answered {request['method']}")
        del self.answers[request["id"]]
        return at, answer

    def call(self, method, params=None, limit=60):
        """Asks and waits: seconds, and the answer."""
        request = self.request(method, params)
        sent = self.send(request)
        at, answer = self.wait(request, limit)
        return at - sent, answer

    def initialize(self, options=None):
        """Says hello; seconds from the start of the process to the answer."""
        uri = self.root.as_uri()
        params = {
            "processId": os.getpid(),
            "rootUri": uri,
            "capabilities": CAPABILITIES,
            "workspaceFolders": [{"uri": uri, "name": self.root.name}],
        }
        request = self.request("initialize", params | ({"initializationOptions": options} if options else {}))
        self.send(request)
        at, answer = self.wait(request)
        self.capabilities = answer["result"]["capabilities"]
        self.notify("initialized")
        return at - self.started

    def open(self, path, text=None):
        text = path.read_text("utf-8") if text is None else text
        item = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
        return self.notify("textDocument/didOpen", {"textDocument": item})

    def shutdown(self):
        """Says goodbye; seconds from `shutdown` to the end of the process."""
        sent = self.send(request := self.request("shutdown"))
        self.wait(request)
        self.notify("exit")
        self.process.wait(10)
        return time.perf_counter() - sent

    # -- what the client hears

    def hear(self, wanted, limit=60):
        """The first notification that is wanted: its moment, and it; `None` after `limit` seconds."""
        end = time.perf_counter() + limit
        while (left := end - time.perf_counter()) > 0:
            try:
                at, message = self.messages.get(timeout=left)
            except queue.Empty:
                break
            if message is None:
                raise Gone("ended")
            if wanted(message):
                return at, message
        return None

    def heard(self):
        """Every notification that has come and was not heard yet."""
        while not self.messages.empty():
            at, message = self.messages.get()
            if message is not None:
                yield at, message

    def _read(self):
        stream = self.process.stdout
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                header = stream.readline()
            body = stream.read(length)
            at, message = time.perf_counter(), json.loads(body)
            if "method" not in message:
                self.answers[message["id"]].put((at, message))
            elif "id" in message:
                self.send({"jsonrpc": "2.0", "id": message["id"], **self._answer(message)})
            else:
                self.messages.put((at, message))
        self.messages.put((0, None))
        for waiting in list(self.answers.values()):
            waiting.put((0, None))

    def _answer(self, request):
        method, params = request["method"], request.get("params") or {}
        if method == "workspace/configuration":
            return {"result": [self._section(item.get("section")) for item in params["items"]]}
        if method in QUIET or method.endswith("/refresh"):
            return {"result": None}
        return {"error": {"code": -32601, "message": method}}

    def _section(self, section):
        node = self.settings
        for part in (section or "").split("."):
            node = node.get(part) if part and isinstance(node, dict) else node if not part else None
        return node

    # -- what the process costs (Linux)

    def cpu_ms(self):
        """CPU of the process and its children so far, ended threads included, to the tick of 10 ms at worst."""
        total = 0.0
        for pid in self._tree():
            try:
                fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
                ticks = (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
                threads = os.listdir(f"/proc/{pid}/task")
                exact = sum(int(open(f"/proc/{pid}/task/{task}/schedstat").read().split()[0]) for task in threads) / 1e6
                total += max(ticks, exact)
            except OSError:
                continue
        return total

    def rss_mib(self):
        """Resident memory of the process and its children."""
        pages = 0
        for pid in self._tree():
            try:
                pages += int(open(f"/proc/{pid}/statm").read().split()[1])
            except OSError:
                continue
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def settle(self, quiet=1.0, limit=120):
        """Waits until the process has been idle for `quiet` seconds."""
        end, still, before = time.perf_counter() + limit, time.perf_counter(), self.cpu_ms()
        while time.perf_counter() < end and time.perf_counter() - still < quiet:
            time.sleep(0.1)
            now = self.cpu_ms()
            if now - before > 10:
                still = time.perf_counter()
            before = now

    def _tree(self):
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    todo += map(int, open(f"/proc/{pid}/task/{task}/children").read().split())
            except OSError:
                continue
        return found


def frame(message):
    body = json.dumps(message, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def published(uri, version=None):
    """For `hear`: the diagnostics of a document, of `version` where the server sends versions."""

    def wanted(message):
        params = message.get("params") or {}
        is_it = message.get("method") == "textDocument/publishDiagnostics" and params.get("uri") == uri
        return is_it and (version is None or params.get("version") in (None, version))

    return wanted
