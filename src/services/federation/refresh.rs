//! Asking a provider for other tokens in place of those that expire (RFC 6749 §6).

use openidconnect::{HttpRequest, RefreshToken};

use super::exchange::{call, failure, given, in_turn, is_bearer, spoken_to};
use crate::app::App;
use crate::domain::federation::provider::Provider;
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::domain::federation::upstream_token::UpstreamTokens;

/// The tokens that the provider gives for a refresh token. What fails there counts for its circuit.
///
/// # Errors
/// When it refuses, or is not to be had.
pub(super) async fn refresh(
    app: &App,
    provider: &Provider,
    refresh_token: &str,
) -> Result<UpstreamTokens, UpstreamRefusal> {
    in_turn(app, provider, asked(app, provider, refresh_token)).await
}

async fn asked(app: &App, provider: &Provider, refresh_token: &str) -> Result<UpstreamTokens, UpstreamRefusal> {
    let (client, _) = spoken_to(app, provider).await?;
    let outbound = &app.outbound;
    let http = |request: HttpRequest| call(outbound.clone(), request);
    let token = RefreshToken::new(refresh_token.to_owned());
    let tokens = client.exchange_refresh_token(&token).request_async(&http).await.map_err(failure)?;
    is_bearer(&tokens)?;
    Ok(given(&tokens, app.clock.now()))
}
