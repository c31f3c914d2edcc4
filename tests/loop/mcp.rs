//! MCP both ways: an agent uses `pytest-medic mcp`, and `heal` asks the server of the setting `mcp-server`.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::{Project, common};

const TEST: &str = "from shop import price\n\n\ndef test_price():\n    assert price(10) == 100\n";
const SHOP: &str = "def price(count, each):\n    return count * each\n";

/// `pytest-medic mcp` and the pipes to it.
struct Agent {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u32,
}

impl Agent {
    fn new(project: &Project) -> Self {
        let venv = common::python().parent().unwrap().parent().unwrap().to_path_buf();
        let mut command = common::medic();
        command.arg("mcp").current_dir(project.root()).env("VIRTUAL_ENV", venv);
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        let mut agent = Self { server, input, output, asked: 0 };
        let client = json!({"name": "test", "version": "1"});
        let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client});
        assert_eq!(agent.request("initialize", hello)["serverInfo"]["name"], "pytest-medic");
        agent.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        agent
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server ended");
            let message: Value = serde_json::from_str(&line).unwrap();
            if message["id"] == json!(self.asked) {
                return message["result"].clone();
            }
        }
    }

    /// The text that a tool returns, and whether it is an error.
    fn call(&mut self, tool: &str, arguments: Value) -> (String, bool) {
        let result = self.request("tools/call", json!({"name": tool, "arguments": arguments}));
        (result["content"][0]["text"].as_str().unwrap().to_string(), result["isError"] == json!(true))
    }

    fn json(&mut self, tool: &str, arguments: Value) -> Value {
        let (text, failed) = self.call(tool, arguments);
        assert!(!failed, "{text}");
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn broken() -> Project {
    let project = Project::new(&[("shop.py", SHOP), ("tests/test_price.py", TEST)]);
    let (code, output) = project.medic(&["heal", "tests"]);
    assert_eq!(code, 1, "{output}");
    project
}

#[test]
fn an_agent_reads_failures_and_looks_names_up() {
    let project = broken();
    let mut agent = Agent::new(&project);
    let tools = agent.request("tools/list", json!({}));
    let names: Vec<&str> =
        tools["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["edit", "failures", "lessons", "lookup", "suggest"]);
    let report = agent.json("failures", json!({}));
    assert_eq!(report["failures"][0]["nodeid"], "tests/test_price.py::test_price");
    assert_eq!(report["failures"][0]["category"], "TypeError");
    assert_eq!(agent.json("lookup", json!({"name": "price"}))[0]["signature"], "(count, each)");
    assert_eq!(agent.json("suggest", json!({}))["failures"][0]["verdict"].as_str().map(str::is_empty), Some(false));
    assert_eq!(agent.json("lessons", json!({"query": "price"})), json!([]));
    let (text, failed) = agent.call("failures", json!({"logs": ["none.log"]}));
    assert!(failed && text.contains("none.log"), "{text}");
}

#[test]
fn a_line_that_is_no_json_gets_an_answer_and_the_next_one_too() {
    let project = Project::new(&[("shop.py", SHOP)]);
    let mut agent = Agent::new(&project);
    writeln!(agent.input, "what?").unwrap();
    let mut line = String::new();
    agent.output.read_line(&mut line).unwrap();
    let answer: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32700)));
    assert_eq!(agent.json("lookup", json!({"name": "price"}))[0]["signature"], "(count, each)");
}

#[test]
fn an_agent_is_told_that_a_file_is_no_log() {
    let project = broken();
    let mut agent = Agent::new(&project);
    let (text, failed) = agent.call("failures", json!({"logs": ["shop.py"]}));
    assert!(failed && text.starts_with("found no pytest run in "), "{text}");
}

#[test]
fn an_agent_gets_its_edit_in_only_where_it_checks_as_much_and_passes() {
    let project = broken();
    let mut agent = Agent::new(&project);
    let edit = |old: &str, new: &str| {
        let nodeid = "tests/test_price.py::test_price";
        json!({"nodeid": nodeid, "old_code": old, "new_code": new, "title": "Pass the price", "apply": true})
    };
    let weaker = agent.json("edit", edit("assert price(10) == 100", "assert price"));
    assert_eq!((weaker["guard"]["promise"].as_str(), &weaker["applied"]), (Some("assertions-kept"), &json!(false)));
    let wrong = agent.json("edit", edit("price(10)", "price(10, 100)"));
    assert_eq!((&wrong["guard"], &wrong["applied"]), (&Value::Null, &json!(false)), "{wrong}");
    assert_eq!(project.read("tests/test_price.py"), TEST);
    let invented = agent.json("edit", edit("price(10)", "price(10, 4321)"));
    assert_eq!(invented["guard"]["promise"], "values-traced");
    let right = agent.json("edit", edit("price(10)", "price(10, 10)"));
    assert_eq!((&right["guard"], &right["applied"]), (&Value::Null, &json!(true)), "{right}");
    assert_eq!(project.read("tests/test_price.py"), TEST.replace("price(10)", "price(10, 10)"));
    assert!(project.read("GRAVEYARD.md").contains("assert price(10, 10) == 100"));
    let (text, failed) = agent.call("edit", edit("no such code", ""));
    assert!(failed && text.contains("not in tests/test_price.py"), "{text}");
}

#[test]
fn an_edit_that_expects_something_else_waits_for_a_person() {
    let test = "from shop import total\n\n\ndef test_total():\n    assert total() == 4\n";
    let project = Project::new(&[("shop.py", "def total():\n    return 3\n"), ("tests/test_total.py", test)]);
    assert_eq!(project.medic(&["heal", "tests"]).0, 1);
    let mut agent = Agent::new(&project);
    let edit = json!({"nodeid": "tests/test_total.py::test_total", "old_code": "== 4", "new_code": "== 3",
        "title": "Expect 3", "apply": true});
    let answer = agent.json("edit", edit);
    assert_eq!(
        (&answer["guard"], &answer["applied"], &answer["tier"]),
        (&Value::Null, &json!(false), &json!("review"))
    );
    assert!(answer["review"].as_str().unwrap().starts_with("a check of the test fails"), "{answer}");
    assert_eq!(project.read("tests/test_total.py"), test);
    let patch = project.read(answer["patch"].as_str().unwrap());
    assert!(patch.contains("+    assert total() == 3"), "{patch}");
}

/// An MCP server on a port of its own that answers every question for `heal` with `answer`.
fn healer(answer: Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || serve(stream, &answer));
        }
    });
    url
}

fn serve(stream: TcpStream, answer: &Value) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some((method, body)) = http_request(&mut reader) {
        let message: Value = serde_json::from_slice(&body).unwrap_or_default();
        let result = match message["method"].as_str() {
            Some("initialize") => json!({"protocolVersion": message["params"]["protocolVersion"],
                "capabilities": {"tools": {}}, "serverInfo": {"name": "healer", "version": "1"}}),
            Some("tools/call") => {
                assert_eq!(message["params"]["arguments"]["exc_type"], "TypeError");
                json!({"content": [{"type": "text", "text": answer.to_string()}], "isError": false})
            }
            _ => Value::Null,
        };
        let head = match (method.as_str(), result.is_null()) {
            ("POST", false) => "200 OK\r\nContent-Type: application/json",
            ("POST", true) => "202 Accepted",
            _ => "405 Method Not Allowed",
        };
        let reply = json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string();
        let body = if result.is_null() { "" } else { &reply };
        write!(writer, "HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }
}

/// The method and the body of the next request.
fn http_request(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|length| *length > 0)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(':') {
            None => break,
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            Some(_) => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first.split(' ').next()?.to_string(), body))
}

fn asked(answer: Value, args: &[&str]) -> (Project, i32, String) {
    let url = healer(answer);
    let config = format!("[tool.pytest-medic]\nmcp-server = \"{url}\"\n");
    let project = Project::new(&[("shop.py", SHOP), ("tests/test_price.py", TEST), ("pyproject.toml", &config)]);
    let (code, output) = project.medic(&[&["heal", "tests"], args].concat());
    (project, code, output)
}

fn answer(new_code: &str) -> Value {
    json!({"fix_available": true, "description": "Pass the price of one", "old_code": "assert price(10) == 100",
        "new_code": new_code, "confidence": 0.95})
}

#[test]
fn what_the_server_answers_is_applied_where_a_person_allows_it() {
    let (project, code, output) = asked(answer("assert price(10, 10) == 100"), &["--accept", "review"]);
    assert_eq!(code, 0, "{output}");
    assert_eq!(project.read("tests/test_price.py"), TEST.replace("price(10)", "price(10, 10)"));
    let (project, code, output) = asked(answer("assert price(10, 10) == 100"), &[]);
    assert_eq!((code, project.read("tests/test_price.py").as_str()), (1, TEST), "{output}");
    assert!(!output.contains("asking"), "{output}");
}

#[test]
fn an_answer_that_checks_less_or_does_not_help_changes_nothing() {
    for new_code in ["assert price", "assert price(10, 100) == 100", "pass"] {
        let (project, code, output) = asked(answer(new_code), &["--accept", "review"]);
        assert_eq!((code, project.read("tests/test_price.py").as_str()), (1, TEST), "{output}");
    }
    let (_, _, output) = asked(json!({"fix_available": false, "suggestions": "pass a price"}), &["--accept", "review"]);
    assert!(output.contains("has no fix: pass a price"), "{output}");
    let (_, _, output) = asked(json!("what?"), &["--accept", "review"]);
    assert!(output.contains("something else than the JSON of an answer"), "{output}");
}
