//! Texts to mask, made anew and always the same.

use std::{
    fmt::{self, Display, Formatter},
    io::{self, Write},
};

use fastrand::Rng;

use crate::lines::{line, secret_line};

/// One line in so many holds a secret, if there are any.
const LINES_FOR_EACH_SECRET: u64 = 50;

/// Writes a log of so many bytes at least, in which some secrets stand.
pub fn write(mut to: impl Write, bytes: usize, secrets: &[String]) -> io::Result<()> {
    let mut rng = Rng::with_seed(7);
    let (mut written, mut lines) = (0, 0);
    while written < bytes {
        let line = match rng.choice(secrets) {
            Some(secret) if lines % LINES_FOR_EACH_SECRET == 0 => secret_line(&mut rng, secret),
            _ => line(&mut rng, lines),
        };
        to.write_all(line.as_bytes())?;
        written += line.len();
        lines += 1;
    }
    to.flush()
}

/// Returns a secret as a machine draws it.
pub fn secret(rng: &mut Rng) -> String {
    let length = rng.usize(16..44);
    (0..length).map(|_| rng.alphanumeric()).collect()
}

/// Texts that are made to take long.
#[derive(Clone, Copy, Debug)]
pub enum Hostile {
    NearMisses,
    Beginnings,
    Names,
    Signs,
}

impl Hostile {
    pub const ALL: [Self; 4] = [Self::NearMisses, Self::Beginnings, Self::Names, Self::Signs];

    /// Returns such a text, of so many bytes at least.
    pub fn text(self, secrets: &[String], bytes: usize) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes + 64);
        let mut line = 0;
        for secret in secrets.iter().cycle() {
            if text.len() >= bytes {
                break;
            }
            match self {
                Self::NearMisses => text.extend_from_slice(&secret.as_bytes()[..secret.len() - 1]),
                Self::Beginnings => text.extend_from_slice(&secret.as_bytes()[..15]),
                Self::Names => text.extend_from_slice(b"max_token=1 "),
                Self::Signs => text.extend_from_slice(b"a@b c:d@e "),
            }
            if text.len() - line > 100 {
                text.push(b'\n');
                line = text.len();
            }
        }
        text
    }
}

impl Display for Hostile {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NearMisses => "secrets less a byte",
            Self::Beginnings => "beginnings of secrets",
            Self::Names => "names",
            Self::Signs => "logins",
        })
    }
}
