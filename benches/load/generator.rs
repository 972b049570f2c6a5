//! The load: connections that are kept alive and busy, each with one request on its way. It knows just enough HTTP/1.1
//! not to take more of the machine than it must, since it runs on the cores of what it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::process::Processor;

/// What is sent before anything counts: connections, caches and the processor's clock settle.
const WARM_UP: Duration = Duration::from_millis(500);
/// No answer takes this long, except one that never comes.
const ANSWER_DEADLINE: Duration = Duration::from_secs(20);

const WARMING: u8 = 0;
const COUNTING: u8 = 1;
const STOPPING: u8 = 2;

/// What one connection does, again and again.
pub trait Script: Send {
    /// The bytes of the next request.
    fn request(&mut self) -> &[u8];

    /// Reads its answer. `true` when that completed one unit of the work that is measured.
    ///
    /// # Errors
    /// When the answer is not the expected one: that ends the benchmark.
    fn answer(&mut self, answer: &Answer<'_>) -> Result<bool, String>;

    /// How long to wait before the next unit; only for probes that must not be a load themselves.
    fn pause(&self) -> Option<Duration> {
        None
    }
}

/// An answer as it came.
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a str,
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The values of a header.
    pub fn headers<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        let named = move |line: &&str| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        let lines = self.head.split("\r\n").filter(named);
        lines.filter_map(move |line| line[name.len()..].strip_prefix(':').map(str::trim))
    }

    /// For a message: what came instead of what was expected.
    pub fn unexpected(&self) -> String {
        let body = String::from_utf8_lossy(&self.body[..self.body.len().min(600)]);
        format!("unexpected answer:\n{}\n{body}", self.head)
    }
}

/// Who is put under load.
#[derive(Clone, Copy)]
pub struct Target {
    pub address: SocketAddr,
    pub pid: u32,
}

/// What came of it.
#[derive(Clone, Copy)]
pub struct Outcome {
    pub per_second: f64,
    /// The processor time that the server used for each unit.
    pub processor: Processor,
    pub p50: Duration,
    pub p99: Duration,
}

/// Runs all scripts at once, each on a connection of its own, for `time`. They can go on where they were in another run.
pub async fn load<S: Script + 'static>(target: Target, scripts: Vec<S>, time: Duration) -> (Outcome, Vec<S>) {
    let phase = Arc::new(AtomicU8::new(WARMING));
    let running: Vec<_> =
        scripts.into_iter().map(|script| tokio::spawn(connection(target.address, script, phase.clone()))).collect();
    sleep(WARM_UP).await;
    let (began, before) = (Instant::now(), Processor::of(target.pid));
    phase.store(COUNTING, Ordering::Relaxed);
    sleep(time).await;
    phase.store(STOPPING, Ordering::Relaxed);
    let (elapsed, after) = (began.elapsed(), Processor::of(target.pid));

    let (mut scripts, mut latencies) = (Vec::new(), Vec::new());
    for task in running {
        let (script, took) = task.await.expect("a connection does not panic").unwrap_or_else(|what| panic!("{what}"));
        scripts.push(script);
        latencies.extend(took);
    }
    assert!(!latencies.is_empty(), "nothing was answered");
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    let per_second = latencies.len() as f64 / elapsed.as_secs_f64();
    let processor = after.each(before, latencies.len());
    (Outcome { per_second, processor, p50: at(0.5), p99: at(0.99) }, scripts)
}

async fn connection<S: Script>(
    address: SocketAddr,
    mut script: S,
    phase: Arc<AtomicU8>,
) -> Result<(S, Vec<Duration>), String> {
    let mut stream = TcpStream::connect(address).await.map_err(|error| format!("no connection: {error}"))?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (mut latencies, mut buffer) = (Vec::new(), Vec::with_capacity(16 * 1024));
    let mut began = Instant::now();
    loop {
        stream.write_all(script.request()).await.map_err(|error| format!("request not sent: {error}"))?;
        let answer = timeout(ANSWER_DEADLINE, read(&mut stream, &mut buffer)).await;
        let answer = answer.map_err(|_| "no answer".to_owned())??;
        let complete = script.answer(&answer)?;
        if !complete {
            continue;
        }
        match phase.load(Ordering::Relaxed) {
            WARMING => {}
            COUNTING => latencies.push(began.elapsed()),
            _ => return Ok((script, latencies)),
        }
        if let Some(pause) = script.pause() {
            sleep(pause).await;
        }
        began = Instant::now();
    }
}

/// Reads one answer, which must tell its length.
async fn read<'a>(stream: &mut TcpStream, buffer: &'a mut Vec<u8>) -> Result<Answer<'a>, String> {
    buffer.clear();
    let (head_end, length) = loop {
        more(stream, buffer).await?;
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break (end, content_length(&buffer[..end])?);
        }
    };
    let body = head_end + 4;
    while buffer.len() < body + length {
        more(stream, buffer).await?;
    }
    let head = std::str::from_utf8(&buffer[..head_end]).map_err(|_| "the head is not text".to_owned())?;
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or("no status")?;
    Ok(Answer { status, head, body: &buffer[body..body + length] })
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), String> {
    match stream.read_buf(buffer).await {
        Ok(0) => Err(format!("the server closed the connection: {}", String::from_utf8_lossy(buffer))),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("answer not read: {error}")),
    }
}

fn content_length(head: &[u8]) -> Result<usize, String> {
    const NAME: &[u8] = b"\r\ncontent-length:";
    let found = head.windows(NAME.len()).position(|window| window.eq_ignore_ascii_case(NAME));
    let digits = found.map(|at| head[at + NAME.len()..].split(|byte| *byte == b'\r').next().unwrap_or_default());
    match digits {
        Some(digits) => String::from_utf8_lossy(digits).trim().parse().map_err(|_| "not a length".to_owned()),
        None if head.get(9..12) == Some(b"304") || head.get(9..12) == Some(b"204") => Ok(0),
        None => Err(format!("an answer without a length: {}", String::from_utf8_lossy(head))),
    }
}
