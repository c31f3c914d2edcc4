//! A storm of random valid messages: in the end the server's text is the client's, and no request saw another text
//! than that of its moment.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::client::{Client, Project};
use crate::spec;

const SCENE: &str = "
#- tests/test_storm.py
first
second
def test_fails():
    assert cart['b'] == 2
#- test_run.log
============================= test session starts ==============================
collected 1 item

tests/test_storm.py F                                                    [100%]

=================================== FAILURES ===================================
__________________________________ test_fails __________________________________

    def test_fails():
>       assert cart['b'] == 2
E       KeyError: 'b'

tests/test_storm.py:4: KeyError
=========================== short test summary info ============================
FAILED tests/test_storm.py::test_fails - KeyError: 'b'
============================== 1 failed in 0.01s ===============================
";

const FILE: &str = "tests/test_storm.py";
const TAIL: &str = "def test_fails():\n    assert cart['b'] == 2\n";
const EDITS: u32 = 10_000;

/// A seeded source of choices (xorshift), so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// Letters of one to four bytes, and line ends: every line stays a name.
    fn text(&mut self) -> String {
        const LETTERS: [&str; 6] = ["x", "_", "é", "名", "𝒳", "\n"];
        (0..self.below(5)).map(|_| LETTERS[self.below(LETTERS.len())]).collect()
    }

    /// A character boundary of `text` from `start` to `end`, which are boundaries too.
    fn offset(&mut self, text: &str, start: usize, end: usize) -> usize {
        let wanted = start + self.below(end - start + 1);
        (start..=wanted).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or(start)
    }

    /// A random edit of the lines above the failing test. A text that has grown long is cut more.
    fn edit(&mut self, text: &str) -> (Value, String) {
        let head = text.len() - TAIL.len() - 1;
        let start = self.offset(text, 0, head);
        let most = (start + if head > 4_000 { 24 } else { 4 }).min(head);
        let end =
            self.offset(text, start, (start..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(start));
        let range = json!({"start": spec::position(text, start), "end": spec::position(text, end)});
        (range, self.text())
    }
}

#[test]
fn a_storm_of_messages_ends_with_the_clients_text_and_no_request_saw_another() {
    let project = Project::new(SCENE);
    let mut client = Client::start(&project);
    client.open(FILE);
    client.diagnostics(FILE, |all| all.len() == 1);
    let mut dice = Dice(0x5eed_1e57);
    let mut lines = HashMap::new();
    let mut cancelled = Vec::new();
    let uri = client.uri(FILE);
    for _ in 0..EDITS {
        let text = client.text(FILE);
        let mut edits = vec![dice.edit(&text)];
        if dice.below(8) == 0 {
            let (range, new) = &edits[0];
            let mut next = text.clone();
            next.replace_range(spec::offset(&text, &range["start"])..spec::offset(&text, &range["end"]), new);
            edits.push(dice.edit(&next));
        }
        client.edits(FILE, &edits);
        let document = json!({"uri": uri});
        let line = client.text(FILE).matches('\n').count() as u64 - 1;
        let here = json!({"line": line, "character": 12});
        let range = json!({"start": {"line": dice.below(9), "character": 0}, "end": here});
        let asked = match dice.below(40) {
            0..=3 => client.ask("textDocument/hover", json!({"textDocument": document, "position": here})),
            4 => client.ask(
                "textDocument/codeAction",
                json!({"textDocument": document, "range": range, "context": {"diagnostics": []}}),
            ),
            5 => client.ask("textDocument/codeLens", json!({"textDocument": document})),
            6 => client.ask("textDocument/documentSymbol", json!({"textDocument": document})),
            7 => client.ask("textDocument/inlayHint", json!({"textDocument": document, "range": range})),
            8 => client.ask("workspace/symbol", json!({"query": "fails"})),
            9 => {
                client.save(FILE);
                continue;
            }
            10 => {
                client.touched(&[FILE, "test_run.log"]);
                continue;
            }
            _ => continue,
        };
        if dice.below(4) == 0 {
            client.notify("$/cancelRequest", json!({"id": asked}));
            cancelled.push(asked);
        }
        lines.insert(asked, line);
    }
    let mut seen = 0;
    for (asked, line) in &lines {
        let answer = client.answer(*asked);
        let was_cancelled = cancelled.contains(asked) && answer["error"]["code"] == -32800;
        assert!(was_cancelled || answer.get("result").is_some(), "{answer}");
        if let Some(start) = answer["result"].pointer("/range/start/line") {
            assert_eq!(start, line, "a hover saw another text than that of its moment");
            seen += 1;
        }
    }
    let wanted = lines_of(&client.text(FILE));
    assert!(seen > 500 && wanted.len() > 200, "{seen} hovers, {} lines: no storm", wanted.len());
    assert_eq!(lines_of_the_server(&mut client, wanted.len()), wanted);
}

/// Every line above the failing test.
fn lines_of(text: &str) -> Vec<String> {
    text[..text.len() - TAIL.len()].lines().map(str::to_string).collect()
}

/// Makes each of the first lines the name of a test, and reads the names back.
fn lines_of_the_server(client: &mut Client, count: usize) -> Vec<String> {
    let text = client.text(FILE);
    let widths = text.lines().take(count).map(|line| line.encode_utf16().count());
    let edits = widths.enumerate().flat_map(|(line, width)| {
        let insert = |character, text: &str| {
            let place = json!({"line": line, "character": character});
            (json!({"start": place, "end": place}), text.to_string())
        };
        [insert(width, "(): pass"), insert(0, "def test_")]
    });
    client.edits(FILE, &edits.collect::<Vec<_>>());
    let symbols = client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": client.uri(FILE)}}));
    let names = symbols.as_array().unwrap().iter().take(count).map(|symbol| symbol["name"].as_str().unwrap());
    names.map(|name| name["test_".len()..].to_string()).collect()
}
