//! Secrets inside a text: known ones, passwords of URLs, assignments to names of secrets.

use memchr::memmem;
use smol_str::SmolStr;

use super::{MASK, names::Names};

/// Flags whose next argument is a secret as a whole.
const SECRET_FLAGS: &[&str] = &["--password", "--token", "--secret", "--api-key"];

/// Whether an argument says that the next one is a secret.
pub(super) fn hides_argument(previous: &str) -> bool {
    SECRET_FLAGS.contains(&previous)
}

/// Masks what of a text is secret; the rest stays as it is.
pub(super) fn mask_text(text: &str, secrets: &[SmolStr], names: &Names) -> String {
    let mut masked = text.to_owned();
    for secret in secrets {
        if memmem::find(masked.as_bytes(), secret.as_bytes()).is_some() {
            masked = masked.replace(secret.as_str(), MASK);
        }
    }
    mask_assignments(&mask_urls(&masked), names)
}

/// Masks the password, or the lone token, before the `@` of a URL's host.
fn mask_urls(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        masked.push_str(before);
        let end =
            after.find(['/', '?', '#', ' ', '"', '\'', ',', ']', '\n']).unwrap_or(after.len());
        let (authority, beyond) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((userinfo, host)) => {
                if let Some((user, password)) = userinfo.split_once(':') {
                    // An empty password says that the token stands in the user's place.
                    masked.push_str(if password.is_empty() { MASK } else { user });
                    masked.push(':');
                    masked.push_str(if password.is_empty() { "" } else { MASK });
                } else {
                    masked.push_str(MASK);
                }
                masked.push('@');
                masked.push_str(host);
            }
            None => masked.push_str(authority),
        }
        rest = beyond;
    }
    masked.push_str(rest);
    masked
}

/// Masks the value of each `NAME=value` word whose name is a secret's; a quoted value as a whole.
fn mask_assignments(text: &str, names: &Names) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        let (before, after) = rest.split_at(at);
        let name_start = before.rfind(|c: char| !is_name_character(c)).map_or(0, |end| {
            end + before.get(end..).and_then(|text| text.chars().next()).map_or(1, char::len_utf8)
        });
        let name = before.get(name_start..).unwrap_or_default();
        let name = name.strip_prefix("-e").unwrap_or(name).trim_start_matches('-');
        masked.push_str(before);
        masked.push('=');
        let value = after.get(1..).unwrap_or_default();
        let is_nested = value.split([' ', '"', '\'']).next().is_some_and(|word| word.contains('='));
        if name.is_empty() || !names.is_secret(name) || (is_nested && name == "env") {
            rest = value;
            continue;
        }
        let length = value_length(value);
        masked.push_str(if length == 0 { "" } else { MASK });
        rest = value.get(length..).unwrap_or_default();
    }
    masked.push_str(rest);
    masked
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')
}

fn value_length(value: &str) -> usize {
    for quote in ['"', '\''] {
        if let Some(inside) = value.strip_prefix(quote) {
            return inside.find(quote).map_or(value.len(), |end| end + 2);
        }
    }
    value.find([' ', '\n', '\t', '"', '\'', '&', ';']).unwrap_or(value.len())
}
