//! Why a request was refused, or failed: logged, and sent on with the answer to where it is kept. The log line and the trace
//! are made of the same.

use std::sync::Arc;

use axum::response::Response;

use crate::domain::oauth::error::Kind;
use crate::domain::operation::decision_trace::Trace;
use crate::services::ServiceError;
use crate::services::error::Chain;

/// The one line of a request that was refused: what was compared with what, and what mends it; the request's id leads to it.
pub fn log(trace: &Trace) {
    tracing::info!(
        error = trace.error,
        description = trace.description,
        detail = %trace.detail(),
        remedy = %trace.remedy,
        "refused"
    );
}

/// The one line of a request that we failed to answer, and its trace. `description` is what the caller is told.
pub fn failed(failure: &ServiceError, description: &str) -> Trace {
    match failure {
        ServiceError::Unavailable(unavailable) => {
            match unavailable.by_strangers {
                true => tracing::info!(cause = unavailable.cause, "unavailable"),
                false => tracing::error!(cause = unavailable.cause, "unavailable"),
            }
            Trace::of_failure(Kind::Unavailable, "temporarily_unavailable", description, &unavailable.cause)
        }
        other => {
            let cause = Chain(other).to_string();
            tracing::error!(error = cause, "internal error");
            Trace::of_failure(Kind::Internal, "server_error", description, &cause)
        }
    }
}

/// The answer, with why it is none.
pub fn with_trace(mut response: Response, trace: Trace) -> Response {
    response.extensions_mut().insert(Arc::new(trace));
    response
}
