//! The page at `/`.

use askama::Template;

use super::{Layout, Persona};
use crate::http::respond::page::Page;

/// What stands at `/`: a way in for developers under `latchkey dev`, and next to nothing elsewhere.
#[derive(Template)]
#[template(path = "pages/landing.html")]
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

#[cfg(test)]
mod tests {
    use super::super::tests::layout;
    use super::*;

    #[test]
    fn a_production_server_says_nothing_of_itself() {
        let persona = Persona { username: "alice".into(), password: "hunter2".into(), role: "x".into() };
        let page =
            |dev| LandingPage { layout: layout(dev), issuer: "http://i".into(), personas: vec![persona.clone()] };
        let html = page(false).render().unwrap();
        assert!(!html.contains("hunter2") && !html.contains("/demo") && !html.contains("http://i"));
        let html = page(true).render().unwrap();
        assert!(html.contains("hunter2") && html.contains("/demo") && html.contains("http://i"));
    }
}
