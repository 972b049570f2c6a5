//! The storage functions of clients, and of what they authenticate by.

use super::super::NOW;
use super::recorder::Recorder;
use crate::domain::oauth::client::Client;
use crate::foundation::SecretHash;
use crate::storage::oauth::{client, used_assertion};
use crate::storage::{Conn, StoreError};

/// Runs them. The client is there afterwards.
pub(super) async fn run_all(tx: &mut Conn, recorder: &Recorder, app: &Client) -> Result<(), StoreError> {
    macro_rules! run {
        ($($module:ident::$function:ident($($argument:expr),*);)*) => { $(
            recorder.begin(concat!(stringify!($module), "::", stringify!($function)));
            let _ = $module::$function(tx $(, $argument)*).await?;
        )* };
    }
    run! {
        client::insert(app);
        client::upsert(app);
        client::find(&app.id);
        client::list();
        client::set_secret(&app.id, &SecretHash::of("next"), None, NOW);
        client::replace(app, NOW);
        client::set_enabled(&app.id, true, NOW);
        client::find_all(std::slice::from_ref(&app.id));
        used_assertion::take(&SecretHash::of("assertion"), NOW);
    }
    Ok(())
}
