//! Log lines as entries of systemd's journal.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write},
    os::unix::{fs::MetadataExt, net::UnixDatagram},
    sync::Arc,
};

use serde_json::{Map, Value};
use tracing_subscriber::fmt::MakeWriter;

use crate::ambient::Ambient;

/// Where the journal takes entries.
const SOCKET: &str = "/run/systemd/journal/socket";
/// Begins the names of our own fields, so that none is taken for one of the journal's.
const FIELD_PREFIX: &str = "CLEARML_";
/// What every entry says of its sender, as lines of standard error would have had it.
const IDENTIFIER: &str = "clearml-resolver";

/// The journal; what is written to it is one event a call, as a JSON object.
///
/// # Why
/// A line on standard error would reach the journal as well, but without priority and fields. The
/// crate for this, `tracing-journald`, takes events before they are text, so that whatever guards
/// the text of our lines would not guard entries. Here an entry is made of a finished line.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    socket: Arc<UnixDatagram>,
}

impl Journal {
    /// Returns the journal if standard error leads there (`JOURNAL_STREAM`, systemd.exec(5)) and it
    /// takes entries.
    pub(super) fn behind_standard_error(ambient: &Ambient) -> Option<Self> {
        let stream = fs::metadata("/proc/self/fd/2").ok()?;
        let told = ambient.variable("JOURNAL_STREAM")?;
        if told != format!("{}:{}", stream.dev(), stream.ino()) {
            return None;
        }
        let socket = UnixDatagram::unbound().ok()?;
        socket.connect(SOCKET).ok()?;
        // A journal that is full must not hold us up.
        socket.set_nonblocking(true).ok()?;
        Some(Self { socket: Arc::new(socket) })
    }
}

impl<'a> MakeWriter<'a> for Journal {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Journal {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // An entry that is too long for a datagram, or that the journal has no room for, is told
        // as a line.
        if self.socket.send(&entry(line)).is_err() {
            io::stderr().write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Spells an event as the journal reads it: <https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>.
fn entry(line: &[u8]) -> Vec<u8> {
    let mut entry = Vec::new();
    add_field(&mut entry, "SYSLOG_IDENTIFIER", IDENTIFIER);
    let Ok(event) = serde_json::from_slice::<Map<String, Value>>(line) else {
        add_field(&mut entry, "MESSAGE", &String::from_utf8_lossy(line));
        return entry;
    };
    let (mut message, mut rest) = (String::new(), String::new());
    for (name, value) in event {
        let value = text_of(value);
        match &*name {
            "level" => add_field(&mut entry, "PRIORITY", priority(&value)),
            "message" => message = value,
            _ => {
                write!(rest, " {name}={value}").expect("a string takes all that is written");
                add_field(&mut entry, &field_name(&name), &value);
            }
        }
    }
    add_field(&mut entry, "MESSAGE", &(message + &rest));
    entry
}

/// Returns the priority of a level, as syslog(3) numbers them.
fn priority(level: &str) -> &'static str {
    match level {
        "ERROR" => "3",
        "WARN" => "4",
        "INFO" => "6",
        _ => "7",
    }
}

fn field_name(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter.to_ascii_uppercase() {
        letter @ ('A'..='Z' | '0'..='9') => letter,
        _ => '_',
    });
    FIELD_PREFIX.chars().chain(letters).collect()
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Adds a field; a value of several lines has its length in front.
fn add_field(entry: &mut Vec<u8>, name: &str, value: &str) {
    entry.extend(name.as_bytes());
    if value.contains('\n') {
        entry.push(b'\n');
        entry.extend((value.len() as u64).to_le_bytes());
    } else {
        entry.push(b'=');
    }
    entry.extend(value.as_bytes());
    entry.push(b'\n');
}

#[cfg(test)]
mod tests {
    use resolver::{Hidden, Redactor};

    use super::*;
    use crate::log::{Guard, guard::Guarded};

    #[test]
    fn an_event_becomes_an_entry_with_priority_and_fields() {
        for (line, expected) in [
            (
                r#"{"level":"WARN","message":"it fails","profile":"default","open":3}"#,
                "SYSLOG_IDENTIFIER=clearml-resolver\nPRIORITY=4\nCLEARML_PROFILE=default\n\
                 CLEARML_OPEN=3\nMESSAGE=it fails profile=default open=3\n",
            ),
            (
                r#"{"level":"ERROR","message":"ends"}"#,
                "SYSLOG_IDENTIFIER=clearml-resolver\nPRIORITY=3\nMESSAGE=ends\n",
            ),
            (
                r#"{"level":"DEBUG","message":"ends","user-id.x":"ü"}"#,
                "SYSLOG_IDENTIFIER=clearml-resolver\nPRIORITY=7\nCLEARML_USER_ID_X=ü\n\
                 MESSAGE=ends user-id.x=ü\n",
            ),
            ("no JSON", "SYSLOG_IDENTIFIER=clearml-resolver\nMESSAGE=no JSON\n"),
        ] {
            assert_eq!(String::from_utf8(entry(line.as_bytes())).unwrap(), expected);
        }
    }

    #[test]
    fn a_value_of_several_lines_cannot_be_taken_for_another_field() {
        let entry = entry(br#"{"level":"INFO","message":"one\nPRIORITY=0"}"#);
        let expected = b"MESSAGE\n\x0e\0\0\0\0\0\0\0one\nPRIORITY=0\n";
        assert!(entry.ends_with(expected), "{}", String::from_utf8_lossy(&entry));
    }

    /// Secrets that JSON spells otherwise, as it does in the lines that entries are made of.
    const SECRETS: [&str; 6] = [
        "plain-secret",
        "quo\"ted-secret",
        r"back\slash-secret",
        "line-1-secret\nline-2-secret",
        "é-日-secret",
        "per%cent-secret",
    ];

    #[test]
    fn no_entry_holds_a_secret_whatever_its_level() {
        let (ours, theirs) = UnixDatagram::pair().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let guard = Guard::new(&Ambient::of_variables(&[]));
        let mut hidden = Hidden::default();
        for secret in SECRETS {
            hidden.add_value(secret);
        }
        guard.learn([Redactor::new(&hidden, None)]);
        let place = Guarded { guard, place: Journal { socket: Arc::new(ours) } };
        let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).without_time();
        let lines = lines.json().flatten_event(true).with_writer(place).finish();
        tracing::subscriber::with_default(lines, || {
            for secret in SECRETS {
                tracing::error!(source = secret, "cannot read");
                tracing::warn!("cannot read {secret}");
                tracing::info!(source = ?secret, "asked");
                tracing::debug!(source = %secret, "asked {secret:?}");
                tracing::trace!(secret, "asked");
            }
        });
        let mut entry = [0; 4096];
        for number in 0..SECRETS.len() * 5 {
            let length = theirs.recv(&mut entry).unwrap();
            let text = String::from_utf8_lossy(&entry[..length]);
            assert!(text.contains("********"), "{number}: {text}");
            for secret in SECRETS.iter().flat_map(|secret| secret.lines()) {
                assert!(!text.contains(secret), "{secret:?} in {text}");
            }
            assert!(!text.contains("-secret"), "{text}");
        }
    }

    #[test]
    fn another_standard_error_is_left_alone() {
        for variables in [&[][..], &[("JOURNAL_STREAM", "0:0")]] {
            let ambient = Ambient::of_variables(variables);
            assert!(Journal::behind_standard_error(&ambient).is_none());
        }
    }
}
