//! What a plan of tests varies from run to run.

/// Every response type of OpenID Connect (Core §3, OAuth 2.0 Multiple Response Types).
pub const RESPONSE_TYPES: [&str; 6] =
    ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];

/// What one run asks for, and how.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The response type of each request.
    pub response_type: &'static str,
    /// Whether answers come by `response_mode=form_post`.
    pub form_post: bool,
    /// How the client authenticates.
    pub auth: &'static str,
}

impl Plan {
    /// Codes, by a client with a secret in the header: what most modules need.
    pub const CODE: Self = Self { response_type: "code", form_post: false, auth: "client_secret_basic" };

    /// The same for this response type.
    pub const fn of(response_type: &'static str) -> Self {
        Self { response_type, ..Self::CODE }
    }

    /// One for each response type, answered in its usual way.
    pub fn types() -> impl Iterator<Item = Self> {
        RESPONSE_TYPES.into_iter().map(Self::of)
    }

    /// The same by clients that authenticate with their key: what modules of the dynamic plan are run with.
    pub fn dynamic() -> impl Iterator<Item = Self> {
        Self::types().map(|plan| plan.by("private_key_jwt"))
    }

    /// One for each response type in its usual way, and one by a form.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::types().flat_map(|plan| [plan, Self { form_post: true, ..plan }])
    }

    /// The same by a client that authenticates so.
    pub const fn by(self, auth: &'static str) -> Self {
        Self { auth, ..self }
    }

    /// Whether the response type has this word.
    pub fn has(&self, word: &str) -> bool {
        self.response_type.split(' ').any(|other| other == word)
    }

    /// Whether tokens come from the authorization endpoint, so that its answers travel in the fragment.
    pub fn has_tokens(&self) -> bool {
        self.response_type != "code"
    }

    /// Where its answers travel.
    pub fn place(&self) -> Place {
        match (self.form_post, self.has_tokens()) {
            (true, _) => Place::Form,
            (false, true) => Place::Fragment,
            (false, false) => Place::Query,
        }
    }
}

/// Where an answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Query,
    Fragment,
    Form,
}
