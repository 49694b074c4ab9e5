//! Questions on a real socket, and what comes back.

use std::{collections::BTreeMap, time::Instant};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    health::{Health, Moment, State},
    protocol::{ChangeEvent, Problem, Status},
    publish::{self, Answer, Published, Publisher, samples},
    settings::{Access, Subject},
};

const PATIENCE: Duration = Duration::from_secs(20);
const SAMPLE: &str = r#"sdk { aws { s3 { key: KEYID, region: eu } } }
agent { worker_name: w, "white space": [1, 2] }"#;

/// A server with one profile.
struct Bench {
    _folder: TempDir,
    path: std::path::PathBuf,
    publisher: Publisher,
    stop: CancellationToken,
    tasks: JoinSet<()>,
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

impl Bench {
    fn start(access: Access) -> Self {
        Self::start_with(access, ConnectionLimits { total: 8, per_user: 6 })
    }

    fn start_with(access: Access, limits: ConnectionLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = UnixListener::bind(&path).unwrap();
        let (publisher, subscriber) = publish::channel(fresh());
        let stop = CancellationToken::new();
        let profiles = BTreeMap::from([("default".into(), subscriber)]);
        let desk = Desk::new(profiles, access, stop.clone());
        let mut tasks = JoinSet::new();
        let drain_timeout = Duration::from_secs(5);
        tasks.spawn(serve(listener, Arc::new(desk), limits, drain_timeout));
        let bench = Self { _folder: folder, path, publisher, stop, tasks };
        bench.publish(1, SAMPLE);
        bench
    }

    fn publish(&self, revision: u64, text: &str) {
        let published = Published::new(revision, samples::snapshot(text));
        self.publisher.publish(Answer::Some(Arc::new(published)));
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

#[tokio::test]
async fn every_question_has_its_answer() {
    let bench = Bench::start(everybody_sees_secrets());
    for (target, status, body) in [
        ("/v1/config?path=sdk.aws", 200, r#"{"s3":{"key":"KEYID","region":"eu"}}"#),
        ("/v1/config?path=agent.%22white+space%22&profile=default", 200, "[1,2]"),
        ("/v1/config?path=agent.%22white+space%22.1", 200, "2"),
        ("/v1/config?path=sdk.aws&format=hocon", 200, "region: \"eu\""),
        ("/v1/config?path=sdk.aws&format=yaml", 200, "region: eu"),
        ("/v1/config?format=env", 200, "SDK__AWS__S3__REGION='eu'"),
        ("/v1/config?path=sdk.asw", 404, "did you mean `sdk.aws`?"),
        ("/v1/config?path=agnet.worker_name", 404, "did you mean `agent.worker_name`?"),
        ("/v1/config?path=nothing.like.this", 404, "nothing is set at `nothing.like.this`"),
        ("/v1/config?path=a..b", 400, "empty key at column 3"),
        ("/v1/config?format=xml", 400, "`xml` is no format"),
        ("/v1/config?pth=a", 400, "`pth` is not known"),
        ("/v1/config?path=a&path=b", 400, "`path` comes twice"),
        ("/v1/config?profile=other", 404, "there is no profile `other`"),
        ("/v1/conf", 404, "`/v1/config`"),
        ("/", 404, "there is no `/`"),
        ("/livez", 200, "alive"),
        ("/readyz", 200, "ready"),
        ("/readyz?max_stale=1h", 200, "ready"),
        ("/readyz?max_stale=x", 400, "`x` is no duration"),
    ] {
        let said = bench.get(target).await;
        assert_eq!(said.status(), status, "{target}: {said:?}");
        assert!(said.body.contains(body), "{target}: {said:?}");
        let is_problem = said.header("content-type") == Some("application/problem+json");
        assert_eq!(is_problem, status >= 400, "{target}: {said:?}");
    }
    bench.end().await;
}

#[tokio::test]
async fn a_config_answer_says_its_type_tag_age_and_state() {
    let bench = Bench::start(everybody_sees_secrets());
    let mut tags = Vec::new();
    for (format, media_type) in [
        ("json", "application/json"),
        ("hocon", "application/hocon"),
        ("yaml", "application/yaml"),
        ("env", "text/plain; charset=utf-8"),
    ] {
        let target = format!("/v1/config?format={format}");
        let said = bench.get(&target).await;
        assert_eq!(said.header("content-type"), Some(media_type));
        assert_eq!(said.header("resolver-state"), Some("fresh"));
        assert_eq!(said.header("age"), Some("0"));
        let tag = said.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 34, "{tag}");
        assert_eq!(bench.get(&target).await.header("etag"), Some(tag.as_str()), "it is stable");
        let known = bench.ask("GET", &target, &format!("if-none-match: {tag}\r\n")).await;
        assert_eq!((known.status(), known.body.as_str()), (304, ""));
        assert_eq!(known.header("etag"), Some(tag.as_str()));
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4, "each spelling has its own");
    bench.publish(2, "other: 1");
    let known = bench.ask("GET", "/v1/config", &format!("if-none-match: {}\r\n", tags[0])).await;
    assert_eq!((known.status(), known.body.as_str()), (200, r#"{"other":1}"#));
    bench.end().await;
}

#[tokio::test]
async fn methods_and_forms_that_are_not_there_are_refused() {
    let bench = Bench::start(everybody_sees_secrets());
    let head = bench.ask("HEAD", "/v1/config?path=sdk.aws", "").await;
    assert_eq!((head.status(), head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), Some("36"));
    for method in ["POST", "PUT", "DELETE"] {
        let said = bench.ask(method, "/v1/config", "content-length: 0\r\n").await;
        assert_eq!(said.status(), 405);
        assert_eq!(said.header("allow"), Some("GET, HEAD"));
    }
    let yaml = bench.ask("GET", "/v1/config", "accept: application/yaml\r\n").await;
    assert_eq!(yaml.header("content-type"), Some("application/yaml"));
    let html = bench.ask("GET", "/v1/config", "accept: text/html\r\n").await;
    assert_eq!(html.status(), 406);
    let named = bench.ask("GET", "/v1/config?format=json", "accept: text/html\r\n").await;
    assert_eq!(named.status(), 200, "a format that is named counts more");
    bench.end().await;
}

#[tokio::test]
async fn who_may_not_read_learns_only_that_we_live() {
    let bench = Bench::start(Access::default());
    for target in ["/v1/config", "/v1/config?path=no.such.key", "/v1/status"] {
        let said = bench.get(target).await;
        assert_eq!(said.status(), 403, "{target}");
        assert!(!said.body.contains("KEYID"));
    }
    assert_eq!(bench.get("/livez").await.status(), 200);
    assert_eq!(bench.get("/readyz").await.status(), 200);
    bench.end().await;
}

#[tokio::test]
async fn without_an_answer_it_says_why() {
    let bench = Bench::start(everybody_sees_secrets());
    bench.publisher.publish(Answer::None("a.conf:1:1: this is wrong".into()));
    let said = bench.get("/v1/config").await;
    assert_eq!(said.status(), 503);
    assert!(said.body.contains("a.conf:1:1: this is wrong"), "{said:?}");
    let said = bench.get("/readyz").await;
    assert_eq!(said.status(), 503);
    assert!(!said.body.contains("a.conf"), "anybody may ask: {said:?}");
    bench.end().await;
}

#[tokio::test]
async fn a_question_before_the_first_answer_waits_for_it() {
    let bench = Bench::start(everybody_sees_secrets());
    bench.publisher.publish(Answer::Waiting);
    assert_eq!(bench.get("/readyz").await.status(), 503);
    let mut stream = bench.connect().await;
    let question = b"GET /v1/config HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(question).await.unwrap();
    tokio::task::yield_now().await;
    bench.publish(1, "a: 1");
    assert_eq!(read_to_end(&mut stream).await.body, r#"{"a":1}"#);
    bench.end().await;
}

#[tokio::test]
async fn a_question_may_wait_for_an_answer_it_does_not_know() {
    let bench = Bench::start(everybody_sees_secrets());
    let tag = bench.get("/v1/config?path=sdk").await.header("etag").unwrap().to_owned();
    let mut waiting = bench.connect().await;
    let question = format!(
        "GET /v1/config?path=sdk&wait=60s HTTP/1.1\r\nhost: x\r\nif-none-match: {tag}\r\n\r\n"
    );
    waiting.write_all(question.as_bytes()).await.unwrap();
    bench.get("/livez").await;
    bench.publish(2, &SAMPLE.replace("worker_name: w", "worker_name: x"));
    bench.get("/livez").await;
    let said = waiting.try_read(&mut [0; 1]);
    assert!(said.is_err(), "another part changed: {said:?}");
    bench.publish(3, &SAMPLE.replace("region: eu", "region: us"));
    let said = read_one(&mut waiting).await;
    assert_eq!(said.status(), 200);
    assert!(said.body.contains("us"), "{said:?}");
    waiting.write_all(question.as_bytes()).await.unwrap();
    assert_eq!(read_one(&mut waiting).await.status(), 200, "it does not know the newest");
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_in_time_or_with_the_daemon() {
    let mut bench = Bench::start(everybody_sees_secrets());
    let tag = bench.get("/v1/config").await.header("etag").unwrap().to_owned();
    let known = format!("if-none-match: {tag}\r\n");
    let started = tokio::time::Instant::now();
    let said = bench.ask_patiently("GET", "/v1/config?wait=30s", &known).await;
    assert_eq!((said.status(), started.elapsed().as_secs()), (304, 30));
    let said = bench.ask_patiently("GET", "/v1/config?wait=10h", &known).await;
    assert_eq!((said.status(), started.elapsed().as_secs()), (304, 330));
    let mut waiting = bench.connect().await;
    let question = format!("GET /v1/config?wait=60s HTTP/1.1\r\nhost: x\r\n{known}\r\n");
    waiting.write_all(question.as_bytes()).await.unwrap();
    bench.get("/livez").await;
    bench.stop.cancel();
    assert_eq!(read_to_end(&mut waiting).await.status(), 304);
    assert_eq!(started.elapsed().as_secs(), 330, "at once");
    bench.tasks.join_next().await.unwrap().unwrap();
}

/// Watches, and reads the head of the answer.
async fn watch(bench: &Bench, target: &str, headers: &str) -> UnixStream {
    let mut stream = bench.connect().await;
    let question = format!("GET {target} HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("text/event-stream"), "{head}");
    stream
}

/// Reads one event; returns its id and what it says.
async fn event(stream: &mut UnixStream) -> (String, ChangeEvent) {
    let mut text = Vec::new();
    while !text.ends_with(b"\n\n\r\n") {
        text.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    let text = String::from_utf8(text).unwrap();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
    };
    assert_eq!(field("event"), "change");
    (field("id"), serde_json::from_str(&field("data")).unwrap())
}

#[tokio::test]
async fn a_watcher_hears_of_its_own_part_only() {
    let bench = Bench::start(everybody_sees_secrets());
    let mut stream = watch(&bench, "/v1/watch?path=sdk.aws", "").await;
    let (first_id, first) = event(&mut stream).await;
    assert_eq!((first.revision, first.digest.as_deref()), (1, Some(first_id.as_str())));
    let tag = bench.get("/v1/config?path=sdk.aws").await.header("etag").unwrap().to_owned();
    assert_eq!(tag, format!("\"{first_id}\""), "the id is what `If-None-Match` takes");
    bench.publish(2, &SAMPLE.replace("worker_name: w", "worker_name: x"));
    bench.get("/livez").await;
    bench.publish(3, &SAMPLE.replace("region: eu", "region: us"));
    let (second_id, second) = event(&mut stream).await;
    assert_eq!(second.revision, 3, "another part changed in between");
    assert_ne!(first_id, second_id);
    bench.publish(4, "other: 1");
    let (id, gone) = event(&mut stream).await;
    assert_eq!((id.as_str(), gone.digest), ("none", None));
    bench.end().await;
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert_eq!(rest, b"0\r\n\r\n", "the stream ends in order with the daemon");
}

#[tokio::test]
async fn a_watcher_that_comes_back_hears_what_it_missed() {
    let bench = Bench::start(everybody_sees_secrets());
    let (id, _) = event(&mut watch(&bench, "/v1/watch", "").await).await;
    let known = format!("last-event-id: {id}\r\n");
    let mut stream = watch(&bench, "/v1/watch", &known).await;
    bench.get("/livez").await;
    bench.publish(2, "a: 1");
    assert_eq!(event(&mut stream).await.1.revision, 2, "nothing is said twice");
    let mut stream = watch(&bench, "/v1/watch", &known).await;
    assert_eq!(event(&mut stream).await.1.revision, 2);
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_watcher_may_wait_for_hours() {
    let bench = Bench::start(everybody_sees_secrets());
    let mut stream = watch(&bench, "/v1/watch?path=not.there.yet", "").await;
    assert_eq!(event(&mut stream).await.1.digest, None);
    sleep(Duration::from_secs(7200)).await;
    bench.publish(2, "not.there.yet: 1");
    assert!(event(&mut stream).await.1.digest.is_some());
    bench.end().await;
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused() {
    let bench = Bench::start(everybody_sees_secrets());
    for (target, status) in [
        ("/v1/watch?path=a..b", 400),
        ("/v1/watch?format=json", 400),
        ("/v1/watch?wait=1s", 400),
        ("/v1/watch?profile=other", 404),
    ] {
        assert_eq!(bench.get(target).await.status(), status, "{target}");
    }
    bench.end().await;
    let bench = Bench::start(Access::default());
    assert_eq!(bench.get("/v1/watch").await.status(), 403);
    bench.end().await;
}

#[tokio::test]
async fn readiness_knows_how_old_the_vaults_are() {
    let bench = Bench::start(everybody_sees_secrets());
    let mut now = Moment::now();
    now.instant = now.instant.checked_sub(Duration::from_secs(100)).unwrap();
    bench.publisher.report(samples::health(State::Stale, now));
    assert_eq!(bench.get("/readyz").await.status(), 200);
    assert_eq!(bench.get("/readyz?max_stale=99s").await.status(), 503);
    assert_eq!(bench.get("/readyz?max_stale=2m").await.status(), 200);
    let said = bench.get("/v1/config").await;
    assert_eq!(said.header("resolver-state"), Some("stale"));
    assert_eq!(said.header("age"), Some("100"));
    bench.end().await;
}

#[tokio::test]
async fn status_tells_all_there_is_to_tell() {
    let bench = Bench::start(everybody_sees_secrets());
    let mut health = fresh();
    health.vaults.fetches = 3;
    health.vaults.next = Some(Instant::now() + Duration::from_secs(60));
    bench.publisher.report(health);
    let tag = bench.get("/v1/config").await.header("etag").unwrap().to_owned();
    for _ in 0..9 {
        bench.get("/v1/config?path=sdk").await;
    }
    let status: Status = serde_json::from_str(&bench.get("/v1/status").await.body).unwrap();
    let profile = &status.profiles["default"];
    assert_eq!(profile.digest.as_deref(), Some(tag.trim_matches('"')));
    assert_eq!((profile.revision, profile.keys, profile.answers), (1, 4, 10));
    assert_eq!((profile.fetches, profile.calls_saved), (3, 14));
    assert!((58..=60).contains(&profile.next_refresh_seconds.unwrap()));
    assert_eq!(status.pid, std::process::id());
    bench.end().await;
}

#[tokio::test]
async fn one_connection_takes_many_questions_in_turn() {
    let bench = Bench::start(everybody_sees_secrets());
    let mut stream = bench.connect().await;
    for _ in 0..3 {
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert_eq!(read_one(&mut stream).await.body, "alive\n");
    }
    bench.end().await;
}

#[tokio::test]
async fn what_is_no_question_or_too_long_a_one_is_refused() {
    let bench = Bench::start(everybody_sees_secrets());
    for (question, status) in [
        ("nonsense\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000)), 431),
        (format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(100_000)), 431),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(100)), 431),
    ] {
        let mut stream = bench.connect().await;
        // The refusal may come before the end of what is written.
        let _ = stream.write_all(question.as_bytes()).await;
        let mut text = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut text)).await.unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{question:.20}: {text}");
    }
    assert_eq!(bench.get("/livez").await.status(), 200);
    bench.end().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_are_told_so() {
    let limits = ConnectionLimits { total: 8, per_user: 2 };
    let bench = Bench::start_with(everybody_sees_secrets(), limits);
    let mut open = Vec::new();
    for _ in 0..limits.per_user {
        let mut stream = bench.connect().await;
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        read_one(&mut stream).await;
        open.push(stream);
    }
    let said = read_one(&mut bench.connect().await).await;
    assert_eq!(said.status(), 503);
    assert!(said.body.contains("too many connections"), "{said:?}");
    open.pop();
    let is_let_in = async {
        loop {
            let mut stream = bench.connect().await;
            // Who is refused may be so before the question is written.
            let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
            if read_one(&mut stream).await.status() == 200 {
                break;
            }
        }
    };
    timeout(PATIENCE, is_let_in).await.expect("the place of a connection that ended is free");
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_too_long_is_ended() {
    let bench = Bench::start(everybody_sees_secrets());
    let mut slow = bench.connect().await;
    slow.write_all(b"GET /livez HTTP/1.1\r\n").await.unwrap();
    let mut idle = bench.connect().await;
    let started = tokio::time::Instant::now();
    let mut nothing = Vec::new();
    slow.read_to_end(&mut nothing).await.unwrap();
    assert!((10..=20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    idle.read_to_end(&mut nothing).await.unwrap();
    assert!((60..=75).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    assert!(nothing.is_empty());
    bench.end().await;
}

#[tokio::test]
async fn an_open_question_is_answered_before_the_end() {
    let mut bench = Bench::start(everybody_sees_secrets());
    bench.publisher.publish(Answer::Waiting);
    let mut open = bench.connect().await;
    open.write_all(b"GET /v1/config HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut resting = bench.connect().await;
    resting.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_one(&mut resting).await;
    bench.stop.cancel();
    let mut nothing = Vec::new();
    timeout(PATIENCE, resting.read_to_end(&mut nothing)).await.unwrap().unwrap();
    assert!(nothing.is_empty(), "a connection at rest ends at once");
    assert!(UnixStream::connect(&bench.path).await.is_err(), "nobody new is let in");
    bench.publish(1, "a: 1");
    assert_eq!(read_to_end(&mut open).await.body, r#"{"a":1}"#);
    timeout(PATIENCE, bench.tasks.join_next()).await.unwrap().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_is_cut() {
    let mut bench = Bench::start(everybody_sees_secrets());
    bench.publisher.publish(Answer::Waiting);
    let mut open = bench.connect().await;
    open.write_all(b"GET /v1/config HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    tokio::task::yield_now().await;
    let started = tokio::time::Instant::now();
    bench.stop.cancel();
    bench.tasks.join_next().await.unwrap().unwrap();
    assert!(started.elapsed() <= Duration::from_secs(6), "{:?}", started.elapsed());
}

#[test]
fn the_refusal_of_a_connection_is_a_whole_answer() {
    let text = std::str::from_utf8(TOO_MANY).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    assert_eq!(serde_json::from_str::<Problem>(body).unwrap().status, 503);
}
