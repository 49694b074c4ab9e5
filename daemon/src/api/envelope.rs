//! What the API puts around its data.

use serde::Deserialize;
use serde_json::Value;

/// Characters of the server's own words that are shown.
const SHOWN_CHARACTERS: usize = 60;

/// What the API puts around its data.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    pub(super) meta: Meta,
    #[serde(default)]
    pub(super) data: Value,
}

/// What the API says about a call.
#[derive(Debug, Deserialize)]
pub(super) struct Meta {
    #[serde(rename = "result_code")]
    pub(super) code: u16,
    #[serde(default, rename = "result_subcode")]
    pub(super) subcode: u32,
    #[serde(default, rename = "result_msg")]
    message: Option<String>,
}

impl Meta {
    /// Returns the beginning of the server's words, up to where details start: those name hosts
    /// and drivers behind the server.
    pub(super) fn message(&self) -> String {
        let message = self.message.as_deref().unwrap_or_default();
        let message = message.split(['(', '\n', '\r']).next().unwrap_or_default().trim();
        message.chars().filter(|character| !character.is_control()).take(SHOWN_CHARACTERS).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_beginning_of_the_servers_words_only() {
        for (said, shown) in [
            (
                "Internal server error (while authorizing request): err=10.0.0.1:27117",
                "Internal server error",
            ),
            ("two\nlines", "two"),
            ("", ""),
        ] {
            let meta = Meta { code: 500, subcode: 1, message: Some(said.into()) };
            assert_eq!(meta.message(), shown);
        }
        let long = Meta { code: 500, subcode: 0, message: Some("x".repeat(999)) };
        assert_eq!(long.message().len(), SHOWN_CHARACTERS);
    }
}
