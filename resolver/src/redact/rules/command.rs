//! Arguments of well-known programs that hold a secret without naming it.

use memchr::memmem;

use super::{
    Finder,
    bytes::{as_str, byte_at, is_blank, is_line_end, skip_blanks},
    value::Extent,
};

/// The flags of `curl` whose argument is `user:password`.
const LOGIN_FLAGS: [&[u8]; 4] = [b" -u", b" --user", b" -U", b" --proxy-user"];

/// How far behind `curl` its flags are looked for, in bytes.
const COMMAND_BYTES: usize = 512;

impl Finder<'_, '_> {
    /// Masks the password of `curl -u user:password`.
    pub(super) fn look_at_curl(&mut self, place: usize) {
        let line = self.text.get(place..).unwrap_or_default();
        let line = line.get(..COMMAND_BYTES).unwrap_or(line);
        let line = line.split(|byte| is_line_end(*byte)).next().unwrap_or_default();
        for flag in LOGIN_FLAGS {
            let Some(found) = memmem::find(line, flag) else { continue };
            let behind = place + found + flag.len();
            let is_separated =
                byte_at(self.text, behind) == b'=' || is_blank(byte_at(self.text, behind));
            if !is_separated && flag.len() > 3 {
                continue;
            }
            let start =
                skip_blanks(self.text, behind + usize::from(byte_at(self.text, behind) == b'='));
            let login = self.value_at(start, Extent::Word);
            let text = self.text.get(login.clone()).unwrap_or_default();
            if let Some(colon) = memchr::memchr(b':', text) {
                self.spans.add(login.start + colon + 1..login.end);
            }
        }
    }

    /// Masks the value of `kubectl create secret … --from-literal=key=value`.
    pub(super) fn look_at_literal(&mut self, place: usize) {
        let place = if byte_at(self.text, place) == b'=' {
            place + 1
        } else {
            skip_blanks(self.text, place)
        };
        let pair = self.value_at(place, Extent::Word);
        let text = as_str(self.text.get(pair.clone()).unwrap_or_default());
        if let Some((key, value)) = text.split_once('=') {
            let start = pair.start + key.len() + 1;
            let inner = self.value_at(start, Extent::Word);
            if !value.is_empty() {
                self.mask(inner.start..inner.end.max(pair.end));
            }
        }
    }
}
