//! The page on which one changes one's profile.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::entrance::{AccountPage, Admitted, Opened, Sent, SignedIn, Visit};
use super::frame::Frame;
use super::notice::Notice;
use crate::domain::account::error::AccountError;
use crate::domain::account::own_profile::{FIELDS, Form, LONGEST, OwnField, Wrong};
use crate::domain::sign_in::destination::OwnPage;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};
use crate::http::respond::page_error::PageError;
use crate::language::{Sentence, sentence};
use crate::services::ServiceError;
use crate::services::account::{ProfileChange, update_profile};

/// The profile. Its form posts `csrf` and a field for each claim that people may change to `/account/profile`.
#[derive(Template)]
#[template(path = "account/profile.html")]
pub struct ProfilePage {
    /// The shared part.
    pub layout: Layout,
    /// What the account pages share.
    pub frame: Frame,
    /// Each field.
    pub fields: Vec<FieldLine>,
    /// How many of them cannot be taken.
    pub wrong: usize,
}

/// A field of the form.
pub struct FieldLine {
    /// Its name, and its id.
    pub name: &'static str,
    /// What it is.
    pub label: Sentence,
    /// What a browser fills in (HTML, "Autofill").
    pub autocomplete: &'static str,
    /// The `type` of the input; `lines` where several may be typed.
    pub kind: &'static str,
    /// What it may look like.
    pub hint: Option<Sentence>,
    /// What is in it.
    pub value: String,
    /// What it must be, where it is not.
    pub error: Option<Sentence>,
}

impl Page for ProfilePage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The profile as a page.
pub struct ProfileOf;

impl AccountPage for ProfileOf {
    const PAGE: OwnPage = OwnPage::Profile;
    type Who = SignedIn;
}

/// `GET /account/profile`.
pub async fn get(Opened(visit): Opened<ProfileOf>) -> Response {
    page(StatusCode::OK, &form(&visit, &[]))
}

/// `POST /account/profile`. Each leaves one event at most, and there are sixty in an hour, with those of the API.
pub async fn post(Sent(visit): Sent<ProfileOf>) -> Result<Response, PageError> {
    let by = visit.browser.actor();
    match update_profile(&visit.app, &by, visit.who.session(), |name| sent(&visit, name)).await {
        Ok(ProfileChange::Saved(_) | ProfileChange::Unexpected) => visit.tell(Notice::ProfileSaved),
        Ok(ProfileChange::Wrong(wrong)) => Ok(page(StatusCode::OK, &form(&visit, &wrong))),
        Ok(ProfileChange::Wait(_)) => visit.tell(Notice::TooManyChanges),
        // Others keep changing the account, or the session has just ended: nothing was saved.
        Err(ServiceError::Account(AccountError::Contended { .. })) => visit.tell(Notice::Stale),
        Err(other) => Err(other.into()),
    }
}

/// What was typed into a field. A parameter without a value counts as not sent (RFC 6749 §3.1), so that the form says that
/// it has all of its fields: then one that is not there was emptied.
fn sent<'a>(visit: &'a Visit<SignedIn>, name: &str) -> Option<&'a str> {
    visit.params.get(name).or((visit.typed("form") == "whole").then_some(""))
}

fn form(visit: &Visit<SignedIn>, wrong: &[Wrong]) -> ProfilePage {
    let (layout, frame) = visit.frame();
    let profile = &visit.who.user().profile;
    let line = |field: OwnField| {
        let (label, autocomplete, kind, hint) = words(field.name);
        // What was typed is not lost.
        let value = sent(visit, field.name).map_or_else(|| field.value(profile), str::to_owned);
        let error = wrong.iter().find(|(name, _)| *name == field.name).map(|(_, form)| must_be(*form));
        FieldLine { name: field.name, label, autocomplete, kind, hint, value, error }
    };
    ProfilePage { layout, frame, fields: FIELDS.into_iter().map(line).collect(), wrong: wrong.len() }
}

/// Label, autocomplete, type and hint.
fn words(name: &str) -> (Sentence, &'static str, &'static str, Option<Sentence>) {
    match name {
        "name" => (sentence!("field-name"), "name", "text", Some(sentence!("field-name-hint"))),
        "given_name" => (sentence!("field-given-name"), "given-name", "text", None),
        "middle_name" => (sentence!("field-middle-name"), "additional-name", "text", None),
        "family_name" => (sentence!("field-family-name"), "family-name", "text", None),
        "nickname" => (sentence!("field-nickname"), "nickname", "text", None),
        "picture" => (sentence!("field-picture"), "photo", "url", Some(sentence!("field-picture-hint"))),
        "profile" => (sentence!("field-profile"), "off", "url", None),
        "website" => (sentence!("field-website"), "url", "url", None),
        "gender" => (sentence!("field-gender"), "sex", "text", None),
        "birthdate" => (sentence!("field-birthdate"), "bday", "text", Some(sentence!("field-birthdate-hint"))),
        "zoneinfo" => (sentence!("field-zoneinfo"), "off", "text", Some(sentence!("field-zoneinfo-hint"))),
        "locale" => (sentence!("field-locale"), "language", "text", Some(sentence!("field-locale-hint"))),
        "phone_number" => (sentence!("field-phone-number"), "tel", "tel", Some(sentence!("field-phone-number-hint"))),
        "street_address" => (sentence!("field-street-address"), "street-address", "lines", None),
        "locality" => (sentence!("field-locality"), "address-level2", "text", None),
        "region" => (sentence!("field-region"), "address-level1", "text", None),
        "postal_code" => (sentence!("field-postal-code"), "postal-code", "text", None),
        _ => (sentence!("field-country"), "country-name", "text", None),
    }
}

/// What a field has to be, for whoever fills it in.
fn must_be(form: Form) -> Sentence {
    match form {
        Form::Short => sentence!("must-be-short", most = LONGEST),
        Form::Line => sentence!("must-be-a-line"),
        Form::Https => sentence!("must-be-https"),
        Form::WebAddress => sentence!("must-be-web-address"),
        Form::Birthdate => sentence!("must-be-birthdate"),
        Form::Text => sentence!("must-be-text"),
    }
}
