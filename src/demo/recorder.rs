//! The HTTP client of the demo app, which remembers what it sent and got.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use thiserror::Error;

use super::exchange::Exchange;

/// Longest answer that is read.
const LIMIT: usize = 256 * 1024;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum HttpError {
    /// The connection failed, or took too long.
    #[error("the provider does not answer: {0}")]
    Transport(#[from] reqwest::Error),
    /// Longer than any answer of an OpenID provider.
    #[error("the answer is longer than {LIMIT} bytes")]
    TooLong,
}

/// Sends requests for one step and remembers them.
pub struct Recorder<'h> {
    http: &'h reqwest::Client,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    note: Option<String>,
    exchanges: Vec<Exchange>,
}

impl<'h> Recorder<'h> {
    /// A recorder that has nothing yet.
    pub fn new(http: &'h reqwest::Client) -> Self {
        Self { http, log: Mutex::default() }
    }

    /// Says what the next request is for.
    pub fn note(&self, note: &str) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).note = Some(note.to_owned());
    }

    /// What was sent and got since the last call.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner).exchanges)
    }

    /// The body of the last answer.
    pub fn last_body(&self) -> Vec<u8> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.exchanges.last().map(|exchange| exchange.body.clone()).unwrap_or_default()
    }

    /// Sends one request.
    ///
    /// # Errors
    /// When no complete answer comes; an answer that says "no" is an answer.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = self.fetch(request.clone()).await;
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let mut exchange = Exchange::new(&request, answer.as_ref().map_err(ToString::to_string));
        exchange.note = log.note.take();
        log.exchanges.push(exchange);
        answer
    }

    async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = self.http.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LIMIT {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Recorder<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
