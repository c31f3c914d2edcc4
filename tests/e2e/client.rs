//! A client that plays fair and checks everything the server says: ids, versions, ranges, enum values.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::meta_model::{Side, check_answer, check_call};
use crate::spec;

/// How long the server may take for anything: generous, for busy machines.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with files, gone at the end.
pub struct Project(tempfile::TempDir);

impl Project {
    /// Makes a project from a scene: `#- path` opens each file.
    pub fn new(scene: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        let scene = format!("\n{}", scene.trim_start_matches('\n'));
        for section in scene.split("\n#- ").skip(1) {
            let (path, body) = section.split_once('\n').unwrap_or((section, ""));
            project.write(path.trim(), &format!("{}\n", body.trim_end_matches('\n')));
        }
        project
    }

    pub fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub fn uri(&self, name: &str) -> String {
        uri(&self.path(name))
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Waits until the results are kept.
pub fn kept(project: &Project) {
    let folder = project.path(".cache/pytest-medic/results");
    let end = Instant::now() + PATIENCE;
    // A file that is still being written has another name.
    let whole = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.path().extension().is_some_and(|extension| extension == "json"))
    };
    while !std::fs::read_dir(&folder).is_ok_and(|mut files| files.any(whole)) {
        assert!(Instant::now() < end, "results were never kept");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A document as the client has it: what the server must have too.
struct Document {
    version: i64,
    /// The text of each version, so that what was said about an older one can be checked.
    texts: HashMap<i64, String>,
    /// The version of the last diagnostics since it was opened.
    told: Option<i64>,
}

pub struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    incoming: Receiver<Value>,
    pub root: PathBuf,
    next_id: i64,
    pending: HashMap<i64, String>,
    answers: HashMap<i64, Value>,
    documents: HashMap<String, Document>,
    /// The last diagnostics of each file.
    published: HashMap<String, Value>,
    /// Every notification and request of the server, in order.
    pub heard: Vec<Value>,
    registered: HashSet<String>,
    /// Whether this client says only what the protocol knows. Tests of bad manners switch it off.
    pub plays_fair: bool,
    /// Held by a test, it keeps this client from reading.
    pub reads: Arc<Mutex<()>>,
    /// Whether the server's requests wait for [`Client::answer_late`].
    pub is_late: bool,
    late: Vec<Value>,
    /// Whether `workspace/applyEdit` is obeyed.
    pub applies: bool,
    /// Which button of a question is pressed: its title, or none.
    pub chooses: Option<&'static str>,
    /// What `workspace/configuration` answers.
    pub settings: Value,
    pub capabilities: Value,
}

/// What a full client announces.
pub fn abilities() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": true, "showDocument": {"support": true}},
        "workspace": {
            "applyEdit": true, "configuration": true, "workspaceFolders": true,
            "didChangeWatchedFiles": {"dynamicRegistration": true},
            "workspaceEdit": {"documentChanges": true, "changeAnnotationSupport": {"groupsOnLabel": true}},
            "codeLens": {"refreshSupport": true}, "inlayHint": {"refreshSupport": true},
            "diagnostics": {"refreshSupport": true}
        },
        "textDocument": {
            "publishDiagnostics": {
                "relatedInformation": true, "versionSupport": true, "codeDescriptionSupport": true, "dataSupport": true
            },
            "hover": {"contentFormat": ["markdown", "plaintext"]},
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
            "codeAction": {
                "isPreferredSupport": true, "dataSupport": true, "honorsChangeAnnotations": true,
                "resolveSupport": {"properties": ["edit"]},
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "source", "source.fixAll"]}}
            }
        },
        "experimental": {"pytestMedicResults": true}
    })
}

impl Client {
    /// A server at work on `project`, for a full client.
    pub fn start(project: &Project) -> Self {
        Self::start_with(project, abilities(), Value::Null)
    }

    pub fn start_with(project: &Project, capabilities: Value, options: Value) -> Self {
        let mut client = Self::spawn(&project.root());
        let root = uri(&project.root());
        let result = client.request(
            "initialize",
            json!({
                "processId": std::process::id(), "rootUri": root, "capabilities": capabilities,
                "workspaceFolders": [{"uri": root, "name": "project"}], "initializationOptions": options,
            }),
        );
        client.capabilities = result["capabilities"].clone();
        client.notify("initialized", json!({}));
        client
    }

    /// A server process that nobody has spoken to.
    pub fn spawn(root: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pytest-medic"))
            .arg("server")
            .current_dir(root)
            .env("XDG_CACHE_HOME", root.join(".cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, incoming) = channel();
        let stdout = child.stdout.take().unwrap();
        let reads = Arc::new(Mutex::new(()));
        let gate = reads.clone();
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(message) = read(&mut stdout) {
                drop(gate.lock());
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            incoming,
            root: root.to_path_buf(),
            next_id: 1,
            pending: HashMap::new(),
            answers: HashMap::new(),
            documents: HashMap::new(),
            published: HashMap::new(),
            heard: Vec::new(),
            registered: HashSet::new(),
            plays_fair: true,
            reads,
            is_late: false,
            late: Vec::new(),
            applies: true,
            chooses: None,
            settings: Value::Null,
            capabilities: Value::Null,
        }
    }

    pub fn uri(&self, name: &str) -> String {
        uri(&self.root.join(name))
    }

    // -- what the client says

    pub fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        if self.plays_fair && message.get("method").is_some() {
            check_call(Side::Client, &message).unwrap_or_else(|why| panic!("the client says {why}: {message}"));
        }
        let body = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(bytes).and_then(|()| stdin.flush()).expect("the server reads");
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"method": method, "params": params}));
    }

    /// Sends a request and returns its id.
    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.pending.insert(id, method.to_string());
        let mut message = json!({"id": id, "method": method});
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(message);
        id
    }

    /// The answer to a request, with `result` or `error`.
    pub fn answer(&mut self, id: i64) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            self.hear(end);
        }
    }

    /// The result of a request that must succeed.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The error code of a request that must fail.
    pub fn refused(&mut self, method: &str, params: Value) -> i64 {
        let id = self.ask(method, params);
        let answer = self.answer(id);
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method} was not refused: {answer}"))
    }

    pub fn open(&mut self, name: &str) {
        let text = std::fs::read_to_string(self.root.join(name)).unwrap();
        let uri = self.uri(name);
        self.documents.insert(uri.clone(), Document { version: 1, texts: [(1, text.clone())].into(), told: None });
        let item = json!({"uri": uri, "languageId": "python", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": item}));
    }

    pub fn close(&mut self, name: &str) {
        let uri = self.uri(name);
        self.documents.remove(&uri);
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    pub fn text(&self, name: &str) -> String {
        let document = &self.documents[&self.uri(name)];
        document.texts[&document.version].clone()
    }

    /// Replaces the first `old` of a document by `new`, as a person typing would.
    pub fn replace(&mut self, name: &str, old: &str, new: &str) {
        let text = self.text(name);
        let at = text.find(old).unwrap_or_else(|| panic!("no {old:?} in {text}"));
        let (start, end) = (spec::position(&text, at), spec::position(&text, at + old.len()));
        self.edit(name, json!({"start": start, "end": end}), new);
    }

    pub fn edit(&mut self, name: &str, range: Value, new: &str) {
        let uri = self.uri(name);
        self.edit_uri(&uri, &[(range, new.to_string())]);
    }

    /// One `didChange` of several edits, each in the text that the one before it left.
    pub fn edits(&mut self, name: &str, edits: &[(Value, String)]) {
        let uri = self.uri(name);
        self.edit_uri(&uri, edits);
    }

    fn edit_uri(&mut self, uri: &str, edits: &[(Value, String)]) {
        let document = self.documents.get_mut(uri).expect("only open documents are edited");
        let mut text = document.texts[&document.version].clone();
        for (range, new) in edits {
            text.replace_range(spec::offset(&text, &range["start"])..spec::offset(&text, &range["end"]), new);
        }
        document.version += 1;
        document.texts.insert(document.version, text);
        let version = document.version;
        let changes: Vec<_> = edits.iter().map(|(range, new)| json!({"range": range, "text": new})).collect();
        self.notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}),
        );
    }

    pub fn save(&mut self, name: &str) {
        std::fs::write(self.root.join(name), self.text(name)).unwrap();
        let uri = self.uri(name);
        self.notify("textDocument/didSave", json!({"textDocument": {"uri": uri}}));
    }

    /// Tells the server that files changed on disk, as an editor that watches would.
    pub fn touched(&mut self, names: &[&str]) {
        let changes: Vec<_> = names.iter().map(|name| json!({"uri": self.uri(name), "type": 2})).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({"changes": changes}));
    }

    // -- what the client hears

    /// Waits for the diagnostics of a file to be as wanted; they must be of the latest version then.
    pub fn diagnostics(&mut self, name: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let uri = self.uri(name);
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(params) = self.published.get(&uri) {
                let current = self.documents.get(&uri).is_none_or(|document| params["version"] == document.version);
                let diagnostics = params["diagnostics"].as_array().unwrap();
                if current && wanted(diagnostics) {
                    return diagnostics.clone();
                }
            }
            if Instant::now() > end {
                panic!("diagnostics of {name} never came as wanted, last: {:#?}", self.published.get(&uri));
            }
            self.hear(end);
        }
    }

    /// Waits for a message of the server.
    pub fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        let mut checked = 0;
        loop {
            if let Some(message) = self.heard[checked..].iter().find(|message| wanted(message)) {
                return message.clone();
            }
            checked = self.heard.len();
            self.hear(end);
        }
    }

    /// Reads what has come until the server is idle for a moment.
    pub fn settle(&mut self, quiet: Duration) {
        while self.hear_until(Instant::now() + quiet).is_ok() {}
    }

    fn hear(&mut self, end: Instant) {
        if let Err(error) = self.hear_until(end) {
            panic!("the server is silent ({error}); waiting for {:?}", self.pending);
        }
    }

    fn hear_until(&mut self, end: Instant) -> Result<(), RecvTimeoutError> {
        let message = self.incoming.recv_timeout(end.saturating_duration_since(Instant::now()))?;
        self.take(message);
        Ok(())
    }

    fn take(&mut self, message: Value) {
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        let Some(method) = message.get("method").and_then(Value::as_str).map(str::to_string) else {
            let id = message["id"].as_i64().unwrap_or_else(|| panic!("an answer without a number: {message}"));
            let asked = self.pending.remove(&id).unwrap_or_else(|| panic!("an answer to nothing: {message}"));
            check_answer(&asked, &message).unwrap_or_else(|why| panic!("the server answers {why}: {message}"));
            spec::check_annotations(&message["result"]["edit"]);
            self.answers.insert(id, message);
            return;
        };
        check_call(Side::Server, &message).unwrap_or_else(|why| panic!("the server says {why}: {message}"));
        spec::check_annotations(&message["params"]["edit"]);
        if method == "textDocument/publishDiagnostics" {
            self.check_published(&message["params"]);
        }
        match message.get("id") {
            Some(_) if self.is_late => self.late.push(message.clone()),
            Some(_) => self.respond(&message),
            None => {}
        }
        self.heard.push(message);
    }

    fn respond(&mut self, request: &Value) {
        let method = request["method"].as_str().unwrap();
        let result = self.obey(method, &request["params"]);
        let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
        check_answer(method, &answer).unwrap_or_else(|why| panic!("the client answers {why}: {answer}"));
        self.send(answer);
    }

    /// Answers what waits, and how much that is.
    pub fn answer_late(&mut self) -> usize {
        self.is_late = false;
        let late = std::mem::take(&mut self.late);
        late.iter().for_each(|request| self.respond(request));
        late.len()
    }

    fn check_published(&mut self, params: &Value) {
        let uri = params["uri"].as_str().unwrap().to_string();
        if let Some(document) = self.documents.get_mut(&uri) {
            let version = params["version"].as_i64();
            // What was on its way while the document was opened has no version.
            assert!(version.is_some() || document.told.is_none(), "an open file, no version: {params}");
            assert!(version >= document.told, "an older version after {:?}: {params}", document.told);
            document.told = version;
            if let Some(version) = version {
                let text = document.texts.get(&version).unwrap_or_else(|| panic!("a version never sent: {params}"));
                params["diagnostics"].as_array().unwrap().iter().for_each(|one| spec::check_range(text, &one["range"]));
            }
        }
        self.published.insert(uri, params.clone());
    }

    /// Does what the server asks.
    fn obey(&mut self, method: &str, params: &Value) -> Value {
        match method {
            "client/registerCapability" => {
                for registration in params["registrations"].as_array().unwrap() {
                    assert!(self.registered.insert(registration["id"].to_string()), "registered twice: {registration}");
                }
                Value::Null
            }
            "workspace/configuration" => {
                Value::Array(params["items"].as_array().unwrap().iter().map(|_| self.settings.clone()).collect())
            }
            "workspace/applyEdit" => {
                if self.applies {
                    self.apply(&params["edit"]);
                }
                json!({"applied": self.applies})
            }
            "window/showDocument" => json!({"success": true}),
            "window/showMessageRequest" => {
                let actions = params["actions"].as_array().unwrap();
                actions.iter().find(|action| action["title"].as_str() == self.chooses).cloned().unwrap_or(Value::Null)
            }
            "window/workDoneProgress/create" => Value::Null,
            refresh if refresh.ends_with("/refresh") => Value::Null,
            other => panic!("a request that no client knows: {other}"),
        }
    }

    /// Applies a workspace edit: to open documents as a person would, to others on disk.
    pub fn apply(&mut self, edit: &Value) {
        let plain =
            edit["changes"].as_object().into_iter().flatten().map(|(uri, edits)| (uri.clone(), Value::Null, edits));
        let versioned = edit["documentChanges"].as_array().into_iter().flatten().map(|change| {
            let document = &change["textDocument"];
            (document["uri"].as_str().unwrap().to_string(), document["version"].clone(), &change["edits"])
        });
        let changes: Vec<_> =
            plain.chain(versioned).map(|(uri, version, edits)| (uri, version, edits.clone())).collect();
        for (uri, version, edits) in changes {
            let mut edits = edits.as_array().unwrap().clone();
            edits.sort_by_key(|edit| std::cmp::Reverse(spec::key(&edit["range"]["start"])));
            if let Some(document) = self.documents.get(&uri) {
                assert!(version.is_null() || version == document.version, "an edit of another version: {version}");
                for edit in edits {
                    spec::check_range(&self.documents[&uri].texts[&self.documents[&uri].version], &edit["range"]);
                    self.edit_uri(&uri, &[(edit["range"].clone(), edit["newText"].as_str().unwrap().to_string())]);
                }
            } else {
                let path = uri.strip_prefix("file://").unwrap();
                let mut text = std::fs::read_to_string(path).unwrap();
                for edit in edits {
                    let range = &edit["range"];
                    text.replace_range(
                        spec::offset(&text, &range["start"])..spec::offset(&text, &range["end"]),
                        edit["newText"].as_str().unwrap(),
                    );
                }
                std::fs::write(path, text).unwrap();
            }
        }
    }

    // -- the end

    /// `shutdown`, `exit`, and the exit code.
    pub fn shutdown(mut self) -> i32 {
        let result = self.request("shutdown", Value::Null);
        assert!(result.is_null());
        self.notify("exit", Value::Null);
        self.exit_code()
    }

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    pub fn exit_code(&mut self) -> i32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < end, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One framed message; anything else on stdout is a defect.
fn read(stdout: &mut impl BufRead) -> Option<Value> {
    let mut header = String::new();
    if stdout.read_line(&mut header).ok()? == 0 {
        return None;
    }
    let length = header.strip_prefix("Content-Length: ").unwrap_or_else(|| panic!("stray output: {header:?}"));
    let length: usize = length.trim_end_matches("\r\n").parse().unwrap();
    let mut blank = String::new();
    stdout.read_line(&mut blank).ok()?;
    assert_eq!(blank, "\r\n");
    let mut body = vec![0; length];
    stdout.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).expect("the body is JSON"))
}
