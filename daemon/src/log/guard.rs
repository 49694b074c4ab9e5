//! Masks secrets in what this process says of itself: log lines and panics.

use std::{
    io::{self, Write},
    panic::{self, PanicHookInfo},
    sync::{Arc, PoisonError, RwLock},
};

use resolver::Redactor;
use serde_json::{Map, Value};
use tracing_subscriber::fmt::MakeWriter;

use crate::ambient::Ambient;

/// All that is known to be secret at present. Cloning shares.
///
/// # Why
/// No line of ours is meant to hold a secret, but an error of a library may quote what it was
/// given. So a finished line is masked, whoever wrote its parts.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    redactors: Arc<RwLock<Vec<Redactor>>>,
}

impl Guard {
    /// Returns a guard that knows the environment's secrets.
    pub(super) fn new(ambient: &Ambient) -> Self {
        let redactor = Redactor::new(&ambient.hidden(), None);
        Self { redactors: Arc::new(RwLock::new(vec![redactor])) }
    }

    /// Learns the secrets of the present answers, in the place of those before; the environment's
    /// stay.
    pub(crate) fn learn(&self, answers: impl IntoIterator<Item = Redactor>) {
        let mut redactors = self.redactors.write().unwrap_or_else(PoisonError::into_inner);
        redactors.truncate(1);
        redactors.extend(answers);
    }

    /// Returns a line as it may be shown.
    ///
    /// What a JSON line quotes is looked at as it was before, too: a value that a library had quoted
    /// already is escaped twice in the line, as no secret is known to be spelled.
    fn mask_line(&self, line: &[u8]) -> Vec<u8> {
        let mut event = serde_json::from_slice::<Map<String, Value>>(line).unwrap_or_default();
        if self.mask_values(&mut event) {
            return self.mask(format!("{}\n", Value::Object(event)).as_bytes());
        }
        self.mask(line)
    }

    /// Masks secrets in the texts of an event; says whether there was one.
    fn mask_values(&self, event: &mut Map<String, Value>) -> bool {
        let mut is_changed = false;
        for value in event.values_mut() {
            let Value::String(text) = value else { continue };
            let shown = self.mask(text.as_bytes());
            if shown != text.as_bytes() {
                *text = String::from_utf8_lossy(&shown).into_owned();
                is_changed = true;
            }
        }
        is_changed
    }

    /// Returns a text as it may be shown.
    fn mask(&self, text: &[u8]) -> Vec<u8> {
        // A thread that panicked while it held the lock left whole redactors.
        let redactors = self.redactors.read().unwrap_or_else(PoisonError::into_inner);
        redactors.iter().fold(text.to_vec(), |text, redactor| redactor.mask_bytes(&text))
    }

    /// Masks secrets in what a panic says to a place, from now on.
    pub(super) fn watch_panics(&self, place: impl for<'a> MakeWriter<'a> + Send + Sync + 'static) {
        let guard = self.clone();
        panic::set_hook(Box::new(move |panic| {
            let _unheard = place.make_writer().write_all(&guard.mask(told(panic).as_bytes()));
        }));
    }
}

/// Spells a panic as the standard library does.
fn told(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("no message");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    format!("a fault of this program: panicked at {place}:\n{message}\n")
}

/// A place for log lines, behind a guard.
#[derive(Clone, Debug)]
pub(super) struct Guarded<M> {
    pub(super) guard: Guard,
    pub(super) place: M,
}

/// One line on its way, or several.
pub(super) struct GuardedLine<'a, W> {
    guard: &'a Guard,
    writer: W,
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Guarded<M> {
    type Writer = GuardedLine<'a, M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        GuardedLine { guard: &self.guard, writer: self.place.make_writer() }
    }
}

impl<W: Write> Write for GuardedLine<'_, W> {
    /// An event comes in one piece, so that no secret is cut in two.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.writer.write_all(&self.guard.mask_line(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::PathBuf, sync::Mutex};

    use resolver::Hidden;
    use tracing_subscriber::util::SubscriberInitExt;

    use super::*;

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn guard() -> Guard {
        let variable = ("MY_TOKEN".to_owned(), "of-environment".to_owned());
        let guard = Guard::new(&Ambient {
            environment: BTreeMap::from([variable]),
            home: None,
            user_id: 0,
            group_id: 0,
            host_name: String::new(),
            working_directory: PathBuf::new(),
        });
        let mut hidden = Hidden::default();
        hidden.add_value("of-the-answer");
        guard.learn([Redactor::new(&hidden, None)]);
        guard
    }

    #[test]
    fn no_line_of_the_log_holds_a_secret_whatever_its_level() {
        let kept = Kept::default();
        let (guard, to) = (guard(), kept.clone());
        let place = move || to.clone();
        for is_json in [false, true] {
            let lines = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_writer(Guarded { guard: guard.clone(), place: place.clone() });
            let _sent_here = if is_json {
                lines.json().finish().set_default()
            } else {
                lines.finish().set_default()
            };
            tracing::error!(source = "of-environment", "cannot read of-the-answer");
            tracing::warn!("b2YtdGhlLWFuc3dlcg== is of-the-answer in base64");
            tracing::info!(url = "https://user:pw@host/", "asked");
            tracing::debug!(password = "any", "debug");
            tracing::trace!("Authorization: Bearer any");
        }
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 10, "{text}");
        for secret in ["of-env", "of-the", "b2YtdGhl", ":pw@", "any"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    #[test]
    fn no_panic_tells_a_secret() {
        let kept = Kept::default();
        let to = kept.clone();
        let before = panic::take_hook();
        guard().watch_panics(move || to.clone());
        let ended = std::thread::spawn(|| panic_with("cannot take of-the-answer of-environment"));
        assert!(ended.join().is_err());
        panic::set_hook(before);
        let told = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert!(told.contains("guard.rs") && told.ends_with("cannot take ******** ********\n"));
        assert!(!told.contains("of-"), "{told}");
    }

    fn panic_with(words: &str) {
        panic!("{words}");
    }

    #[test]
    fn what_was_learnt_replaces_what_was_learnt_before() {
        let guard = guard();
        guard.learn([]);
        assert_eq!(guard.mask(b"of-the-answer of-environment"), b"of-the-answer ********");
    }
}
