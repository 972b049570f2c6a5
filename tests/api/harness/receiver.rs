//! An application's server on a port of its own, which is told of logouts.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// The application's server.
#[derive(Clone)]
pub struct Receiver {
    /// Its host and port.
    pub host: String,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    told: Mutex<Vec<Call>>,
    answers: Mutex<(u16, &'static str)>,
    came: Notify,
}

/// What it was told.
#[derive(Clone, Debug)]
pub struct Call {
    pub path: String,
    pub content_type: String,
    pub form: Vec<(String, String)>,
}

/// The status of one that never answers.
const NEVER: u16 = 0;

impl Receiver {
    /// One that takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let host = listener.local_addr().expect("its address").to_string();
        let inner = Arc::new(Inner { answers: Mutex::new((200, "")), ..Inner::default() });
        let router = Router::new().fallback(any(receive)).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, inner }
    }

    /// The settings of a server that may call these.
    pub fn toml(all: &[&Self]) -> String {
        let hosts: Vec<_> = all.iter().map(|one| format!("{:?}", one.host)).collect();
        format!("[outbound]\nallow = [{}]\n", hosts.join(", "))
    }

    /// Its URL with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// It answers this from now on.
    pub fn answers(&self, status: u16, body: &'static str) {
        *self.inner.answers.lock().expect("a lock") = (status, body);
    }

    /// It takes what comes and says nothing.
    pub fn hangs(&self) {
        self.answers(NEVER, "");
    }

    /// What it was told until now.
    pub fn told(&self) -> Vec<Call> {
        self.inner.told.lock().expect("a lock").clone()
    }

    /// Every logout token that it has got.
    pub fn tokens(&self) -> Vec<String> {
        self.told().into_iter().map(|call| call.form[0].1.clone()).collect()
    }

    /// Waits until it was told so often.
    pub async fn was_told(&self, times: usize) {
        loop {
            let came = self.inner.came.notified();
            if self.told().len() >= times {
                return;
            }
            came.await;
        }
    }
}

async fn receive(State(inner): State<Arc<Inner>>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 100_000).await.expect("a body");
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let call = Call {
        path: parts.uri.to_string(),
        content_type: content_type.to_owned(),
        form: form_urlencoded::parse(&body).into_owned().collect(),
    };
    inner.told.lock().expect("a lock").push(call);
    inner.came.notify_waiters();
    let (status, text) = *inner.answers.lock().expect("a lock");
    if status == NEVER {
        std::future::pending::<()>().await;
    }
    (StatusCode::from_u16(status).expect("a status"), text).into_response()
}
