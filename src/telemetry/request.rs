//! The request that is being answered: each line logged meanwhile carries its id. A task-local and not a span: a span
//! costs each request more than a small answer does, even when nothing is logged.

use std::future::Future;

use tokio::task::futures::TaskLocalFuture;

pub use crate::foundation::RequestId;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// Runs `work` as part of the request with this id.
pub fn scope<F: Future>(id: RequestId, work: F) -> TaskLocalFuture<RequestId, F> {
    CURRENT.scope(id, work)
}

/// The same for work that does not wait.
pub fn sync_scope<T>(id: RequestId, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(id, work)
}

/// The id of the request that is being answered; `None` outside of one.
pub fn current() -> Option<RequestId> {
    CURRENT.try_with(|id| *id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_has_its_id_until_it_ends() {
        assert_eq!(current(), None);
        let id = RequestId::new(0x1234_5678_9abc_def0);
        assert_eq!(scope(id, async { current() }).await, Some(id));
        assert_eq!(current(), None);
    }
}
