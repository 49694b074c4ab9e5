//! Tokens that the server signs and checks (HS256).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::hmac;
use serde_json::{Value, json};

/// Signs claims.
pub(super) fn sign(claims: &Value, key: &hmac::Key) -> String {
    let head = BASE64.encode(json!({"alg": "HS256", "typ": "JWT"}).to_string());
    let signed = format!("{head}.{}", BASE64.encode(claims.to_string()));
    let signature = hmac::sign(key, signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature.as_ref()))
}

/// Returns the claims of a token that this key signed and that still lives at `now`, in seconds
/// since 1970; else why not, as the open-source server says it.
pub(super) fn check(token: &str, key: &hmac::Key, now: i64) -> Result<Value, &'static str> {
    let (signed, signature) = token.rsplit_once('.').ok_or("Not enough segments")?;
    let (_, claims) = signed.split_once('.').ok_or("Not enough segments")?;
    let signature = BASE64.decode(signature).map_err(|_| "Invalid crypto padding")?;
    hmac::verify(key, signed.as_bytes(), &signature)
        .map_err(|_| "Signature verification failed")?;
    let claims = BASE64.decode(claims).map_err(|_| "Invalid payload padding")?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_| "Invalid payload string")?;
    if claims.get("exp").and_then(Value::as_i64).is_some_and(|exp| exp <= now) {
        return Err("Signature has expired");
    }
    Ok(claims)
}
