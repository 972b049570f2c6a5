//! What browsers and applications send beside a request.

use axum::http::{HeaderMap, HeaderValue, header};
use latchkey::domain::access::actor::UserAgent;
use latchkey::domain::sign_in::device::DeviceCookie;
use latchkey::domain::sign_in::device_name::DeviceName;
use latchkey::domain::sign_in::remembered_device::DeviceSecrets;
use latchkey::foundation::text;
use latchkey::http::extract::bearer::bearer;

use super::given::is_sendable;

/// The values of our cookies that are more than one secret.
pub fn cookies(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let device = DeviceCookie::read(text);
    let written = device.to_string();
    assert!(written.len() <= 5 * 76, "it grows");
    assert_eq!(DeviceCookie::read(&written).to_string(), written);
    let secrets = DeviceSecrets::read(text);
    assert!(secrets.hashes().len() <= 5);
    let new = "n".repeat(43);
    let with = secrets.and(&new);
    assert!(with.len() <= 5 * 44 && with.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{with}");
    let again = DeviceSecrets::read(&with);
    assert_eq!(again.hashes().len(), (secrets.hashes().len() + 1).min(5));
    assert_eq!(DeviceSecrets::read(&new).hashes().first(), again.hashes().first());
}

/// Authorization headers, a line each.
pub fn bearer_token(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append(header::AUTHORIZATION, value);
    }
    match bearer(&headers) {
        Ok(Some(token)) => {
            assert!(headers.len() == 1 && !token.is_empty() && token.trim() == token);
            let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).expect("text");
            assert!(sent.to_ascii_lowercase().starts_with("bearer ") && sent.contains(&token));
        }
        Ok(None) => {}
        Err(refusal) => assert!(is_sendable(refusal.description)),
    }
}

/// What a browser calls itself, and other text that is shown to people and written to the log.
pub fn user_agent(data: &[u8]) {
    let kept = UserAgent::new(data);
    assert!(kept.as_str().chars().count() <= 1024);
    let visible = |text: &str| !text.chars().any(|c| c.is_control() || text::is_invisible(c));
    assert!(visible(kept.as_str()), "{:?}", kept.as_str());
    let name = DeviceName::of(Some(kept.as_str()));
    assert!([name.browser, name.system].into_iter().flatten().all(|text| !text.is_empty() && text.len() < 100));
    let Ok(sent) = std::str::from_utf8(data) else { return };
    let plain = text::plain(sent, 60);
    assert!(plain.chars().count() <= 60 && visible(&plain), "{plain:?}");
    assert_eq!(text::plain(&plain, 60), plain, "it is not plain yet");
}
