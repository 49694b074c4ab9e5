//! Secrets in URLs: the password before the host, a lone token there, webhooks.

use std::ops::Range;

use memchr::{memchr, memrchr};

use super::{
    super::{search::ByteSet, shape::looks_random},
    Finder, Style,
    bytes::{as_str, byte_at, byte_before, is_name},
};

/// Schemes whose lone user is a login and no token.
const LOGIN_SCHEMES: &[&str] =
    &["ssh", "git+ssh", "svn+ssh", "sftp", "scp", "rsync", "mailto", "ldap", "ldaps", "smb"];

/// What stands before `:` and `@` in other texts than URLs.
const LABELS: &[&str] = &[
    "mailto",
    "sip",
    "sips",
    "xmpp",
    "acct",
    "email",
    "mail",
    "from",
    "to",
    "cc",
    "bcc",
    "author",
    "contact",
    "maintainer",
    "http",
    "https",
];

/// What no URL holds: blanks and other control characters, quotes and angle brackets.
static OUTSIDE_WORDS: ByteSet = ByteSet::up_to(b' ').and(b"\"'`<>");

/// The longest login that is shown, in characters.
const LOGIN_CHARACTERS: usize = 16;

/// The longest path of a webhook, in bytes.
const PATH_BYTES: usize = 512;

impl Finder<'_, '_> {
    /// Masks the secrets of the word around an `@`; returns where the word ends.
    pub(super) fn look_at_sign(&mut self, sign: usize, from: usize) -> usize {
        let word = word_around(self.text, sign, from);
        let inside = self.text.get(word.clone()).unwrap_or_default();
        // An address without a colon, as of mail, holds neither a scheme nor a password.
        let Some(colon) = inside.iter().position(|byte| *byte == b':') else { return word.end };
        let mut schemes = schemes(inside, colon).peekable();
        if schemes.peek().is_none() {
            self.look_at_login(&word, word.start + colon, sign);
        }
        while let Some(scheme) = schemes.next() {
            let scheme_start = name_start(self.text, word.start + scheme, word.start);
            let limit = schemes.peek().map_or(word.end, |next| {
                name_start(self.text, word.start + next, word.start + scheme + 3)
            });
            let authority = word.start + scheme + 3..limit;
            let scheme = self.text.get(scheme_start..word.start + scheme).unwrap_or_default();
            self.mask_userinfo(as_str(scheme), &authority);
        }
        word.end
    }

    fn mask_userinfo(&mut self, scheme: &str, rest: &Range<usize>) {
        let Some(end) = userinfo_end(self.text, rest) else { return };
        let userinfo = self.text.get(rest.start..end).unwrap_or_default();
        match memchr(b':', userinfo) {
            Some(colon) if colon + 1 < userinfo.len() => {
                self.spans.add(rest.start + colon + 1..end);
            }
            // An empty password says that the token stands in the user's place.
            Some(colon) => self.spans.add(rest.start..rest.start + colon),
            None if is_login(scheme, userinfo) => {}
            None => self.spans.add(rest.start..end),
        }
    }

    /// Masks the password of `user:password@host`, a URL without its scheme.
    fn look_at_login(&mut self, word: &Range<usize>, colon: usize, sign: usize) {
        let Some(password) = self.text.get(colon + 1..sign) else { return };
        let host = self.text.get(sign + 1..word.end).unwrap_or_default();
        let user = self.text.get(word.start..colon).unwrap_or_default();
        let user = user.rsplit(|byte| b"=,;([{|".contains(byte)).next().unwrap_or_default();
        if self.is_password(password) && is_host(host) && is_user(user) {
            self.spans.add(colon + 1..sign);
        }
    }

    fn is_password(&self, text: &[u8]) -> bool {
        let is_mixed = text.len() >= 6
            && text.iter().any(u8::is_ascii_digit)
            && text.iter().any(u8::is_ascii_alphabetic);
        !text.is_empty() && (self.style == Style::Command || is_mixed || looks_random(text))
    }

    /// Masks what is secret in the address of a webhook, of which `run` is the host or a folder.
    pub(super) fn look_at_webhook(&mut self, run: &Range<usize>) {
        let name = as_str(self.text.get(run.clone()).unwrap_or_default());
        if byte_at(self.text, run.end) != b'/' {
            return;
        }
        let path = run.end + 1;
        let start = if name.starts_with("hooks.") {
            let services = self.text.get(path..).unwrap_or_default();
            let folder = services.iter().take_while(|byte| is_name(**byte)).count();
            path + folder + 1
        } else if name.starts_with("webhook") {
            path
        } else if name.ends_with("telegram.org") && self.text.get(path..path + 3) == Some(b"bot") {
            path + 3
        } else {
            return;
        };
        let rest = self.text.get(start..).unwrap_or_default();
        let is_in_path = |byte: &&u8| is_name(**byte) || matches!(**byte, b'/' | b':' | b'@');
        let end = start + rest.iter().take(PATH_BYTES).take_while(is_in_path).count();
        let path = self.text.get(start..end).unwrap_or_default();
        if path.len() >= 8 && path.iter().any(u8::is_ascii_digit) {
            self.spans.add(start..end);
        }
    }

    /// Masks the folders of a URL's path that look as if a machine had drawn them, such as those
    /// of signed links. Digits of a hash alone do not count.
    pub(super) fn mask_random_folders(&mut self) {
        for scheme in schemes(self.text, 0) {
            let rest = self.text.get(scheme + 3..).unwrap_or_default();
            let is_end = |byte: &u8| *byte <= b' ' || b"?#\"'<>,;)]}".contains(byte);
            let length = rest.iter().position(is_end).unwrap_or(rest.len());
            let mut start = scheme + 3;
            let folders = rest.get(..length).unwrap_or_default().split(|byte| *byte == b'/');
            for (index, folder) in folders.enumerate() {
                let is_hash = folder.iter().all(u8::is_ascii_hexdigit);
                let is_name = folder.iter().any(|byte| !byte.is_ascii_alphanumeric());
                if index > 0 && !is_hash && !is_name && looks_random(folder) {
                    self.spans.add(start..start + folder.len());
                }
                start += folder.len() + 1;
            }
        }
    }
}

/// Whether a run of name characters is the host or the first folder of a webhook's address.
pub(super) fn may_be_webhook(run: &[u8]) -> bool {
    run.starts_with(b"hooks.") || run.starts_with(b"webhook") || run.ends_with(b"telegram.org")
}

/// Whether a text may be the name of a host that somebody logs in to, and no digest's.
fn is_host(host: &[u8]) -> bool {
    host.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'[')
        && !host.starts_with(b"sha256:")
}

/// Whether a text may be the name of a user, and none of the words that stand before addresses.
fn is_user(user: &[u8]) -> bool {
    user.iter().all(|byte| is_name(*byte) || b"%+".contains(byte))
        && user.iter().any(|byte| !byte.is_ascii_digit())
        && !LABELS.iter().any(|label| user.eq_ignore_ascii_case(label.as_bytes()))
}

/// Returns the places of `://` from one on. Most texts are words, for which a search takes long to
/// set up.
fn schemes(text: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let windows = text.get(from..).unwrap_or_default().windows(3);
    windows.enumerate().filter(|(_, window)| *window == b"://").map(move |(place, _)| from + place)
}

/// Returns the place of the `@` that ends the part of a URL before its host.
fn userinfo_end(text: &[u8], rest: &Range<usize>) -> Option<usize> {
    let here = text.get(rest.clone())?;
    let end = here.iter().position(|byte| b"/?#\\".contains(byte)).unwrap_or(here.len());
    let authority = here.get(..end)?;
    if let Some(sign) = memrchr(b'@', authority) {
        return Some(rest.start + sign);
    }
    // A password with a raw `/` cuts the authority short; a port does, too, but has digits only.
    let colon = memchr(b':', authority)?;
    let port = authority.get(colon + 1..)?;
    let is_host = authority.starts_with(b"[") || port.iter().all(u8::is_ascii_digit);
    let sign = memchr(b'@', here.get(end..)?)?;
    (!is_host && !port.is_empty()).then_some(rest.start + end + sign)
}

/// Whether the part before a host is the name that somebody logs in by, and no token.
fn is_login(scheme: &str, userinfo: &[u8]) -> bool {
    let is_small = |byte: &u8| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_' | b'-');
    LOGIN_SCHEMES.iter().any(|login| scheme.eq_ignore_ascii_case(login))
        || userinfo.len() <= LOGIN_CHARACTERS && userinfo.iter().all(is_small)
}

/// Returns the run without blanks, quotes and angle brackets around a place.
fn word_around(text: &[u8], place: usize, from: usize) -> Range<usize> {
    let is_outside = |byte: &u8| OUTSIDE_WORDS.holds(*byte);
    let before = text.get(from..place).unwrap_or_default();
    let behind = text.get(place..).unwrap_or_default();
    let start = before.iter().rposition(is_outside).map_or(from, |last| from + last + 1);
    let end = behind.iter().position(is_outside).map_or(text.len(), |length| place + length);
    start..end
}

/// Returns where the scheme begins that ends at a place.
fn name_start(text: &[u8], end: usize, from: usize) -> usize {
    let mut start = end;
    while start > from && (is_name(byte_before(text, start)) || byte_before(text, start) == b'+') {
        start -= 1;
    }
    start
}
