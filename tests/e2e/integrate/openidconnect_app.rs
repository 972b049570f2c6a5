// cargo add openidconnect --no-default-features && cargo add reqwest && cargo add tokio --features full
use std::collections::HashMap;
use std::env::var;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse};
use openidconnect::{HttpRequest, HttpResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse, http, url::Url};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let issuer = var("ISSUER").unwrap_or("http://127.0.0.1:8080".into());
    let home = var("HOME_URL").unwrap_or("http://127.0.0.1:3000".into());
    let provider = CoreProviderMetadata::discover_async(IssuerUrl::new(issuer)?, &ask).await?;
    let secret = ClientSecret::new(var("CLIENT_SECRET")?);
    let client = CoreClient::from_provider_metadata(provider, ClientId::new(var("CLIENT_ID")?), Some(secret))
        .set_redirect_uri(RedirectUrl::new(format!("{home}/callback"))?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email"].map(|scope| Scope::new(scope.into())))
        .set_pkce_challenge(challenge)
        .url();
    let listener = TcpListener::bind(home.trim_start_matches("http://")).await?;
    println!("Open {url}");

    let (browser, _) = listener.accept().await?;
    let (mut browser, mut line) = (BufReader::new(browser), String::new());
    browser.read_line(&mut line).await?; // GET /callback?code=…&state=… HTTP/1.1
    let answer = Url::parse(&home)?.join(line.split(' ').nth(1).unwrap_or("/"))?;
    let answer: HashMap<_, _> = answer.query_pairs().into_owned().collect();
    if answer.get("state") != Some(state.secret()) {
        return Err("this is not the answer to our request".into());
    }
    let code = AuthorizationCode::new(answer.get("code").ok_or("no code")?.clone());
    let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request_async(&ask).await?;
    let claims = tokens.id_token().ok_or("no ID token")?.claims(&client.id_token_verifier(), &nonce)?;
    let subject = Some(claims.subject().clone());
    let user = client.user_info(tokens.access_token().clone(), subject)?;
    let user: CoreUserInfoClaims = user.request_async(&ask).await?;
    let name = user.name().and_then(|name| name.get(None)).map_or("you", |name| name.as_str());
    let page = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nHello {name}");
    browser.get_mut().write_all(page.as_bytes()).await?;
    Ok(())
}

/// Sends a request of the crate with reqwest, which must not follow redirects here.
async fn ask(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = http.execute(request.try_into()?).await?;
    let mut response = http::Response::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}
