//! Arguments of well-known programs that hold a secret without naming it.

use std::ops::Range;

use memchr::memmem;

use super::{
    Finder,
    bytes::{as_str, byte_at, continues_with, is_blank, is_line_end, is_name, skip_blanks},
    value::Extent,
};

/// How far behind a program its flags are looked for, in bytes.
const COMMAND_BYTES: usize = 512;

/// A program, or the part of one, whose flags hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Curl,
    /// And its like, such as `mysqldump`.
    Mysql,
    Sshpass,
    RedisCli,
    Twine,
    /// Of docker, podman, helm, az; and the word in a `.netrc`.
    Login,
}

/// What the argument of a flag holds.
#[derive(Clone, Copy, Debug)]
enum Holds {
    /// `user:password`.
    Login,
    Secret,
    /// A secret, if it is joined to its flag.
    SecretIfJoined,
    /// `name=value; …`, if it is no file.
    Cookies,
}

impl Program {
    /// Returns the program that has a name.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Some(match name.as_slice() {
            b"curl" => Self::Curl,
            b"mysql" | b"mysqldump" | b"mysqladmin" | b"mysqlimport" => Self::Mysql,
            b"sshpass" => Self::Sshpass,
            b"redis-cli" => Self::RedisCli,
            b"twine" => Self::Twine,
            b"login" => Self::Login,
            _ => return None,
        })
    }

    fn flags(self) -> &'static [(&'static [u8], Holds)] {
        match self {
            Self::Curl => &[
                (b" -u", Holds::Login),
                (b" --user", Holds::Login),
                (b" -U", Holds::Login),
                (b" --proxy-user", Holds::Login),
                (b" --oauth2-bearer", Holds::Secret),
                (b" -b", Holds::Cookies),
            ],
            Self::Mysql => &[(b" -p", Holds::SecretIfJoined)],
            Self::Sshpass | Self::Twine | Self::Login => &[(b" -p", Holds::Secret)],
            Self::RedisCli => &[(b" -a", Holds::Secret)],
        }
    }
}

impl Finder<'_, '_> {
    /// Masks what the flags of a program hold: `curl -u user:password`, `mysql -ppassword`.
    pub(super) fn look_at_program(&mut self, program: Program, place: usize) {
        if program == Program::Login {
            self.look_at_login_entry(place);
        }
        let line = self.text.get(place..).unwrap_or_default();
        let line = line.get(..COMMAND_BYTES).unwrap_or(line);
        let line = line.split(|byte| is_line_end(*byte)).next().unwrap_or_default();
        let command = [&b" | "[..], b" && ", b"; "].iter().fold(line, |command, end| {
            command.get(..memmem::find(command, end).unwrap_or(command.len())).unwrap_or_default()
        });
        for (flag, holds) in program.flags() {
            if let Some(found) = memmem::find(command, flag) {
                self.look_at_flag(place + found..place + found + flag.len(), *holds);
            }
        }
    }

    fn look_at_flag(&mut self, flag: Range<usize>, holds: Holds) {
        let next = byte_at(self.text, flag.end);
        let (is_separated, is_short) = (next == b'=' || is_blank(next), flag.len() == 3);
        if !is_separated && !is_short || is_line_end(next) {
            return;
        }
        let start = skip_blanks(self.text, flag.end + usize::from(next == b'='));
        let argument = self.value_at(start, Extent::Word);
        let text = self.text.get(argument.clone()).unwrap_or_default();
        let parts = memchr::memchr(b':', text);
        match (holds, parts) {
            (Holds::Login, Some(colon)) => {
                self.spans.add(argument.start + colon + 1..argument.end);
            }
            (Holds::Cookies, _) if text.contains(&b'=') => self.spans.add(argument),
            (Holds::Secret, _) if !text.starts_with(b"-") => self.spans.add(argument),
            (Holds::SecretIfJoined, _) if !is_separated => self.spans.add(argument),
            _ => {}
        }
    }

    /// Masks the password of `login me password x`, as in a `.netrc`.
    fn look_at_login_entry(&mut self, place: usize) {
        let user = skip_blanks(self.text, place);
        let user = self.value_at(user, Extent::Word);
        let word = skip_blanks(self.text, user.end);
        if word == user.end || user.is_empty() || !continues_with(self.text, word, "password") {
            return;
        }
        let behind = word + "password".len();
        let start = skip_blanks(self.text, behind);
        if start > behind && !is_name(byte_at(self.text, behind)) {
            let password = self.value_at(start, Extent::Word);
            self.mask(password);
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
