//! What administrators may order.

use super::*;

#[tokio::test]
async fn a_reload_is_done_when_every_server_was_asked_again() {
    let bench = Bench::start(WITH_KEYS, server);
    bench.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    let (done, mut is_done) = oneshot::channel();
    fs::write(bench.folder.path().join("base.conf"), format!("{WITH_KEYS}b: 1")).unwrap();
    bench.send(Event::ReloadAsked { done }).await;
    assert!(bench.served().contains(r#""b":1"#), "files are read at once");
    let order = *bench.ends.order.borrow();
    assert_eq!(order, 1);
    bench.asked_well(answer(&[vault("v", "a: 1")]), order - 1).await;
    assert!(is_done.try_recv().is_err(), "that question was asked before");
    bench.asked(Err(unreachable_server()), order).await;
    timeout(PATIENCE, is_done).await.unwrap().unwrap();
    bench.end().await;
}

#[tokio::test]
async fn a_reload_without_servers_is_done_with_the_files() {
    let bench = Bench::start("a: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    let (done, is_done) = oneshot::channel();
    bench.send(Event::ReloadAsked { done }).await;
    timeout(PATIENCE, is_done).await.unwrap().unwrap();
    bench.end().await;
}

/// Sends an order, and returns whether there was anything to do.
async fn order(bench: &Bench, event: impl FnOnce(oneshot::Sender<bool>) -> Event) -> bool {
    let (done, is_done) = oneshot::channel();
    bench.send(event(done)).await;
    timeout(PATIENCE, is_done).await.unwrap().unwrap()
}

async fn pin(bench: &Bench, digest: &str) -> bool {
    let (digest, reveal) = (digest.to_owned(), Reveal::grant("test"));
    let event = |done| Event::PinAsked { profile: PROFILE.into(), digest, reveal, done };
    order(bench, event).await
}

async fn unpin(bench: &Bench) -> bool {
    order(bench, |done| Event::UnpinAsked { profile: PROFILE.into(), done }).await
}

fn digest(bench: &Bench) -> String {
    let Answer::Some(published) = bench.subscriber.answer() else { panic!("there is an answer") };
    let body = published.root_body(Some(Reveal::grant("test"))).unwrap();
    body.digest().to_owned()
}

#[tokio::test]
async fn a_pinned_answer_is_served_whatever_comes() {
    let bench = Bench::start("a: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    let first = digest(&bench);
    assert!(!pin(&bench, "0000").await, "there is no such answer");
    bench.write("base.conf", "a: 2").await;
    let reveal = Some(Reveal::grant("test"));
    assert_eq!(bench.subscriber.last_answer(&first, reveal).unwrap().revision, 1);
    assert!(pin(&bench, &first).await);
    assert_eq!(bench.served(), r#"{"a":1}"#);
    assert!(bench.health().is_pinned);
    bench.write("base.conf", "a: 3").await;
    assert_eq!(bench.served(), r#"{"a":1}"#);
    assert!(unpin(&bench).await);
    assert_eq!(bench.served(), r#"{"a":3}"#, "the newest");
    assert!(!unpin(&bench).await);
    for number in 4..10 {
        bench.write("base.conf", &format!("a: {number}")).await;
    }
    assert!(!pin(&bench, &first).await, "it is too long ago");
    bench.end().await;
}

#[tokio::test]
async fn vaults_that_are_withdrawn_are_not_kept_by_a_pin() {
    let bench = Bench::start(WITH_KEYS, server);
    bench.asked_well(answer(&[vault("v", "a: hidden")]), 0).await;
    let with_vault = digest(&bench);
    let Answer::Some(published) = bench.subscriber.answer() else { panic!("there is an answer") };
    assert!(published.files.as_ref().unwrap().get(&KeyPath::from_iter(["a"])).is_none());
    assert!(pin(&bench, &with_vault).await);
    let refusal = FetchError::Revoked { host: "api.test".into(), code: 401, subcode: 22 };
    bench.asked(Err(refusal), 0).await;
    assert!(!bench.served().contains("hidden"), "{}", bench.served());
    assert!(!bench.health().is_pinned);
    assert!(!pin(&bench, &with_vault).await, "nor does a new one bring them back");
    let last = bench.subscriber.last_answer(&with_vault, Some(Reveal::grant("test")));
    assert!(last.is_none(), "nor does a comparison");
    bench.end().await;
}

#[tokio::test]
async fn an_administrator_may_say_that_an_empty_answer_is_meant() {
    let acknowledge = |done| Event::EmptyAcknowledged { profile: PROFILE.into(), done };
    let bench = Bench::start(WITH_KEYS, server);
    bench.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    assert!(!order(&bench, acknowledge).await, "there is no doubt");
    bench.asked_well(answer(&[]), 0).await;
    assert!(bench.served().contains(r#""a":1"#), "one empty answer is doubted");
    assert!(order(&bench, acknowledge).await);
    assert!(!bench.served().contains(r#""a":1"#), "{}", bench.served());
    assert_eq!(bench.health().vaults.state, State::Fresh);
    bench.end().await;
}
