//! The catalogue is whole, and an event says who did what to what.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::domain::access::permission::ManageUsers;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

#[test]
fn every_action_has_a_name_of_its_own_and_is_found_by_it() {
    let names: BTreeSet<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
    assert_eq!(names.len(), Action::ALL.len());
    for action in Action::ALL {
        assert_eq!(Action::parse(action.as_str()), Some(*action));
        let (area, what) = action.as_str().split_once('.').unwrap();
        assert!(
            [area, what].iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')),
            "{action:?}"
        );
        assert!(action.doc().ends_with('.'));
    }
    assert_eq!(Action::parse("user.beamed_up"), None);
}

#[test]
fn the_catalogue_has_every_action_with_its_class_its_form_and_its_meaning() {
    let text = include_str!("../../../../docs/events.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let wanted: Vec<Vec<String>> = Action::ALL
        .iter()
        .map(|action| {
            let form = match action.form() {
                Form::Row => "each",
                Form::Counted => "counted",
            };
            let name = format!("`{}`", action.as_str());
            vec![name, action.class().as_str().to_owned(), form.to_owned(), action.doc().to_owned()]
        })
        .collect();
    assert_eq!(rows, wanted, "docs/events.md is the table of audit_event/action.rs");
}

#[test]
fn an_event_names_its_author_and_what_it_was_done_to() {
    let random = Random::seeded(1);
    let user = UserId::generate(&random, NOW);
    let root = Actor::command_line("root");
    let may = root.may(ManageUsers).unwrap();
    let event = NewEvent::new(&may, Action::UserDisabled, &random, NOW).about(Target::user(user));
    assert_eq!((event.by, event.outcome, event.count), (root, Outcome::Success, 1));
    assert_eq!(json!(event.targets), json!([{"type": "user", "id": user.to_string()}]));
}

#[test]
fn an_id_that_somebody_sent_is_bounded_and_plain() {
    let target = Target::client(&ClientId::new("x\n".repeat(100_000)));
    assert_eq!(target.id.chars().count(), ClientId::MAX);
    assert!(!target.id.contains('\n'));
}

#[test]
fn what_is_counted_is_counted_for_the_network_of_one_holder() {
    let place = |address: &str| {
        Counted::from(Action::LoginFailed, None, Some(address.parse().unwrap())).place.unwrap_or_default()
    };
    assert_eq!(place("192.0.2.7"), "192.0.2.7/32");
    assert_eq!(place("2001:db8::1"), place("2001:db8::2:3"));
}

#[test]
fn counted_events_have_the_client_as_their_author_where_it_has_proved_to_be_one() {
    let (random, system, client) = (Random::seeded(1), Actor::system("count"), ClientId::new("app"));
    let may = system.may(Operate).unwrap();
    let author = |action| {
        let counted = Counted::from(action, Some(&client), None);
        let event = NewEvent::counted(&may, counted, 3, &random, NOW);
        (event.by.who.kind(), event.outcome, event.by.client().cloned())
    };
    assert_eq!(author(Action::TokenIssued), ("client", Outcome::Success, Some(client.clone())));
    assert_eq!(author(Action::TokenRefused), ("client", Outcome::Refused, Some(client.clone())));
    assert_eq!(author(Action::ClientAuthenticationFailed), ("nobody", Outcome::Refused, Some(client.clone())));
}
