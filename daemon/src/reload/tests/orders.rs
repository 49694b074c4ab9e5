//! What administrators may order.

use super::*;

#[tokio::test]
async fn a_reload_is_done_when_every_server_was_asked_again() {
    let fixture = Fixture::start(WITH_KEYS, server);
    fixture.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    let (done, mut is_done) = oneshot::channel();
    fs::write(fixture.folder.path().join("base.conf"), format!("{WITH_KEYS}b: 1")).unwrap();
    fixture.send(Event::ReloadAsked { done }).await;
    assert!(fixture.served().contains(r#""b":1"#), "files are read at once");
    let order = *fixture.ends.order.borrow();
    assert_eq!(order, 1);
    fixture.asked_well(answer(&[vault("v", "a: 1")]), order - 1).await;
    assert!(is_done.try_recv().is_err(), "that question was asked before");
    fixture.asked(Err(unreachable_server()), order).await;
    timeout(PATIENCE, is_done).await.unwrap().unwrap();
    fixture.end().await;
}

#[tokio::test]
async fn a_reload_without_servers_is_done_with_the_files() {
    let fixture = Fixture::start("a: 1", |_, _| {});
    fixture.until_served(r#"{"a":1}"#).await;
    let (done, is_done) = oneshot::channel();
    fixture.send(Event::ReloadAsked { done }).await;
    timeout(PATIENCE, is_done).await.unwrap().unwrap();
    fixture.end().await;
}

/// Sends an order, and returns whether there was anything to do.
async fn order(fixture: &Fixture, event: impl FnOnce(oneshot::Sender<bool>) -> Event) -> bool {
    let (done, is_done) = oneshot::channel();
    fixture.send(event(done)).await;
    timeout(PATIENCE, is_done).await.unwrap().unwrap()
}

async fn pin(fixture: &Fixture, digest: &str) -> bool {
    let (digest, reveal) = (digest.to_owned(), Reveal::grant("test"));
    let event = |done| Event::PinAsked { profile: PROFILE.into(), digest, reveal, done };
    order(fixture, event).await
}

async fn unpin(fixture: &Fixture) -> bool {
    order(fixture, |done| Event::UnpinAsked { profile: PROFILE.into(), done }).await
}

fn digest(fixture: &Fixture) -> String {
    let Answer::Some(published) = fixture.subscriber.answer() else { panic!("there is an answer") };
    let body = published.root_body(Some(Reveal::grant("test"))).unwrap();
    body.digest().to_owned()
}

#[tokio::test]
async fn a_pinned_answer_is_served_whatever_comes() {
    let fixture = Fixture::start("a: 1", |_, _| {});
    fixture.until_served(r#"{"a":1}"#).await;
    let first = digest(&fixture);
    assert!(!pin(&fixture, "0000").await, "there is no such answer");
    fixture.write("base.conf", "a: 2").await;
    let reveal = Some(Reveal::grant("test"));
    assert_eq!(fixture.subscriber.last_answer(&first, reveal).unwrap().revision, 1);
    assert!(pin(&fixture, &first).await);
    assert_eq!(fixture.served(), r#"{"a":1}"#);
    assert!(fixture.health().is_pinned);
    fixture.write("base.conf", "a: 3").await;
    assert_eq!(fixture.served(), r#"{"a":1}"#);
    assert!(unpin(&fixture).await);
    assert_eq!(fixture.served(), r#"{"a":3}"#, "the newest");
    assert!(!unpin(&fixture).await);
    for number in 4..10 {
        fixture.write("base.conf", &format!("a: {number}")).await;
    }
    assert!(!pin(&fixture, &first).await, "it is too long ago");
    fixture.end().await;
}

#[tokio::test]
async fn vaults_that_are_withdrawn_are_not_kept_by_a_pin() {
    let fixture = Fixture::start(WITH_KEYS, server);
    fixture.asked_well(answer(&[vault("v", "a: hidden")]), 0).await;
    let with_vault = digest(&fixture);
    let Answer::Some(published) = fixture.subscriber.answer() else { panic!("there is an answer") };
    assert!(published.files.as_ref().unwrap().get(&KeyPath::from_iter(["a"])).is_none());
    assert!(pin(&fixture, &with_vault).await);
    let refusal = FetchError::Revoked { host: "api.test".into(), code: 401, subcode: 22 };
    fixture.asked(Err(refusal), 0).await;
    assert!(!fixture.served().contains("hidden"), "{}", fixture.served());
    assert!(!fixture.health().is_pinned);
    assert!(!pin(&fixture, &with_vault).await, "nor does a new one bring them back");
    let last = fixture.subscriber.last_answer(&with_vault, Some(Reveal::grant("test")));
    assert!(last.is_none(), "nor does a comparison");
    fixture.end().await;
}

#[tokio::test]
async fn an_administrator_may_say_that_an_empty_answer_is_meant() {
    let acknowledge = |done| Event::EmptyAcknowledged { profile: PROFILE.into(), done };
    let fixture = Fixture::start(WITH_KEYS, server);
    fixture.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    assert!(!order(&fixture, acknowledge).await, "there is no doubt");
    fixture.asked_well(answer(&[]), 0).await;
    assert!(fixture.served().contains(r#""a":1"#), "one empty answer is doubted");
    assert!(order(&fixture, acknowledge).await);
    assert!(!fixture.served().contains(r#""a":1"#), "{}", fixture.served());
    assert_eq!(fixture.health().vaults.state, State::Fresh);
    fixture.end().await;
}
