//! The page at `/`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::Persona;
use crate::app::App;
use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, page};

/// What stands at `/`: a way in for developers under `latchkey dev`, and next to nothing elsewhere.
#[derive(Template)]
#[template(path = "sign_in/landing.html")]
pub struct LandingPage {
    /// The shared part.
    pub layout: Layout,
    /// Our issuer.
    pub issuer: String,
    /// Shown in development only, whatever is given.
    pub personas: Vec<Persona>,
}

impl Page for LandingPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// `GET /`.
pub async fn get(State(app): State<App>) -> Response {
    let personas = app.settings.dev.iter().flat_map(|dev| &dev.personas).map(Persona::of).collect();
    let layout = Layout::new(&app);
    page(StatusCode::OK, &LandingPage { layout, issuer: app.issuer.to_string(), personas })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::layout;

    #[test]
    fn a_production_server_says_nothing_of_itself() {
        let persona = Persona {
            username: "alice".into(),
            password: "hunter2".into(),
            role: "x".into(),
            totp: Some("JBSW".into()),
        };
        let page =
            |dev| LandingPage { layout: layout(dev), issuer: "http://i".into(), personas: vec![persona.clone()] };
        let html = page(false).render().unwrap();
        assert!(!html.contains("hunter2") && !html.contains("/demo") && !html.contains("http://i"));
        let html = page(true).render().unwrap();
        assert!(html.contains("hunter2") && html.contains("/demo") && html.contains("http://i"));
    }
}
