//! What SQLite does for each statement: none reads a whole table because no index fits, or because a join is made whole
//! before it is asked for one row.
//!
//! Every storage function runs here once, and each statement that it sends is asked for its plan. PostgreSQL is not asked:
//! it plans by how full its tables are, and reads an empty one whole whatever indexes there are.

mod allowed;
mod clients;
mod federation;
mod foreign_keys;
mod pushed;
mod recorder;
mod registration;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use diesel::QueryableByName;
use diesel::connection::InstrumentationEvent;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, RunQueryDsl};

use self::allowed::{ALLOWED, ONLY_ON_POSTGRES};
use self::recorder::Recorder;
use super::super::{Conn, StoreError};
use super::audit_events::event;
use super::decision_traces::{recorded, traced};
use super::rows::{
    HOUR, alice, app, claims, code, factor, grant as a_grant, later, link, name, named, passkey as a_passkey, pending,
    refresh_token, remembered, session as a_session, waiting_request,
};
use super::{NOW, store};
use crate::crypto::jwe::KeyManagement;
use crate::crypto::jwt::Algorithm;
use crate::crypto::key::GeneratedKey;
use crate::domain::access::actor::Origin;
use crate::domain::account::one_time_link::Purpose;
use crate::domain::account::user::{Status, User};
use crate::domain::factor::lost_factors::LostFactors;
use crate::domain::factor::totp::Step;
use crate::domain::oauth::token::pairwise_sub::PairwiseSub;
use crate::domain::operation::audit_event::Class;
use crate::domain::operation::encryption_key::EncryptionKeyRecord;
use crate::domain::operation::job::{Attempts, Kind as JobKind, Lease, Leased, NewJob, Next};
use crate::domain::operation::signing_key::{KeyState, SigningKeyRecord};
use crate::foundation::id::{JobId, UserId};
use crate::foundation::{Random, SecretHash};
use crate::storage::account::{login_identifier, one_time_link, user};
use crate::storage::engine::{migrate, readiness};
use crate::storage::factor::{lost_factors, passkey, recovery_code, second_factor};
use crate::storage::oauth::{access_token, authorization_code, client, grant, refresh_token, revoked_token};
use crate::storage::operation::audit_event::{Retention, Wanted};
use crate::storage::operation::prune::{BEGINNING, Kind};
use crate::storage::operation::{
    audit_event, clock_mark, counter, decision_trace, encryption_key, job, kept_key, prune, signing_key,
};
use crate::storage::sign_in::login_throttle::Owner;
use crate::storage::sign_in::{
    authorization_request, browser_session, consent, login_throttle, pending_sign_in, remembered_device, session,
};

fn key() -> SigningKeyRecord {
    let public_jwk = GeneratedKey::generate(Algorithm::Es256).unwrap().jwk;
    SigningKeyRecord {
        id: public_jwk.kid().to_owned(),
        algorithm: Algorithm::Es256,
        state: KeyState::Next,
        sealed_private_key: vec![1, 2, 3],
        public_jwk,
        created_at: NOW,
    }
}

fn secret_key() -> EncryptionKeyRecord {
    let algorithm = KeyManagement::EcdhEs;
    EncryptionKeyRecord { id: "k".into(), algorithm, sealed_private_key: vec![1, 2, 3], created_at: NOW }
}

/// Runs every storage function on rows that it finds, so that it comes to its last statement.
async fn run_all(tx: &mut Conn, recorder: &Recorder) -> Result<(), StoreError> {
    macro_rules! run {
        ($($module:ident::$function:ident($($argument:expr),*);)*) => { $(
            recorder.begin(concat!(stringify!($module), "::", stringify!($function)));
            let _ = $module::$function(tx $(, $argument)*).await?;
        )* };
    }
    let (alice, app, key, secret_key) = (alice(), app(), key(), secret_key());
    let namesake = User { id: UserId::generate(&Random::seeded(9), NOW), ..alice.clone() };
    let (cookie, long, from) = (SecretHash::of("cookie"), SecretHash::of("long"), SecretHash::of("place"));
    let (first, second, opaque) = (refresh_token("first", 0), refresh_token("second", 1), SecretHash::of("opaque"));
    let (grant_id, session_id) = (a_grant(3, false).id, a_session().id);
    let scope = "openid".parse().unwrap();
    let room = authorization_request::Room { place: 2, client: 3, all: 5 };
    let work = NewJob::scheduled(JobKind::Prune, NOW).unwrap();
    let lease = Lease { id: JobId::generate(&Random::seeded(1), NOW), fence: 1 };
    let attempts = Attempts { begun: 1, most: 5, schedule: None };
    let (next, leased) = (Next::Dead { until: NOW }, Leased { lease, kind: JobKind::Prune, until: NOW, attempts });
    let retention = Retention { class: Class::Changes, before: later(), now: later() };
    let trace = recorded(1);
    let (half, on_paper, step) = (SecretHash::of("half"), SecretHash::of("on paper"), Step::given(1, NOW));
    let owner = Owner { id: "name".into(), user: None, expires_at: Some(later()) };
    let free = [login_identifier::Free::alone(name("alicia"))];
    let device = remembered(1);
    let lost = LostFactors::new(&alice, Duration::from_secs(60), None, NOW);
    run! {
        user::insert(&alice, &[name("alice"), name("alice@example.com")]);
        user::insert(&namesake, &[name("alice")]);
        user::find(alice.id);
        user::find_by_identifier(&name("alice"));
        user::list(None, 10);
        user::replace(&alice, &named(&["alice"]), NOW);
        user::set_upstream_groups(&alice);
        user::give_back(&alice, &named(&["alice"]), NOW, &[name("alice")]);
        user::set_status(alice.id, Status::Active, NOW);
        user::set_password(alice.id, "$old", NOW);
        user::set_mailed_password(alice.id, "$old", NOW);
        user::password_mailed_at(alice.id);
        user::verify_email(alice.id, NOW);
        user::clear_password(alice.id, NOW);
        user::is_unchanged(&alice);
        user::delete_at(alice.id, later());
        user::due(NOW, 9);
        user::delete_due(alice.id, NOW);
        user::keep(alice.id);
        user::renew_password_hash(alice.id, "$old", "$new");
        login_identifier::free_again(namesake.id, &[name("alicia")], &[]);
        login_identifier::free(namesake.id, &[name("alicia")]);
        login_identifier::insert(alice.id, &free);
        login_identifier::of_user(alice.id);
        login_identifier::delete(alice.id, &[name("alicia")]);
        login_identifier::unlooked("", 9);
        login_identifier::note_looks(&[name("alice")]);
    }
    clients::run_all(tx, recorder, &app).await?;
    run! {
        grant::clients_of_sessions(&[session_id]);
        grant::user_of_sub(&PairwiseSub::of_digest(&[1; 32]));
        consent::allow(alice.id, &app.id, &scope, &BTreeSet::new(), NOW);
        consent::allow(alice.id, &app.id, &scope, &BTreeSet::new(), NOW);
        consent::find(alice.id, &app.id);
        consent::of_user(alice.id, 9);
        remembered_device::insert(&device, &[device.hash], 1);
        remembered_device::find(alice.id, &[device.hash], NOW);
        remembered_device::take(alice.id, device.id, NOW);
        remembered_device::of_user(alice.id, NOW);
        remembered_device::end_of(alice.id, device.id);
        remembered_device::end_of_user(alice.id);
    }
    federation::run_all(tx, recorder).await?;
    pushed::run_all(tx, recorder).await?;
    registration::run_all(tx, recorder).await?;
    run! {
        lost_factors::replace(&lost);
        lost_factors::find(alice.id);
        lost_factors::to_remind(later(), 9);
        lost_factors::reminded(alice.id, later());
        lost_factors::take(alice.id, alice.updated_at, NOW);
        lost_factors::end(alice.id);
        session::insert(&a_session());
        session::find(session_id);
        session::find_with_user(session_id);
        session::find_all_with_users(&[session_id]);
        session::note_place(session_id, &Origin::default());
        session::live_of_user(alice.id, NOW, NOW, 9);
        session::begun_in(&from);
        session::proved_of_user(alice.id);
        session::touch(session_id, later());
        session::reauthenticate(&a_session());
        session::use_proof(session_id, &from);
        session::choose(session_id, &from);
        session::forget_flow(&[session_id], &from);
        browser_session::insert(&cookie, "{}", session_id, NOW, later());
        browser_session::find(&cookie, NOW);
        browser_session::lock(&cookie, NOW);
        browser_session::go_on_with(&cookie, "{}", session_id);
        browser_session::replaced(&cookie, "{}", later());
        browser_session::retire(&cookie, NOW);
        authorization_request::insert(&long, &waiting_request(), &from, room);
        authorization_request::find(&long);
        authorization_request::retire(&long, NOW);
        second_factor::lock(alice.id);
        second_factor::begin(alice.id, &factor(), half, later());
        second_factor::unconfirmed(alice.id, half, NOW);
        second_factor::confirm(alice.id, factor().id, Some("Phone"), step, NOW);
        second_factor::of_user(alice.id);
        second_factor::take_step(alice.id, factor().id, step, NOW);
        second_factor::mark(alice.id);
        passkey::use_challenge(&half, later());
        passkey::insert(alice.id, &a_passkey(), b"id", 1);
        passkey::find(b"id");
        passkey::credential_ids(alice.id);
        passkey::take_signature(alice.id, a_passkey().id, 2, "{}", NOW);
        passkey::suspect(a_passkey().id, NOW);
        second_factor::remove(alice.id, factor().id);
        second_factor::remove_since(alice.id, NOW);
        second_factor::remove_all(alice.id);
        recovery_code::replace(alice.id, &[on_paper], NOW);
        recovery_code::is_unused(alice.id, &on_paper);
        recovery_code::take(alice.id, &on_paper, NOW);
        recovery_code::left(alice.id);
        recovery_code::remove_since(alice.id, NOW);
        pending_sign_in::insert(&half, &pending(), 1);
        pending_sign_in::insert(&SecretHash::of("other half"), &pending(), 1);
        pending_sign_in::find(&half);
        pending_sign_in::hold(&half, NOW);
        pending_sign_in::end(&half);
        pending_sign_in::end_of_user(alice.id);
        one_time_link::insert(&link("first"), 1);
        one_time_link::insert(&link("second"), 1);
        one_time_link::find(Purpose::Reset, &link("second").hash);
        one_time_link::newest_of_browser(Purpose::Reset, &SecretHash::of("browser"));
        one_time_link::count_code(Purpose::Reset, &link("second").hash, 5, NOW);
        one_time_link::take(Purpose::Reset, &link("second").hash, NOW);
        one_time_link::open_of_user(alice.id, Purpose::Reset, NOW, 20);
        one_time_link::end_since(alice.id, Purpose::Reset, NOW);
        one_time_link::end_of_user(alice.id, &Purpose::ALL);
        grant::insert(&a_grant(3, false));
        grant::insert_with_code(&a_grant(4, false), &code("code"));
        grant::live_of_user(alice.id, NOW, 9);
        grant::state(grant_id);
        grant::state_of_token(grant_id, "jti");
        authorization_code::insert(&code("other code"));
        authorization_code::find(&SecretHash::of("code"));
        authorization_code::find_with_grant(&SecretHash::of("code"));
        authorization_code::take(&SecretHash::of("code"), NOW, NOW, 1);
        authorization_code::take_for(&SecretHash::of("other code"), NOW, NOW, 1, &first);
        refresh_token::insert(&second);
        refresh_token::find(&first.hash);
        refresh_token::find_with_grant(&first.hash);
        refresh_token::generation(grant_id, 0);
        refresh_token::take(&second.hash, NOW, 1);
        refresh_token::rotate(&first.hash, NOW, 1, &refresh_token("third", 2));
        access_token::insert(&opaque, &claims(), NOW, later());
        access_token::find(&opaque);
        access_token::delete(&opaque);
        revoked_token::insert("jti", NOW, later());
        revoked_token::contains("jti");
        counter::hit("attempts", HOUR, NOW);
        counter::peek("attempts", NOW);
        counter::forgive("attempts");
        counter::forget("attempts");
        login_throttle::count(&owner, NOW);
        login_throttle::stamp(&owner, NOW);
        login_throttle::uncount(&owner);
        login_throttle::take_back(&owner, NOW, NOW);
        login_throttle::surplus(0);
        login_throttle::prune_strangers(NOW, 1);
        login_throttle::end(&["name"]);
        login_throttle::end_of_user(alice.id);
        signing_key::insert(&key);
        signing_key::all();
        signing_key::outline();
        signing_key::set_state(&key.id, &KeyState::Active { since: NOW });
        signing_key::set_times(&SigningKeyRecord { state: KeyState::Retired { at: NOW }, ..key.clone() });
        signing_key::drop_private(&key.id);
        signing_key::delete(&key.id);
        kept_key::insert("key", &[1], NOW);
        kept_key::find("key");
        encryption_key::insert(&secret_key);
        encryption_key::all();
        encryption_key::outline();
        encryption_key::set_created(&secret_key.id, NOW);
        encryption_key::delete(&secret_key.id);
        job::enqueue(lease.id, &work, NOW);
        job::next_due(&JobKind::ALL);
        job::is_late(NOW);
        job::hurry(NOW);
        job::are_waiting(JobKind::Mail, 9);
        job::withdraw(JobKind::Mail, "nobody");
        job::surplus(JobKind::Mail, 9);
        job::prune_dead(JobKind::Mail, NOW, 9);
        job::scheduled(JobKind::Prune);
        job::reschedule(JobKind::Prune, HOUR);
        job::take(JobKind::Mail, NOW, NOW, 1, 9);
        job::leased(9);
        job::end_lapsed(&leased, next, "gone", later());
        job::extend(lease, later());
        job::settle(lease, next, None, NOW);
        job::find(lease.id);
        job::list(&job::Filter::default(), 9);
        job::dead(None, None, 9);
        job::dead(Some("prune"), Some(lease.id), 9);
        job::revive(lease.id, NOW);
        clock_mark::believe(NOW);
        clock_mark::believed();
        clock_mark::of_server();
        migrate::schema();
        readiness::answers();
        readiness::unsafe_settings();
        audit_event::insert(&event(1));
        audit_event::insert_if(true, &event(3));
        audit_event::insert_once(&[event(1), event(2)]);
        audit_event::waits();
        audit_event::seal(10);
        audit_event::after(0, 10, &Wanted::default());
        audit_event::after(0, 10, &Wanted { action: Some("key.created".into()), mentions: Some("app".into()) });
        audit_event::before(10, 10, &Wanted::default());
        audit_event::of_person(alice.id, 10, 10);
        decision_trace::insert(&[traced(&trace)]);
        decision_trace::find(trace.request, NOW);
        decision_trace::trim_source(1, 0);
        decision_trace::trim_place(1, 0);
        decision_trace::surplus(0);
        audit_event::is_due(retention);
        audit_event::prune(retention, 10);
    }
    for kind in Kind::ALL {
        run! { prune::step(kind, later().after(Duration::from_secs(2 * 86_400)), BEGINNING, 1); }
    }
    run! {
        grant::revoke(grant_id, NOW);
        grant::revoke_with(a_grant(4, false).id, NOW, &event(3));
        grant::revoke_of_session(session_id, NOW);
        grant::revoke_of_other_sessions(alice.id, session_id, NOW);
        grant::revoke_of_client(alice.id, &app.id, NOW);
        grant::revoke_of_user(alice.id, NOW);
        session::hold(session_id);
        session::end(session_id, NOW);
        session::end_of(alice.id, session_id, NOW);
        session::end_others(alice.id, session_id, NOW);
        session::end_of_user(alice.id, NOW);
        consent::forget(alice.id, &app.id);
        client::delete_some_of(&app.id, 1);
        client::delete(&app.id);
        user::delete(alice.id);
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The lines of a statement's plan that read more than what an index leads to.
async fn reads_too_much(conn: &mut Conn, sql: &str) -> Vec<String> {
    let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
    let lines: Vec<Line> = plan.load(conn).await.unwrap();
    lines.into_iter().map(|line| line.detail).filter(|line| is_too_much(line)).collect()
}

fn is_too_much(line: &str) -> bool {
    // The values of an INSERT are "scanned" too.
    let scans = line.starts_with("SCAN ") && !line.contains("CONSTANT ROW") && !line.ends_with("VALUES CLAUSE");
    // An automatic index is one that SQLite makes for this one query, of the whole table.
    scans || ["MATERIALIZE", "AUTOMATIC", "TEMP B-TREE"].iter().any(|word| line.contains(word))
}

/// The functions that take a connection, of every file of `folder` and below that stands for a kind of row.
fn functions_in(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if stem != "tests" {
                found.extend(functions_in(&path));
            }
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (at, start) in text.match_indices("\npub async fn ") {
            let (function, arguments) = text.get(at + start.len()..).and_then(|rest| rest.split_once('(')).unwrap();
            if arguments.trim_start().starts_with("conn: &mut Conn") {
                found.insert(format!("{stem}::{function}"));
            }
        }
    }
    found
}

#[tokio::test]
async fn no_query_of_a_storage_function_reads_a_whole_table() {
    let (store, database) = store().await;
    if super::is_postgres(&database) {
        return;
    }
    let recorder = Recorder::default();
    let recording = recorder.clone();
    let found = store
        .transaction("test", async move |tx: &mut Conn| {
            recording.listen(tx);
            run_all(tx, &recording).await?;
            tx.set_instrumentation(|_: InstrumentationEvent<'_>| {});
            let mut found = Vec::new();
            for (function, statements) in recording.sent() {
                for sql in statements {
                    let lines = reads_too_much(tx, &sql).await;
                    found.extend(lines.into_iter().map(|line| (function, line, sql.clone())));
                }
            }
            Ok(found)
        })
        .await
        .unwrap();
    let is_found = |(of, text, _): &&(&str, &str, &str)| found.iter().any(|(name, line, _)| name == of && line == text);
    let is_allowed = |name: &str, line: &str| ALLOWED.iter().any(|(of, text, _)| *of == name && *text == line);
    let mut wrong = Vec::new();
    for (name, line, sql) in found.iter().filter(|(name, line, _)| !is_allowed(name, line)) {
        wrong.push(format!("{name}: {line}\n    {sql}"));
    }
    for (name, line, _) in ALLOWED.iter().filter(|allowed| !is_found(allowed)) {
        wrong.push(format!("{name}: {line} is allowed and does not happen"));
    }
    let sent = recorder.sent();
    for name in functions_in(Path::new("src/storage")).iter().filter(|name| !sent.contains_key(name.as_str())) {
        wrong.push(format!("{name} is not run: add it to run_all"));
    }
    for (name, _) in sent.iter().filter(|(name, sql)| sql.is_empty() && !ONLY_ON_POSTGRES.contains(name)) {
        wrong.push(format!("{name} has sent nothing"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_query_that_reads_a_whole_table_is_found() {
    let (store, database) = store().await;
    if super::is_postgres(&database) {
        return;
    }
    let nested = "SELECT b.data FROM browser_sessions b LEFT JOIN \
                  (sessions s INNER JOIN users u ON s.user_id = u.id) ON b.session_id = s.id WHERE b.hash = $1";
    let automatic = "SELECT u.id FROM (VALUES ($1), ($2)) v INNER JOIN users u ON u.username = v.column1";
    for (sql, expected) in [
        ("SELECT id FROM sessions WHERE ended_at IS NULL", vec!["SCAN sessions"]),
        ("SELECT id FROM users ORDER BY id", vec!["SCAN users USING COVERING INDEX sqlite_autoindex_users_1"]),
        ("UPDATE grants SET revoked_at = $1 WHERE acr = $2", vec!["SCAN grants"]),
        ("DELETE FROM refresh_tokens WHERE generation = $1", vec!["SCAN refresh_tokens"]),
        ("SELECT id FROM sessions WHERE user_id = $1 ORDER BY seen_at", vec!["USE TEMP B-TREE FOR ORDER BY"]),
        (nested, vec!["MATERIALIZE (join-1)", "SCAN s", "SCAN (join-1) LEFT-JOIN"]),
        (automatic, vec!["SEARCH u USING AUTOMATIC COVERING INDEX (username=?)"]),
        ("SELECT data FROM browser_sessions WHERE hash = $1", vec![]),
        ("INSERT INTO login_identifiers (identifier, user_id) VALUES ($1, $2), ($3, $4)", vec![]),
    ] {
        let found = store.read("test", async |conn: &mut Conn| Ok(reads_too_much(conn, sql).await)).await.unwrap();
        assert_eq!(found, expected, "{sql}");
    }
}
