//! Questions on a real socket, and what comes back.

mod answers;
mod changes;
mod limits;
mod openapi;
mod orders;
mod redact;

use std::{collections::BTreeMap, time::Instant};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    health::{Health, Moment, State},
    protocol::{ChangeEvent, Problem, Status},
    publish::{self, Answer, Merged, Published, Publisher, samples},
    settings::{Access, AccessRules, Subject},
};

const PATIENCE: Duration = Duration::from_secs(20);
/// How many may wait for changes.
const WATCHERS: usize = 5;
const SAMPLE: &str = r#"sdk { aws { s3 { key: KEYID, region: eu } } }
agent { worker_name: w, "white space": [1, 2] }"#;

/// A server with one profile.
struct Fixture {
    _folder: TempDir,
    path: std::path::PathBuf,
    service: Arc<ConfigService>,
    publisher: Publisher,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    _time: JoinSet<()>,
}

/// What a connection said until its end or as long as announced.
#[derive(Debug)]
struct Said {
    head: String,
    body: String,
}

impl Said {
    fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        lines.filter_map(|line| line.split_once(": ")).find(|(n, _)| *n == name).map(|(_, v)| v)
    }
}

fn everybody_sees_secrets() -> Access {
    Access { secrets: vec![Subject::Anyone], redacted: vec![] }
}

fn fresh() -> Health {
    samples::health(State::Fresh, Moment::now())
}

impl Fixture {
    fn start(access: Access) -> Self {
        Self::start_with(access, ConnectionLimits { total: 8, per_user: 6 })
    }

    fn start_with(access: Access, limits: ConnectionLimits) -> Self {
        Self::start_by_rules(AccessRules { whole: access, parts: Vec::new() }, limits)
    }

    fn start_by_rules(rules: AccessRules, limits: ConnectionLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = UnixListener::bind(&path).unwrap();
        let (publisher, subscriber) = publish::channel(fresh());
        let stop = CancellationToken::new();
        let profiles = BTreeMap::from([("default".into(), subscriber)]);
        let rules = BTreeMap::from([("default".into(), rules)]);
        let service = ConfigService::new(profiles, rules, WATCHERS, stop.clone());
        let (mut tasks, mut time) = (JoinSet::new(), JoinSet::new());
        let (drain_timeout, clock) = (Duration::from_secs(5), Arc::new(SweepClock::default()));
        time.spawn(keep_time(clock.clone(), stop.clone()));
        let service = Arc::new(service);
        tasks.spawn(serve(listener, service.clone(), limits, clock, drain_timeout));
        let fixture = Self { _folder: folder, path, service, publisher, stop, tasks, _time: time };
        fixture.publish(1, SAMPLE);
        fixture
    }

    fn publish(&self, revision: u64, text: &str) {
        self.publisher.publish(Answer::Some(samples::published(revision, text)));
    }

    async fn connect(&self) -> UnixStream {
        UnixStream::connect(&self.path).await.unwrap()
    }

    /// Asks on a connection of its own, and reads to the end.
    async fn ask(&self, method: &str, target: &str, headers: &str) -> Said {
        timeout(PATIENCE, self.ask_patiently(method, target, headers)).await.unwrap()
    }

    async fn ask_patiently(&self, method: &str, target: &str, headers: &str) -> Said {
        let mut stream = self.connect().await;
        let question =
            format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(question.as_bytes()).await.unwrap();
        said_to_end(&mut stream).await
    }

    /// Asks with a body of a media type.
    async fn post(&self, target: &str, media_type: &str, body: &str) -> Said {
        let length = body.len();
        let headers =
            format!("content-type: {media_type}\r\ncontent-length: {length}\r\n\r\n{body}");
        let question = self.ask_patiently("POST", target, headers.as_str());
        timeout(PATIENCE, question).await.unwrap()
    }

    async fn get(&self, target: &str) -> Said {
        self.ask("GET", target, "").await
    }

    async fn end(mut self) {
        self.stop.cancel();
        timeout(PATIENCE, self.tasks.join_next()).await.unwrap().unwrap().unwrap();
    }
}

async fn read_to_end(stream: &mut UnixStream) -> Said {
    timeout(PATIENCE, said_to_end(stream)).await.unwrap()
}

async fn said_to_end(stream: &mut UnixStream) -> Said {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Said { head: head.to_owned(), body: body.to_owned() }
}

/// Reads one answer of a connection that stays open.
async fn read_one(stream: &mut UnixStream) -> Said {
    let mut bytes = Vec::new();
    let mut said = Said { head: String::new(), body: String::new() };
    loop {
        let read = timeout(PATIENCE, stream.read_buf(&mut bytes)).await.unwrap().unwrap();
        assert!(read > 0, "the connection ended");
        let text = std::str::from_utf8(&bytes).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        said.head = head.to_owned();
        let length = said.header("content-length").map_or(0, |length| length.parse().unwrap());
        if body.len() >= length {
            said.body = body.to_owned();
            return said;
        }
    }
}
