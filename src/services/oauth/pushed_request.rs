//! Takes an authorization request from its client (RFC 9126), to be brought by a browser.

use std::net::{IpAddr, Ipv4Addr};

use super::authorization_parameters::Resolved;
use crate::app::App;
use crate::domain::oauth::authorize::pushed::{self, LIVES, kept, request_uri};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::authentication::Authenticated;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::foundation::Secret;
use crate::services::ServiceError;
use crate::services::sign_in::authorization_request::place;
use crate::storage::oauth::pushed_request::{self, PushedRequest, Room};

/// How many wait at the same time. A row has 16 KiB at most and a minute and a half: strangers, who push as any client without a
/// secret, or as one that they have registered themselves, fill some 30 MB, and other clients ten times as much.
const ROOM: Room = Room { place: 80, strangers: 2_000, client: 5_000, all: 20_000 };

/// What the client sends its user's browser with.
pub struct Given {
    /// Stands for the request.
    pub request_uri: String,
    /// For so many seconds.
    pub expires_in: u64,
}

/// Checks a request as the authorization endpoint would, and keeps it; `from` is where it comes from. `None` when too many wait.
///
/// # Errors
/// A refusal that the client is told now, instead of at its redirect URI later (RFC 9126 §2.3).
pub async fn push(
    app: &App,
    from: Option<IpAddr>,
    client: &Authenticated,
    params: &Params,
) -> Result<Option<Given>, ServiceError> {
    let params = params.clone().or("client_id", client.id.as_str());
    if params.get("client_id") != Some(client.id.as_str()) {
        let description = "The client_id is not that of the client that authenticated.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, description).into());
    }
    if params.get("request_uri").is_some() {
        return Err(pushed::named_elsewhere().into());
    }
    let asked = Resolved::of_pushing(app, client.shared(), &params).await?;
    let parameters = kept(&asked.params)?;
    let redirect = VerifiedRedirect::prove(client, asked.params.get("redirect_uri"), app.settings.rules)?;
    asked.check(app, client, &redirect)?;
    let now = app.clock.now();
    let secret = Secret::generate(&app.random);
    let address = from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let request = PushedRequest {
        hash: secret.hash(),
        client_id: client.id.clone(),
        parameters,
        place: is_anybodys(client).then(|| place(app, address)),
        created_at: now,
        expires_at: now.after(LIVES),
    };
    let keep = async |tx: &mut _| pushed_request::insert(tx, &request, ROOM).await;
    let kept = app.store.write_once("push_request", keep).await?;
    Ok(kept.then(|| Given { request_uri: request_uri(&secret), expires_in: LIVES.as_secs() }))
}

/// Whether a stranger can push as this client: without a secret, or with the secret of a registration of their own.
fn is_anybodys(client: &Client) -> bool {
    client.is_public() || !client.is_vetted()
}
