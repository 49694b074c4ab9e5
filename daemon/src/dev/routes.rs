//! The calls that the server knows.

use std::{collections::BTreeMap, future::pending, io, sync::Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use super::{
    answer::{Answer, AnswerBody, page},
    api_server::{SeenRequest, State, lock},
    fault::{FaultKind, take},
    token::{check, sign},
};

/// The version that the server says it has, which is the open-source server's.
const API_VERSION: &str = "2.34";

/// What it says it is.
const SERVER_VERSION: &str = "2.3.0";

/// Bytes of a request's body.
const MAX_REQUEST_BYTES: usize = 64 << 10;

/// Seconds of a token's life, by default and at most.
const TOKEN_LIFE: i64 = 2_592_000;
const LONGEST_TOKEN_LIFE: i64 = 31_536_000;

/// Why a call is not answered.
type Refusal = Box<Answer>;

/// A call, taken apart.
struct Call {
    name: String,
    version: String,
    headers: HeaderMap,
    parameters: BTreeMap<String, Vec<String>>,
    body: Map<String, Value>,
}

/// Answers one request, with a fault if one waits for it.
pub(super) async fn respond(
    request: Request<Incoming>,
    state: &Mutex<State>,
) -> io::Result<Response<AnswerBody>> {
    lock(state).see(seen(&request));
    let (head, body) = request.into_parts();
    let Some((name, version)) = name_and_version(head.uri.path()) else {
        let message = format!("Invalid request path {}", head.uri.path());
        return Ok(Answer::error(400, 0, message).respond("", API_VERSION, false));
    };
    let (name, version) = (name.to_owned(), version.unwrap_or(API_VERSION).to_owned());
    let body = Limited::new(body, MAX_REQUEST_BYTES).collect().await;
    let body = body.map_err(io::Error::other)?.to_bytes();
    let body: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
    let parameters = parameters(head.uri.query().unwrap_or_default(), &body);
    let call = Call { name, version, headers: head.headers, parameters, body };
    let fault = take(&mut lock(state).faults, &call.name);
    match fault {
        None => Ok(answer_of(&call, state)),
        Some(fault) => faulty(fault, &call, state).await,
    }
}

fn answer_of(call: &Call, state: &Mutex<State>) -> Response<AnswerBody> {
    call.answer(&mut lock(state)).respond(&call.name, &call.version, call.takes_gzip())
}

async fn faulty(
    fault: FaultKind,
    call: &Call,
    state: &Mutex<State>,
) -> io::Result<Response<AnswerBody>> {
    let gzip = call.takes_gzip();
    Ok(match fault {
        FaultKind::Status { code, subcode, message, retry_after } => {
            let mut answer = Answer::error(code, subcode, message);
            answer.headers.extend(retry_after.map(|wait| ("retry-after", wait.to_string())));
            answer.respond(&call.name, &call.version, gzip)
        }
        FaultKind::Page { status, body } => page(status, "text/html", body.into(), gzip),
        FaultKind::Data(data) => Answer::ok(data).respond(&call.name, &call.version, gzip),
        FaultKind::Hang => pending().await,
        FaultKind::Delay(time) => {
            sleep(time).await;
            answer_of(call, state)
        }
        FaultKind::Flood(bytes) => Response::new(AnswerBody::flood(bytes)),
        FaultKind::Reset => return Err(io::ErrorKind::ConnectionReset.into()),
        FaultKind::Truncate => answer_of(call, state).map(AnswerBody::cut),
        FaultKind::Slow(pause) => answer_of(call, state).map(|body| body.slowed(pause)),
        FaultKind::Redirect(location) => {
            let mut answer = page(302, "text/html", String::new(), gzip);
            if let Ok(location) = location.try_into() {
                answer.headers_mut().insert(header::LOCATION, location);
            }
            answer
        }
    })
}

impl Call {
    fn takes_gzip(&self) -> bool {
        let accepted =
            self.headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        accepted.is_some_and(|accepted| accepted.contains("gzip"))
    }

    /// The call is looked up before the token is checked, as by the open-source server.
    fn answer(&self, state: &mut State) -> Answer {
        let answer: fn(&Self, &mut State, &Value) -> Answer = match self.name.as_str() {
            "debug.ping" => return Answer::ok(json!({"msg": "ping"})),
            "auth.login" => return self.login(state),
            "users.get_vaults" => |call, state, _| call.get_vaults(state),
            "users.add_or_update_vault" => |call, state, _| call.store_vault(state),
            "users.delete_vaults" => |call, state, _| call.delete_vaults(state),
            "users.get_preferences" => {
                |_, state, _| Answer::ok(json!({"preferences": state.preferences}))
            }
            "users.get_current_user" => |_, _, claims| {
                let identity = claims.get("identity").cloned().unwrap_or_default();
                Answer::ok(json!({"user": {
                    "id": identity.get("user"),
                    "name": identity.get("user_name"),
                    "company": {"id": identity.get("company"), "name": identity.get("company_name")},
                }}))
            },
            "server.info" => |_, _, _| Answer::ok(json!({"version": SERVER_VERSION, "build": ""})),
            name => {
                let version = &self.version;
                let message =
                    format!("Unable to find endpoint for name {name} and version {version}");
                return Answer::error(404, 0, message);
            }
        };
        match self.claims(state) {
            Ok(claims) => answer(self, state, &claims),
            Err(refusal) => *refusal,
        }
    }

    fn authorization(&self) -> Result<(&str, &str), Refusal> {
        let header = self.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let header =
            header.ok_or_else(|| Refusal::from(unauthorized(20, "missing credentials")))?;
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        Ok((scheme, rest.trim()))
    }

    fn claims(&self, state: &State) -> Result<Value, Refusal> {
        match self.authorization()? {
            (scheme, token) if scheme.eq_ignore_ascii_case("bearer") => {
                check(token, &state.signing_key, state.now()).map_err(|reason| {
                    let message = format!("Invalid token (invalid jwt token): reason={reason}");
                    Box::new(Answer::error(401, 30, message))
                })
            }
            (scheme, pair) if scheme.eq_ignore_ascii_case("basic") => {
                check_keys(pair, state).map(|access_key| json!({"identity": identity(&access_key)}))
            }
            _ => Err(unauthorized(10, "bad authentication header type").into()),
        }
    }

    fn login(&self, state: &State) -> Answer {
        let claims = match self.claims(state) {
            Ok(claims) => claims,
            Err(refusal) => return *refusal,
        };
        let asked = self.parameters.get("expiration_sec").and_then(|texts| texts.first());
        let life = match asked.map(|text| text.parse::<i64>()) {
            None | Some(Ok(0)) => TOKEN_LIFE,
            Some(Ok(life)) if life <= LONGEST_TOKEN_LIFE => life,
            Some(_) => return Answer::error(400, 12, "Validation error (expiration_sec)"),
        };
        let identity = claims.get("identity").cloned().unwrap_or_default();
        let token = sign(&new_claims(identity, life, state), &state.signing_key);
        let mut answer = Answer::ok(json!({"token": token}));
        let cookie = format!("clearml_token_basic={token}; HttpOnly; Path=/; SameSite=Lax");
        answer.headers.push(("set-cookie", cookie));
        answer
    }

    fn get_vaults(&self, state: &State) -> Answer {
        let enabled = self.parameters.get("enabled").and_then(|texts| texts.first());
        let types = self.parameters.get("types");
        let fits = |vault: &&Value| {
            let is_enabled = vault.get("enabled").and_then(Value::as_bool).unwrap_or(true);
            let kind = vault.get("type").and_then(Value::as_str).unwrap_or("config");
            enabled.is_none_or(|enabled| enabled.eq_ignore_ascii_case("true") == is_enabled)
                && types.is_none_or(|types| types.iter().any(|wanted| wanted == kind))
        };
        let vaults: Vec<&Value> =
            state.vaults.iter().filter(|vault| !state.filters || fits(vault)).collect();
        Answer::ok(json!({"vaults": vaults}))
    }
}

/// The calls that change something.
impl Call {
    fn store_vault(&self, state: &mut State) -> Answer {
        let Some(Value::Object(vault)) = self.body.get("vault") else {
            return Answer::error(400, 12, "Validation error (error for field 'vault')");
        };
        let mut vault = vault.clone();
        let id = vault.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let there = state.vaults.iter_mut().find(|there| there.get("id") == vault.get("id"));
        match there.filter(|_| !id.is_empty()) {
            Some(there) => {
                *there = vault.into();
                Answer::ok(json!({"vault": id}))
            }
            None if !id.is_empty() => Answer::error(400, 100, "Invalid vault id"),
            None => {
                let id = format!("{:032x}", fastrand::u128(..));
                vault.insert("id".into(), id.as_str().into());
                state.vaults.push(vault.into());
                Answer::ok(json!({"vault": id}))
            }
        }
    }

    fn delete_vaults(&self, state: &mut State) -> Answer {
        let ids = self.parameters.get("vaults").cloned().unwrap_or_default();
        let before = state.vaults.len();
        let is_meant = |vault: &Value| {
            vault.get("id").and_then(Value::as_str).is_some_and(|id| ids.iter().any(|it| it == id))
        };
        state.vaults.retain(|vault| !is_meant(vault));
        Answer::ok(json!({"deleted": before - state.vaults.len()}))
    }
}

fn check_keys(pair: &str, state: &State) -> Result<String, Refusal> {
    let pair = STANDARD.decode(pair).ok().and_then(|pair| String::from_utf8(pair).ok());
    let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
    match pair {
        Some((access_key, secret_key))
            if state.keys.get(access_key).is_some_and(|known| known == secret_key) =>
        {
            Ok(access_key.to_owned())
        }
        _ => {
            Err(unauthorized(22, "invalid credentials) (failed to locate provided credentials")
                .into())
        }
    }
}

fn unauthorized(subcode: u32, why: &str) -> Answer {
    Answer::error(401, subcode, format!("Unauthorized ({why})"))
}

fn identity(access_key: &str) -> Value {
    json!({
        "user": format!("user-of-{access_key}"),
        "company": "dev",
        "role": "user",
        "user_name": "Dev User",
        "company_name": "dev",
    })
}

fn new_claims(identity: Value, life: i64, state: &State) -> Value {
    let issued = state.now();
    let mut claims: Map<String, Value> = [
        ("session_id", json!(format!("{:032x}", fastrand::u128(..)))),
        ("iat", json!(issued)),
        ("exp", json!(issued.saturating_add(life))),
        ("auth_type", json!("Bearer")),
        ("identity", identity),
        ("env", json!("dev")),
        ("api_version", json!(API_VERSION)),
        ("server_version", json!(SERVER_VERSION)),
        ("server_build", json!("")),
        ("feature_set", json!("advanced")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    for (name, value) in &state.claims {
        if value.is_null() {
            claims.remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
    Value::Object(claims)
}

/// Takes a path apart: perhaps a prefix, perhaps `v2.34`, then `service.action`.
fn name_and_version(path: &str) -> Option<(&str, Option<&str>)> {
    let (before, name) = path.trim_end_matches('/').rsplit_once('/')?;
    if !name.contains('.') {
        return None;
    }
    let last = before.rsplit('/').next()?;
    let is_version = |text: &&str| text.starts_with(|digit: char| digit.is_ascii_digit());
    Some((name, last.strip_prefix('v').filter(is_version)))
}

/// Returns the parameters of the query and, over them, of a JSON object in the body.
fn parameters(query: &str, fields: &Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        parameters.entry(name.into_owned()).or_default().push(text.into_owned());
    }
    for (name, value) in fields {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        parameters.insert(name.clone(), values.iter().map(text).collect());
    }
    parameters
}

fn seen(request: &Request<Incoming>) -> SeenRequest {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|there| *there = format!("{there}, {value}"))
            .or_insert(value);
    }
    let target = request.uri().path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    SeenRequest { method: request.method().to_string(), target: target.to_owned(), headers }
}
