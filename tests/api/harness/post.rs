//! The post: jobs are done, and people look into their mail.

use std::sync::Arc;

use latchkey::jobs;
use latchkey::jobs::worker::Worker;
use latchkey::services::operation::mail::{self, Delivered};

use super::{TestApp, seconds};

impl TestApp {
    /// Does every job that is due, and those that come of them.
    pub async fn work(&self) {
        let mut worker = Worker::new(self.app.clone(), Arc::new(jobs::run), seconds(3600));
        for _ in 0..8 {
            worker.turn().await.expect("jobs");
            worker.ended().await;
        }
    }

    /// The mails to an address, the newest first. For servers that have a mailbox: those that explain.
    pub fn mails(&self, to: &str) -> Vec<Delivered> {
        let all = mail::delivered(&self.app).expect("a mailbox");
        all.into_iter().filter(|mail| mail.to == to).collect()
    }

    /// The link with a secret in the newest mail to an address.
    #[track_caller]
    pub fn mailed_link(&self, to: &str) -> String {
        let newest = self.mails(to).into_iter().next().unwrap_or_else(|| panic!("no mail to {to}"));
        newest.links.iter().find(|link| link.contains("token=")).unwrap_or_else(|| panic!("{}", newest.text)).clone()
    }
}
