//! What is served while files come, break and go.

use super::*;

#[tokio::test]
async fn an_answer_follows_its_file() {
    let bench = Bench::start("a: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    assert_eq!(bench.health().vaults.state, State::Off);
    bench.write("base.conf", "a: 2").await;
    bench.until_served(r#"{"a":2}"#).await;
    bench.remove("base.conf").await;
    bench.until_served("{}").await;
    assert_eq!(bench.revision(), 3);
    bench.end().await;
}

#[tokio::test]
async fn an_equal_answer_is_no_new_one() {
    let bench = Bench::start("a: 1, b: 2", |_, _| {});
    bench.until_served(r#"{"a":1,"b":2}"#).await;
    let mut woken = bench.ends.told.clone();
    woken.mark_unchanged();
    bench.write("base.conf", "// moved\nb: 2\na: 1").await;
    assert_eq!(bench.revision(), 1);
    let Answer::Some(published) = bench.subscriber.answer() else { panic!("there is an answer") };
    let origin = published.snapshot.root().get("a").unwrap().origin;
    let text = published.snapshot.text(origin.source).unwrap();
    assert_eq!(text.line_column(origin.start).0, 3, "its origins are the new ones");
    bench.end().await;
}

#[tokio::test]
async fn a_broken_file_keeps_its_last_good_version() {
    let bench = Bench::start("a: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    bench.write("base.conf", "a: {").await;
    assert_eq!(bench.served(), r#"{"a":1}"#);
    assert!(bench.health().quarantined[0].last_good_used);
    assert!(bench.quarantined()[0].starts_with("base.conf:1:"), "{:?}", bench.quarantined());
    bench.write("base.conf", "a: 3").await;
    assert_eq!(bench.served(), r#"{"a":3}"#);
    assert!(bench.quarantined().is_empty());
    bench.end().await;
}

#[tokio::test]
async fn a_file_that_was_never_good_gives_no_answer_until_it_is() {
    let bench = Bench::start("a: {", |_, _| {});
    bench.until_served(&bench.served()).await;
    bench.files_changed().await;
    assert!(bench.served().starts_with("none: "), "{}", bench.served());
    assert!(bench.served().contains("base.conf:1:"), "{}", bench.served());
    assert!(bench.health().fault.is_some());
    bench.write("base.conf", "a: 1").await;
    assert_eq!(bench.served(), r#"{"a":1}"#);
    assert_eq!(bench.health().fault, None);
    bench.end().await;
}

#[tokio::test]
async fn a_required_file_that_goes_keeps_its_last_good_version() {
    let bench = Bench::start("a: 1", |_, profile| {
        profile.sources.files[0].presence = Presence::Required;
    });
    bench.until_served(r#"{"a":1}"#).await;
    bench.remove("base.conf").await;
    assert_eq!(bench.served(), r#"{"a":1}"#);
    assert!(bench.quarantined()[0].contains("base.conf"), "{:?}", bench.quarantined());
    bench.end().await;
}

#[tokio::test]
async fn files_keep_their_order_when_one_falls_back() {
    let bench = Bench::start("a: 1, x: low", |folder, profile| {
        fs::write(folder.join("over.conf"), "a: 2").unwrap();
        let path = folder.join("over.conf");
        profile.sources.files.push(ConfigFile { path, presence: Presence::Required });
    });
    bench.until_served(r#"{"a":2,"x":"low"}"#).await;
    bench.remove("over.conf").await;
    bench.write("base.conf", "a: 3, x: new").await;
    assert_eq!(bench.served(), r#"{"a":2,"x":"new"}"#);
    bench.remove("base.conf").await;
    assert_eq!(bench.served(), r#"{"a":2}"#, "an optional file may go");
    bench.end().await;
}

#[tokio::test]
async fn an_included_file_is_followed() {
    let bench = Bench::start("include \"more.conf\"\na: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    let more = bench.folder.path().join("more.conf");
    assert!(bench.ends.paths.borrow().contains(&more), "one that is missing may appear");
    bench.write("more.conf", "b: 1").await;
    assert_eq!(bench.served(), r#"{"b":1,"a":1}"#);
    bench.write("more.conf", "b: 2").await;
    assert_eq!(bench.served(), r#"{"b":2,"a":1}"#);
    assert!(bench.ends.paths.borrow().contains(&more));
    bench.end().await;
}

#[tokio::test]
async fn only_allowed_variables_are_closed_here() {
    let bench = Bench::start("a: ${OPEN}", |_, _| {});
    bench.until_served(r#"{"a":"${OPEN}"}"#).await;
    assert_eq!(bench.health().unresolved, [KeyPath::from_iter(["a"])]);
    bench.end().await;
    let allow = |_: &Path, profile: &mut Profile| profile.environment_allow = vec!["OPEN".into()];
    let bench = Bench::start("a: ${OPEN}", allow);
    bench.until_served(r#"{"a":"closed by the daemon"}"#).await;
    bench.end().await;
}
