//! Whether time tells which names have an account: the same is asked for names that exist and for names that do not, in
//! random order, each once, by one person after the other.

use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

use crate::cores;
use crate::options::Options;
use crate::stage::PASSWORD;
use crate::support::user_agent::{Led, Shown, UserAgent};
use crate::support::{Database, Installation, html};
use crate::table::Line;

/// Names of each kind for a wrong password. An odd number has a median.
const WRONG_PASSWORDS: usize = 61;
/// Names of each kind for a mail by which another password is chosen: one place may ask for twenty of those an hour.
const MAILS: usize = 9;
/// Nothing leads there; a browser of the benchmark stays with us.
const AWAY: &str = "https://nowhere.example/";

/// Asks, and tells both medians for each question.
pub async fn lines(options: &Options) -> Vec<Line> {
    let house = House::build(options).await;
    let wrong = house.medians(WRONG_PASSWORDS, "/account", "login-submit").await;
    let mails = house.medians(MAILS, "/recover", "recover-submit").await;
    vec![
        Line::alike("wrong password: unknown name, known one", wrong),
        Line::alike("mail for another password: unknown name, known one", mails),
    ]
}

/// An installation where people have accounts and mails can be asked for.
struct House {
    server: Installation,
    _programs: TempDir,
}

impl House {
    async fn build(options: &Options) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let programs = tempfile::tempdir().expect("a folder can be made");
        let program = cores::program_on(options.cores.as_deref(), env!("CARGO_BIN_EXE_latchkey"), programs.path());
        let database = match options.server.as_deref() {
            Some(server) => Database::on_server(server).await,
            None => Database::in_folder(folder.path()),
        };
        let mut server = Installation::prepare(program.to_str().expect("a path in UTF-8"), folder, database);
        // Nobody listens there: what is measured is the asking, and jobs wait.
        for (name, value) in [
            ("LATCHKEY_MAIL__FROM", "no-reply@example.com"),
            ("LATCHKEY_MAIL__SMTP__HOST", "127.0.0.1"),
            ("LATCHKEY_MAIL__SMTP__SECURITY", "none"),
            ("LATCHKEY_MAIL__SMTP__PORT", "9"),
            ("LATCHKEY_LOGIN__ADDRESS_ATTEMPTS", "1000"),
        ] {
            server.environment.push((name.to_owned(), value.to_owned()));
        }
        server.restart().await;
        (0..WRONG_PASSWORDS).for_each(|number| server.create_user(&name(true, number), PASSWORD));
        Self { server, _programs: programs }
    }

    /// The medians for unknown and for known names.
    async fn medians(&self, number: usize, path: &str, button: &str) -> (Duration, Duration) {
        let mut asked: Vec<_> = (0..number).flat_map(|number| [(true, number), (false, number)]).collect();
        shuffle(&mut asked);
        let (mut unknown, mut known) = (Vec::new(), Vec::new());
        for (exists, number) in asked {
            let took = self.ask(path, button, &name(exists, number)).await;
            if exists { known.push(took) } else { unknown.push(took) }
        }
        (median(unknown), median(known))
    }

    /// How long the answer took, with the page that it leads to.
    async fn ask(&self, path: &str, button: &str, name: &str) -> Duration {
        let person = UserAgent::new();
        let page = page(person.open(&format!("{}{path}", self.server.issuer), AWAY).await);
        let form = html::form_with_button(&page.body, button).unwrap_or_else(|| panic!("{} has no {button}", page.url));
        let began = Instant::now();
        let typed = [("username", name), ("password", "not the password of anybody")];
        let answer = self::page(person.submit(&page.url, &form, button, &typed, AWAY).await);
        let took = began.elapsed();
        assert!(answer.status == 200 || answer.status == 401, "{name}: {} {}", answer.status, answer.url);
        took
    }
}

fn name(exists: bool, number: usize) -> String {
    // As long as the other.
    format!("{}-{number}", if exists { "someone" } else { "phantom" })
}

fn page(led: Led) -> Shown {
    match led {
        Led::Page(page) => page,
        Led::Away(url) => panic!("led to {url}"),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn shuffle<T>(all: &mut [T]) {
    let random = latchkey::foundation::Random::System;
    for last in (1..all.len()).rev() {
        let any = u64::from_be_bytes(random.bytes()) % (last as u64 + 1);
        all.swap(last, usize::try_from(any).expect("it is an index"));
    }
}
