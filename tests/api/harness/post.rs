//! The post: jobs are done, and people look into their mail. For servers that have a mailbox: those that explain.

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

    /// Every mail that has arrived once the jobs are done, the newest first.
    pub async fn inbox(&self) -> Vec<Delivered> {
        self.work().await;
        mail::delivered(&self.app).expect("a mailbox")
    }

    /// The newest mail to an address, once the jobs are done.
    pub async fn mail_to(&self, address: &str) -> Delivered {
        let mails = self.inbox().await;
        mails.into_iter().find(|mail| mail.to == address).unwrap_or_else(|| panic!("a mail to {address}"))
    }

    /// The link of that mail that begins with this path.
    pub async fn link_to(&self, address: &str, path: &str) -> String {
        let mail = self.mail_to(address).await;
        let wanted = format!("{}{path}", self.app.issuer);
        let link = mail.links.iter().find(|link| link.starts_with(&wanted));
        link.unwrap_or_else(|| panic!("{wanted} in {:?}", mail.links)).clone()
    }

    /// The mails to an address that have arrived so far, the newest first.
    pub fn mails(&self, to: &str) -> Vec<Delivered> {
        let all = mail::delivered(&self.app).expect("a mailbox");
        all.into_iter().filter(|mail| mail.to == to).collect()
    }

    /// The link with a secret in the newest of them.
    #[track_caller]
    pub fn mailed_link(&self, to: &str) -> String {
        let newest = self.mails(to).into_iter().next().unwrap_or_else(|| panic!("no mail to {to}"));
        newest.links.iter().find(|link| link.contains("token=")).unwrap_or_else(|| panic!("{}", newest.text)).clone()
    }
}
