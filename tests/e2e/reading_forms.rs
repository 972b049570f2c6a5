//! The harness's own test: it reads forms as a browser does.

use crate::support::html::form_with_button;

#[test]
fn a_form_is_found_by_its_button_and_filled_in() {
    let html = r#"<form method="post" action="/other"><button id="x"></button></form>
        <form class="a" method="post" action="/login?a=1&amp;b=2"><input type="hidden" name="csrf" value="&#34;&#x41;">
        <input id="username" name="username" value=""><button id="go" name="action" value="in">Go</button></form>"#;
    let form = form_with_button(html, "go").unwrap();
    assert_eq!(form.action, "/login?a=1&b=2");
    let sent = form.submit("go", &[("username", "alice")]);
    assert_eq!(sent.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(), ["\"A", "alice", "in"]);
    assert!(form_with_button(html, "nowhere").is_none());
}
