//! A mail server that does what a test asks of it, well or not. Shared with tests/api.

use std::collections::VecDeque;
use std::future::pending;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What it answers instead of the usual, by the first word of a command: `CONNECT` for the greeting, `CONTENT` for the mail
/// itself.
pub type Script = Vec<(&'static str, &'static str)>;

/// It never answers.
pub const HANGS: &str = "hangs";
/// It hangs up.
pub const VANISHES: &str = "vanishes";

/// When it speaks TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// Never.
    Plain,
    /// After STARTTLS.
    StartTls,
    /// From the first byte.
    Tls,
}

/// The server, and what it has seen.
pub struct MailServer {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    scripts: VecDeque<Script>,
    commands: Vec<String>,
    mails: Vec<String>,
    connections: usize,
}

impl MailServer {
    /// Without TLS. The first connections follow these scripts, the others none.
    pub async fn plain(scripts: Vec<Script>) -> Self {
        Self::start(Speaks::Plain, None, scripts).await
    }

    /// With a certificate and its key, both PEM.
    pub async fn with_tls(speaks: Speaks, (cert, key): (&Path, &Path), scripts: Vec<Script>) -> Self {
        let certificate = CertificateDer::from_pem_file(cert).unwrap();
        let key = PrivateKeyDer::from_pem_file(key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate], key).unwrap();
        Self::start(speaks, Some(TlsAcceptor::from(Arc::new(config))), scripts).await
    }

    async fn start(speaks: Speaks, tls: Option<TlsAcceptor>, scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen { scripts: scripts.into(), ..Seen::default() }));
        let all = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = {
                    let mut seen = all.lock().unwrap();
                    seen.connections += 1;
                    seen.scripts.pop_front().unwrap_or_default()
                };
                tokio::spawn(serve(stream, speaks, tls.clone(), script, Arc::clone(&all)));
            }
        });
        Self { address, seen }
    }

    /// Every mail that it has taken, as it was transferred.
    pub fn mails(&self) -> Vec<String> {
        self.seen.lock().unwrap().mails.clone()
    }

    /// Every command, of all connections.
    pub fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.clone()
    }

    /// How often it was called.
    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

/// A stream of either kind.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn serve(
    stream: TcpStream,
    speaks: Speaks,
    tls: Option<TlsAcceptor>,
    script: Script,
    seen: Arc<Mutex<Seen>>,
) -> Option<()> {
    let answer = |word: &str, usual: &'static str| {
        script.iter().find(|(scripted, _)| *scripted == word).map_or(usual, |(_, answer)| *answer)
    };
    let mut stream: BufReader<Box<dyn Stream>> = match (&tls, speaks) {
        (Some(tls), Speaks::Tls) => BufReader::new(Box::new(tls.accept(stream).await.ok()?)),
        _ => BufReader::new(Box::new(stream)),
    };
    let mut is_encrypted = speaks == Speaks::Tls;
    say(&mut stream, answer("CONNECT", "220 mail.test")).await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        seen.lock().unwrap().commands.push(line);
        let usual = match &*word {
            "EHLO" if speaks == Speaks::StartTls && !is_encrypted => "250-mail.test\r\n250 STARTTLS",
            "EHLO" => "250-mail.test\r\n250 AUTH PLAIN LOGIN",
            "STARTTLS" => "220 go ahead",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        let said = answer(&word, usual);
        say(&mut stream, said).await?;
        match (&*word, &tls) {
            ("STARTTLS", Some(tls)) if said.starts_with("220") => {
                let encrypted = tls.accept(stream.into_inner()).await.ok()?;
                stream = BufReader::new(Box::new(encrypted));
                is_encrypted = true;
            }
            ("DATA", _) if said.starts_with("354") => {
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut mail).await.ok()? == 0 {
                        return None;
                    }
                }
                let said = answer("CONTENT", "250 2.0.0 queued as 4XyZ");
                if said.starts_with("250") || said == VANISHES {
                    seen.lock().unwrap().mails.push(mail);
                }
                say(&mut stream, said).await?;
            }
            ("QUIT", _) => return None,
            _ => {}
        }
    }
}

async fn say(stream: &mut BufReader<Box<dyn Stream>>, text: &str) -> Option<()> {
    match text {
        HANGS => pending().await,
        VANISHES => None,
        text => {
            stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?;
            stream.flush().await.ok()
        }
    }
}
