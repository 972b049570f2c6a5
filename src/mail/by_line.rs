//! What a mail server says before TLS, line by line.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Read at once, in bytes.
const PIECE: usize = 1024;

/// A connection that hands out no more than one line at a time; the rest is left to be read.
///
/// lettre keeps what it has read ahead when TLS begins after STARTTLS, and takes it for the answer to what it says then
/// (response injection, CVE-2021-38371): whoever is in between could put an answer of their own behind the one to STARTTLS. It
/// cannot have read ahead what it was not given. What stands behind that answer is then read as the beginning of TLS, which
/// fails (RFC 3207 §5).
#[derive(Debug)]
pub struct ByLine(TcpStream);

impl ByLine {
    /// What is said on a connection.
    pub const fn new(stream: TcpStream) -> Self {
        Self(stream)
    }
}

impl AsyncRead for ByLine {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (this, mut bytes) = (self.get_mut(), [0; PIECE]);
        let mut seen = ReadBuf::new(bytes.get_mut(..buf.remaining().min(PIECE)).unwrap_or_default());
        ready!(this.0.poll_peek(cx, &mut seen))?;
        let filled = seen.filled();
        let line = filled.iter().position(|byte| *byte == b'\n').map_or(filled.len(), |end| end + 1);
        let mut read = ReadBuf::new(bytes.get_mut(..line).unwrap_or_default());
        ready!(Pin::new(&mut this.0).poll_read(cx, &mut read))?;
        buf.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ByLine {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for ByLine {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}
