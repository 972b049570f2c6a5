//! What people find in their mail.

use latchkey::services::operation::mail::{Delivered, delivered};

use super::TestApp;

impl TestApp {
    /// Every mail that has arrived, the newest first. Only where `explaining`: there is a mailbox.
    pub async fn inbox(&self) -> Vec<Delivered> {
        self.work().await;
        delivered(&self.app).expect("a mailbox")
    }

    /// The newest mail to an address.
    pub async fn mail_to(&self, address: &str) -> Delivered {
        let mails = self.inbox().await;
        mails.into_iter().find(|mail| mail.to == address).unwrap_or_else(|| panic!("a mail to {address}"))
    }

    /// The link of the newest mail to an address that begins with this path.
    pub async fn link_to(&self, address: &str, path: &str) -> String {
        let mail = self.mail_to(address).await;
        let wanted = format!("{}{path}", self.app.issuer);
        let link = mail.links.iter().find(|link| link.starts_with(&wanted));
        link.unwrap_or_else(|| panic!("{wanted} in {:?}", mail.links)).clone()
    }
}
