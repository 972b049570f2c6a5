//! One HTTP request and its answer, written down as a developer would like to read them.

use std::fmt::Write;

use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openidconnect::{HttpRequest, HttpResponse};

/// What stands for a client secret.
const MASK: &str = "••••••••";

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What it was for, in a few words.
    pub note: Option<String>,
    /// "POST /token".
    pub title: String,
    /// "200 OK", or nothing where no answer was seen.
    pub status: String,
    /// Whether the status says that it worked.
    pub ok: bool,
    /// The whole request, with the client secret masked.
    pub request: String,
    /// The whole answer.
    pub response: String,
    /// The answer's body as it came.
    pub body: Vec<u8>,
}

impl Exchange {
    /// Writes down what was sent and what came back.
    pub fn new(request: &HttpRequest, response: Result<&HttpResponse, String>) -> Self {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let (status, ok, text, body) = match response {
            Ok(response) => {
                let status = response.status();
                let text = format!("HTTP/1.1 {status}\n{}", message(response.headers(), response.body()));
                (status.to_string(), status.is_success(), text, response.body().clone())
            }
            Err(error) => ("no answer".to_owned(), false, error, Vec::new()),
        };
        let host = request.uri().authority().map_or("", |authority| authority.as_str());
        let head = format!("{} {target} HTTP/1.1\nhost: {host}\n", request.method());
        Self {
            note: None,
            title: format!("{} {}", request.method(), request.uri().path()),
            status,
            ok,
            request: head + &message(request.headers(), request.body()),
            response: text,
            body,
        }
    }

    /// What went through the browser: the URL that it was sent to, and the URL at which it came back.
    pub fn through_the_browser(note: &str, sent: &url::Url, returned: &str) -> Self {
        Self {
            note: Some(note.to_owned()),
            title: format!("GET {}", sent.path()),
            status: "through the browser".to_owned(),
            ok: true,
            request: spread(&format!("GET {}?{}", sent.path(), sent.query().unwrap_or_default())),
            response: spread(&format!("GET {returned}")),
            body: Vec::new(),
        }
    }
}

/// Headers, an empty line, the body.
fn message(headers: &HeaderMap, body: &[u8]) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}: {}", header_text(name, value));
    }
    if body.is_empty() {
        return text;
    }
    let body = String::from_utf8_lossy(body);
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.push('\n');
    match media_type.split(';').next().unwrap_or_default().trim() {
        "application/x-www-form-urlencoded" => text.push_str(&form(&body)),
        "application/json" => text.push_str(&indent(&body)),
        _ => text.push_str(&body),
    }
    text
}

/// A header's value; for HTTP Basic credentials, only whose they are.
fn header_text(name: &HeaderName, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
    if *name != header::AUTHORIZATION {
        return text;
    }
    let Some(encoded) = text.strip_prefix("Basic ") else {
        return text;
    };
    let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let user = decoded.as_deref().and_then(|pair| pair.split_once(':')).map_or("", |(user, _)| user);
    format!("Basic base64({user}:{MASK})")
}

/// A form, one parameter on a line.
fn form(body: &str) -> String {
    let shown = body.split('&').map(|pair| match pair.split_once('=') {
        Some(("client_secret", _)) => format!("client_secret={MASK}"),
        _ => pair.to_owned(),
    });
    shown.collect::<Vec<_>>().join("\n&")
}

/// A URL's query, one parameter on a line, decoded only where that cannot mislead.
fn spread(line: &str) -> String {
    line.replacen('?', "\n  ?", 1).replace('&', "\n  &")
}

/// Indents JSON without parsing it, so that order and spelling stay as they came.
pub fn indent(json: &str) -> String {
    if serde_json::from_str::<serde::de::IgnoredAny>(json).is_err() {
        return json.to_owned();
    }
    let (mut text, mut depth, mut quoted, mut escaped) = (String::with_capacity(json.len() * 2), 0_usize, false, false);
    let mut chars = json.chars().filter(|c| *c != '\r').peekable();
    while let Some(c) = chars.next() {
        if quoted {
            text.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            c if c.is_whitespace() => {}
            '"' => {
                quoted = true;
                text.push(c);
            }
            '{' | '[' => {
                text.push(c);
                while chars.next_if(|next| next.is_whitespace()).is_some() {}
                if let Some(close) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(close);
                } else {
                    depth += 1;
                    line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            c => text.push(c),
        }
    }
    text
}

fn line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(header: (&str, &str), body: &str) -> HttpRequest {
        axum::http::Request::post("http://127.0.0.1/token?x=1")
            .header(header.0, header.1)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.as_bytes().to_vec())
            .unwrap()
    }

    #[test]
    fn a_client_secret_is_never_written_down() {
        let basic = format!("Basic {}", STANDARD.encode("demo:s3cret"));
        let exchange =
            Exchange::new(&request(("authorization", &basic), "a=1&client_secret=s3cret&b=2"), Err("x".into()));
        assert!(!exchange.request.contains("s3cret") && !exchange.request.contains(&basic), "{}", exchange.request);
        assert!(exchange.request.contains("Basic base64(demo:••••••••)"));
        assert!(exchange.request.ends_with("a=1\n&client_secret=••••••••\n&b=2"));
        assert_eq!(exchange.title, "POST /token");
    }

    #[test]
    fn json_is_indented_and_otherwise_left_as_it_came() {
        let json = r#"{"b":"x,{\"y\\","a":[1, 2.50],"e":{},"n":null}"#;
        let text = indent(json);
        assert_eq!(
            text,
            "{\n  \"b\": \"x,{\\\"y\\\\\",\n  \"a\": [\n    1,\n    2.50\n  ],\n  \"e\": {},\n  \"n\": null\n}"
        );
        assert_eq!(indent("{\"b\":"), "{\"b\":");
    }
}
