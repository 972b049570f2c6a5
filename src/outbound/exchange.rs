//! One request and its answer over HTTP/1.1, on a connection that is used once.

use std::net::SocketAddr;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT_ENCODING, CONNECTION, HOST, HeaderMap, HeaderValue, USER_AGENT};
use hyper::http::Error as HttpError;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::error::{OutboundError, Part, Phase};
use super::request::{Answer, Request};
use super::target::Target;

/// A connection, and the address of its server.
pub struct Connected<S> {
    pub stream: S,
    pub peer: SocketAddr,
}

/// The largest head of an answer.
const HEAD: usize = 64 * 1024;

/// The most headers.
const HEADERS: usize = 100;

const AGENT: &str = concat!("Latchkey/", env!("CARGO_PKG_VERSION"));

/// Sends `request`, and reads the whole answer.
pub async fn run<S: AsyncRead + AsyncWrite + Unpin>(
    Connected { stream, peer }: Connected<S>,
    target: &Target,
    request: Request,
    phase: &mut Phase,
) -> Result<Answer, OutboundError> {
    *phase = Phase::Head;
    let limit = request.limit;
    let request = http(target, request).map_err(OutboundError::Request)?;
    let mut protocol = http1::Builder::new();
    protocol.max_buf_size(HEAD).max_headers(HEADERS);
    let made = protocol.handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await;
    let (mut sender, connection) = made.map_err(|error| failed(target, error))?;
    let exchange = async {
        let answer = sender.send_request(request).await.map_err(|error| failed(target, error))?;
        *phase = Phase::Body;
        let (head, body) = answer.into_parts();
        if size(&head.headers) > HEAD {
            return Err(too_large(target, Part::Head, HEAD));
        }
        let body = read(target, body, limit).await?;
        Ok(Answer { status: head.status, headers: head.headers, body, from: peer })
    };
    // Both run in this task, so that dropping it closes the connection.
    let (mut exchange, connection) = (pin!(exchange), pin!(connection));
    tokio::select! {
        biased;
        answer = &mut exchange => return answer,
        // The exchange has everything that the connection read, and why it ended.
        _ended = connection => {}
    }
    exchange.await
}

fn http(target: &Target, request: Request) -> Result<hyper::Request<Full<Bytes>>, HttpError> {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::try_from(target.authority())?);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    // A few kilobytes could unpack to gigabytes, so we ask for no compression and unpack nothing.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.extend(request.headers);
    let mut http =
        hyper::Request::builder().method(request.method).uri(target.path_and_query()).body(Full::new(request.body))?;
    *http.headers_mut() = headers;
    Ok(http)
}

async fn read(target: &Target, mut body: Incoming, limit: usize) -> Result<Bytes, OutboundError> {
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(too_large(target, Part::Body, limit));
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // Trailers are ignored.
        let Ok(part) = frame.map_err(|error| failed(target, error))?.into_data() else { continue };
        if whole.len() + part.len() > limit {
            return Err(too_large(target, Part::Body, limit));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

fn failed(target: &Target, source: hyper::Error) -> OutboundError {
    match source.is_parse_too_large() {
        true => too_large(target, Part::Head, HEAD),
        false => OutboundError::Broken { host: target.to_string(), source },
    }
}

fn too_large(target: &Target, part: Part, limit: usize) -> OutboundError {
    OutboundError::TooLarge { host: target.to_string(), part, limit }
}

/// Hyper limits only its buffer for an incomplete head; a head that comes in one piece can be a little larger.
fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + ": \r\n".len() + value.len()).sum()
}
