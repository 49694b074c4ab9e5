//! Questions and their answers.

use resolver::{KeyPath, Precedence, Scope, SourceName};

use super::*;
use crate::protocol::{AssignmentFate, ChangeName, Difference, Explanation};

#[tokio::test]
async fn every_question_has_its_answer() {
    let fixture = Fixture::start(everybody_sees_secrets());
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
        let said = fixture.get(target).await;
        assert_eq!(said.status(), status, "{target}: {said:?}");
        assert!(said.body.contains(body), "{target}: {said:?}");
        let is_problem = said.header("content-type") == Some("application/problem+json");
        assert_eq!(is_problem, status >= 400, "{target}: {said:?}");
    }
    fixture.end().await;
}

#[tokio::test]
async fn a_config_answer_says_its_type_tag_age_and_state() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut tags = Vec::new();
    for (format, media_type) in [
        ("json", "application/json"),
        ("hocon", "application/hocon"),
        ("yaml", "application/yaml"),
        ("env", "text/plain; charset=utf-8"),
    ] {
        let target = format!("/v1/config?format={format}");
        let said = fixture.get(&target).await;
        assert_eq!(said.header("content-type"), Some(media_type));
        assert_eq!(said.header("resolver-state"), Some("fresh"));
        assert_eq!(said.header("age"), Some("0"));
        let tag = said.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 34, "{tag}");
        assert_eq!(fixture.get(&target).await.header("etag"), Some(tag.as_str()), "it is stable");
        let known = fixture.ask("GET", &target, &format!("if-none-match: {tag}\r\n")).await;
        assert_eq!((known.status(), known.body.as_str()), (304, ""));
        assert_eq!(known.header("etag"), Some(tag.as_str()));
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4, "each spelling has its own");
    fixture.publish(2, "other: 1");
    let known = fixture.ask("GET", "/v1/config", &format!("if-none-match: {}\r\n", tags[0])).await;
    assert_eq!((known.status(), known.body.as_str()), (200, r#"{"other":1}"#));
    fixture.end().await;
}

#[tokio::test]
async fn methods_and_forms_that_are_not_there_are_refused() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let head = fixture.ask("HEAD", "/v1/config?path=sdk.aws", "").await;
    assert_eq!((head.status(), head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), Some("36"));
    for method in ["POST", "PUT", "DELETE"] {
        let said = fixture.ask(method, "/v1/config", "content-length: 0\r\n").await;
        assert_eq!(said.status(), 405);
        assert_eq!(said.header("allow"), Some("GET, HEAD"));
    }
    let yaml = fixture.ask("GET", "/v1/config", "accept: application/yaml\r\n").await;
    assert_eq!(yaml.header("content-type"), Some("application/yaml"));
    let html = fixture.ask("GET", "/v1/config", "accept: text/html\r\n").await;
    assert_eq!(html.status(), 406);
    let named = fixture.ask("GET", "/v1/config?format=json", "accept: text/html\r\n").await;
    assert_eq!(named.status(), 200, "a format that is named counts more");
    fixture.end().await;
}

#[tokio::test]
async fn who_may_not_read_learns_only_that_we_live() {
    let fixture = Fixture::start(Access::default());
    for target in ["/v1/config", "/v1/config?path=no.such.key", "/v1/status"] {
        let said = fixture.get(target).await;
        assert_eq!(said.status(), 403, "{target}");
        assert!(!said.body.contains("KEYID"));
    }
    assert_eq!(fixture.get("/livez").await.status(), 200);
    assert_eq!(fixture.get("/readyz").await.status(), 200);
    fixture.end().await;
}

#[tokio::test]
async fn without_an_answer_it_says_why() {
    let fixture = Fixture::start(everybody_sees_secrets());
    fixture.publisher.publish(Answer::None("a.conf:1:1: this is wrong".into()));
    let said = fixture.get("/v1/config").await;
    assert_eq!(said.status(), 503);
    assert!(said.body.contains("a.conf:1:1: this is wrong"), "{said:?}");
    let said = fixture.get("/readyz").await;
    assert_eq!(said.status(), 503);
    assert!(!said.body.contains("a.conf"), "anybody may ask: {said:?}");
    fixture.end().await;
}

#[tokio::test]
async fn readiness_knows_how_old_the_vaults_are() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut now = Moment::now();
    now.instant = now.instant.checked_sub(Duration::from_secs(100)).unwrap();
    fixture.publisher.report(samples::health(State::Stale, now));
    assert_eq!(fixture.get("/readyz").await.status(), 200);
    assert_eq!(fixture.get("/readyz?max_stale=99s").await.status(), 503);
    assert_eq!(fixture.get("/readyz?max_stale=2m").await.status(), 200);
    let said = fixture.get("/v1/config").await;
    assert_eq!(said.header("resolver-state"), Some("stale"));
    assert_eq!(said.header("age"), Some("100"));
    fixture.end().await;
}

#[tokio::test]
async fn status_tells_all_there_is_to_tell() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let mut health = fresh();
    health.vaults.fetches = 3;
    health.vaults.next = Some(Instant::now() + Duration::from_secs(60));
    fixture.publisher.report(health);
    let tag = fixture.get("/v1/config").await.header("etag").unwrap().to_owned();
    for _ in 0..9 {
        fixture.get("/v1/config?path=sdk").await;
    }
    let status: Status = serde_json::from_str(&fixture.get("/v1/status").await.body).unwrap();
    let profile = &status.profiles["default"];
    assert_eq!(profile.digest.as_deref(), Some(tag.trim_matches('"')));
    assert_eq!((profile.revision, profile.keys, profile.answers), (1, 4, 10));
    assert_eq!((profile.fetches, profile.calls_saved), (3, 14));
    assert!((58..=60).contains(&profile.next_refresh_seconds.unwrap()));
    assert_eq!(status.pid, std::process::id());
    fixture.end().await;
}

fn layered() -> Published {
    let vault =
        SourceName::Vault { id: "v1".into(), description: "team".into(), scope: Scope::Group };
    let file = "s3 {\n key: K1\n secret: S1-of-the-file\n}";
    let file = (Precedence::File, SourceName::File("/a.conf".into()), file);
    let vault = (Precedence::Vault, vault, "s3.secret: S2-of-the-vault, agent.worker_id: w");
    let files = Some(samples::layered_snapshot(std::slice::from_ref(&file)));
    let snapshot = samples::layered_snapshot(&[file, vault]);
    Published::new(1, Merged { files, ..Merged::new(snapshot) })
}

#[tokio::test]
async fn an_explanation_names_who_sets_a_value_and_whom_that_hides() {
    let fixture = Fixture::start(everybody_sees_secrets());
    fixture.publisher.publish(Answer::Some(Arc::new(layered())));
    let said = fixture.get("/v1/explain?path=s3.secret").await;
    let explanation: Explanation = serde_json::from_str(&said.body).unwrap();
    let [winner, shadowed] = &explanation.assignments[..] else { panic!("{said:?}") };
    assert_eq!(winner.fate, AssignmentFate::Wins);
    assert_eq!((winner.layer.as_str(), winner.source.as_str()), ("vault", "vault v1 (team)"));
    assert_eq!(winner.vault.as_ref().unwrap().scope, "group");
    assert_eq!(winner.value.as_ref().unwrap().get(), "\"S2-of-the-vault\"");
    assert_eq!(shadowed.fate, AssignmentFate::Shadowed);
    assert_eq!((shadowed.layer.as_str(), shadowed.source.as_str()), ("file", "/a.conf"));
    assert_eq!(shadowed.line, Some(3));
    assert_eq!(shadowed.value.as_ref().unwrap().get(), "\"S1-of-the-file\"");
    for (target, status) in [
        ("/v1/explain?path=s3.nothing", 404),
        ("/v1/explain?path=a..b", 400),
        ("/v1/explain?path=s3&format=yaml", 400),
        ("/v1/explain?profile=other", 404),
    ] {
        assert_eq!(fixture.get(target).await.status(), status, "{target}");
    }
    fixture.end().await;
}

#[tokio::test]
async fn a_difference_tells_what_the_vaults_change() {
    let fixture = Fixture::start(everybody_sees_secrets());
    fixture.publisher.publish(Answer::Some(Arc::new(layered())));
    let said = fixture.get("/v1/diff").await;
    let difference: Difference = serde_json::from_str(&said.body).unwrap();
    assert_eq!((difference.path.as_str(), difference.against.as_str()), ("", "file"));
    let [secret, worker] = &difference.changes[..] else { panic!("{said:?}") };
    assert_eq!((secret.path.as_str(), secret.kind), ("s3.secret", ChangeName::Changed));
    assert_eq!(secret.before.as_ref().unwrap().get(), "\"S1-of-the-file\"");
    assert_eq!(secret.after.as_ref().unwrap().get(), "\"S2-of-the-vault\"");
    assert_eq!(secret.set_by.as_ref().unwrap().source, "vault v1 (team)");
    assert_eq!((worker.path.as_str(), worker.kind), ("agent.worker_id", ChangeName::Added));
    assert!(worker.before.is_none(), "{said:?}");
    for (target, changes) in [("/v1/diff?path=s3", 1), ("/v1/diff?path=no", 0)] {
        let said = fixture.get(target).await;
        let difference: Difference = serde_json::from_str(&said.body).unwrap();
        assert_eq!(difference.changes.len(), changes, "{target}");
    }
    for (target, status) in [
        ("/v1/diff?against=00", 404),
        ("/v1/diff?wait=1s", 400),
        ("/v1/diff?path=a..b", 400),
        ("/v1/diff?profile=other", 404),
    ] {
        assert_eq!(fixture.get(target).await.status(), status, "{target}");
    }
    fixture.publish(1, SAMPLE);
    assert_eq!(fixture.get("/v1/diff").await.status(), 503, "the files alone give no answer");
    fixture.end().await;
}

#[tokio::test]
async fn a_difference_tells_what_has_changed_since_an_earlier_answer() {
    let fixture = Fixture::start(everybody_sees_secrets());
    let earlier = samples::published(1, "a: 1, b: 1");
    let present = samples::published(2, "b: 2, c: 1");
    fixture.publisher.publish(Answer::Some(earlier.clone()));
    let tag = fixture.get("/v1/config").await.header("etag").unwrap().trim_matches('"').to_owned();
    fixture.publisher.publish(Answer::Some(present.clone()));
    let target = format!("/v1/diff?against={tag}");
    assert_eq!(fixture.get(&target).await.status(), 404, "it is not remembered");
    fixture.publisher.remember([present, earlier]);
    let said = fixture.get(&target).await;
    let difference: Difference = serde_json::from_str(&said.body).unwrap();
    let told: Vec<_> = difference.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(told, ["b", "c", "a"]);
    assert_eq!(difference.changes[0].before.as_ref().unwrap().get(), "1");
    fixture.end().await;
}

#[tokio::test]
async fn who_sees_masks_sees_them_everywhere() {
    let fixture = Fixture::start(Access { secrets: vec![], redacted: vec![Subject::Anyone] });
    fixture.publisher.publish(Answer::Some(Arc::new(layered())));
    let mut targets =
        vec!["/v1/explain?path=s3".to_owned(), "/v1/explain?path=s3.secret".to_owned()];
    targets.push("/v1/diff".to_owned());
    targets.extend(["json", "hocon", "yaml", "env"].map(|f| format!("/v1/config?format={f}")));
    targets.push("/v1/config?path=s3.secret".to_owned());
    for target in targets {
        let said = fixture.get(&target).await;
        assert_eq!(said.status(), 200, "{target}");
        assert!(said.body.contains("********"), "{target}: {said:?}");
        assert!(!said.body.contains("S1") && !said.body.contains("S2"), "{target}: {said:?}");
    }
    let status: Status = serde_json::from_str(&fixture.get("/v1/status").await.body).unwrap();
    let tag = fixture.get("/v1/config").await.header("etag").unwrap().to_owned();
    let digest = status.profiles["default"].digest.clone();
    assert_eq!(digest.as_deref(), Some(tag.trim_matches('"')), "of what it may see");
    fixture.end().await;
}

#[tokio::test]
async fn a_part_may_be_lent_to_those_who_may_not_read_the_whole() {
    let everybody = vec![Subject::Anyone];
    let lent = Access { secrets: everybody.clone(), redacted: vec![] };
    let masked = Access { secrets: vec![], redacted: everybody };
    let parts = vec![
        (KeyPath::parse("sdk.aws").unwrap(), lent),
        (KeyPath::parse("sdk.aws.s3.key").unwrap(), masked),
    ];
    let rules = AccessRules { whole: Access::default(), parts };
    let fixture = Fixture::start_by_rules(rules, ConnectionLimits { total: 8, per_user: 6 });
    let sample = "sdk.aws { s3 { key: KEYID-OF-SOMEBODY }, b.secret: SECRET-OF-ALL }, agent.a: 1";
    fixture.publish(1, sample);
    for (target, status, body) in [
        ("/v1/config?path=sdk.aws.b", 200, "SECRET-OF-ALL"),
        ("/v1/config?path=sdk.aws", 200, "********"),
        ("/v1/config?path=sdk.aws.s3.key", 200, "********"),
        ("/v1/config", 403, "`sdk.aws`, `sdk.aws.s3.key`: ask for less"),
        ("/v1/config?path=agent", 403, "`sdk.aws`"),
        ("/v1/config?path=a..b", 400, "empty key"),
        ("/v1/watch?path=agent", 403, "may not read this"),
        ("/v1/explain?path=agent.a", 403, "may not read this"),
        ("/v1/explain?path=sdk.aws.b", 200, "SECRET-OF-ALL"),
        ("/v1/diff", 403, "may not read this"),
        ("/v1/diff?path=sdk.aws.b&against=00", 404, "digest"),
        ("/v1/status", 200, "\"digest\":null"),
        ("/metrics", 200, "clearml_resolver_keys"),
    ] {
        let said = fixture.get(target).await;
        assert_eq!(said.status(), status, "{target}: {said:?}");
        assert!(said.body.contains(body), "{target}: {said:?}");
        assert!(!said.body.contains("KEYID"), "{target}: {said:?}");
    }
    fixture.end().await;
}

#[tokio::test]
async fn a_monitor_learns_how_we_are() {
    let fixture = Fixture::start(everybody_sees_secrets());
    fixture.get("/v1/config").await;
    let said = fixture.get("/metrics").await;
    assert!(said.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    for line in [
        concat!("clearml_resolver_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        "clearml_resolver_revision{profile=\"default\"} 1",
        "clearml_resolver_keys{profile=\"default\"} 4",
        "clearml_resolver_answers_total{profile=\"default\"} 1",
        "clearml_resolver_vaults_state{profile=\"default\",state=\"fresh\"} 1",
        "clearml_resolver_vaults_state{profile=\"default\",state=\"stale\"} 0",
        "clearml_resolver_connections_refused_total 0",
        "# EOF",
    ] {
        assert!(said.body.lines().any(|there| there == line), "no {line} in {}", said.body);
    }
    fixture.end().await;
    let fixture = Fixture::start(Access::default());
    assert_eq!(fixture.get("/metrics").await.status(), 403);
    fixture.end().await;
}
