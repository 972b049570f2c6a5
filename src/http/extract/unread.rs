//! Whether the body of a request was read. One that is refused before that leaves its body on the connection, which is then of no
//! more use: the answer says so (RFC 9112 §9.6), so that the client does not send its next request there in vain.

use std::cell::Cell;

use axum::http::header::{self, HeaderValue};
use axum::response::Response;

tokio::task_local! {
    static READ: Cell<bool>;
}

/// The answer to a request that has a body, which says that the connection ends if that was not read.
pub async fn scope(answer: impl Future<Output = Response>) -> Response {
    READ.scope(Cell::new(false), async {
        let mut response = answer.await;
        if !READ.with(Cell::get) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    })
    .await
}

/// It was read to its end.
pub fn was_read() {
    // A request without a body has no such scope.
    let _no_scope = READ.try_with(|read| read.set(true));
}
