//! Waiting for changes: one answer later, or event by event.

use std::sync::atomic::Ordering::Relaxed;

use super::{super::pace::SWEEP, *};

#[tokio::test]
async fn a_question_before_the_first_answer_waits_for_it() {
    let fixture = Fixture::start(everybody_sees_secrets());
    fixture.publisher.publish(Answer::Waiting);
    assert_eq!(fixture.get("/readyz").await.status(), 503);
    let mut stream = fixture.connect().await;
    let question = b"GET /v1/config HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(question).await.unwrap();
    tokio::task::yield_now().await;
    fixture.publish(1, "a: 1");
    assert_eq!(read_to_end(&mut stream).await.body, r#"{"a":1}"#);
    fixture.end().await;
}

#[tokio::test]
async fn a_question_may_wait_for_an_answer_it_does_not_know() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let tag = fixture.get("/v1/config?path=sdk").await.header("etag").unwrap().to_owned();
    let mut waiting = fixture.connect().await;
    let question = format!(
        "GET /v1/config?path=sdk&wait=60s HTTP/1.1\r\nhost: x\r\nif-none-match: {tag}\r\n\r\n"
    );
    waiting.write_all(question.as_bytes()).await.unwrap();
    fixture.get("/livez").await;
    fixture.publish(2, &SAMPLE.replace("worker_name: w", "worker_name: x"));
    fixture.get("/livez").await;
    let said = waiting.try_read(&mut [0; 1]);
    assert!(said.is_err(), "another part changed: {said:?}");
    fixture.publish(3, &SAMPLE.replace("region: eu", "region: us"));
    let said = read_one(&mut waiting).await;
    assert_eq!(said.status(), 200);
    assert!(said.body.contains("us"), "{said:?}");
    waiting.write_all(question.as_bytes()).await.unwrap();
    assert_eq!(read_one(&mut waiting).await.status(), 200, "it does not know the newest");
    fixture.end().await;
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_in_time_or_with_the_daemon() {
    let mut fixture = Fixture::start(everybody_sees_secrets());
    let tag = fixture.get("/v1/config").await.header("etag").unwrap().to_owned();
    let known = format!("if-none-match: {tag}\r\n");
    let started = tokio::time::Instant::now();
    let said = fixture.ask_patiently("GET", "/v1/config?wait=30s", &known).await;
    assert_eq!((said.status(), started.elapsed().as_secs()), (304, 30));
    let said = fixture.ask_patiently("GET", "/v1/config?wait=10h", &known).await;
    assert_eq!((said.status(), started.elapsed().as_secs()), (304, 330));
    let mut waiting = fixture.connect().await;
    let question = format!("GET /v1/config?wait=60s HTTP/1.1\r\nhost: x\r\n{known}\r\n");
    waiting.write_all(question.as_bytes()).await.unwrap();
    fixture.get("/livez").await;
    fixture.stop.cancel();
    assert_eq!(read_to_end(&mut waiting).await.status(), 304);
    assert_eq!(started.elapsed().as_secs(), 330, "at once");
    fixture.tasks.join_next().await.unwrap().unwrap();
}

/// Watches, and reads the head of the answer.
async fn watch(fixture: &Fixture, target: &str, headers: &str) -> UnixStream {
    let mut stream = fixture.connect().await;
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
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut stream = watch(&fixture, "/v1/watch?path=sdk.aws", "").await;
    let (first_id, first) = event(&mut stream).await;
    assert_eq!((first.revision, first.digest.as_deref()), (1, Some(first_id.as_str())));
    let tag = fixture.get("/v1/config?path=sdk.aws").await.header("etag").unwrap().to_owned();
    assert_eq!(tag, format!("\"{first_id}\""), "the id is what `If-None-Match` takes");
    fixture.publish(2, &SAMPLE.replace("worker_name: w", "worker_name: x"));
    fixture.get("/livez").await;
    fixture.publish(3, &SAMPLE.replace("region: eu", "region: us"));
    let (second_id, second) = event(&mut stream).await;
    assert_eq!(second.revision, 3, "another part changed in between");
    assert_ne!(first_id, second_id);
    fixture.publish(4, "other: 1");
    let (id, gone) = event(&mut stream).await;
    assert_eq!((id.as_str(), gone.digest), ("none", None));
    fixture.end().await;
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert_eq!(rest, b"0\r\n\r\n", "the stream ends in order with the daemon");
}

#[tokio::test]
async fn a_watcher_that_comes_back_hears_what_it_missed() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let (id, _) = event(&mut watch(&fixture, "/v1/watch", "").await).await;
    let known = format!("last-event-id: {id}\r\n");
    let mut stream = watch(&fixture, "/v1/watch", &known).await;
    fixture.get("/livez").await;
    fixture.publish(2, "a: 1");
    assert_eq!(event(&mut stream).await.1.revision, 2, "nothing is said twice");
    let mut stream = watch(&fixture, "/v1/watch", &known).await;
    assert_eq!(event(&mut stream).await.1.revision, 2);
    fixture.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_watcher_may_wait_for_hours() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut stream = watch(&fixture, "/v1/watch?path=not.there.yet", "").await;
    assert_eq!(event(&mut stream).await.1.digest, None);
    sleep(Duration::from_secs(7200)).await;
    fixture.publish(2, "not.there.yet: 1");
    assert!(event(&mut stream).await.1.digest.is_some());
    fixture.end().await;
}

#[tokio::test]
async fn one_watcher_too_many_is_told_so_and_has_its_turn_later() {
    let fixture = Fixture::start_with(everybody_sees_secrets(), ConnectionLimits::FEW);
    let mut watchers = Vec::new();
    for _ in 0..WATCHERS {
        watchers.push(watch(&fixture, "/v1/watch", "").await);
    }
    let known =
        format!("if-none-match: {}\r\n", fixture.get("/v1/config").await.header("etag").unwrap());
    let refused = fixture.get("/v1/watch").await;
    assert_eq!((refused.status(), refused.header("retry-after")), (503, Some("1")));
    assert!(refused.body.contains("max_watchers"), "{refused:?}");
    assert_eq!(fixture.ask("GET", "/v1/config?wait=9s", &known).await.status(), 503);
    assert_eq!(fixture.ask("GET", "/v1/config", &known).await.status(), 304, "who does not wait");
    watchers.pop();
    let is_let_in =
        async { while fixture.ask("GET", "/v1/config?wait=1s", &known).await.status() == 503 {} };
    timeout(PATIENCE, is_let_in).await.expect("the slot of a watcher that left is free");
    fixture.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_never_reads_is_dropped_and_others_hear_on() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut sleeper = fixture.connect().await;
    sleeper.write_all(b"GET /v1/watch HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut reader = watch(&fixture, "/v1/watch", "").await;
    event(&mut reader).await;
    // So many events do not fit what lies between the two ends of a socket (net.core.wmem_default).
    for revision in 2..6000 {
        fixture.publish(revision, &format!("a: {revision}"));
        assert_eq!(event(&mut reader).await.1.revision, revision);
    }
    let is_dropped = async {
        while fixture.service.connections.late.load(Relaxed) == 0 {
            sleep(SWEEP).await;
        }
    };
    timeout(10 * SWEEP, is_dropped).await.expect("the watcher that never reads is dropped");
    let mut rest = Vec::new();
    sleeper.read_to_end(&mut rest).await.unwrap();
    assert!(!rest.ends_with(b"0\r\n\r\n"), "it is cut, not ended");
    fixture.publish(6000, "a: 0");
    assert_eq!(event(&mut reader).await.1.revision, 6000, "the other one is unharmed");
    fixture.end().await;
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused() {
    let fixture = Fixture::start(everybody_sees_secrets());
    for (target, status) in [
        ("/v1/watch?path=a..b", 400),
        ("/v1/watch?format=json", 400),
        ("/v1/watch?wait=1s", 400),
        ("/v1/watch?profile=other", 404),
    ] {
        assert_eq!(fixture.get(target).await.status(), status, "{target}");
    }
    fixture.end().await;
    let fixture = Fixture::start(Access::default());
    assert_eq!(fixture.get("/v1/watch").await.status(), 403);
    fixture.end().await;
}
