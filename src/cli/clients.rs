//! `latchkey clients`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CliError, Common};
use crate::crypto::Algorithm;
use crate::domain::oauth::client::{AuthMethod, Client, ClientId, GrantType, Metadata, TokenFormat};
use crate::domain::oauth::scope::Scope;
use crate::services::ServiceError;
use crate::services::clients::{self, Registration};

/// Applications and services.
#[derive(Subcommand)]
pub enum Clients {
    /// Register one. Its secret is shown this once.
    Create(Box<Create>),
    /// List every one.
    List,
    /// Give one a new secret, shown this once; the old one ends at once.
    RotateSecret {
        /// The client_id.
        id: String,
    },
}

#[derive(Args)]
pub struct Create {
    /// What people are shown.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Where codes may be sent; compared byte for byte. May be repeated.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Where browsers may be sent after logout. May be repeated.
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// What it may do. May be repeated. Default: authorization_code and refresh_token with a redirect URI, else
    /// client_credentials.
    #[arg(long, value_name = "TYPE", value_parser = PossibleValuesParser::new(GrantType::ALL.map(GrantType::as_str)))]
    grant: Vec<String>,
    /// How it authenticates.
    #[arg(long, value_name = "METHOD", default_value = "client_secret_basic", value_parser = PossibleValuesParser::new(AuthMethod::ALL.map(AuthMethod::as_str)))]
    auth: String,
    /// Scopes that it may ask for, separated by spaces. Default: all standard ones for applications, none for machines.
    #[arg(long, value_name = "SCOPES", default_value = "", hide_default_value = true)]
    scope: String,
    /// It is run by whoever runs this server: people are not asked for consent.
    #[arg(long)]
    first_party: bool,
    /// Who its access tokens are for. May be repeated. Default: this server.
    #[arg(long, value_name = "URI")]
    audience: Vec<String>,
    /// An audience that it answers for as a resource server: it may introspect tokens made for it. May be repeated.
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// What its access tokens look like.
    #[arg(long, value_name = "FORMAT", default_value = "jwt", value_parser = ["jwt", "opaque"])]
    access_token_format: String,
    /// What its ID tokens are signed with.
    #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::name)))]
    id_token_alg: String,
    /// Its home page.
    #[arg(long, value_name = "URL")]
    client_uri: Option<String>,
    /// Its logo, shown at sign-in.
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// Its privacy policy, linked at sign-in.
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    /// Its terms of service, linked at sign-in.
    #[arg(long, value_name = "URL")]
    tos_uri: Option<String>,
}

impl Clients {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let app = common.app().await?;
        let (object, text) = match self {
            Self::Create(create) => {
                let registered = clients::register(&app, create.registration()?).await?;
                let secret = registered.secret.as_ref().map(|secret| secret.expose());
                let mut object = describe(&registered.client);
                if let (Some(object), Some(secret)) = (object.as_object_mut(), secret) {
                    object.insert("client_secret".to_owned(), json!(secret));
                }
                let id = &registered.client.id;
                let text = match secret {
                    Some(secret) => {
                        format!("client_id      {id}\nclient_secret  {secret}\nThe secret is not shown again.")
                    }
                    None => format!("client_id      {id}\nA public client has no secret; it must use PKCE."),
                };
                (object, text)
            }
            Self::List => {
                let all = clients::list(&app).await?;
                let text: Vec<_> = all.iter().map(|client| format!("{}  {}", client.id, client.name)).collect();
                (json!({ "clients": all.iter().map(describe).collect::<Vec<_>>() }), text.join("\n"))
            }
            Self::RotateSecret { id } => {
                let secret = clients::rotate_secret(&app, &ClientId::new(id.as_str())).await?;
                let secret = secret.expose();
                let text = format!("client_id      {id}\nclient_secret  {secret}\nThe secret is not shown again.");
                (json!({"client_id": id, "client_secret": secret}), text)
            }
        };
        common.output().done(&object, &text);
        Ok(())
    }
}

impl Create {
    fn registration(self) -> Result<Registration, CliError> {
        let unknown = |what: &str| CliError::Other(format!("unknown {what}"));
        let grants = self.grant.iter().map(|grant| GrantType::parse(grant));
        let metadata = Metadata {
            redirect_uris: self.redirect_uri,
            post_logout_redirect_uris: self.post_logout_redirect_uri,
            grant_types: grants.collect::<Option<_>>().ok_or_else(|| unknown("--grant"))?,
            token_endpoint_auth_method: AuthMethod::parse(&self.auth).ok_or_else(|| unknown("--auth"))?,
            scope: Scope::parse(&self.scope).map_err(ServiceError::from)?,
            first_party: self.first_party,
            client_uri: self.client_uri,
            logo_uri: self.logo_uri,
            policy_uri: self.policy_uri,
            tos_uri: self.tos_uri,
            audience: self.audience,
            resources: self.resource,
            access_token_format: TokenFormat::parse(&self.access_token_format)
                .ok_or_else(|| unknown("--access-token-format"))?,
            id_token_signed_response_alg: self.id_token_alg.parse().map_err(|_| unknown("--id-token-alg"))?,
        };
        Ok(Registration { id: None, name: self.name, metadata })
    }
}

/// A client in the terms of RFC 7591 §2.
fn describe(client: &Client) -> Value {
    let mut object = serde_json::to_value(&client.metadata).unwrap_or_default();
    if let Some(object) = object.as_object_mut() {
        object.insert("client_id".to_owned(), json!(client.id));
        object.insert("client_name".to_owned(), json!(client.name));
        object.insert("enabled".to_owned(), json!(client.enabled));
    }
    object
}
