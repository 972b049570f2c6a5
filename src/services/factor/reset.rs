//! Taking a person's second factors away, for whoever has lost them all.

use crate::app::App;
use crate::domain::access::actor::Actor;
use crate::domain::access::permission::{Allowed, ManageUsers};
use crate::domain::operation::audit_event::{Action, Target};
use crate::foundation::id::UserId;
use crate::mail::message::Message;
use crate::services::ServiceError;
use crate::services::account::end_everything;
use crate::services::account::tell::{self, Told};
use crate::services::operation::events::event;
use crate::services::operation::jobs;
use crate::storage::account::user;
use crate::storage::factor::{lost_factors, recovery_code, second_factor};
use crate::storage::operation::audit_event;
use crate::storage::{Conn, StoreError};

/// What a reset came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Factors that are gone.
    pub factors: usize,
}

/// Removes every second factor of a person, and their recovery codes, and ends whatever they had got by signing in. Where
/// there is nothing to remove, nothing is ended.
///
/// # Errors
/// When the database does not answer.
pub async fn reset(app: &App, by: &Actor, id: UserId) -> Result<Reset, ServiceError> {
    let may = by.may(ManageUsers)?;
    let whom = app.store.read("find_account_to_reset", async |conn| user::find(conn, id).await).await?;
    let told = whom.map_or_else(Told::nobody, |whom| tell::prepare(app, by, &whom, Message::FactorsReset));
    let removed = app
        .store
        .transaction("reset_factors", async |tx| {
            second_factor::lock(tx, id).await?;
            let factors = Box::pin(remove_all(app, tx, &may, id, "the second factors were reset")).await?;
            if factors > 0 {
                told.enqueue(app, tx).await?;
            }
            Ok(factors)
        })
        .await?;
    jobs::begin(app);
    tracing::info!(user = %id, factors = removed, "second factors reset");
    Ok(Reset { factors: removed })
}

/// Removes them in a transaction that holds the account's row, and ends whatever their person had got by signing in. Tells how
/// many there were.
pub(in crate::services) async fn remove_all<P>(
    app: &App,
    tx: &mut Conn,
    may: &Allowed<'_, P>,
    id: UserId,
    why: &'static str,
) -> Result<usize, StoreError> {
    let factors = second_factor::of_user(tx, id).await?;
    second_factor::remove_all(tx, id).await?;
    recovery_code::replace(tx, id, &[], app.clock.now()).await?;
    second_factor::mark(tx, id).await?;
    // There is nothing left that could be lost.
    lost_factors::end(tx, id).await?;
    for factor in &factors {
        let removed = event(app, may, Action::FactorRemoved).about(Target::user(id)).because(why);
        audit_event::insert(tx, &removed.about(Target::factor(factor.id))).await?;
    }
    if !factors.is_empty() {
        end_everything(app, tx, may, id, why).await?;
    }
    Ok(factors.len())
}
