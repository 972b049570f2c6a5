//! Every change knows its author: a service that opens a transaction takes an [`Actor`], or the proof that one may do it, or
//! is on a short list with its reason. Reads the source files as text; the last test shows that it can fail.
//!
//! That each author leaves an event is shown by tests/api/operation/events.rs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use std::fs;
use std::path::Path;

/// What changes something that is nobody's doing.
const NOBODYS: [(&str, &str); 18] = [
    ("account/one_time_link.rs::find_by_code", "counts a code that was typed"),
    (
        "account/asked_by_mail.rs::ask",
        "keeps what somebody asks for who has proved nothing; what comes of it is an event",
    ),
    ("federation/come_back.rs::come_back", "takes what waits for an answer; what comes of it is an event"),
    ("oauth/client/authenticate.rs::by_assertion", "notes that an assertion was used, by whomever it then proves"),
    ("sign_in/session.rs::live", "notes that a session is in use"),
    ("sign_in/accounts.rs::choose", "notes which of the sessions that a browser holds goes on, and in which flow"),
    ("sign_in/login.rs::rehash", "stores the hash of the same password with other parameters"),
    ("sign_in/login_throttle.rs::count", "counts an attempt; a refused one is counted as an event too"),
    ("sign_in/login_throttle.rs::take_back", "takes a count back"),
    ("sign_in/browser_session.rs::retire", "forgets the cookie of a browser whose session has ended"),
    ("oauth/pushed_request.rs::push", "keeps what an application asks for; what comes of it is an event"),
    ("sign_in/authorization_request.rs::carry", "keeps a request that is too long for a URL"),
    ("operation/clock_guard.rs::check", "notes what time it is"),
    ("operation/decision_traces.rs::flush", "writes down why requests were refused"),
    ("operation/encryption_keys.rs::mend_times", "dates keys now that a wrong clock dated into the future"),
    ("operation/key_rotation.rs::mend_times", "dates keys now that a wrong clock dated into the future"),
    ("operation/prune.rs::all_of", "deletes what has expired and is of no use to anybody"),
    ("operation/events.rs::seal", "numbers events"),
];

#[test]
fn whoever_changes_anything_is_known() {
    let mut opens = Vec::new();
    read(Path::new("src/services"), &mut opens);
    assert!(opens.len() > 30, "only {} functions open a transaction: the search is broken", opens.len());
    let unknown: Vec<_> = opens.iter().filter(|(name, knows)| !knows && !is_listed(name)).collect();
    assert!(unknown.is_empty(), "they open a transaction and take neither &Actor nor Allowed: {unknown:?}");
    let idle: Vec<_> =
        NOBODYS.iter().filter(|(name, _)| !opens.iter().any(|(found, knows)| found == name && !knows)).collect();
    assert!(idle.is_empty(), "on the list without need: {idle:?}");
}

fn is_listed(name: &str) -> bool {
    NOBODYS.iter().any(|(listed, _)| *listed == name)
}

fn read(folder: &Path, into: &mut Vec<(String, bool)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, into);
        } else {
            let name = path.strip_prefix("src/services").unwrap().display().to_string();
            let found = functions(&fs::read_to_string(&path).unwrap());
            into.extend(found.into_iter().map(|(function, knows)| (format!("{name}::{function}"), knows)));
        }
    }
}

/// Each function that opens a transaction, and whether it knows its author.
fn functions(text: &str) -> Vec<(String, bool)> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
    let mut starts: Vec<usize> = code.match_indices("fn ").map(|(at, _)| at).collect();
    starts.retain(|at| *at == 0 || code[..*at].ends_with([' ', '\n']));
    let ends = starts.iter().skip(1).copied().chain([code.len()]);
    let parts = starts.iter().zip(ends).map(|(start, end)| &code[start + 3..end]);
    let opens = |part: &&str| [".transaction(", ".write_once(", ".write("].iter().any(|opens| part.contains(opens));
    parts
        .filter(opens)
        .map(|part| {
            let signature = part.split('{').next().unwrap();
            let name = signature.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            (name.to_owned(), signature.contains("&Actor") || signature.contains("Allowed<"))
        })
        .collect()
}

#[test]
fn a_function_that_knows_nobody_is_found() {
    let found = functions(
        "/// fn in_a_comment() { app.store.transaction(x) }\n\
         pub async fn known(app: &App, by: &Actor) {\n app.store.transaction(x)\n}\n\
         async fn proved(app: &App, may: &Allowed<'_, Operate>) {\n app.store.write_once(x)\n}\n\
         fn reads(app: &App) { app.store.read(x) }\n\
         pub async fn unknown(app: &App) {\n app.store\n.transaction(x)\n}\n\
         async fn alone(app: &App) { app.store.write_once(x) }",
    );
    let names: Vec<_> = found.iter().map(|(name, knows)| (name.as_str(), *knows)).collect();
    assert_eq!(names, [("known", true), ("proved", true), ("unknown", false), ("alone", false)]);
}
