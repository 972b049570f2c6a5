//! Takes connections out of the operating system's queue, and gives each a task of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::Tls;
use super::connection::{Answers, Connections};

/// Accepts until it is dropped.
pub async fn accept(
    listener: TcpListener,
    mut tls: Option<Tls>,
    connections: &Arc<Connections<impl Answers>>,
    permits: &Arc<Semaphore>,
) {
    loop {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else { return };
        let (stream, peer) = tokio::select! {
            accepted = next(&listener) => accepted,
            () = reload(&mut tls) => continue,
        };
        let certificate = tls.as_ref().map(|tls| Arc::clone(&tls.certificate));
        tokio::spawn(Arc::clone(connections).connection(stream, peer, certificate, permit));
    }
}

/// The next connection. A client that gave up meanwhile is skipped; when the process has no file or memory left for
/// another one, waiting helps and ending would not.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot accept connections");
                sleep(Duration::from_millis(500)).await;
            }
        }
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Waits for SIGHUP and reads the certificate again; forever without TLS.
async fn reload(tls: &mut Option<Tls>) {
    let Some(Tls { certificate, hangups }) = tls else { return std::future::pending().await };
    if hangups.recv().await.is_none() {
        return std::future::pending().await;
    }
    match certificate.reload() {
        Ok(()) => tracing::info!("certificate read again"),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "certificate not replaced, the old one stays in use"
            );
        }
    }
}
