//! `/api/v1/me/data`: all that is kept about one.

use axum::response::Response;

use crate::http::api::v1::caller::Called;
use crate::http::respond::own_data::as_file;
use crate::http::respond::problem::Problem;
use crate::services::account::{Exported, own_data};
use crate::services::oauth::own_account::Owner;

/// `GET`: the document of docs/account.md. Though nothing is changed, it takes what a change takes that is hard to undo, as
/// the page does: whoever has all of it knows where its person lives and from where they sign in. One call stores one event,
/// and there are five calls an hour.
///
/// # Errors
/// When it was asked for too often.
pub async fn get(Called { app, who }: Called<Owner>) -> Result<Response, Problem> {
    match own_data(&app, &who.by, &who.fresh).await? {
        Exported::Data(data) => Ok(as_file(&app, &data)?),
        Exported::Wait(wait) => Err(Problem::wait(wait)),
        Exported::Overtaken => Err(Problem::overtaken()),
    }
}
