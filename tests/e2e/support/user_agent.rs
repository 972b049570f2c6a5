//! A person with a browser without JavaScript: follows redirects, keeps cookies, fills in forms.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, Response, redirect};
use url::Url;

use super::html::{self, Form};

/// More steps than any flow takes.
const MOST_STEPS: usize = 20;

/// A person at a browser. Its cookies belong to the one site that it visits.
pub struct UserAgent {
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What the browser shows.
pub struct Shown {
    pub url: Url,
    pub status: u16,
    pub body: String,
}

/// Where a request led.
pub enum Led {
    /// To a page of the site.
    Page(Shown),
    /// Away, to the client's redirect URI.
    Away(Url),
}

impl UserAgent {
    pub fn new() -> Self {
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build().expect("an HTTP client");
        Self { http, cookies: Mutex::default() }
    }

    /// Opens `url` and follows redirects as long as they do not lead to `away`.
    pub async fn open(&self, url: &str, away: &str) -> Led {
        let url = Url::parse(url).expect("a URL");
        self.follow(url.clone(), self.http.get(url), away).await
    }

    /// Opens the authorization request `url` and does what each page asks for, until the browser is sent to `away`.
    pub async fn authorize(&self, url: &str, away: &str, username: &str, password: &str) -> Url {
        let mut led = self.open(url, away).await;
        for _ in 0..MOST_STEPS {
            let page = match led {
                Led::Away(url) => return url,
                Led::Page(page) => page,
            };
            led = if let Some(form) = html::form_with_button(&page.body, "login-submit") {
                let typed = [("username", username), ("password", password)];
                self.submit(&page.url, &form, "login-submit", &typed, away).await
            } else if let Some(form) = html::form_with_button(&page.body, "consent-allow") {
                self.submit(&page.url, &form, "consent-allow", &[], away).await
            } else {
                panic!("neither a login nor a consent page: {} {}\n{}", page.status, page.url, page.body);
            };
        }
        panic!("the flow does not end");
    }

    /// Presses a button of a form.
    pub async fn submit(&self, page: &Url, form: &Form, button: &str, typed: &[(&str, &str)], away: &str) -> Led {
        let url = page.join(&form.action).expect("the form's action is a URL");
        let request = self.http.post(url.clone()).header("origin", page.origin().ascii_serialization());
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form.submit(button, typed)).finish();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        self.follow(url, request, away).await
    }

    /// The `Cookie` header that the browser would send.
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    async fn follow(&self, mut url: Url, mut request: RequestBuilder, away: &str) -> Led {
        for _ in 0..MOST_STEPS {
            let cookies = self.cookie_header();
            if !cookies.is_empty() {
                request = request.header(COOKIE, cookies);
            }
            let answer = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
            self.keep_cookies(&answer);
            let Some(location) = answer.headers().get(LOCATION).map(|value| value.to_str().expect("ASCII")) else {
                let status = answer.status().as_u16();
                return Led::Page(Shown { url, status, body: answer.text().await.expect("the page is text") });
            };
            if location.starts_with(away) {
                return Led::Away(Url::parse(location).expect("a redirect leads to a URL"));
            }
            url = url.join(location).expect("a redirect leads to a URL");
            request = self.http.get(url.clone());
        }
        panic!("too many redirects, the last to {url}");
    }

    fn keep_cookies(&self, answer: &Response) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie is ASCII");
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            match attributes.to_ascii_lowercase().contains("max-age=0") || value.is_empty() {
                true => cookies.remove(name.trim()),
                false => cookies.insert(name.trim().to_owned(), value.to_owned()),
            };
        }
    }
}

/// The value of a query parameter.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
