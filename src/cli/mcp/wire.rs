//! The lines between an agent and the MCP server. What is no JSON the library passes over in silence, and who sent it
//! would wait for ever: here it gets its answer.

use std::sync::Arc;

use serde::de::IgnoredAny;
use tokio::io::{self, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

/// A message with more than this is none.
const LARGEST: u64 = 16 << 20;
/// What may wait on its way.
const BUFFER: usize = 64 << 10;
/// JSON-RPC's answer to what it cannot read; whose it was nobody knows.
const PARSE_ERROR: &[u8] =
    b"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error: each line is one JSON message\"}}\n";

/// What the server reads and writes, and the task that ends once all of it is written to `output`.
pub(super) fn between<R, W>(input: R, output: W) -> ((DuplexStream, DuplexStream), JoinHandle<()>)
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let output = Arc::new(Mutex::new(output));
    let (asked, reads) = io::duplex(BUFFER);
    let (writes, answered) = io::duplex(BUFFER);
    // Whoever closes his end ends the other; there is nobody to tell an error.
    drop(tokio::spawn(questions(BufReader::new(input), asked, output.clone())));
    ((reads, writes), tokio::spawn(answers(BufReader::new(answered), output)))
}

async fn questions<R, W>(mut input: BufReader<R>, mut asked: DuplexStream, output: Arc<Mutex<W>>)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut line = Vec::new();
    // Whether the end of a line that was too long is still to come.
    let mut is_rest = false;
    loop {
        line.clear();
        if !(&mut input).take(LARGEST).read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
            return;
        }
        let is_whole = line.ends_with(b"\n") || (line.len() as u64) < LARGEST;
        let was_rest = std::mem::replace(&mut is_rest, !is_whole);
        let sent = match is_message(&line) {
            _ if was_rest => Ok(()),
            true if is_whole => asked.write_all(&line).await,
            _ => write(&output, PARSE_ERROR).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Blank lines are none, and no reason to complain.
fn is_message(line: &[u8]) -> bool {
    line.trim_ascii().is_empty() || serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

async fn answers<W: AsyncWrite + Unpin>(mut answered: BufReader<DuplexStream>, output: Arc<Mutex<W>>) {
    let mut line = Vec::new();
    while answered.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        if write(&output, &line).await.is_err() {
            return;
        }
        line.clear();
    }
}

async fn write<W: AsyncWrite + Unpin>(output: &Mutex<W>, line: &[u8]) -> io::Result<()> {
    let mut output = output.lock().await;
    output.write_all(line).await?;
    output.flush().await
}
