//! Tokens: what log-in returns, and what it says of the server.

use std::{
    fmt,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::AbsentReason;

/// The longest time for which a token is used, whatever its life: revoked keys show only at the
/// next log-in, as the server honours tokens it gave before (open-source server, API 2.34).
const LONGEST_USE: Duration = Duration::from_secs(3600);

/// The part of its life, at least and at most, after which a token is renewed; a random one in
/// between, so that a fleet that was started at once does not log in at once.
const RENEWED_AFTER: (f64, f64) = (0.5, 0.8);

/// The first API version that has vaults.
const FIRST_WITH_VAULTS: [u64; 2] = [2, 15];

/// A token; `Debug` shows nothing of it.
pub(super) struct Token {
    text: SecretString,
    claims: Claims,
    renew_at: Instant,
}

/// Returns who a token is for; the token itself if it does not say so, as every other one may be
/// for somebody else.
pub(super) fn subject(token: &str) -> String {
    let identity = claims(token).map(|claims| claims.identity).unwrap_or_default();
    match (identity.get("company"), identity.get("user")) {
        (company, Some(user)) => format!("{} {user}", company.unwrap_or_default()),
        _ => token.to_owned(),
    }
}

/// What a token says; its signature is the server's business.
#[derive(Debug, Default, Deserialize)]
struct Claims {
    #[serde(default)]
    api_version: Value,
    #[serde(default)]
    env: Value,
    #[serde(default)]
    feature_set: Value,
    #[serde(default)]
    identity: Value,
    #[serde(default)]
    iat: Option<u64>,
    #[serde(default)]
    exp: Option<u64>,
}

impl Token {
    /// Reads a token that was got just now. `None` if it is no JSON Web Token.
    pub(super) fn read(text: SecretString, now: Instant) -> Option<Self> {
        let claims = claims(text.expose_secret())?;
        let renew_at = now + claims.life().map_or(LONGEST_USE, use_for).min(LONGEST_USE);
        Some(Self { text, claims, renew_at })
    }

    /// Returns the token's text.
    pub(super) fn text(&self) -> &SecretString {
        &self.text
    }

    /// Whether it is time for a new one.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        now >= self.renew_at
    }

    /// Returns by how many seconds the clock of its server is ahead of ours, if it was got just
    /// now and says when it was made.
    pub(super) fn clock_lead(&self) -> Option<i64> {
        let (theirs, ours) = (self.claims.iat?, now_by_our_clock());
        i64::try_from(theirs).ok()?.checked_sub(i64::try_from(ours).ok()?)
    }

    /// Says why its server keeps no vaults, if it keeps none (`clearml` 2.1.12, `_read_vaults`).
    pub(super) fn absent_reason(&self) -> Option<AbsentReason> {
        if matches!(said(&self.claims.feature_set).as_str(), "" | "basic") {
            return Some(AbsentReason::BasicFeatureSet);
        }
        (!self.claims.has_vault_version()).then_some(AbsentReason::OldApi)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token")
    }
}

impl Claims {
    /// Returns how long the token lives by the server's own clock; `None` for ever.
    fn life(&self) -> Option<Duration> {
        let exp = self.exp?;
        Some(Duration::from_secs(exp.saturating_sub(self.iat.unwrap_or_else(now_by_our_clock))))
    }

    /// Compares part by part. A version that is missing is 2.2 in production, 2.9 elsewhere; one
    /// that is no number has no vaults (the agent's way; the SDK stops).
    fn has_vault_version(&self) -> bool {
        let version = match said(&self.api_version) {
            version if !version.is_empty() => version,
            _ if said(&self.env) == "prod" => "2.2".into(),
            _ => "2.9".into(),
        };
        let parts: Option<Vec<u64>> =
            version.split('.').map(|part| part.trim().parse().ok()).collect();
        parts.is_some_and(|parts| parts.as_slice() >= FIRST_WITH_VAULTS.as_slice())
    }
}

/// Returns a claim as text, as Python's `str()` would; nothing for `null`.
fn said(claim: &Value) -> String {
    match claim {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    // By way of a map: a list would be read as a struct's fields, too.
    let claims: Map<String, Value> = serde_json::from_slice(&claims).ok()?;
    serde_json::from_value(Value::Object(claims)).ok()
}

fn use_for(life: Duration) -> Duration {
    let (least, most) = RENEWED_AFTER;
    life.mul_f64(least + (most - least) * fastrand::f64())
}

fn now_by_our_clock() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> Option<Token> {
        let text = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        Token::read(text.into(), Instant::now())
    }

    #[test]
    fn only_a_new_enough_server_with_its_features_keeps_vaults() {
        let basic = Some(AbsentReason::BasicFeatureSet);
        let old = Some(AbsentReason::OldApi);
        for (claims, reason) in [
            (r#"{"api_version": "2.15", "feature_set": "advanced"}"#, None),
            (r#"{"api_version": "2.34", "feature_set": "x"}"#, None),
            (r#"{"api_version": "3", "feature_set": "x"}"#, None),
            (r#"{"api_version": "2.9", "feature_set": "x"}"#, old.clone()),
            (r#"{"api_version": "2", "feature_set": "x"}"#, old.clone()),
            (r#"{"api_version": "two", "feature_set": "x"}"#, old.clone()),
            (r#"{"feature_set": "x"}"#, old),
            (r#"{"api_version": "2.34", "feature_set": "basic"}"#, basic.clone()),
            (r#"{"api_version": "2.34", "feature_set": ""}"#, basic.clone()),
            (r#"{"api_version": "2.34"}"#, basic),
        ] {
            assert_eq!(token(claims).unwrap().absent_reason(), reason, "{claims}");
        }
    }

    #[test]
    fn is_renewed_in_the_second_half_of_its_life_and_each_hour() {
        let now = Instant::now();
        for (claims, least, most) in [
            (r#"{"iat": 1000, "exp": 1100}"#, 50, 80),
            (r#"{"iat": 1000, "exp": 2593000}"#, 3600, 3600),
            (r#"{"iat": 1000}"#, 3600, 3600),
            (r#"{"iat": 1000, "exp": 995}"#, 0, 0),
        ] {
            let token = token(claims).unwrap();
            let slack = Duration::from_secs(2);
            assert!(token.renew_at >= now + Duration::from_secs(least), "{claims}");
            assert!(token.renew_at <= now + Duration::from_secs(most) + slack, "{claims}");
        }
    }

    #[test]
    fn what_has_no_three_parts_of_json_is_no_token() {
        for text in ["", "a.b", "a.b.c", "e30.e30.x.y", "e30.W10.x"] {
            assert!(Token::read(text.into(), Instant::now()).is_none(), "{text}");
        }
    }
}
