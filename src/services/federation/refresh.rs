//! Asking a provider for other tokens in place of those that expire (RFC 6749 §6).

use openidconnect::{HttpRequest, RefreshToken};
use tokio::time::timeout;

use super::exchange::{PATIENCE, call, failure, given, is_tried, note, spoken_to};
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
    is_tried(app, provider)?;
    let upstream = app.upstreams.of(&provider.id);
    let in_turn = async {
        let _turn = upstream.turn().await;
        // It may have turned out meanwhile that it is not to be had: then it is not asked.
        is_tried(app, provider)?;
        Ok(asked(app, provider, refresh_token).await)
    };
    let outcome = timeout(PATIENCE, in_turn).await;
    let outcome = outcome.unwrap_or_else(|_| Ok(Err(UpstreamRefusal::Down("it takes too long".to_owned()))))?;
    note(app, provider, outcome.as_ref().err());
    outcome
}

async fn asked(app: &App, provider: &Provider, refresh_token: &str) -> Result<UpstreamTokens, UpstreamRefusal> {
    let (client, _) = spoken_to(app, provider).await?;
    let outbound = &app.outbound;
    let http = |request: HttpRequest| call(outbound.clone(), request);
    let token = RefreshToken::new(refresh_token.to_owned());
    let tokens = client.exchange_refresh_token(&token).request_async(&http).await.map_err(failure)?;
    Ok(given(&tokens, app.clock.now()))
}
