//! The page that carries an authorization response to the client by POST (OAuth 2.0 Form Post Response Mode).

use askama::Template;

use crate::http::respond::layout::Layout;
use crate::http::respond::page::{Page, Policy};

/// A form that submits itself, or waits for a click where scripts do not run.
#[derive(Template)]
#[template(path = "respond/form_post.html")]
pub struct FormPostPage {
    /// The shared part.
    pub layout: Layout,
    /// The client's name.
    pub client_name: String,
    /// The proven redirect URI.
    pub action: String,
    /// The response parameters.
    pub parameters: Vec<(String, String)>,
}

impl Page for FormPostPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn policy(&self) -> Policy {
        Policy { leads_to_client: true, popup: true, script: true, ..Policy::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::respond::layout::tests::{assert_inert, hostile_client, layout};

    #[test]
    fn parameters_are_hidden_fields_and_the_script_is_a_constant() {
        let page = FormPostPage {
            layout: layout(false),
            client_name: hostile_client().name,
            action: "https://app.example/cb?a=1&b=2".into(),
            parameters: vec![("state".into(), "\"><script>alert(1)</script>".into())],
        };
        let html = page.render().unwrap();
        assert_inert(&html);
        assert!(html.contains(r#"action="https://app.example/cb?a=1&#38;b=2""#));
        assert_eq!(html.matches("<script").count(), 1);
        assert!(html.contains(r#"<script nonce="n0nce">document.forms[0].submit()</script>"#));
    }
}
