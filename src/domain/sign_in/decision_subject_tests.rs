//! Who is asked for by a `sub`.

use super::*;
use crate::crypto::MacKey;
use crate::domain::oauth::client::subject_type::SubjectType;
use crate::domain::oauth::token::subject::Subjects;

#[test]
fn another_user_than_the_one_asked_for_must_sign_in_once() {
    let mut told = Told::ready();
    told.request.subject = Some("somebody else".into());
    assert_eq!(told.next(), Ok(Step::SignIn), "the right one may still sign in");
    assert_eq!(told.prompt(&[Prompt::None]).next(), Err(ErrorCode::LoginRequired));

    let mut fresh = Told::ready().proved_here();
    fresh.request.subject = Some("somebody else".into());
    assert_eq!(fresh.next(), Err(ErrorCode::LoginRequired), "the wrong one just did");

    let mut right = Told::ready();
    right.request.subject = right.session.as_ref().map(|session| session.user.to_string());
    assert_eq!(right.next(), Ok(Step::Done));
}

#[test]
fn a_pairwise_client_asks_for_nobody_by_the_id_of_their_account() {
    let subjects = Subjects::new(Some(MacKey::new(b"key").unwrap()));
    let mut pairwise = client();
    pairwise.metadata.subjects.subject_type = SubjectType::Pairwise;
    let naming = subjects.naming(&pairwise).unwrap();
    let mut told = Told::ready();
    let user = told.session.as_ref().unwrap().user;
    told.request.subject = Some(user.to_string());
    assert_eq!(told.next_for(&naming), Ok(Step::SignIn), "or it could try out whom it has to do with");
    told.request.subject = naming.pairwise(user).map(|sub| sub.to_string());
    assert_eq!(told.next_for(&naming), Ok(Step::Done));
    assert_eq!(told.next(), Ok(Step::SignIn), "which means nobody to another client");
}
