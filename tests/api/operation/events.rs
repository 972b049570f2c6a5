//! Who did what: every service that changes something leaves an event with its author, and what strangers can bring about
//! is counted.

mod federation;
mod own;
mod recovery;
mod registration;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::http::{Request, header};
use latchkey::app::App;
use latchkey::crypto::Algorithm;
use latchkey::crypto::totp::TotpSecret;
use latchkey::domain::access::actor::{Actor, Origin};
use latchkey::domain::account::profile::Profile;
use latchkey::domain::factor::totp::TotpCode;
use latchkey::domain::oauth::client::changes::Changes;
use latchkey::domain::oauth::client::{ClientId, Metadata};
use latchkey::domain::operation::audit_event::{Action, RecordedEvent};
use latchkey::domain::operation::job::{Key, Kind, NewJob, Payload};
use latchkey::domain::sign_in::device::DeviceCookie;
use latchkey::domain::sign_in::remembered_device::DeviceSecrets;
use latchkey::foundation::SecretString;
use latchkey::foundation::id::CredentialId;
use latchkey::foundation::mail_address::MailAddress;
use latchkey::services::account::sign_up::{self, NewInvitation};
use latchkey::services::account::{self, NewUser, UserChanges};
use latchkey::services::factor::passkey::{self, Added, Made};
use latchkey::services::factor::recovery_codes::{self, Created};
use latchkey::services::factor::signature::Reply;
use latchkey::services::factor::{self, totp};
use latchkey::services::oauth::client::{self, Registration};
use latchkey::services::operation::events::{self, Filter};
use latchkey::services::operation::key_rotation::PUBLISHED_AHEAD;
use latchkey::services::operation::{
    clock_guard, encryption_keys, jobs, key_administration, key_revocation, key_rotation, keys, mail, prune,
};
use latchkey::services::sign_in::browser_session::Before;

use crate::harness::{
    Authenticator, Browser, PASSWORD, Page, Passkey, Shows, TestApp, body, encode, fresh, new_app, operator, seconds,
};

/// Everything that is written and counted by now, in the order of its numbers.
async fn all(app: &TestApp) -> Vec<RecordedEvent> {
    events::flush(&app.app, &Actor::system("test")).await.unwrap();
    sealed(app).await
}

/// Everything that is written by now.
async fn sealed(app: &TestApp) -> Vec<RecordedEvent> {
    events::seal(&app.app).await.unwrap();
    events::after(&app.app, 0, usize::MAX, &Filter::default()).await.unwrap()
}

/// The services that were shown to leave their events.
struct Matrix {
    app: TestApp,
    shown: BTreeSet<&'static str>,
    last: i64,
}

impl Matrix {
    /// Since the last time, `services` have left these events: action, outcome, author, what it was done to. In the order
    /// of the alphabet.
    async fn shows(&mut self, services: &[&'static str], wanted: &[&str]) {
        let new: Vec<_> = all(&self.app).await.into_iter().filter(|event| event.seq > self.last).collect();
        self.last = new.last().map_or(self.last, |event| event.seq);
        let mut found: Vec<_> = new.iter().map(told).collect();
        found.sort();
        assert_eq!(found, wanted, "{services:?}");
        self.shown.extend(services);
    }
}

fn told(event: &RecordedEvent) -> String {
    let targets: Vec<_> =
        event.targets.as_array().unwrap().iter().map(|target| target["type"].as_str().unwrap()).collect();
    let words = [&*event.action, &*event.outcome, "by", &*event.actor_kind, &*targets.join(" ")];
    words.join(" ").trim().to_owned()
}

/// Every `pub async fn` of a service that takes an author.
fn services(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            services(&path, into);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("\npub async fn ").skip(1) {
            let signature = part.split('{').next().unwrap();
            if signature.contains("&Actor") {
                let name = signature.split(['(', '<']).next().unwrap();
                into.insert(format!("{}::{name}", path.strip_prefix("src/services").unwrap().display()));
            }
        }
    }
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        username: Some(name.to_owned()),
        email: None,
        email_verified: false,
        administrator: false,
        profile: Profile::default(),
        password: None,
    }
}

/// One future that calls every service takes more stack, in a build that is not optimised, than the thread of a test has.
#[test]
fn every_service_that_changes_something_leaves_an_event_with_its_author() {
    let body = || tokio::runtime::Runtime::new().unwrap().block_on(every_service());
    std::thread::Builder::new().stack_size(32 << 20).spawn(body).unwrap().join().unwrap();
}

async fn every_service() {
    let app = TestApp::start().await;
    let by = operator();
    let last = all(&app).await.last().map_or(0, |event| event.seq);
    let mut matrix = Matrix { app: app.clone(), shown: BTreeSet::new(), last };
    accounts(&mut matrix, &by).await;
    clients(&mut matrix, &by).await;
    matrix.shown.extend(Box::pin(registration::registered()).await);
    sign_in(&mut matrix).await;
    factors(&mut matrix, &by).await;
    tokens(&mut matrix).await;
    Box::pin(own_account(&mut matrix)).await;
    Box::pin(own::disputed(&mut matrix)).await;
    Box::pin(own::took_along(&mut matrix)).await;
    Box::pin(own::left(&mut matrix)).await;
    Box::pin(recovery::by_mail(&mut matrix)).await;
    Box::pin(federation::through_a_provider(&mut matrix)).await;
    Box::pin(people_by_mail(&mut matrix, &by)).await;
    operation(&mut matrix, &by).await;

    let mut wanted = BTreeSet::new();
    services(Path::new("src/services"), &mut wanted);
    assert!(wanted.len() > 20, "only {wanted:?} were found: the search is broken");
    let shown: BTreeSet<String> = matrix.shown.iter().map(ToString::to_string).collect();
    assert_eq!(shown, wanted, "each service that takes an author is shown to leave an event");
}

async fn accounts(matrix: &mut Matrix, by: &Actor) {
    let app = matrix.app.app.clone();
    let user = account::create(&app, by, new_user("carol")).await.unwrap();
    matrix.shows(&["account/create.rs::create"], &["user.created success by command_line user"]).await;
    let changes = UserChanges { email: Some(Some("c@d.example".into())), ..UserChanges::default() };
    account::update(&app, by, user.id, changes).await.unwrap();
    matrix.shows(&["account/update.rs::update"], &["user.updated success by command_line user"]).await;
    account::set_password(&app, by, &user, SecretString::new("a-rather-long-one".into())).await.unwrap();
    matrix
        .shows(&["account/set_password.rs::set_password"], &["user.password_changed success by command_line user"])
        .await;
    for _ in 0..2 {
        account::set_enabled(&app, by, user.id, false).await.unwrap();
    }
    matrix.shows(&[], &["user.disabled success by command_line user"]).await;
    for _ in 0..2 {
        account::set_enabled(&app, by, user.id, true).await.unwrap();
    }
    matrix.shows(&["account/set_enabled.rs::set_enabled"], &["user.enabled success by command_line user"]).await;
    let client = matrix.app.client().first_party().create().await;
    let mut browser = matrix.app.browser();
    let page = browser.open(&client.request().url()).await;
    browser.try_password(&page, "carol", "wrong").await;
    assert!(account::unlock(&app, by, user.id).await.unwrap());
    assert!(!account::unlock(&app, by, user.id).await.unwrap(), "nothing is changed, and nothing told");
    let wanted = [
        "client.registered success by command_line client",
        "login.failed refused by nobody",
        "user.unlocked success by command_line user",
    ];
    matrix.shows(&["account/unlock.rs::unlock"], &wanted).await;
    account::delete(&app, by, user.id).await.unwrap();
    matrix.shows(&["account/delete.rs::delete"], &["user.deleted success by command_line user"]).await;
}

async fn clients(matrix: &mut Matrix, by: &Actor) {
    let app = matrix.app.app.clone();
    let id = ClientId::new("shop");
    let registration = || {
        let metadata = Metadata { redirect_uris: vec!["https://shop.test/cb".into()], ..Metadata::default() };
        Registration { id: Some(id.clone()), secret: None, name: "Shop".into(), metadata }
    };
    client::register(&app, by, registration()).await.unwrap();
    matrix.shows(&["oauth/client/register.rs::register"], &["client.registered success by command_line client"]).await;
    client::replace(&app, by, registration()).await.unwrap();
    matrix.shows(&["oauth/client/register.rs::replace"], &["client.registered success by command_line client"]).await;
    let changes = Changes { name: Some("Shop 2".into()), ..Changes::default() };
    client::update(&app, by, &id, changes).await.unwrap();
    matrix.shows(&["oauth/client/update.rs::update"], &["client.updated success by command_line client"]).await;
    client::rotate_secret(&app, by, &id, None).await.unwrap();
    let wanted = ["client.secret_rotated success by command_line client"];
    matrix.shows(&["oauth/client/rotate_secret.rs::rotate_secret"], &wanted).await;
    for _ in 0..2 {
        client::set_enabled(&app, by, &id, false).await.unwrap();
    }
    matrix.shows(&[], &["client.disabled success by command_line client"]).await;
    for _ in 0..2 {
        client::set_enabled(&app, by, &id, true).await.unwrap();
    }
    matrix
        .shows(&["oauth/client/set_enabled.rs::set_enabled"], &["client.enabled success by command_line client"])
        .await;
    client::delete(&app, by, &id).await.unwrap();
    let wanted = ["client.deleted success by command_line client", "client.disabled success by command_line client"];
    matrix.shows(&["oauth/client/delete.rs::delete"], &wanted).await;
}

async fn sign_in(matrix: &mut Matrix) {
    let client = matrix.app.client().create().await;
    let mut browser = matrix.app.browser();
    let url = client.request().with("scope", "openid").url();
    let page = browser.open(&url).await;
    matrix.shows(&[], &["client.registered success by command_line client"]).await;
    let page = browser.sign_in(&page, "alice").await;
    matrix.shows(&["sign_in/login.rs::sign_in"], &["session.started success by user user session"]).await;
    let denied = browser.press(&page, "consent-deny", &[]).await;
    denied.client_refused("access_denied");
    matrix.shows(&["sign_in/authorize.rs::deny"], &["consent.denied refused by user user client"]).await;
    let page = browser.open(&url).await;
    assert_eq!(page.shows(), Shows::Consent);
    browser.press(&page, "consent-allow", &[]).await.code();
    let shown = ["sign_in/authorize.rs::allow", "sign_in/consent.rs::allow", "sign_in/authorize.rs::resume"];
    matrix.shows(&shown, &["code.issued success by nobody", "consent.granted success by user user client"]).await;
    browser.open(&url).await.code();
    matrix.shows(&["sign_in/authorize.rs::begin"], &["code.issued success by nobody"]).await;
    let page = browser.open(&client.request().with("prompt", "login").url()).await;
    browser.sign_in(&page, "alice").await;
    matrix.shows(&[], &["session.renewed success by user user session"]).await;
    let page = browser.open("/logout").await;
    browser.press(&page, "logout-confirm", &[]).await;
    matrix.shows(&["sign_in/accounts.rs::sign_out"], &["session.ended success by user user session"]).await;
    let own = matrix.app.client().first_party().create().await;
    let form = [("response_type", "code"), ("scope", "openid"), ("username", "alice"), ("password", PASSWORD)];
    own.post("/authorize-challenge", &form).await.success();
    let wanted = [
        "client.registered success by command_line client",
        "code.issued success by nobody",
        "session.started success by user user session",
    ];
    matrix.shows(&["sign_in/challenge/advance.rs::advance"], &wanted).await;
}

/// In parts, and each on the heap: together they are more than a test's stack has room for.
async fn factors(matrix: &mut Matrix, by: &Actor) {
    let (phone, codes, id) = Box::pin(factor_added(matrix)).await;
    Box::pin(recovery_code_used(matrix, &phone, &codes[0])).await;
    Box::pin(factor_removed(matrix, id)).await;
    Box::pin(factor_reset(matrix, by)).await;
    Box::pin(passkey_used(matrix)).await;
}

async fn passkey_used(matrix: &mut Matrix) {
    let app = matrix.app.app.clone();
    let bob = matrix.app.user("bob").await;
    let (me, held) = fresh(&matrix.app, &bob).await;
    let mut made = Passkey::new(&matrix.app);
    let challenge = passkey::begin(&app, &bob, held.session().set_up_in().place()).await.unwrap();
    let answer = made.create(&serde_json::from_str(&challenge.options).unwrap());
    let reply = Reply { challenge: &challenge.sealed, answer: &answer };
    let browser = Before { known: None, binding: String::new(), remembered: DeviceSecrets::default(), is_there: true };
    let added = passkey::add(&app, &me, &held, Made { name: "", reply, browser }).await.unwrap();
    assert!(matches!(added, Added::Added(..)));
    let wanted = ["factor.added success by user user factor", "session.renewed success by user user session"];
    matrix.shows(&["factor/passkey.rs::add"], &wanted).await;
    let mut browser = matrix.app.browser();
    let page = Box::pin(browser.open("/account")).await;
    let copy = made.clone();
    assert_eq!(Box::pin(browser.give_passkey(&page, &mut made)).await.url, "/account");
    matrix.shows(&["sign_in/passkey.rs::sign_in"], &["session.started success by user user session"]).await;
    let mut stranger = matrix.app.browser();
    let page = Box::pin(stranger.open("/account")).await;
    assert_eq!(Box::pin(stranger.give_passkey(&page, &mut copy.clone())).await.shows(), Shows::Login);
    matrix.shows(&[], &["login.failed refused by nobody", "passkey.suspected success by nobody user factor"]).await;
    let bob = matrix.app.user("bob").await;
    let (me, held) = fresh(&matrix.app, &bob).await;
    let factors = factor::list(&app, &bob).await.unwrap();
    assert_eq!(totp::remove(&app, &me, &held, factors[0].id).await.unwrap(), totp::Removed::Done);
    matrix.shows(&[], &["factor.removed success by user user factor"]).await;
}

async fn factor_added(matrix: &mut Matrix) -> (Authenticator, Vec<String>, CredentialId) {
    let app = matrix.app.app.clone();
    let bob = matrix.app.user("bob").await;
    let (me, held) = fresh(&matrix.app, &bob).await;
    let enrolment = totp::continue_or_begin(&app, &me, &bob, held.session().set_up_in()).await.unwrap();
    matrix.shows(&["factor/totp.rs::continue_or_begin"], &[]).await;
    let phone = Authenticator::with(enrolment.secret.expose(), &matrix.app);
    let code = TotpCode::typed(&phone.code_in(-30)).unwrap();
    let wrong = TotpCode::typed(&phone.wrong()).unwrap();
    let device = DeviceCookie::default();
    let refused = totp::confirm(&app, &me, &held, new_app(wrong, &device)).await.unwrap();
    assert!(matches!(refused, totp::Confirmed::Wrong));
    let confirmed = totp::confirm(&app, &me, &held, new_app(code, &device)).await.unwrap();
    let totp::Confirmed::Added(id, _) = confirmed else { panic!("not added") };
    let wanted = [
        "factor.added success by user user factor",
        "second_factor.failed refused by nobody",
        "session.renewed success by user user session",
    ];
    matrix.shows(&["factor/totp.rs::confirm"], &wanted).await;
    let overtaken = recovery_codes::create(&app, &me, &held, None).await.unwrap();
    assert!(matches!(overtaken, Created::Overtaken), "what was proved, was proved of an account without an app");
    let (me, held) = fresh(&matrix.app, &matrix.app.user("bob").await).await;
    let created = recovery_codes::create(&app, &me, &held, None).await.unwrap();
    let Created::New(codes) = created else { panic!("none") };
    let again = recovery_codes::create(&app, &me, &held, None).await.unwrap();
    assert!(matches!(again, Created::Others), "nothing is changed, and nothing told");
    let wanted = ["recovery_codes.created success by user user"];
    matrix.shows(&["factor/recovery_codes.rs::create"], &wanted).await;
    (phone, codes.iter().map(|code| code.expose().to_owned()).collect(), id)
}

async fn recovery_code_used(matrix: &mut Matrix, phone: &Authenticator, code: &str) {
    let client = Box::pin(matrix.app.client().first_party().create()).await;
    let mut browser = matrix.app.browser();
    let page = Box::pin(browser.open(&client.request().url())).await;
    let page = Box::pin(browser.sign_in(&page, "bob")).await;
    let wrong = Box::pin(browser.give_code(&page, &phone.wrong())).await;
    assert_eq!(wrong.shows(), Shows::SecondFactor);
    let page = Box::pin(browser.open(&format!("{}&method=recovery_code", page.url))).await;
    Box::pin(browser.give_code(&page, code)).await.code();
    let wanted = [
        "client.registered success by command_line client",
        "code.issued success by nobody",
        "recovery_code.used success by user user",
        "second_factor.failed refused by nobody",
        "session.started success by user user session",
    ];
    matrix.shows(&["sign_in/second_factor.rs::complete"], &wanted).await;
}

async fn factor_removed(matrix: &mut Matrix, id: CredentialId) {
    let app = matrix.app.app.clone();
    let bob = matrix.app.user("bob").await;
    let (me, held) = fresh(&matrix.app, &bob).await;
    assert_eq!(totp::remove(&app, &me, &held, id).await.unwrap(), totp::Removed::Done);
    let again = totp::remove(&app, &me, &held, id).await.unwrap();
    assert_eq!(again, totp::Removed::Overtaken, "nothing is changed, and nothing told");
    matrix.shows(&["factor/totp.rs::remove"], &["factor.removed success by user user factor"]).await;
    assert_eq!(recovery_codes::left(&app, &bob).await.unwrap(), None, "they go with the last factor");
}

async fn factor_reset(matrix: &mut Matrix, by: &Actor) {
    let app = matrix.app.app.clone();
    let bob = matrix.app.user("bob").await;
    let secret = TotpSecret::generate(&app.random);
    totp::import(&app, by, &bob, &secret).await.unwrap();
    matrix.shows(&["factor/totp.rs::import"], &["factor.added success by command_line user factor"]).await;
    assert_eq!(factor::reset(&app, by, bob.id).await.unwrap().factors, 1);
    let wanted = ["factor.removed success by command_line user factor", "session.ended success by command_line user"];
    matrix.shows(&["factor/reset.rs::reset"], &wanted).await;
}

async fn tokens(matrix: &mut Matrix) {
    let client = matrix.app.client().first_party().create().await;
    let code = client.code("bob").await;
    let wanted = [
        "client.registered success by command_line client",
        "code.issued success by nobody",
        "session.started success by user user session",
    ];
    matrix.shows(&[], &wanted).await;
    let tokens = client.redeem(&code).await.ok();
    client.refresh("made up").await.refused("invalid_grant");
    let wanted = ["token.issued success by client", "token.refused refused by client"];
    matrix.shows(&["oauth/token/mod.rs::exchange", "operation/events.rs::flush"], &wanted).await;
    matrix.app.advance(seconds(30));
    for _ in 0..2 {
        client.redeem(&code).await.refused("invalid_grant");
    }
    matrix.shows(&[], &["grant.revoked success by client grant", "token.refused refused by client"]).await;
    client.userinfo(&tokens.access_token).await.bearer_refused(401, "invalid_token");
    matrix.shows(&[], &["token.refused refused by nobody"]).await;
    let tokens = client.sign_in("bob").await;
    for _ in 0..2 {
        client.revoke(&tokens.access_token).await;
        client.revoke(&tokens.refresh_token).await;
    }
    let wanted = [
        "code.issued success by nobody",
        "grant.revoked success by client grant",
        "session.started success by user user session",
        "token.issued success by client",
        "token.revoked success by client token",
    ];
    matrix.shows(&["oauth/revoke.rs::revoke"], &wanted).await;
}

async fn own_account(matrix: &mut Matrix) {
    let client = matrix.app.client().create().await;
    let mut browser = matrix.app.browser();
    let page = browser.open(&client.request().with("scope", "openid").url()).await;
    let page = browser.sign_in(&page, "alice").await;
    browser.press(&page, "consent-allow", &[]).await.code();
    for _ in 0..2 {
        let mut other = matrix.app.browser();
        let page = other.open("/account").await;
        other.sign_in(&page, "alice").await;
    }
    let wanted = [
        "client.registered success by command_line client",
        "code.issued success by nobody",
        "consent.granted success by user user client",
        "session.started success by user user session",
        "session.started success by user user session",
        "session.started success by user user session",
    ];
    matrix.shows(&[], &wanted).await;
    let page = browser.open("/account/sessions").await;
    let value = |name: &str| {
        let after = page.answer.text().split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    };
    let (csrf, session) = (value("csrf"), value("session"));
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let end = [field("csrf", &csrf), field("session", &session), field("action", "end")];
    for _ in 0..2 {
        browser.post("/account/sessions", &end).await;
    }
    let wanted = ["session.ended success by user user session"];
    matrix.shows(&["account/sessions.rs::end_own_session"], &wanted).await;
    for _ in 0..2 {
        browser.post("/account/sessions", &[field("csrf", &csrf), field("action", "end_others")]).await;
    }
    matrix.shows(&["account/sessions.rs::end_other_sessions"], &["session.ended success by user user"]).await;
    for _ in 0..2 {
        browser.post("/account/apps", &[field("csrf", &csrf), field("client", &client.id)]).await;
    }
    matrix.shows(&["account/apps.rs::disconnect_app"], &["consent.revoked success by user user client"]).await;
    let page = browser.open("/account/profile").await;
    for _ in 0..2 {
        browser.press(&page, "profile-submit", &[("nickname", "Al")]).await;
    }
    let wanted = ["user.updated success by user user"];
    let both = ["account/update_profile.rs::update_profile", "account/update_profile.rs::update_profile_if"];
    matrix.shows(&both, &wanted).await;
    let page = browser.open("/account/password").await;
    let typed = [("current_password", PASSWORD), ("password", "quite-another-passphrase")];
    browser.press(&page, "password-submit", &typed).await;
    let wanted = ["session.renewed success by user user session", "user.password_changed success by user user"];
    matrix.shows(&["account/change_password.rs::change_password"], &wanted).await;
    remembered_browser(matrix).await;
    let page = browser.open("/account/sessions").await;
    browser.press(&page, "sign-out-everywhere", &[]).await;
    matrix.shows(&["account/sessions.rs::sign_out_everywhere"], &["session.ended success by user user"]).await;
}

async fn remembered_browser(matrix: &mut Matrix) {
    let app = matrix.app.app.clone();
    let phone = matrix.app.add_totp("bob").await;
    let mut browser = matrix.app.browser();
    let page = Box::pin(browser.open("/account")).await;
    let page = Box::pin(browser.sign_in(&page, "bob")).await;
    let typed = [("code", &*phone.code()), ("remember_device", "1")];
    Box::pin(browser.press(&page, "mfa-submit", &typed)).await;
    let wanted = [
        "device.remembered success by user user device",
        "factor.added success by command_line user factor",
        "session.started success by user user session",
    ];
    matrix.shows(&[], &wanted).await;
    let bob = matrix.app.user("bob").await;
    let (me, _) = fresh(&matrix.app, &bob).await;
    let id = account::remembered_devices(&app, bob.id).await.unwrap()[0].id;
    assert!(account::forget_device(&app, &me, bob.id, id).await.unwrap());
    assert!(!account::forget_device(&app, &me, bob.id, id).await.unwrap(), "nothing is changed, and nothing told");
    let wanted = ["device.forgotten success by user user device"];
    matrix.shows(&["account/remembered_devices.rs::forget_device"], &wanted).await;
}

/// Whoever makes an account, or changes an address, does so by a link in a mail.
async fn people_by_mail(matrix: &mut Matrix, by: &Actor) {
    let app = &matrix.app.another_open().await;
    let invited = NewInvitation { email: "dave@example.com".into(), username: None, valid: None };
    let invited = sign_up::invite(&app.app, by, invited).await.unwrap();
    matrix.shows(&["account/sign_up/invite.rs::invite"], &["user.invited success by command_line"]).await;
    let mut browser = app.browser();
    let page = browser.open(invited.link.expose()).await;
    let welcome = browser.press(&page, "signup-submit", &[("password", "quite-another-passphrase")]).await;
    assert_eq!(welcome.url, "/account");
    let entered = ["session.started success by user user session", "user.created success by nobody user"];
    matrix.shows(&["account/sign_up/invite.rs::accept", "account/sign_up/enter.rs::enter"], &entered).await;
    let page = browser.open("/account/email").await;
    browser.press(&page, "email-submit", &[("email", "dave@example.org")]).await;
    matrix.shows(&["account/change_email.rs::ask_for_address", "operation/brake.rs::hit"], &[]).await;
    let page = browser.open(&app.link_to("dave@example.org", "/account/email/confirm").await).await;
    matrix.shows(&["account/prove_address.rs::prove_address"], &[]).await;
    app.browser().open(&page.url).await;
    browser.press(&page, "link-confirm", &[]).await;
    matrix.shows(&["account/change_email.rs::confirm_address"], &["user.updated success by user user"]).await;
    own::address_by_api(matrix, app).await;
    let mut elsewhere = app.browser();
    let page = elsewhere.open(&app.link_to("dave@example.com", "/account/email/undo").await).await;
    elsewhere.press(&page, "link-confirm", &[]).await;
    let undone = ["session.ended success by nobody user", "user.updated success by nobody user"];
    matrix.shows(&["account/undo_email.rs::undo_address"], &undone).await;
    let mut stranger = app.browser();
    let page = stranger.open("/signup").await;
    let typed = [("email", "erin@example.com"), ("password", "quite-another-passphrase")];
    stranger.press(&page, "signup-submit", &typed).await;
    matrix.shows(&["account/sign_up/ask.rs::ask"], &[]).await;
    let page = stranger.open(&app.link_to("erin@example.com", "/signup/confirm").await).await;
    stranger.press(&page, "link-confirm", &[]).await;
    matrix.shows(&["account/sign_up/confirm.rs::confirm"], &entered).await;
    Box::pin(own::account_by_code(matrix, app)).await;
    // What is done again and again would be done in between.
    app.sql("DELETE FROM jobs").await;
}

async fn operation(matrix: &mut Matrix, by: &Actor) {
    let app = matrix.app.app.clone();
    clock_guard::confirm(&app, by).await.unwrap();
    matrix.shows(&["operation/clock_guard.rs::confirm"], &["clock.confirmed success by command_line"]).await;
    let to = MailAddress::parse("carol@example.com").unwrap();
    mail::queue_test(&app, by, to).await.unwrap();
    matrix.shows(&["operation/mail.rs::queue_test"], &["mail.tested success by command_line"]).await;
    account::look_at_names(&app, &Actor::system("look_at_names")).await.unwrap();
    matrix.shows(&["account/look_at_names.rs::look_at_names"], &[]).await;
    key_rotation::rotate(&app, by, None, true).await.unwrap();
    let both = ["key.created success by command_line key"; 4].into_iter();
    let wanted: Vec<_> = both.chain(["key.rotated success by command_line key key"; 4]).collect();
    matrix.shows(&["operation/key_rotation.rs::rotate"], &wanted).await;
    let kid = next_key(&app).await;
    key_revocation::revoke(&app, by, &kid).await.unwrap();
    let wanted = ["key.created success by command_line key", "key.revoked success by command_line key"];
    matrix.shows(&["operation/key_revocation.rs::revoke"], &wanted).await;
    matrix.app.advance(PUBLISHED_AHEAD);
    key_administration::rotate(&app, by, Some(Algorithm::EdDsa)).await.unwrap();
    let wanted = ["key.created success by command_line key", "key.rotated success by command_line key key"];
    matrix.shows(&["operation/key_administration.rs::rotate"], &wanted).await;
    let other = matrix.app.another_with_toml("[keys]\nencryption = [\"ECDH-ES\"]\n").await;
    matrix.shows(&[], &["key.created success by system key"]).await;
    let kid = encryption_keys::list(&other.app).await.unwrap().pop().unwrap().key.id;
    encryption_keys::revoke(&other.app, by, &kid).await.unwrap();
    let wanted = ["key.created success by command_line key", "key.revoked success by command_line key"];
    matrix.shows(&["operation/encryption_keys.rs::revoke"], &wanted).await;
    matrix.app.advance(seconds(91 * 86_400));
    key_rotation::rotate_due(&app, &Actor::system("rotate keys")).await.unwrap();
    let new: Vec<_> = all(&matrix.app).await.into_iter().filter(|event| event.seq > matrix.last).collect();
    assert!(new.iter().any(|event| event.action == "key.rotated" && event.actor_id.as_deref() == Some("rotate keys")));
    matrix.last = new.last().unwrap().seq;
    matrix.shows(&["operation/key_rotation.rs::rotate_due"], &[]).await;
    dead_jobs(matrix, by).await;
    prune::all(&app, &Actor::system("prune")).await.unwrap();
    matrix.shows(&["operation/prune.rs::all"], &["events.pruned success by system class"]).await;
    let left = all(&matrix.app).await;
    assert!(!left.iter().any(|event| event.action == "session.started"), "after ninety days");
    assert!(left.iter().any(|event| event.action == "user.created"), "not before two years");
}

/// A key that is to sign next.
async fn dead_jobs(matrix: &mut Matrix, by: &Actor) {
    let app = matrix.app.app.clone();
    for key in ["a", "b"] {
        let (key, payload) = (Key::new(key).unwrap(), Payload::new(&()).unwrap());
        let run_at = jobs::now(&app);
        let job = NewJob { kind: Kind::Prune, key, payload, run_at, schedule: None, created_by: "test".into() };
        app.store.transaction("test", async |tx| jobs::enqueue(&app, tx, &job).await).await.unwrap();
    }
    matrix.app.sql("UPDATE jobs SET state = 'dead' WHERE kind = 'prune'").await;
    let all = jobs::list(&app, &jobs::Filter::default(), 9).await.unwrap();
    jobs::retry(&app, by, all[0].id).await.unwrap();
    matrix.shows(&["operation/jobs.rs::retry"], &["job.retried success by command_line job"]).await;
    jobs::retry_all(&app, by, None).await.unwrap();
    matrix.shows(&["operation/jobs.rs::retry_all"], &["job.retried success by command_line job"]).await;
}

async fn next_key(app: &App) -> String {
    let keys = keys::list(app).await.unwrap();
    keys.into_iter().find(|listed| listed.state == "next").unwrap().key.id
}

/// An event of an action, the only one.
async fn one(app: &TestApp, action: Action) -> RecordedEvent {
    let mut found: Vec<_> = all(app).await.into_iter().filter(|event| event.action == action.as_str()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_says_who_where_with_what_and_for_whom() {
    let app = TestApp::start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let form = page.form("login-submit").submit("login-submit", &[("username", "alice"), ("password", PASSWORD)]);
    let forged = "curl/8\u{9b}2J \u{202e}admin";
    let request = Request::post("/login").header(header::USER_AGENT, forged.as_bytes());
    let answer = browser.exchange(body(request, encode(&form))).await;
    let event = one(&app, Action::SessionStarted).await;
    let alice = app.user("alice").await.id;
    assert_eq!((event.actor_kind.as_str(), event.actor_id), ("user", Some(alice.to_string())));
    assert_eq!(event.client.as_deref(), Some(client.id.as_str()));
    assert_eq!(event.address.as_deref(), Some("192.0.2.10"));
    assert_eq!(event.request.as_deref(), Some(answer.header("x-request-id")), "its log lines are found by it");
    assert_eq!(event.user_agent.as_deref(), Some("curl/8\u{fffd}2J \u{fffd}admin"), "nothing that moves a cursor");
    let session = event.session.unwrap();
    assert_eq!(event.targets[1]["id"], session.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_any_event() {
    let app = TestApp::start().await;
    let client = app.client().create().await;
    let tokens = client.sign_in("alice").await;
    let refreshed = client.refresh(&tokens.refresh_token).await.ok();
    client.revoke(&refreshed.refresh_token).await;
    let password = "a-password-nobody-guesses";
    let alice = app.user("alice").await;
    account::set_password(&app.app, &operator(), &alice, SecretString::new(password.into())).await.unwrap();
    let secret = client::rotate_secret(&app.app, &operator(), &client.client_id(), None).await.unwrap();
    let text = format!("{:?}", all(&app).await);
    let hash = app.user("alice").await.password_hash.unwrap();
    for secret in [secret.expose(), &client.secret, password, &hash, &tokens.access_token, &refreshed.refresh_token] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("client_secret") && text.contains("hidden"), "that it was changed is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_from_many_addresses_are_a_few_rows() {
    let app = TestApp::configured().toml("[login]\naccount_attempts = 1000\naddress_attempts = 1000\n").start().await;
    let client = app.client().first_party().create().await;
    let mut browser = app.browser();
    let page = browser.open(&client.request().url()).await;
    let before = app.rows().await["audit_events"];
    try_from_everywhere(&mut browser, &page, 60).await;
    assert_eq!(app.rows().await["audit_events"], before, "nothing while it lasts");
    let failed: Vec<_> = all(&app).await.into_iter().filter(|event| event.action.starts_with("login.")).collect();
    assert!(failed.len() <= 34, "{}", failed.len());
    assert_eq!(failed.iter().map(|event| event.count).sum::<i64>(), 60, "and all of them are counted");
}

async fn try_from_everywhere(browser: &mut Browser, page: &Page, times: u32) {
    for n in 0..times {
        // A name that nobody has: each is braked by itself.
        let name = format!("nobody-{n}");
        let form = page.form("login-submit").submit("login-submit", &[("username", name.as_str()), ("password", "")]);
        browser.address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + n * 257).into();
        browser.exchange(body(Request::post("/login"), encode(&form))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_counted_is_kept_while_the_database_cannot_be_written_and_written_once() {
    let app = TestApp::start().await;
    let machine = app.client().machine("a").create().await;
    machine.client_credentials().await.ok();
    app.sql("ALTER TABLE audit_events RENAME TO elsewhere").await;
    assert!(events::flush(&app.app, &Actor::system("test")).await.is_err());
    machine.client_credentials().await.ok();
    app.sql("ALTER TABLE elsewhere RENAME TO audit_events").await;
    // What a server does at its end.
    latchkey::jobs::count_last_events(&app.app).await.unwrap();
    let counts: Vec<_> = sealed(&app)
        .await
        .into_iter()
        .filter(|event| event.action == "token.issued")
        .map(|event| event.count)
        .collect();
    assert_eq!(counts, [1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_sessions_is_written_down_with_how_many_and_why() {
    let app = TestApp::start().await;
    let by = operator();
    let ended = async |count: i64, why: &str| {
        let last = one(&app, Action::SessionEnded).await;
        assert_eq!((last.count, last.reason.as_deref()), (count, Some(why)));
        app.sql("DELETE FROM audit_events").await;
    };
    let client = app.client().first_party().create().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    for name in ["alice", "alice", "bob"] {
        client.code(name).await;
    }
    account::set_password(&app.app, &by, &alice, SecretString::new("a-rather-long-one".into())).await.unwrap();
    ended(2, "the password was changed").await;
    account::set_enabled(&app.app, &by, bob.id, false).await.unwrap();
    ended(1, "the account was disabled").await;
    account::set_enabled(&app.app, &by, bob.id, true).await.unwrap();
    client.code("bob").await;
    account::delete(&app.app, &by, bob.id).await.unwrap();
    ended(1, "the account was deleted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_what_is_not_theirs_to_change() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let before = all(&app).await.len();
    let stranger = Actor::nobody(Origin::default());
    assert!(account::delete(&app.app, &stranger, alice.id).await.is_err());
    assert!(key_rotation::rotate(&app.app, &stranger, None, true).await.is_err());
    assert!(app.user("alice").await.id == alice.id);
    assert_eq!(all(&app).await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_leaves_no_event() {
    let app = TestApp::start().await;
    let before = app.rows().await["audit_events"];
    assert!(account::create(&app.app, &operator(), new_user("alice")).await.is_err(), "the name is taken");
    assert_eq!(app.rows().await["audit_events"], before);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_person_client_and_action_in_the_order_of_their_numbers() {
    let app = TestApp::start().await;
    let (one, other) = (app.client().create().await, app.client().create().await);
    one.sign_in("alice").await;
    other.sign_in("bob").await;
    all(&app).await;
    let alice = Some(app.user("alice").await.id);
    let filter = Filter { user: alice, ..Filter::default() };
    let about = events::after(&app.app, 0, 100, &filter).await.unwrap();
    assert!(!about.is_empty() && about.iter().all(|event| event.client.as_deref() == Some(one.id.as_str())));
    let filter = Filter { client: Some(other.client_id()), action: Some(Action::TokenIssued), ..Filter::default() };
    assert_eq!(events::after(&app.app, 0, 100, &filter).await.unwrap().len(), 1);
    let numbers: Vec<_> = all(&app).await.iter().map(|event| event.seq).collect();
    let latest = events::latest(&app.app, 3, &Filter::default()).await.unwrap();
    assert_eq!(latest.iter().map(|event| event.seq).collect::<Vec<_>>(), numbers[numbers.len() - 3..]);
}
