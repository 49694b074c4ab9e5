//! The credential socket: systemd connects when a unit starts, and gets the unit's configuration.
//!
//! With `LoadCredential=clearml.conf:/run/clearml-resolver/credential.sock` in a unit, systemd
//! connects from an abstract address that says `RANDOM/unit/UNIT/ID`, reads to the end, and keeps
//! what came where only that unit can read it (`systemd.exec(5)`). So no text is asked for: who
//! connects, and from which address, is the whole question.

use std::{collections::BTreeMap, io, sync::Arc, time::Duration};

use resolver::{KeyPath, Reveal};
use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixStream, unix::SocketAddr},
    task::{JoinSet, spawn_blocking},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{REST, peer::authorize_loading, timers::Timers};
use crate::{
    protocol::BodyFormat,
    publish::{Answer, Subscriber},
    settings::{DEFAULT_PROFILE, Settings, UnitPattern},
};

/// Units that may be answered at once; others wait in the kernel's queue.
const MOST_AT_ONCE: usize = 64;
/// How long one unit may take, the wait for a first answer included. systemd itself waits for as
/// long as a unit may take to start, 90 s by default.
const LONGEST: Duration = Duration::from_secs(30);
/// The most that systemd takes for a credential (`CREDENTIAL_SIZE_MAX`, systemd 252).
const MAX_BYTES: usize = 1 << 20;

/// Gives units their configuration.
#[derive(Debug)]
pub(crate) struct CredentialService {
    profiles: Vec<Served>,
    timers: Timers,
    /// Cancelled when it is time to end.
    stop: CancellationToken,
}

/// A profile, and the units that are given it.
#[derive(Debug)]
struct Served {
    name: Arc<str>,
    units: Vec<UnitPattern>,
    subscriber: Subscriber,
}

/// Which credential systemd loads, and for which unit.
#[derive(Debug, PartialEq, Eq)]
struct Credential {
    unit: String,
    id: String,
}

/// Why a unit is not given anything.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("only root and the daemon's own user may load credentials")]
    Stranger,
    #[error("the address of the peer is none of systemd's")]
    NotSystemd,
    #[error("no profile names the unit")]
    NoProfile,
    #[error("the configuration has no answer: {0}")]
    NoAnswer(Arc<str>),
    #[error("the configuration is longer than a credential may be ({MAX_BYTES} bytes)")]
    TooLong,
    #[error("it takes too long")]
    TooSlow,
    #[error("the connection broke")]
    Broken(#[from] io::Error),
}

/// Answers systemd until told to stop; those that are being answered are finished.
pub(crate) async fn give_credentials(listener: UnixListener, service: Arc<CredentialService>) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if sessions.len() < MOST_AT_ONCE => match accepted {
                Ok((stream, _)) => {
                    let service = service.clone();
                    sessions.spawn(async move { service.serve(stream).await });
                }
                Err(_) => service.timers.sleep(REST).await,
            },
            Some(_) = sessions.join_next() => {}
            () = service.stop.cancelled() => break,
        }
    }
    // Each has its own time limit.
    while sessions.join_next().await.is_some() {}
}

impl CredentialService {
    /// Returns the service of all profiles, whose time is that of the runtime we are called on.
    pub(crate) fn new(
        settings: &Settings,
        subscribers: &BTreeMap<Arc<str>, Subscriber>,
        stop: CancellationToken,
    ) -> Self {
        let units = |name: &str| settings.profiles.get(name).map(|profile| profile.units.clone());
        let profiles = subscribers.iter().map(|(name, subscriber)| Served {
            name: name.clone(),
            units: units(name).unwrap_or_default(),
            subscriber: subscriber.clone(),
        });
        Self { profiles: profiles.collect(), timers: Timers::of_this_runtime(), stop }
    }

    async fn serve(&self, stream: UnixStream) {
        // Asked of the kernel again: mio 1.2.5's `accept` takes abstract addresses for unnamed.
        let credential = stream.peer_addr().ok().and_then(|address| Credential::of(&address));
        let given = self.timers.timeout(LONGEST, self.give(stream, credential.as_ref())).await;
        let unit = credential.as_ref().map_or("", |credential| &credential.unit);
        match given.unwrap_or(Err(Refused::TooSlow)) {
            Ok(profile) => debug!(unit, profile, "a unit is given its configuration"),
            Err(refused) => warn!(unit, reason = %refused, "a unit is given no configuration"),
        }
    }

    /// Gives a unit its configuration, and returns the name of the profile.
    async fn give(
        &self,
        mut stream: UnixStream,
        credential: Option<&Credential>,
    ) -> Result<&str, Refused> {
        let reveal = authorize_loading(&stream.peer_cred()?).ok_or(Refused::Stranger)?;
        let credential = credential.ok_or(Refused::NotSystemd)?;
        let served = self.profile_of(&credential.unit).ok_or(Refused::NoProfile)?;
        let text = text(&served.subscriber, format(&credential.id), reveal).await?;
        if text.len() > MAX_BYTES {
            return Err(Refused::TooLong);
        }
        stream.write_all(text.as_bytes()).await?;
        stream.shutdown().await?;
        Ok(&served.name)
    }

    /// Returns the profile of a unit: the one that names it most closely, else the only or default
    /// one.
    fn profile_of(&self, unit: &str) -> Option<&Served> {
        let closeness = |served: &Served| {
            let matching = served.units.iter().filter(|pattern| pattern.matches(unit));
            matching.map(UnitPattern::closeness).max()
        };
        let naming = self.profiles.iter().filter_map(|served| Some((closeness(served)?, served)));
        let closest = naming.max_by_key(|(closeness, _)| *closeness);
        closest.map(|(_, served)| served).or_else(|| match &self.profiles[..] {
            [only] => Some(only),
            several => several.iter().find(|served| *served.name == *DEFAULT_PROFILE),
        })
    }
}

/// Spells a profile's configuration as a file: without what must not be written into one.
async fn text(
    subscriber: &Subscriber,
    format: BodyFormat,
    reveal: Reveal,
) -> Result<String, Refused> {
    let published = match subscriber.first_answer().await {
        Answer::Some(published) => published,
        Answer::None(reason) => return Err(Refused::NoAnswer(reason)),
        Answer::Waiting => return Err(Refused::NoAnswer("the daemon ends".into())),
    };
    let spelled = spawn_blocking(move || published.spell_file(&KeyPath::root(), format, reveal));
    let broken = || Refused::NoAnswer("it cannot be spelled: a fault of this program".into());
    spelled.await.ok().flatten().ok_or_else(broken)
}

/// Returns the format that a credential's id asks for by its ending; HOCON without one we know.
fn format(id: &str) -> BodyFormat {
    match id.rsplit_once('.') {
        Some((_, "json")) => BodyFormat::Json,
        Some((_, "yaml" | "yml")) => BodyFormat::Yaml,
        Some((_, "env")) => BodyFormat::Env,
        _ => BodyFormat::Hocon,
    }
}

impl Credential {
    /// Reads the address from which systemd connects; `None` if it is another's.
    fn of(address: &SocketAddr) -> Option<Self> {
        Self::parse(std::str::from_utf8(address.as_abstract_name()?).ok()?)
    }

    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('/');
        let (_random, kind, unit, id) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_systemds = kind == "unit" && !unit.is_empty() && parts.next().is_none();
        is_systemds.then(|| Self { unit: unit.to_owned(), id: id.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read, os::fd::AsRawFd, path::Path};

    use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, bind, connect, socket};

    use super::*;
    use crate::{
        health::{Moment, State},
        publish::{self, Publisher, samples},
    };

    fn served(name: &str, units: &[&str], text: &str) -> (Publisher, Served) {
        let (publisher, subscriber) =
            publish::channel(samples::health(State::Fresh, Moment::now()));
        publisher.publish(Answer::Some(samples::published(1, text)));
        let units = units.iter().map(|unit| UnitPattern::new(unit)).collect();
        (publisher, Served { name: name.into(), units, subscriber })
    }

    /// Connects as systemd does, and reads to the end.
    fn load(socket_path: &Path, name: Option<&str>) -> String {
        let stream =
            socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
        if let Some(name) = name {
            // Names of abstract sockets are the whole host's.
            let name = format!("{}-{name}", std::process::id());
            bind(stream.as_raw_fd(), &UnixAddr::new_abstract(name.as_bytes()).unwrap()).unwrap();
        }
        connect(stream.as_raw_fd(), &UnixAddr::new(socket_path).unwrap()).unwrap();
        let mut text = String::new();
        std::os::unix::net::UnixStream::from(stream).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn only_systemds_own_addresses_are_understood() {
        for (name, expected) in [
            (
                "adf9d86b6eda275e/unit/a@0.service/clearml.conf",
                Some(("a@0.service", "clearml.conf")),
            ),
            ("x/unit/a.service/id", Some(("a.service", "id"))),
            ("x/unit/a.service", None),
            ("x/unit//id", None),
            ("x/unit/a.service/id/more", None),
            ("x/machine/a.service/id", None),
            ("", None),
        ] {
            let expected =
                expected.map(|(unit, id)| Credential { unit: unit.into(), id: id.into() });
            assert_eq!(Credential::parse(name), expected, "{name}");
        }
    }

    #[tokio::test]
    async fn a_unit_is_given_the_configuration_of_its_profile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credential.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let (_gpu_end, gpu) = served("gpu", &["agent@*.service", "x.service"], "who: gpu");
        let (_one_end, one) = served("one", &["agent@1.service"], "who: one");
        let (other_end, other) = served("default", &[], "who: other, secret: shown");
        let stop = CancellationToken::new();
        let (profiles, timers) = (vec![gpu, one, other], Timers::of_this_runtime());
        let service = CredentialService { profiles, timers, stop: stop.clone() };
        let mut serving = JoinSet::new();
        serving.spawn(give_credentials(listener, Arc::new(service)));
        let loaded = async |name: Option<&'static str>| {
            let path = path.clone();
            spawn_blocking(move || load(&path, name)).await.unwrap()
        };
        for (name, expected) in [
            ("unit/agent@0.service/clearml.conf", "who: \"gpu\"\n"),
            ("unit/agent@1.service/clearml.conf", "who: \"one\"\n"),
            ("unit/else.service/a.json", r#"{"who":"other","secret":"shown"}"#),
            ("unit/else.service/a.yaml", "who: other\nsecret: shown\n"),
            ("machine/agent@0.service/a", ""),
        ] {
            let name: &'static str = Box::leak(format!("x/{name}").into_boxed_str());
            assert_eq!(loaded(Some(name)).await, expected, "{name}");
        }
        assert_eq!(loaded(None).await, "", "somebody without a unit");
        other_end.publish(Answer::None("closed".into()));
        assert_eq!(loaded(Some("x/unit/else.service/b")).await, "");
        stop.cancel();
        serving.join_next().await.unwrap().unwrap();
    }
}
