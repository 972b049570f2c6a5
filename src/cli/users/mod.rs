//! `latchkey admin` and `latchkey users`.

mod factors;
mod imported_hash;
mod invite;
mod shown;
mod which;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::factors::Factors;
use self::imported_hash::ImportedHashFrom;
use self::invite::Invite;
use self::shown::{describe, lines, listed};
use self::which::Which;
use super::{CliError, Common, confirm, password};
use crate::app::App;
use crate::config::Day;
use crate::domain::account::profile::Profile;
use crate::domain::account::user::User;
use crate::foundation::{Timestamp, id::UserId};
use crate::services::account::{self, NewPassword, NewUser, UserChanges};

/// Administrators.
#[derive(Subcommand)]
pub enum Admin {
    /// Create one. The password is asked for, or read from standard input.
    Create(CreateAdmin),
}

/// Users.
#[derive(Subcommand)]
pub enum Users {
    /// Create one. The password is asked for, or read from standard input.
    Create(CreateUser),
    /// Send somebody a link by which they make an account for themselves, with a password of their own.
    Invite(Invite),
    /// List them in the order in which they were made.
    List(List),
    /// Show one.
    Show(Which),
    /// Change one. What is named replaces what was there; the rest stays.
    Update(Update),
    /// Give one another password, asked for or read from standard input; sessions, grants and tokens end.
    SetPassword(SetPassword),
    /// Let one sign in again.
    Enable(Which),
    /// Let one sign in no more; sessions, grants and tokens end.
    Disable(Which),
    /// Forget wrong passwords: one whose sign-ins are slowed down or stopped can try again at once.
    Unlock(Which),
    /// What one proves beside the password.
    #[command(subcommand)]
    Factors(Factors),
    /// Delete one, with every session, grant, token and consent. The id is never used again.
    Delete(Delete),
}

#[derive(Args)]
pub struct SetPassword {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    hash: ImportedHashFrom,
}

#[derive(Args)]
pub struct CreateAdmin {
    /// E-mail address to sign in with; taken to be theirs.
    #[arg(long)]
    email: String,
    /// Username to sign in with.
    #[arg(long)]
    username: Option<String>,
}

#[derive(Args)]
pub struct CreateUser {
    /// Username to sign in with.
    #[arg(long, required_unless_present = "email")]
    username: Option<String>,
    /// E-mail address to sign in with.
    #[arg(long)]
    email: Option<String>,
    /// The address is known to be theirs.
    #[arg(long, requires = "email")]
    email_verified: bool,
    /// A group that they belong to: the groups claim. May be repeated.
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// A JSON object of claims: the standard ones (OpenID Connect Core 5.1: name, birthdate, address, …), groups, and
    /// those that claims.extra names.
    #[arg(long, value_name = "FILE.json")]
    claims: Option<PathBuf>,
    #[command(flatten)]
    hash: ImportedHashFrom,
}

#[derive(Args)]
pub struct List {
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Only those made after the one with this id: what the page before says to go on with.
    #[arg(long, value_name = "ID")]
    after: Option<String>,
}

#[derive(Args)]
pub struct Update {
    #[command(flatten)]
    which: Which,
    /// Username to sign in with.
    #[arg(long)]
    username: Option<String>,
    /// E-mail address to sign in with; a new one is not verified unless that is said too.
    #[arg(long)]
    email: Option<String>,
    /// The address is known to be theirs.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    email_verified: Option<bool>,
    /// They administer this server.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    administrator: Option<bool>,
    /// Whether they need a second factor: from now on, or no more than others.
    #[arg(long, value_name = "WHETHER", value_parser = ["required", "usual"], conflicts_with = "second_factor_from")]
    second_factor: Option<String>,
    /// They need a second factor from this day on (UTC).
    #[arg(long, value_name = "YYYY-MM-DD")]
    second_factor_from: Option<Day>,
    /// A group that they belong to. May be repeated; those that are not named end.
    #[arg(long, value_name = "GROUP")]
    group: Option<Vec<String>>,
    /// A JSON object of claims to put in; null takes one away, and those that are not named stay.
    #[arg(long, value_name = "FILE.json")]
    claims: Option<PathBuf>,
    /// Take a value away. May be repeated.
    #[arg(long, value_name = "OPTION", value_parser = ["username", "email", "group"])]
    clear: Vec<String>,
}

#[derive(Args)]
pub struct Delete {
    #[command(flatten)]
    which: Which,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Admin {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let Self::Create(admin) = self;
        let new = NewUser {
            username: admin.username,
            email: Some(admin.email),
            email_verified: true,
            administrator: true,
            profile: Profile::default(),
            password: None,
        };
        create(common, &common.app().await?, new).await
    }
}

impl Users {
    pub async fn run(self, common: &Common) -> Result<(), CliError> {
        let app = common.app().await?;
        let (object, text) = match self {
            Self::Create(user) => {
                let new = user.read(&app)?;
                return create(common, &app, new).await;
            }
            Self::Invite(invite) => invite.run(common, &app).await?,
            Self::List(List { limit, after }) => {
                let unknown = |_| CliError::Other("--after takes the id of a user".to_owned());
                let after = after.map(|id| id.parse::<UserId>()).transpose().map_err(unknown)?;
                listed(&account::list(&app, after, limit).await?, limit)
            }
            Self::Show(which) => shown(&which.find(&app).await?),
            Self::Update(update) => {
                let id = update.which.find(&app).await?.id;
                shown(&account::update(&app, &common.actor(), id, update.changes(app.clock.now())?).await?)
            }
            Self::SetPassword(SetPassword { which, hash }) => {
                let user = which.find(&app).await?;
                let password = match hash.read()? {
                    Some(hash) => NewPassword::from(hash),
                    None => password::read(which.name())?.into(),
                };
                let strength = account::set_password(&app, &common.actor(), &user, password).await?;
                let strength = strength.map(|strength| format!(" (strength {strength} of 4)")).unwrap_or_default();
                let more = format!("{strength}; sessions, grants and tokens have ended");
                done(&app, &user, "Set the password of", &more).await?
            }
            Self::Enable(which) => {
                let user = which.find(&app).await?;
                account::set_enabled(&app, &common.actor(), user.id, true).await?;
                done(&app, &user, "Enabled", "").await?
            }
            Self::Disable(which) => {
                let user = which.find(&app).await?;
                account::set_enabled(&app, &common.actor(), user.id, false).await?;
                done(&app, &user, "Disabled", "; sessions, grants and tokens have ended").await?
            }
            Self::Unlock(which) => {
                let user = which.find(&app).await?;
                let unlocked = account::unlock(&app, &common.actor(), user.id).await?;
                let whom = user.login_name().unwrap_or("the user");
                let text = match unlocked {
                    true => format!("Unlocked {whom}."),
                    false => format!("Nothing slowed {whom} down."),
                };
                (json!({"sub": user.id.to_string(), "unlocked": unlocked}), text)
            }
            Self::Factors(factors) => factors.run(common, &app).await?,
            Self::Delete(Delete { which, yes }) => {
                let user = which.find(&app).await?;
                let whom = format!("{} (sub {})", user.login_name().unwrap_or("a user"), user.id);
                confirm::or_yes(&format!("Delete {whom} and all that belongs to them?"), yes)?;
                account::delete(&app, &common.actor(), user.id).await?;
                (json!({"sub": user.id.to_string(), "deleted": true}), format!("Deleted {whom}."))
            }
        };
        common.output().done(&object, &text);
        Ok(())
    }
}

impl CreateUser {
    fn read(self, app: &App) -> Result<NewUser, CliError> {
        let mut profile = Profile::default();
        if let Some(path) = &self.claims {
            let problem = |why: &dyn std::fmt::Display| CliError::Other(format!("{}: {why}", path.display()));
            let claims = read_claims(path)?;
            profile = profile.with(claims, |name| app.settings.claims.is_custom(name)).map_err(|why| problem(&why))?;
        }
        if !self.group.is_empty() {
            profile = profile.in_groups(self.group).map_err(|why| CliError::Other(why.to_string()))?;
        }
        Ok(NewUser {
            username: self.username,
            email: self.email,
            email_verified: self.email_verified,
            administrator: false,
            profile,
            password: self.hash.read()?.map(NewPassword::from),
        })
    }
}

impl Update {
    fn changes(self, now: Timestamp) -> Result<UserChanges, CliError> {
        let clear = |name: &str| self.clear.iter().any(|cleared| cleared == name);
        let contradicts = [("username", self.username.is_some()), ("email", self.email.is_some())];
        for (name, given) in contradicts.into_iter().chain([("group", self.group.is_some())]) {
            if given && clear(name) {
                let text = format!("--{name} has a value and is to be cleared too: keep one of the two");
                return Err(CliError::Other(text));
            }
        }
        let changes = UserChanges {
            username: if clear("username") { Some(None) } else { self.username.map(Some) },
            email: if clear("email") { Some(None) } else { self.email.map(Some) },
            email_verified: self.email_verified,
            administrator: self.administrator,
            second_factor_from: match (self.second_factor.as_deref(), self.second_factor_from) {
                (Some("required"), _) => Some(Some(now)),
                (Some(_), _) => Some(None),
                (None, day) => day.map(|day| Some(day.begins())),
            },
            groups: if clear("group") { Some(vec![]) } else { self.group },
            claims: self.claims.as_deref().map(read_claims).transpose()?,
        };
        match changes == UserChanges::default() {
            true => Err(CliError::Other("nothing to change: name an option; see latchkey users update --help".into())),
            false => Ok(changes),
        }
    }
}

async fn create(common: &Common, app: &App, new: NewUser) -> Result<(), CliError> {
    let whom = new.username.clone().or_else(|| new.email.clone()).unwrap_or_default();
    let password = match new.password {
        Some(hash) => hash,
        None => password::read(&whom)?.into(),
    };
    let user = account::create(app, &common.actor(), NewUser { password: Some(password), ..new }).await?;
    let kind = if user.administrator { "administrator" } else { "user" };
    common.output().done(&describe(&user), &format!("Created {kind} {whom}, sub {}.", user.id));
    Ok(())
}

fn shown(user: &User) -> (Value, String) {
    let object = describe(user);
    let text = lines(&object);
    (object, text)
}

/// What a user is after a change, and a line that says what was done.
async fn done(app: &App, user: &User, what: &str, more: &str) -> Result<(Value, String), CliError> {
    let user = account::show(app, &user.id.to_string()).await?;
    let text = format!("{what} {}{more}.", user.login_name().unwrap_or("the user"));
    Ok((describe(&user), text))
}

fn read_claims(path: &Path) -> Result<Value, CliError> {
    let problem = |what: String| CliError::Other(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| problem(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| problem(error.to_string()))
}
