//! The commands, as an operator or a script uses them: each against a server that runs on the same database.

use std::fs;

use latchkey::foundation::Random;
use serde_json::json;

use crate::LATCHKEY;
use crate::support::{Installation, until};

const SECRET: &str = "UBntmLjC2yYCeHwsyj73Uwo9TAaecAetRwMw0xYcvNL9yRdLSUi0hUAHfvCHFeFh";

async fn token(server: &Installation, id: &str, secret: &str) -> u16 {
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let request = reqwest::Client::new().post(format!("{}/token", server.issuer)).body(form);
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .send()
        .await
        .expect("an answer")
        .status()
        .as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_created_changed_switched_off_and_on_and_deleted() {
    let server = Installation::start(LATCHKEY).await;
    let id = format!("app-{}", Random::System.readable(8));
    let file = server.config().with_file_name("secret");
    fs::write(&file, format!("{SECRET}\n")).unwrap();
    let file = file.to_str().unwrap();
    let created = ["clients", "create", "--name", "App", "--id", &id, "--grant", "client_credentials"];
    let created = server.run(&[&created[..], &["--secret-file", file]].concat(), "");
    assert_eq!((&created["client_id"], &created["client_secret"]), (&json!(id), &json!(SECRET)));
    assert_eq!(created["secret_in_header_or_body"], true, "nobody chose a method");
    assert_eq!(token(&server, &id, SECRET).await, 200);

    let moved = "https://app.example/new";
    let update =
        ["clients", "update", &id, "--redirect-uri", moved, "--auth", "client_secret_post", "--clear", "grant"];
    let lives =
        ["--id-token-lifetime", "12h", "--id-token-claims", "--first-party", "--logo-uri", "https://a.example/l"];
    let updated = server.run(&[&update[..], &lives[..]].concat(), "");
    assert_eq!(updated["redirect_uris"], json!([moved]));
    assert_eq!(updated["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(
        (&updated["token_endpoint_auth_method"], &updated["lifetimes"]["id_token"]),
        (&json!("client_secret_post"), &json!(43_200))
    );
    let shown = server.run(&["clients", "show", &id], "");
    assert_eq!(shown, updated);
    let back = ["--first-party=false", "--clear", "logo-uri", "--clear", "id-token-lifetime", "--auth", "any"];
    let grant = ["--grant", "client_credentials", "--grant", "authorization_code"];
    let updated = server.run(&[&["clients", "update", &id], &back[..], &grant[..]].concat(), "");
    assert_eq!((&updated["first_party"], &updated["logo_uri"]), (&json!(false), &json!(null)));
    assert_eq!(updated["lifetimes"], json!({}));

    assert_eq!(server.run(&["clients", "disable", &id], "")["enabled"], false);
    until("the client is refused", async || token(&server, &id, SECRET).await == 401).await;
    assert_eq!(server.run(&["clients", "enable", &id], "")["enabled"], true);
    let other = SECRET.to_lowercase();
    assert_eq!(server.run(&["clients", "rotate-secret", &id, "--secret-stdin"], &other)["client_secret"], json!(other));
    until("the new secret is the one", async || token(&server, &id, &other).await == 200).await;
    assert_eq!(token(&server, &id, SECRET).await, 401);
    assert_eq!(server.run(&["clients", "delete", &id, "--yes"], "")["deleted"], true);
    until("the client is gone", async || token(&server, &id, &other).await == 401).await;
    assert_eq!(server.run(&["clients", "list"], ""), json!({"clients": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_gives_something_up_says_so_whenever_it_is_shown() {
    let server = Installation::start(LATCHKEY).await;
    let create = ["clients", "create", "--name", "Immich", "--redirect-uri", "http://192.168.2.50:2283/auth/login"];
    let refused = server.refused(&create, "");
    assert!(refused.contains("--private-http"), "{refused}");
    let created = server.run(&[&create[..], &["--private-http"]].concat(), "");
    let id = created["client_id"].as_str().unwrap();
    assert_eq!(created["warnings"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.run(&["clients", "show", id], "")["warnings"], created["warnings"]);
    let safe = ["clients", "update", id, "--redirect-uri", "https://immich.example/auth/login", "--private-http=false"];
    assert_eq!(server.run(&safe, "").get("warnings"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_registered_and_changed_by_a_file_of_its_metadata() {
    let server = Installation::start(LATCHKEY).await;
    let file = server.config().with_file_name("client.json");
    let path = file.to_str().unwrap();
    let write = |document: serde_json::Value| fs::write(&file, document.to_string()).unwrap();
    let uri = "https://app.example/callback";
    write(json!({"client_name": "App", "client_id": "app", "redirect_uris": [uri], "registered_itself": false}));
    let created = server.run(&["clients", "create", "--metadata", path, "--first-party"], "");
    assert_eq!((&created["client_id"], &created["client_name"]), (&json!("app"), &json!("App")));
    assert_eq!((&created["redirect_uris"], &created["first_party"]), (&json!([uri]), &json!(true)));
    assert_eq!(
        (&created["secret_in_header_or_body"], &created["ignored"]),
        (&json!(true), &json!(["registered_itself"]))
    );

    // What is shown is a file of metadata, too.
    let shown = server.run(&["clients", "show", "app"], "");
    write(shown.clone());
    let mut same = server.run(&["clients", "update", "app", "--metadata", path], "");
    assert_eq!(same["ignored"], json!(["client_id_issued_at", "enabled"]));
    same.as_object_mut().unwrap().remove("ignored");
    assert_eq!(same, shown);
    write(json!({"client_name": "Other", "redirect_uris": null, "grant_types": null}));
    let updated = server.run(&["clients", "update", "app", "--metadata", path, "--clear", "scope"], "");
    assert_eq!((&updated["client_name"], &updated["grant_types"]), (&json!("Other"), &json!(["client_credentials"])));
    assert_eq!(updated["first_party"], true, "what is not named stays");

    for (document, arguments, told) in [
        (json!({"client_name": "A"}), &["create", "--name", "A"][..], "client_name is given by an option too"),
        (json!({"client_id": "a"}), &["create", "--name", "A", "--id", "a"], "client_id is in the file"),
        (json!({"logo_uri": "https://a.example/"}), &["update", "app", "--clear", "logo-uri"], "keep one of the two"),
        (json!({"client_id": "a"}), &["update", "app"], "another client"),
        (json!({"registered_itself": false}), &["update", "app"], "nothing to change"),
        (json!({"redirect_uri": uri}), &["update", "app"], "\"redirect_uri\" is no member"),
        (json!({"scope": "openid"}), &["create"], "A client needs a name"),
    ] {
        write(document);
        let error = server.refused(&[&["clients"], arguments, &["--metadata", path]].concat(), "");
        assert!(error.contains(told) && error.trim_end().lines().count() == 1, "{arguments:?}: {error}");
    }
    assert!(server.refused(&["clients", "create", "--metadata", "/nowhere"], "").contains("/nowhere"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_leaked_is_revoked_while_a_server_runs() {
    let server = Installation::start(LATCHKEY).await;
    let published = async || {
        let jwks = reqwest::get(format!("{}/jwks", server.issuer)).await.expect("an answer");
        let jwks: serde_json::Value = serde_json::from_str(&jwks.text().await.expect("a body")).expect("JSON");
        let keys = jwks["keys"].as_array().expect("keys").clone();
        keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect::<Vec<_>>()
    };
    let keys = server.run(&["keys", "list"], "");
    let keys = keys["keys"].as_array().unwrap();
    let find = |state: &str| {
        let found = keys.iter().find(|key| key["alg"] == "ES256" && key["state"] == state).unwrap();
        found["kid"].as_str().unwrap().to_owned()
    };
    let (leaked, next) = (find("active"), find("next"));
    let eddsa = server.run(&["keys", "rotate", "--algorithm", "EdDSA"], "");
    let of_eddsa = eddsa["keys"].as_array().unwrap().iter().filter(|key| key["alg"] == "EdDSA");
    let new = of_eddsa.clone().find(|key| key["state"] == "next").unwrap()["kid"].as_str().unwrap();
    assert_eq!((of_eddsa.count(), eddsa["keys"].as_array().unwrap().len()), (3, 9));
    until("the server publishes the new key", async || published().await.iter().any(|kid| kid == new)).await;
    assert!(server.refused(&["keys", "rotate", "--algorithm", "PS512"], "").contains("There are no keys for PS512"));
    assert!(published().await.contains(&leaked));
    let revoked = server.run(&["keys", "revoke", &leaked], "");
    assert_eq!(
        (&revoked["revoked"], &revoked["was"], &revoked["successor"]),
        (&json!(true), &json!("active"), &json!(next))
    );
    assert!(server.refused(&["keys", "revoke", &leaked], "").contains("There is no key with this id"));
    until("the server no longer publishes it", async || !published().await.contains(&leaked)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_cannot_do_is_told_in_one_line() {
    let server = Installation::start(LATCHKEY).await;
    for (arguments, input, told) in [
        (&["clients", "show", "nobody"][..], "", "There is no client with this id"),
        (&["clients", "update", "nobody"], "", "nothing to change"),
        (&["clients", "create", "--name", "A", "--secret-stdin"], "hunter2\n", "fewer than 32 characters"),
        (&["clients", "create", "--name", "A", "--secret-file", "/nowhere"], "", "/nowhere"),
        (&["clients", "create", "--name", "A", "--id", "01a1fc91-c258-7714-8d79-f0f00d6ff732"], "", "UUID"),
        (&["clients", "create", "--name", "A", "--access-token-lifetime", "2d"], "", "lifetimes.access_token_max"),
        (&["clients", "create", "--name", "A", "--access-token-lifetime", "soon"], "", "expected a duration"),
    ] {
        let error = server.refused(arguments, input);
        assert!(error.contains(told) && error.trim_end().lines().count() == 1, "{arguments:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_created_listed_changed_switched_off_and_on_and_deleted() {
    let server = Installation::start(LATCHKEY).await;
    let claims = server.config().with_file_name("claims.json");
    fs::write(&claims, r#"{"groups": ["ops"], "name": "Carol"}"#).unwrap();
    let claims = claims.to_str().unwrap();
    let create = ["users", "create", "--username", "carol", "--email", "carol@example.com", "--claims", claims];
    let created = server.run(&create, "a-rather-long-password\n");
    assert_eq!((&created["groups"], &created["status"]), (&json!(["ops"]), &json!("active")));
    server.run(&["users", "create", "--username", "dave", "--group", "a", "--group", "b"], "a-rather-long-password\n");

    let page = server.run(&["users", "list", "--limit", "1"], "");
    assert_eq!(page["users"][0]["username"], "carol");
    let rest = server.run(&["users", "list", "--after", page["next"].as_str().unwrap()], "");
    assert_eq!((&rest["users"][0]["groups"], &rest["next"]), (&json!(["a", "b"]), &json!(null)));

    fs::write(claims, r#"{"name": null, "nickname": "Caz"}"#).unwrap();
    let update = ["users", "update", "carol", "--group", "admins", "--claims", claims, "--clear", "email"];
    let updated = server.run(&update, "");
    assert_eq!((&updated["groups"], &updated["claims"]), (&json!(["admins"]), &json!({"nickname": "Caz"})));
    assert_eq!(server.run(&["users", "show", created["sub"].as_str().unwrap()], ""), updated);
    server.run(&["users", "set-password", "carol"], "quite-another-passphrase\n");
    assert!(
        server.refused(&["users", "set-password", "carol"], "qwertyuiop1234\n").contains("The password cannot be used")
    );
    let hash = server.config().with_file_name("hash");
    fs::write(&hash, "pbkdf2_sha256$1000$saltSALT1234$/nUr9MzsnTonxzH3z3EJXel36r04EuaQX4USnrvzDJM=\n").unwrap();
    let from_file = ["users", "create", "--username", "erin", "--password-hash-file", hash.to_str().unwrap()];
    assert_eq!(server.run(&from_file, "")["status"], "active");
    let piped = ["users", "set-password", "erin", "--password-hash"];
    server.run(&piped, "$2y$04$Kw5uss0lqJv4iRhZUOEt9eco2bDTluGa0UYvhFSx4HHzmI3L0.Mqm");
    assert!(server.refused(&piped, "md5$salt$d41d8cd98f00b204e9800998ecf8427e").contains("no hash in a form"));
    assert_eq!(server.run(&["users", "unlock", "carol"], "")["unlocked"], false);
    assert_eq!(server.run(&["users", "disable", "carol"], "")["status"], "disabled");
    assert_eq!(server.run(&["users", "enable", "carol"], "")["status"], "active");
    assert!(server.refused(&["users", "delete", "carol"], "").contains("--yes"));
    assert_eq!(server.run(&["users", "delete", "carol", "--yes"], "")["deleted"], true);
    assert!(server.refused(&["users", "show", "carol"], "").contains("There is no user"));
    assert!(server.refused(&["users", "update", "dave"], "").contains("nothing to change"));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_and_what_is_not_dead_is_not_tried_again() {
    let server = Installation::start(LATCHKEY).await;
    let jobs = || server.run(&["jobs", "list"], "")["jobs"].as_array().unwrap().clone();
    until("the server has planned its jobs and done them", async || {
        let done: Vec<_> = jobs().into_iter().filter(|job| !job["finished_at"].is_null()).collect();
        ["prune", "rotate_keys"].iter().all(|kind| done.iter().any(|job| job["kind"] == *kind))
    })
    .await;
    let prune = server.run(&["jobs", "list", "--kind", "prune"], "")["jobs"][0].clone();
    assert_eq!((&prune["every_seconds"], &prune["last_error"]), (&json!(60), &json!(null)));
    assert_eq!(server.run(&["jobs", "list", "--state", "dead"], ""), json!({"jobs": []}));
    let id = prune["id"].as_str().unwrap();
    assert!(server.refused(&["jobs", "retry", id], "").contains("Only a job that is dead can be tried again."));
    assert!(server.refused(&["jobs", "retry"], "").contains("required"));
    assert!(server.refused(&["jobs", "list", "--state", "deaf"], "").contains("dead"));
    let none = json!({"retried": [], "superseded": []});
    assert_eq!(server.run(&["jobs", "retry", "--all-dead", "--kind", "prune"], ""), none);
}

#[tokio::test(flavor = "multi_thread")]
async fn apis_that_cannot_be_are_told_before_a_start() {
    let mut server = Installation::start(LATCHKEY).await;
    let set = |name: &str, value: &str| (format!("LATCHKEY_RESOURCES__{name}"), value.to_owned());
    let one = [set("A__IDENTIFIER", "https://a.example"), set("A__SCOPES", "read")];
    server.environment = one.to_vec();
    assert_eq!(server.run(&["config", "check"], "")["valid"], true);
    for (name, value, told) in [
        ("B__SCOPES", "read", "the scope read is in two resources"),
        ("B__SCOPES", "openid", "the scope openid is one of this server's own"),
        ("A__IDENTIFIER", "orders", "is not an absolute URI"),
        ("B__IDENTIFIER", "https://a.example", "is the identifier of another resource"),
    ] {
        server.environment = [&one[..], &[set("B__IDENTIFIER", "urn:b"), set(name, value)]].concat();
        let error = server.refused(&["config", "check"], "");
        assert!(error.contains(told), "{error}");
    }
}
