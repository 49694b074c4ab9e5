//! Texts and arguments that are sent to be masked.

use super::*;

const SECRET: &str = "sdk.aws.s3.secret: hunter2-and-more, a: 1";

#[tokio::test]
async fn a_text_or_a_list_of_arguments_comes_back_masked() {
    let fixture = Fixture::start(Access { secrets: vec![], redacted: vec![Subject::Anyone] });
    fixture.publish(1, SECRET);
    for (media_type, body, expected) in [
        ("text/plain", "is it hunter2-and-more?", "is it ********?"),
        ("application/x-www-form-urlencoded", "hunter2-and-more", "********"),
        ("application/json", r#"["a", "hunter2-and-more"]"#, r#"["a","********"]"#),
        ("Application/JSON; charset=utf-8", r#"["-e"]"#, r#"["-e"]"#),
        ("text/plain", "", ""),
    ] {
        let said = fixture.post("/v1/redact", media_type, body).await;
        assert_eq!((said.status(), said.body.as_str()), (200, expected), "{media_type}: {body}");
    }
    fixture.end().await;
}

#[tokio::test]
async fn what_cannot_be_masked_is_refused_with_a_reason() {
    let fixture = Fixture::start(everybody_sees_secrets());
    fixture.publish(1, SECRET);
    for (target, media_type, body, status) in [
        ("/v1/redact", "application/json", r#"{"a": "hunter2"}"#, 400),
        ("/v1/redact", "application/json", r#"[1, "hunter2"]"#, 400),
        ("/v1/redact?path=a", "text/plain", "", 400),
        ("/v1/redact?profile=no", "text/plain", "", 404),
    ] {
        let said = fixture.post(target, media_type, body).await;
        assert_eq!(said.status(), status, "{target}: {body}");
        assert!(!said.body.contains("hunter2"), "{said:?}");
    }
    let head = "content-length: 9999999\r\n";
    assert_eq!(fixture.ask("POST", "/v1/redact", head).await.status(), 413, "it says so at once");
    let said = fixture.get("/v1/redact").await;
    assert_eq!((said.status(), said.header("allow")), (405, Some("POST")));
    fixture.publisher.publish(Answer::None("broken".into()));
    let said = fixture.post("/v1/redact", "text/plain", "a").await;
    assert_eq!(said.status(), 503, "nothing would be known to be secret");
    fixture.end().await;
    let strangers = Fixture::start(Access::default());
    assert_eq!(strangers.post("/v1/redact", "text/plain", "a").await.status(), 403);
    strangers.end().await;
}

#[tokio::test]
async fn a_body_without_an_end_is_refused() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut stream = fixture.connect().await;
    let head = b"POST /v1/redact HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    // The refusal comes before all is written.
    for _ in 0..200 {
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut text = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut text)).await.unwrap();
    assert!(text.starts_with(b"HTTP/1.1 413 "), "{:?}", String::from_utf8_lossy(&text));
    fixture.end().await;
}
