//! Bytes on stdin and stdout: frames in, frames out, and neither side ever waits for the other.

use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Request, Response};
use tower_lsp::ls_types::MessageType;

/// Bodies above this size are skipped: no editor sends them.
const LARGEST_BODY: u64 = 256 << 20;
/// A header block above this size is garbage.
const LARGEST_HEADER: u64 = 64 << 10;

/// A message from the client.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    /// A request or a notification.
    Call(Request),
    /// The answer to a request of ours.
    Answer(Response),
    /// What could not be understood: why, for the log.
    Garbage(String),
}

/// Reads the next frame. `None` at the end of the input.
pub fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = read_header(input)? else { return Ok(None) };
    let length = match length {
        Ok(length) if length <= LARGEST_BODY => length,
        Ok(length) => {
            io::copy(&mut input.take(length), &mut io::sink())?;
            return Ok(Some(Incoming::Garbage(format!("skipped a message of {length} bytes: too large"))));
        }
        Err(header) => return Ok(Some(Incoming::Garbage(format!("skipped a header without a length: {header}")))),
    };
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Ok(None);
    }
    Ok(Some(decode(&body)))
}

/// The body's length by its header block; `Err` holds a header block that names none.
fn read_header(input: &mut impl BufRead) -> io::Result<Option<Result<u64, String>>> {
    let mut length = None;
    let mut seen = String::new();
    let mut block = input.take(LARGEST_HEADER);
    loop {
        let mut line = Vec::new();
        if block.read_until(b'\n', &mut line)? == 0 {
            let torn = !seen.is_empty() && block.limit() == 0;
            return Ok(torn.then(|| Err(seen.chars().take(80).collect())));
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            if seen.is_empty() {
                continue;
            }
            return Ok(Some(length.ok_or(seen.chars().take(80).collect())));
        }
        seen += line;
        // Garbage without a line end may stand in front of a good header.
        if let Some((_, value)) = line.rsplit_once("Content-Length:") {
            length = value.trim().parse().ok();
        }
    }
}

fn decode(body: &[u8]) -> Incoming {
    let garbage = |why: String| {
        let start = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        Incoming::Garbage(format!("skipped a message that {why}: {start}"))
    };
    let message: Value = match serde_json::from_slice(body) {
        Ok(message) => message,
        Err(error) => return garbage(format!("is not JSON ({error})")),
    };
    let is_call = message.get("method").is_some_and(Value::is_string);
    let is_answer = message.get("id").is_some() && (message.get("result").is_some() || message.get("error").is_some());
    if is_call {
        serde_json::from_value(message).map_or_else(|error| garbage(format!("is no request ({error})")), Incoming::Call)
    } else if is_answer {
        serde_json::from_value(lenient(message))
            .map_or_else(|error| garbage(format!("is no response ({error})")), Incoming::Answer)
    } else {
        garbage("is neither a request nor a response".to_string())
    }
}

/// Clients put more into an error object than JSON-RPC names; the framework would refuse those.
fn lenient(mut message: Value) -> Value {
    if let Some(error) = message.get_mut("error").and_then(Value::as_object_mut) {
        error.retain(|key, _| matches!(key.as_str(), "code" | "message" | "data"));
        if let Some(object) = message.as_object_mut() {
            object.remove("result");
        }
    }
    message
}

/// The way out: what is sent goes to a thread that writes stdout, so a client that does not read can
/// not stop us from reading.
#[derive(Clone, Debug)]
pub struct Output(mpsc::Sender<Outgoing>);

#[derive(Debug)]
enum Outgoing {
    Body(Vec<u8>),
    Flushed(mpsc::Sender<()>),
}

impl Output {
    /// Starts the thread that writes to `sink`.
    pub fn start(sink: impl Write + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new()
            .name("medic-output".to_string())
            .spawn(move || write(sink, &receiver))
            .expect("a process that starts can have a second thread");
        Self(sender)
    }

    /// Sends one message.
    pub fn send(&self, message: &impl Serialize) {
        if let Ok(body) = serde_json::to_vec(message) {
            // The thread is gone only when stdout is closed: nobody is left to tell.
            let _ = self.0.send(Outgoing::Body(body));
        }
    }

    /// A line in the client's log of this server.
    pub fn log(&self, kind: MessageType, message: &str) {
        self.send(&json!({
            "jsonrpc": "2.0",
            "method": "window/logMessage",
            "params": { "type": kind, "message": message },
        }));
    }

    /// A message that a person must see.
    pub fn show(&self, kind: MessageType, message: &str) {
        self.send(&json!({
            "jsonrpc": "2.0",
            "method": "window/showMessage",
            "params": { "type": kind, "message": message },
        }));
    }

    /// Waits until everything sent so far is written, at most `limit`.
    pub fn flush(&self, limit: Duration) {
        let (done, flushed) = mpsc::channel();
        if self.0.send(Outgoing::Flushed(done)).is_ok() {
            let _ = flushed.recv_timeout(limit);
        }
    }
}

fn write(mut sink: impl Write, messages: &mpsc::Receiver<Outgoing>) {
    while let Ok(message) = messages.recv() {
        let result = match message {
            Outgoing::Body(body) => frame(&mut sink, &body),
            Outgoing::Flushed(done) => {
                let _ = done.send(());
                Ok(())
            }
        };
        if result.is_err() {
            return;
        }
    }
}

fn frame(sink: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    sink.write_all(&frame)?;
    sink.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(bytes: &[u8]) -> Vec<String> {
        let mut input = bytes;
        let mut seen = Vec::new();
        while let Ok(Some(incoming)) = read(&mut input) {
            seen.push(match incoming {
                Incoming::Call(request) => request.method().to_string(),
                Incoming::Answer(response) => format!("answer {}", response.id()),
                Incoming::Garbage(why) => why.split(['(', ':']).next().unwrap().trim().to_string(),
            });
        }
        seen
    }

    fn frame(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn garbage_between_messages_is_skipped_with_a_reason() {
        let ping = frame(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
        let stream = [
            frame(r#"{"id": 1,"#),
            ping.clone(),
            frame("[]"),
            frame("\u{0}"),
            "Content-Type: x\r\n\r\n".to_string(),
            ping.clone(),
            format!("stray{ping}"),
            frame(r#"{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"m","stack":"s"}}"#),
            frame(r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#),
        ];
        assert_eq!(
            read_all(stream.concat().as_bytes()),
            [
                "skipped a message that is not JSON",
                "ping",
                "skipped a message that is neither a request nor a response",
                "skipped a message that is not JSON",
                "skipped a header without a length",
                "ping",
                "ping",
                "answer 7",
                "skipped a message that is no request",
            ]
        );
    }

    #[test]
    fn a_torn_message_is_the_end() {
        assert_eq!(read_all(b"Content-Length: 99\r\n\r\n{\"jsonrpc\""), Vec::<String>::new());
        assert_eq!(read_all(b"Content-Len"), Vec::<String>::new());
    }

    #[test]
    fn a_header_without_end_does_not_grow_in_memory() {
        let seen = read_all(&vec![b'x'; 3 * LARGEST_HEADER as usize]);
        assert_eq!(seen, vec!["skipped a header without a length"; 3]);
    }
}
