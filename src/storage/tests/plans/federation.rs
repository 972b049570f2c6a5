//! The storage functions of signing in through other providers.

use super::super::NOW;
use super::super::rows::{alice, away, kept_tokens, known_elsewhere, later};
use super::recorder::Recorder;
use crate::foundation::SecretHash;
use crate::storage::federation::{identity, logout_token, upstream_flow, upstream_token};
use crate::storage::operation::prune::BEGINNING;
use crate::storage::{Conn, StoreError};

/// Runs them on rows that they find.
pub(super) async fn run_all(tx: &mut Conn, recorder: &Recorder) -> Result<(), StoreError> {
    macro_rules! run {
        ($($module:ident::$function:ident($($argument:expr),*);)*) => { $(
            recorder.begin(concat!(stringify!($module), "::", stringify!($function)));
            let _ = $module::$function(tx $(, $argument)*).await?;
        )* };
    }
    let (alice, id) = (alice(), known_elsewhere().id);
    run! {
        identity::insert(&known_elsewhere());
        identity::find("google", "https://accounts.example", "1");
        identity::of_user(alice.id, 9);
        identity::note_use(alice.id, id, NOW);
        identity::owner(id);
        upstream_token::put(&kept_tokens(), NOW);
        upstream_token::put(&kept_tokens(), NOW);
        upstream_token::find(id);
        upstream_token::of_user(alice.id, "google");
        upstream_token::kept_of_user(alice.id);
        upstream_token::due(NOW, BEGINNING, 9);
        upstream_token::take(id, 2, NOW, later());
        upstream_token::give_back(&kept_tokens(), NOW);
        upstream_token::note_use(id, NOW);
        upstream_token::provider_after("");
        upstream_token::forget(&kept_tokens());
        upstream_token::forget_of_provider("google");
        identity::remove_since(alice.id, NOW);
        identity::remove(alice.id, id);
        logout_token::take(&SecretHash::of("logout token"), NOW);
        upstream_flow::insert(&away("first"), 1);
        upstream_flow::insert(&away("second"), 1);
        upstream_flow::take(&away("second").hash, "google", &SecretHash::of("browser"), NOW);
    }
    Ok(())
}
