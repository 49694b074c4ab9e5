//! `POST /v1/redact`: a text or a list of arguments comes back with masks where secrets were.

use std::{error::Error, sync::Arc};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request, StatusCode,
    body::{Body, Incoming},
    header::CONTENT_TYPE,
};
use tokio::task::spawn_blocking;

use super::{
    config_service::ConfigService,
    pace::Pace,
    part::published,
    permissions::Permissions,
    problem::Refusal,
    reply::{Reply, say},
};
use crate::{
    protocol::{BodyFormat, ConfigQuery},
    publish::Published,
};

/// Bytes of a text: a large log's worth, and few enough that many may ask at once.
const MAX_BYTES: usize = 8 << 20;
/// What a masked text is sent as: what came, as it came.
const TEXT: &str = "text/plain; charset=utf-8";

/// What is asked, once the body is there.
pub(super) struct Question {
    published: Arc<Published>,
    form: Form,
    body: Incoming,
}

/// What a body holds.
#[derive(Clone, Copy, Debug)]
enum Form {
    Text,
    /// A JSON list of strings: the arguments of a program.
    Arguments,
}

impl Question {
    pub(super) fn understand(
        service: &ConfigService,
        permissions: &Permissions,
        request: Request<Incoming>,
    ) -> Result<Self, Refusal> {
        let query = ConfigQuery::parse(request.uri().query().unwrap_or_default())
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        if query != (ConfigQuery { profile: query.profile.clone(), ..ConfigQuery::default() }) {
            let detail = "only `profile` can be said of what is masked";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, detail));
        }
        let published =
            published(service.permit_any(permissions, query.profile.as_deref())?.answer())?;
        let form = form(request.headers());
        let body = request.into_body();
        if body.size_hint().lower() > MAX_BYTES as u64 {
            return Err(too_long());
        }
        Ok(Self { published, form, body })
    }

    /// Takes the body and masks it. The pace bounds how long the body may take.
    pub(super) async fn answer(self, pace: &Pace) -> Result<Reply, Refusal> {
        let body =
            Limited::new(self.body, MAX_BYTES).collect().await.map_err(|error| broken(&*error))?;
        pace.answering();
        let (bytes, published) = (body.to_bytes(), self.published);
        let masked = spawn_blocking(move || match self.form {
            Form::Text => Ok(say(TEXT, published.redactor.mask_bytes(&bytes))),
            Form::Arguments => mask_arguments(&published, &bytes),
        });
        masked.await.unwrap_or_else(|_| Err(Refusal::broken()))
    }
}

fn form(headers: &HeaderMap) -> Form {
    let media_type = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let name = media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let is_json = name.eq_ignore_ascii_case(BodyFormat::Json.media_type().as_bytes());
    if is_json { Form::Arguments } else { Form::Text }
}

fn mask_arguments(published: &Published, bytes: &[u8]) -> Result<Reply, Refusal> {
    let arguments: Vec<String> = serde_json::from_slice(bytes).map_err(|error| {
        // The parser's message may quote what it found.
        let (line, column) = (error.line(), error.column());
        let detail = format!("the body is no JSON list of strings (line {line}, column {column})");
        Refusal::new(StatusCode::BAD_REQUEST, detail)
            .with_hint("send any other text with `content-type: text/plain`")
    })?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let masked = published.redactor.mask_arguments(&arguments);
    let text = serde_json::to_vec(&masked).expect("texts can be spelled");
    Ok(say(BodyFormat::Json.media_type(), text))
}

fn broken(error: &(dyn Error + 'static)) -> Refusal {
    if error.is::<LengthLimitError>() {
        return too_long();
    }
    Refusal::new(StatusCode::BAD_REQUEST, "the body did not come whole")
}

fn too_long() -> Refusal {
    let detail = format!("the body is longer than {MAX_BYTES} bytes");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
        .with_hint("pipe long texts through `clearml-resolver redact`")
}
