//! The request that is being answered: each line logged meanwhile carries its id. A task-local and not a span: a span
//! costs each request more than a small answer does, even when nothing is logged.

use std::future::Future;

use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The id of a request: ten digits and lower-case letters, to be read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId([u8; 10]);

impl RequestId {
    /// The id made of the lowest 50 bits of `number`.
    pub fn new(number: u64) -> Self {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut rest = number;
        Self(std::array::from_fn(|_| {
            let digit = ALPHABET.get(usize::try_from(rest & 31).unwrap_or(0)).copied().unwrap_or(b'0');
            rest >>= 5;
            digit
        }))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
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

    #[test]
    fn different_numbers_are_different_ids() {
        assert_eq!(RequestId::new(0).as_str(), "0000000000");
        assert_ne!(RequestId::new(1), RequestId::new(1 << 49));
    }
}
