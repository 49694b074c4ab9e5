//! Errors as the socket says them (RFC 9457).

use hyper::{
    Method, StatusCode,
    header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};

use super::reply::{Reply, ReplyBody};
use crate::protocol::{PROBLEM_TYPE, Problem};

/// What a client that comes too early should wait, in seconds.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Why a question is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    detail: String,
    hint: Option<String>,
    /// The methods that are allowed, where another was used.
    allowed: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), hint: None, allowed: None }
    }

    /// Says that there is something, but not for this method.
    pub(super) fn of_method(method: &Method, allowed: &[Method]) -> Self {
        let detail = format!("`{method}` is not allowed here");
        let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let refusal = Self::new(StatusCode::METHOD_NOT_ALLOWED, detail);
        let refusal = refusal.with_hint(format!("use {allowed}"));
        Self { allowed: Some(allowed), ..refusal }
    }

    /// Says that we broke.
    pub(super) fn broken() -> Self {
        let detail = "the answer cannot be made: a fault of this program";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// Returns it with what a text may hold masked: who asks may have typed a secret, by mistake or
    /// to see whether it is one.
    pub(super) fn masked(mut self, mask: impl Fn(&str) -> String) -> Self {
        self.detail = mask(&self.detail);
        self.hint = self.hint.map(|hint| mask(&hint));
        self
    }

    /// Adds what to do next.
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let Refusal { status, detail, hint, allowed } = refusal;
        let title = status.canonical_reason().unwrap_or("Error").into();
        let problem = Problem { title, status: status.as_u16(), detail, hint };
        let text = serde_json::to_vec(&problem).expect("strings and numbers can be spelled");
        let mut response = Self::new(ReplyBody::Whole(text.into()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_SECONDS);
        }
        if let Some(allowed) = allowed.and_then(|allowed| allowed.try_into().ok()) {
            headers.insert(ALLOW, allowed);
        }
        response
    }
}
