//! The storage functions of pushed authorization requests.

use super::super::NOW;
use super::super::rows::{app, later};
use super::recorder::Recorder;
use crate::foundation::SecretHash;
use crate::storage::oauth::pushed_request::{self, PushedRequest, Room};
use crate::storage::{Conn, StoreError};

/// Runs them on rows that they find.
pub(super) async fn run_all(tx: &mut Conn, recorder: &Recorder) -> Result<(), StoreError> {
    macro_rules! run {
        ($($module:ident::$function:ident($($argument:expr),*);)*) => { $(
            recorder.begin(concat!(stringify!($module), "::", stringify!($function)));
            let _ = $module::$function(tx $(, $argument)*).await?;
        )* };
    }
    let pushed = |name: &str| PushedRequest {
        hash: SecretHash::of(name),
        client_id: app().id,
        parameters: "scope=openid".to_owned(),
        place: Some(SecretHash::of("place")),
        created_at: NOW,
        expires_at: later(),
    };
    let room = Room { place: 2, strangers: 3, client: 4, all: 5 };
    run! {
        pushed_request::insert(&pushed("a"), room);
        pushed_request::find(&SecretHash::of("a"), &app().id, NOW);
        pushed_request::take(&SecretHash::of("a"), &SecretHash::of("flow"));
    }
    Ok(())
}
