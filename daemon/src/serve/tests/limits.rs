//! What a connection may take, and how all of them end.

use super::*;

#[tokio::test]
async fn one_connection_takes_many_questions_in_turn() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut stream = fixture.connect().await;
    for _ in 0..3 {
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert_eq!(read_one(&mut stream).await.body, "alive\n");
    }
    fixture.end().await;
}

#[tokio::test]
async fn what_is_no_question_or_too_long_a_one_is_refused() {
    let fixture = Fixture::start(everybody_sees_secrets());
    for (question, status) in [
        ("nonsense\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000)), 431),
        (format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(100_000)), 431),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(100)), 431),
    ] {
        let mut stream = fixture.connect().await;
        // The refusal may come before the end of what is written.
        let _ = stream.write_all(question.as_bytes()).await;
        let mut text = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut text)).await.unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{question:.20}: {text}");
    }
    assert_eq!(fixture.get("/livez").await.status(), 200);
    fixture.end().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_are_told_so() {
    let limits = ConnectionLimits { total: 8, per_user: 2 };
    let fixture = Fixture::start_with(everybody_sees_secrets(), limits);
    let mut open = Vec::new();
    for _ in 0..limits.per_user {
        let mut stream = fixture.connect().await;
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        read_one(&mut stream).await;
        open.push(stream);
    }
    let said = read_one(&mut fixture.connect().await).await;
    assert_eq!(said.status(), 503);
    assert!(said.body.contains("too many connections"), "{said:?}");
    open.pop();
    let is_let_in = async {
        loop {
            let mut stream = fixture.connect().await;
            // Who is refused may be so before the question is written.
            let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
            if read_one(&mut stream).await.status() == 200 {
                break;
            }
        }
    };
    timeout(PATIENCE, is_let_in).await.expect("the place of a connection that ended is free");
    fixture.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_too_long_is_ended() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut slow = fixture.connect().await;
    slow.write_all(b"GET /livez HTTP/1.1\r\n").await.unwrap();
    let mut half = fixture.connect().await;
    half.write_all(b"POST /v1/redact HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf")
        .await
        .unwrap();
    let mut idle = fixture.connect().await;
    let started = tokio::time::Instant::now();
    let mut nothing = Vec::new();
    slow.read_to_end(&mut nothing).await.unwrap();
    assert!((10..=20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    half.read_to_end(&mut nothing).await.unwrap();
    assert!((10..=20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    idle.read_to_end(&mut nothing).await.unwrap();
    assert!((60..=75).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    assert!(nothing.is_empty());
    fixture.end().await;
}

#[tokio::test]
async fn an_open_question_is_answered_before_the_end() {
    let mut fixture = Fixture::start(everybody_sees_secrets());
    fixture.publisher.publish(Answer::Waiting);
    let mut open = fixture.connect().await;
    open.write_all(b"GET /v1/config HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut resting = fixture.connect().await;
    resting.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_one(&mut resting).await;
    fixture.stop.cancel();
    let mut nothing = Vec::new();
    timeout(PATIENCE, resting.read_to_end(&mut nothing)).await.unwrap().unwrap();
    assert!(nothing.is_empty(), "a connection at rest ends at once");
    assert!(UnixStream::connect(&fixture.path).await.is_err(), "nobody new is let in");
    fixture.publish(1, "a: 1");
    assert_eq!(read_to_end(&mut open).await.body, r#"{"a":1}"#);
    timeout(PATIENCE, fixture.tasks.join_next()).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn who_has_just_connected_may_still_ask() {
    let mut fixture = Fixture::start(everybody_sees_secrets());
    let mut connected = fixture.connect().await;
    // Whoever connected later is answered, so that connection has been accepted, too.
    assert_eq!(fixture.get("/livez").await.status(), 200);
    fixture.stop.cancel();
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    connected.write_all(b"GET /v1/config HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert_eq!(read_to_end(&mut connected).await.status(), 200);
    timeout(PATIENCE, fixture.tasks.join_next()).await.unwrap().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_is_cut() {
    let mut fixture = Fixture::start(everybody_sees_secrets());
    fixture.publisher.publish(Answer::Waiting);
    let mut open = fixture.connect().await;
    open.write_all(b"GET /v1/config HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    tokio::task::yield_now().await;
    let started = tokio::time::Instant::now();
    fixture.stop.cancel();
    fixture.tasks.join_next().await.unwrap().unwrap();
    assert!(started.elapsed() <= Duration::from_secs(6), "{:?}", started.elapsed());
}

#[test]
fn the_refusal_of_a_connection_is_a_whole_answer() {
    let text = std::str::from_utf8(TOO_MANY).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    assert_eq!(serde_json::from_str::<Problem>(body).unwrap().status, 503);
}
