//! A network between us and PostgreSQL that we can break.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A TCP proxy that can stop forwarding without closing anything, or take its time.
pub struct Proxy {
    /// The URL of the database through the proxy.
    pub url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    hanging: AtomicBool,
    delay: AtomicU64,
    /// The answer to the next commit will be lost, or is being lost.
    losing: AtomicBool,
    lost: AtomicBool,
}

impl Proxy {
    /// A proxy before the server of `url`.
    pub async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config: tokio_postgres::Config = url.parse().unwrap();
        let target = format!("127.0.0.1:{}", config.get_ports().first().unwrap_or(&5432));
        let address = listener.local_addr().unwrap();
        let url = url.replacen(&target, &address.to_string(), 1);
        assert!(url.contains(&address.to_string()), "TEST_DATABASE_URL names 127.0.0.1 and a port");
        let state = Arc::<State>::default();
        let forward = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&target).await.unwrap();
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(copy(near_in, far_out, Arc::clone(&forward), true));
                tokio::spawn(copy(far_in, near_out, Arc::clone(&forward), false));
            }
        });
        Self { url, state }
    }

    /// Forwards the next commit, and cuts the connection where its answer should come.
    pub fn lose_next_commit(&self) {
        self.state.losing.store(true, Ordering::SeqCst);
    }

    /// Stops forwarding, or resumes.
    pub fn hang(&self, hanging: bool) {
        self.state.hanging.store(hanging, Ordering::SeqCst);
    }

    #[allow(dead_code, reason = "only the tests of the whole server are slow")]
    /// Keeps whatever it forwards for so long.
    pub fn delay(&self, delay: Duration) {
        self.state.delay.store(delay.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }
}

/// Swallows what arrives while it hangs, as a network that drops packets does.
async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: Arc<State>, from_client: bool) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        tokio::time::sleep(Duration::from_millis(state.delay.load(Ordering::SeqCst))).await;
        // Nothing but a commit of ours has these bytes; with what came before it, it fits into one read.
        let commits = buffer[..read].windows(6).any(|bytes| bytes == b"COMMIT");
        if commits && from_client && state.losing.swap(false, Ordering::SeqCst) {
            state.lost.store(true, Ordering::SeqCst);
        } else if !from_client && state.lost.swap(false, Ordering::SeqCst) {
            break;
        }
        if !state.hanging.load(Ordering::SeqCst) && to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
}
