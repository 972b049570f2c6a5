//! `latchkey clients`.

mod fields;
mod shown;
mod token;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::fields::{Fields, Given};
use self::shown::{created, describe, lines, listed, with_ignored, with_warnings};
use self::token::Token;
use super::{CliError, Common, confirm, password};
use crate::domain::oauth::client::changes::{Authentication, Changes};
use crate::domain::oauth::client::{ClientId, Metadata};
use crate::foundation::SecretString;
use crate::services::oauth::client::{self, Registration};

/// Applications and services.
#[derive(Subcommand)]
pub enum Clients {
    /// Register one. Its secret is shown this once.
    Create(Box<Create>),
    /// List every one.
    List,
    /// Show how one is registered, and what that gives up.
    Show(Which),
    /// Change one. What is named replaces what was registered, a list as a whole; the rest stays.
    Update(Box<Update>),
    /// Let one be used again.
    Enable(Which),
    /// Refuse one everywhere, within a second. What it has is kept for when it is enabled again.
    Disable(Which),
    /// Delete one, with every grant, token and consent that it has.
    Delete(Delete),
    /// Give one a new secret, shown this once; the old one ends at once.
    RotateSecret(RotateSecret),
    /// Tokens by which others register applications without you.
    #[command(subcommand)]
    Token(Token),
}

#[derive(Args)]
pub struct Which {
    /// The client_id.
    id: String,
}

#[derive(Args)]
pub struct Create {
    /// What people are shown.
    #[arg(long, value_name = "NAME", required_unless_present = "metadata")]
    name: Option<String>,
    /// The client_id, for one that comes with its own or moves here from another provider. Default: one is made.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    secret: GivenSecret,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Args)]
pub struct Update {
    #[command(flatten)]
    which: Which,
    /// What people are shown.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// Take a value away, named as its option is: logo-uri, audience, id-token-lifetime, … May be repeated. grant and
    /// scope take their usual values again.
    #[arg(long, value_name = "OPTION", value_parser = clap::builder::PossibleValuesParser::new(fields::CLEARABLE))]
    clear: Vec<String>,
}

#[derive(Args)]
pub struct Delete {
    #[command(flatten)]
    which: Which,
    /// Do not ask at the terminal.
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
pub struct RotateSecret {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    secret: GivenSecret,
}

/// A secret that was made elsewhere. Never an argument: that would stand in the shell's history and in the process list.
#[derive(Args)]
#[group(multiple = false)]
pub struct GivenSecret {
    /// Use the secret in this file, at least 32 random characters. Default: one is made.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Use the secret on the first line of standard input.
    #[arg(long)]
    secret_stdin: bool,
}

impl Clients {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let (object, text) = match self {
            Self::Create(create) => create.run(common).await?,
            Self::List => {
                let app = common.app().await?;
                listed(&client::list(&app).await?, app.settings.rules)
            }
            Self::Show(which) => {
                let app = common.app().await?;
                let client = client::show(&app, &which.id()).await?;
                with_warnings(describe(&client), lines(&describe(&client)), &client, app.settings.rules)
            }
            Self::Update(update) => update.run(common).await?,
            Self::Enable(which) => switch(common, &which.id(), true).await?,
            Self::Disable(which) => switch(common, &which.id(), false).await?,
            Self::Delete(Delete { which, yes }) => {
                let app = common.app().await?;
                let client = client::show(&app, &which.id()).await?;
                let name = &client.name;
                confirm::at_terminal(&format!("Delete the client {} ({name}) and all that it has?", which.id), yes)?;
                client::delete(&app, &common.actor(), &which.id()).await?;
                let text = format!("Deleted {} ({name}), with its grants, tokens and consents.", which.id);
                (json!({"client_id": which.id, "deleted": true}), text)
            }
            Self::Token(token) => token.run(common).await?,
            Self::RotateSecret(RotateSecret { which, secret }) => {
                let given = secret.read()?;
                let secret = client::rotate_secret(&common.app().await?, &common.actor(), &which.id(), given).await?;
                let (id, secret) = (which.id, secret.expose());
                let text = format!("client_id      {id}\nclient_secret  {secret}\nThe secret is not shown again.");
                (json!({"client_id": id, "client_secret": secret}), text)
            }
        };
        common.output().done(&object, &text);
        Ok(())
    }
}

async fn switch(common: &Common, id: &ClientId, enabled: bool) -> Result<(Value, String), CliError> {
    let client = client::set_enabled(&common.app().await?, &common.actor(), id, enabled).await?;
    let word = if enabled { "Enabled" } else { "Disabled" };
    Ok((describe(&client), format!("{word} {id} ({}); every instance knows within a second.", client.name)))
}

impl Which {
    fn id(&self) -> ClientId {
        ClientId::new(self.id.as_str())
    }
}

impl Create {
    async fn run(self, common: &Common) -> Result<(Value, String), CliError> {
        let secret = self.secret.read()?;
        let Given { changes, id, ignored } = self.fields.given(self.name)?;
        let id = match (self.id.map(ClientId::new), id) {
            (Some(_), Some(_)) => {
                return Err(CliError::Other("client_id is in the file and --id is given: keep one of the two".into()));
            }
            (option, file) => option.or(file),
        };
        let authentication = changes.authentication.or(Some(Authentication::AnySecret));
        let (mut name, mut metadata) = (String::new(), Metadata::default());
        // Neither is asked for: what is usual depends on the rest.
        let grant_types = changes.grant_types.clone().or(Some([].into()));
        Changes { authentication, grant_types, ..changes }.apply(&mut name, &mut metadata);
        let app = common.app().await?;
        let registered = client::register(&app, &common.actor(), Registration { id, secret, name, metadata }).await?;
        let (object, text) = created(&registered.client, registered.secret.as_ref(), app.settings.rules);
        Ok(with_ignored(object, text, &ignored))
    }
}

impl Update {
    async fn run(self, common: &Common) -> Result<(Value, String), CliError> {
        let Given { mut changes, id, ignored } = self.fields.given(self.name)?;
        if let Some(other) = id.filter(|id| *id != self.which.id()) {
            return Err(CliError::Other(format!("the file is about another client: its client_id is {other}")));
        }
        for name in &self.clear {
            fields::clear(&mut changes, name)?;
        }
        if changes == Changes::default() {
            return Err(CliError::Other(
                "nothing to change: name an option; see latchkey clients update --help".into(),
            ));
        }
        let app = common.app().await?;
        let (updated, rules) =
            (client::update(&app, &common.actor(), &self.which.id(), changes).await?, app.settings.rules);
        let (client, object) = (&updated.client, describe(&updated.client));
        let (object, text) = match &updated.secret {
            Some(secret) => created(client, Some(secret), rules),
            None => with_warnings(object.clone(), lines(&object), client, rules),
        };
        Ok(with_ignored(object, text, &ignored))
    }
}

impl GivenSecret {
    fn read(&self) -> Result<Option<SecretString>, CliError> {
        if self.secret_stdin {
            return password::first_line("no secret was given: send it to standard input").map(Some);
        }
        let Some(path) = &self.secret_file else { return Ok(None) };
        let text =
            std::fs::read_to_string(path).map_err(|error| CliError::Other(format!("{}: {error}", path.display())))?;
        Ok(Some(SecretString::new(text.trim_end_matches(['\n', '\r']).to_owned())))
    }
}
