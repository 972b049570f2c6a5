//! A browser with a cookie jar. Its tabs are the pages that a test keeps.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::html::{Form, form_with_button};
use super::{Answer, PASSWORD, TestApp, body, encode};

/// Somebody's browser. It follows redirects until one leaves the server.
#[derive(Clone)]
pub struct Browser {
    app: TestApp,
    /// Every cookie that it has.
    pub cookies: BTreeMap<String, String>,
    /// Where it is.
    pub address: IpAddr,
    /// Whether it keeps cookies at all.
    pub keeps_cookies: bool,
}

/// What a tab shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address bar, without the issuer; or where the browser left to.
    pub url: String,
    /// The last answer.
    pub answer: Answer,
    /// The statuses of the redirects on the way.
    pub redirects: Vec<StatusCode>,
    left: bool,
}

/// Which page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    Login,
    SecondFactor,
    AddFactor,
    ChooseAccount,
    Consent,
    Error,
    /// A form that posts itself to the client.
    FormPost,
    LogoutQuestion,
    SignedOut,
    /// One of several accounts is signed out.
    OneSignedOut,
    StillSignedIn,
    Landing,
    Recover,
    RecoverAsked,
    Reset,
    ResetDone,
    LinkVoid,
    MailedCode,
    MailedLink,
    LinkElsewhere,
    SignUp,
    /// What a link of a mail leads to: one button.
    MailLink,
    /// The same with the field of a password, in another browser than the one that asked.
    ConfirmElsewhere,
    /// A page that tells something.
    Message,
    LostFactors,
    CancelRecovery,
    RecoveryCancelled,
    /// A page of one's account.
    Account,
    /// The browser is at the client.
    Client,
}

impl Browser {
    /// The same browser, led to another instance.
    pub fn at(&self, app: &TestApp) -> Self {
        Self { app: app.clone(), ..self.clone() }
    }

    /// A browser without any cookie.
    pub fn new(app: TestApp) -> Self {
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));
        Self { app, cookies: BTreeMap::new(), address, keeps_cookies: true }
    }

    /// The server was restarted.
    pub fn now_talks_to(&mut self, app: &TestApp) {
        self.app = app.clone();
    }

    /// Opens a link, ours or of a page.
    pub async fn open(&mut self, url: &str) -> Page {
        let path = self.local(url).unwrap_or_else(|| panic!("{url} is not ours")).to_owned();
        let answer = self.exchange(Request::get(&path).body(Body::empty()).expect("a request")).await;
        self.follow(path, answer).await
    }

    /// Reloads a tab that shows a page of ours.
    pub async fn reload(&mut self, page: &Page) -> Page {
        assert!(!page.left, "a page of ours");
        self.open(&page.url.clone()).await
    }

    /// Posts a form of somewhere else, such as a client's: our cookie does not come along (`SameSite=Lax`).
    pub async fn post_from_elsewhere(&mut self, path: &str, form: &[(String, String)]) -> Page {
        let request = body(Request::post(path), encode(form));
        let answer = self.app.call_from(request, self.address).await;
        self.keep_cookies(&answer);
        self.follow(path.to_owned(), answer).await
    }

    /// Posts a form of our own pages, whatever its fields.
    pub async fn post(&mut self, path: &str, form: &[(String, String)]) -> Page {
        self.post_text(path, &encode(form)).await
    }

    /// The same with a form that is already text, sound or not.
    pub async fn post_text(&mut self, path: &str, form: &str) -> Page {
        let path = self.local(path).unwrap_or_else(|| panic!("{path} is not ours")).to_owned();
        let answer = self.exchange(body(Request::post(&path), form)).await;
        self.follow(path, answer).await
    }

    /// Fills in the form that holds the button `id`, and presses it.
    pub async fn press(&mut self, page: &Page, id: &str, typed: &[(&str, &str)]) -> Page {
        let form = page.form(id);
        self.post(&form.action.clone(), &form.submit(id, typed)).await
    }

    /// Types a name and the right password.
    pub async fn sign_in(&mut self, page: &Page, name: &str) -> Page {
        self.try_password(page, name, PASSWORD).await
    }

    /// Types a name and a password.
    pub async fn try_password(&mut self, page: &Page, name: &str, password: &str) -> Page {
        assert_eq!(page.shows(), Shows::Login, "{}", page.answer.text());
        self.press(page, "login-submit", &[("username", name), ("password", password)]).await
    }

    /// Types a code.
    pub async fn give_code(&mut self, page: &Page, code: &str) -> Page {
        assert_eq!(page.shows(), Shows::SecondFactor, "{}", page.answer.text());
        self.press(page, "mfa-submit", &[("code", code)]).await
    }

    /// Does whatever each page asks of `name`, until the browser is back at the client.
    pub async fn through(&mut self, mut page: Page, name: &str) -> Page {
        for _ in 0..5 {
            page = match page.shows() {
                Shows::Login => self.sign_in(&page, name).await,
                Shows::ChooseAccount => self.press(&page, "account-continue", &[]).await,
                Shows::Consent => self.press(&page, "consent-allow", &[]).await,
                Shows::Client | Shows::FormPost => return page,
                other => panic!("{other:?} is in the way: {}", page.answer.text()),
            };
        }
        panic!("no way back to the client: {}", page.answer.text());
    }

    /// A request with this browser's cookies, as it is: no redirect is followed.
    pub async fn exchange(&mut self, mut request: Request<Body>) -> Answer {
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().expect("a header"));
        }
        let answer = self.app.call_from(request, self.address).await;
        self.keep_cookies(&answer);
        answer
    }

    async fn follow(&mut self, mut url: String, mut answer: Answer) -> Page {
        let mut redirects = Vec::new();
        while answer.status.is_redirection() {
            redirects.push(answer.status);
            assert!(redirects.len() < 10, "a loop of redirects at {url}");
            answer.header(header::LOCATION.as_str()).clone_into(&mut url);
            match self.local(&url) {
                None => return Page { url, answer, redirects, left: true },
                Some(path) => url = path.to_owned(),
            }
            answer = self.exchange(Request::get(&url).body(Body::empty()).expect("a request")).await;
        }
        Page { url, answer, redirects, left: false }
    }

    fn local<'a>(&self, url: &'a str) -> Option<&'a str> {
        let issuer = &self.app.app.issuer;
        let below = |path| url.strip_prefix(path).filter(|rest| rest.starts_with(['/', '?']) || rest.is_empty());
        let path = below(issuer.as_str()).or(below(issuer.path())).unwrap_or(url);
        (path.starts_with('/') && !path.starts_with("//")).then_some(path)
    }

    /// As browsers do: a cookie whose name claims `__Host-` without being so is ignored.
    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("a cookie in ASCII");
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').expect("name and value");
            let attributes: Vec<_> = attributes.split(';').map(|part| part.trim().to_ascii_lowercase()).collect();
            let has = |attribute: &str| attributes.iter().any(|known| known == attribute);
            let host = has("secure") && has("path=/") && !attributes.iter().any(|known| known.starts_with("domain"));
            if !self.keeps_cookies || (name.starts_with("__Host-") && !host) {
                continue;
            }
            match has("max-age=0") {
                true => drop(self.cookies.remove(name)),
                false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
    }
}

impl Page {
    /// Which page it is.
    #[track_caller]
    pub fn shows(&self) -> Shows {
        if self.left {
            return Shows::Client;
        }
        let table = [
            ("id=\"login-submit\"", Shows::Login),
            ("id=\"mfa-cancel\"", Shows::SecondFactor),
            ("id=\"totp-confirm\"", Shows::AddFactor),
            ("id=\"passkey-cancel\"", Shows::AddFactor),
            ("id=\"account-continue\"", Shows::ChooseAccount),
            ("id=\"consent-allow\"", Shows::Consent),
            ("<body class=\"error\"", Shows::Error),
            ("id=\"response-continue\"", Shows::FormPost),
            ("id=\"logout-confirm\"", Shows::LogoutQuestion),
            ("<h1>You are signed out</h1>", Shows::SignedOut),
            ("<h1>The account is signed out</h1>", Shows::OneSignedOut),
            ("<h1>You are still signed in</h1>", Shows::StillSignedIn),
            ("<h1>Sign-in service</h1>", Shows::Landing),
            ("id=\"recover-submit\"", Shows::Recover),
            ("id=\"recover-asked\"", Shows::RecoverAsked),
            ("id=\"reset-submit\"", Shows::Reset),
            ("id=\"reset-done\"", Shows::ResetDone),
            ("id=\"link-void\"", Shows::LinkVoid),
            ("id=\"code-submit\"", Shows::MailedCode),
            ("id=\"link-submit\"", Shows::MailedLink),
            ("id=\"link-elsewhere\"", Shows::LinkElsewhere),
            ("id=\"signup-submit\"", Shows::SignUp),
            ("id=\"link-confirm\"", Shows::MailLink),
            ("id=\"signup-confirm\"", Shows::ConfirmElsewhere),
            ("id=\"message\"", Shows::Message),
            ("id=\"lost-factors\"", Shows::LostFactors),
            ("id=\"cancel-recovery\"", Shows::CancelRecovery),
            ("id=\"recovery-cancelled\"", Shows::RecoveryCancelled),
            ("id=\"sign-out\"", Shows::Account),
        ];
        let text = self.answer.text();
        let found: Vec<_> = table.into_iter().filter(|(mark, _)| text.contains(mark)).map(|(_, page)| page).collect();
        match found.as_slice() {
            [one] => *one,
            _ => panic!("no page of ours, or several ({found:?}): {} {text}", self.answer.status),
        }
    }

    /// The form that holds the button `id`.
    #[track_caller]
    pub fn form(&self, id: &str) -> Form {
        form_with_button(self.answer.text(), id).unwrap_or_else(|| panic!("#{id} in {}", self.answer.text()))
    }

    /// A hidden field of the form that holds the button `id`.
    #[track_caller]
    pub fn hidden(&self, id: &str, name: &str) -> String {
        let form = self.form(id);
        form.inputs.into_iter().find(|(known, _)| known == name).expect("this field").1
    }

    /// Where the browser left to, without what the answer added.
    #[track_caller]
    pub fn target(&self) -> &str {
        assert_eq!(self.shows(), Shows::Client, "{}", self.answer.text());
        &self.url
    }

    /// What the client is told, however it travels.
    #[track_caller]
    pub fn response(&self) -> BTreeMap<String, String> {
        if self.shows() == Shows::FormPost {
            return self.form("response-continue").inputs.into_iter().collect();
        }
        let url = self.target();
        let encoded = url.split_once('#').or_else(|| url.split_once('?')).expect("an answer in the URL").1;
        let pairs: Vec<(String, String)> = form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
        let count = pairs.len();
        let map: BTreeMap<_, _> = pairs.into_iter().collect();
        assert_eq!(map.len(), count, "nothing is said twice: {url}");
        map
    }

    /// The code that the client is given.
    #[track_caller]
    pub fn code(&self) -> String {
        self.response().remove("code").unwrap_or_else(|| panic!("a code in {:?}", self.response()))
    }

    /// The client is told of this error, with state and issuer, and nothing but an error.
    #[track_caller]
    pub fn client_refused(&self, error: &str) {
        let response = self.response();
        assert_eq!(response.get("error").map(String::as_str), Some(error), "{response:?}");
        assert!(super::answer::is_error_text(&response["error_description"]), "{response:?}");
        assert!(response.contains_key("iss"), "{response:?}");
        let known = ["error", "error_description", "state", "iss", "session_state"];
        assert!(response.keys().all(|key| known.contains(&key.as_str())), "{response:?}");
    }

    /// A page tells of the error, with the request id; nobody is sent anywhere.
    #[track_caller]
    pub fn is_error_page(&self, status: u16) {
        assert_eq!(self.shows(), Shows::Error, "{}", self.answer.text());
        assert_eq!(self.answer.status.as_u16(), status, "{}", self.answer.text());
        let id = self.answer.header("x-request-id");
        assert!(
            self.answer.text().contains(&format!("<code id=\"request-id\" class=\"copyable\">{id}</code>")),
            "{id}"
        );
    }
}
