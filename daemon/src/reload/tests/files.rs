//! What is served while files come, break and go.

use super::*;

#[tokio::test]
async fn an_answer_follows_its_file() {
    let fixture = Fixture::start("a: 1", |_, _| {});
    fixture.until_served(r#"{"a":1}"#).await;
    assert_eq!(fixture.health().vaults.state, State::Off);
    fixture.write("base.conf", "a: 2").await;
    fixture.until_served(r#"{"a":2}"#).await;
    fixture.remove("base.conf").await;
    fixture.until_served("{}").await;
    assert_eq!(fixture.revision(), 3);
    fixture.end().await;
}

#[tokio::test]
async fn an_equal_answer_is_no_new_one() {
    let fixture = Fixture::start("a: 1, b: 2", |_, _| {});
    fixture.until_served(r#"{"a":1,"b":2}"#).await;
    let mut woken = fixture.ends.told.clone();
    woken.mark_unchanged();
    fixture.write("base.conf", "// moved\nb: 2\na: 1").await;
    assert_eq!(fixture.revision(), 1);
    let Answer::Some(published) = fixture.subscriber.answer() else { panic!("there is an answer") };
    let origin = published.snapshot.root().get("a").unwrap().origin;
    let text = published.snapshot.text(origin.source).unwrap();
    assert_eq!(text.line_column(origin.start).0, 3, "its origins are the new ones");
    fixture.end().await;
}

#[tokio::test]
async fn a_broken_file_keeps_its_last_good_version() {
    let fixture = Fixture::start("a: 1", |_, _| {});
    fixture.until_served(r#"{"a":1}"#).await;
    fixture.write("base.conf", "a: {").await;
    assert_eq!(fixture.served(), r#"{"a":1}"#);
    assert!(fixture.health().quarantined[0].last_good_used);
    assert!(fixture.quarantined()[0].starts_with("base.conf:1:"), "{:?}", fixture.quarantined());
    fixture.write("base.conf", "a: 3").await;
    assert_eq!(fixture.served(), r#"{"a":3}"#);
    assert!(fixture.quarantined().is_empty());
    fixture.end().await;
}

#[tokio::test]
async fn a_file_that_was_never_good_gives_no_answer_until_it_is() {
    let fixture = Fixture::start("a: {", |_, _| {});
    fixture.until_served(&fixture.served()).await;
    fixture.files_changed().await;
    assert!(fixture.served().starts_with("none: "), "{}", fixture.served());
    assert!(fixture.served().contains("base.conf:1:"), "{}", fixture.served());
    assert!(fixture.health().fault.is_some());
    fixture.write("base.conf", "a: 1").await;
    assert_eq!(fixture.served(), r#"{"a":1}"#);
    assert_eq!(fixture.health().fault, None);
    fixture.end().await;
}

#[tokio::test]
async fn a_required_file_that_goes_keeps_its_last_good_version() {
    let fixture = Fixture::start("a: 1", |_, profile| {
        profile.sources.files[0].presence = Presence::Required;
    });
    fixture.until_served(r#"{"a":1}"#).await;
    fixture.remove("base.conf").await;
    assert_eq!(fixture.served(), r#"{"a":1}"#);
    assert!(fixture.quarantined()[0].contains("base.conf"), "{:?}", fixture.quarantined());
    fixture.end().await;
}

#[tokio::test]
async fn files_keep_their_order_when_one_falls_back() {
    let fixture = Fixture::start("a: 1, x: low", |folder, profile| {
        fs::write(folder.join("over.conf"), "a: 2").unwrap();
        let path = folder.join("over.conf");
        profile.sources.files.push(ConfigFile { path, presence: Presence::Required });
    });
    fixture.until_served(r#"{"a":2,"x":"low"}"#).await;
    fixture.remove("over.conf").await;
    fixture.write("base.conf", "a: 3, x: new").await;
    assert_eq!(fixture.served(), r#"{"a":2,"x":"new"}"#);
    fixture.remove("base.conf").await;
    assert_eq!(fixture.served(), r#"{"a":2}"#, "an optional file may go");
    fixture.end().await;
}

#[tokio::test]
async fn an_included_file_is_followed() {
    let fixture = Fixture::start("include \"more.conf\"\na: 1", |_, _| {});
    fixture.until_served(r#"{"a":1}"#).await;
    let more = fixture.folder.path().join("more.conf");
    assert!(fixture.ends.paths.borrow().contains(&more), "one that is missing may appear");
    fixture.write("more.conf", "b: 1").await;
    assert_eq!(fixture.served(), r#"{"b":1,"a":1}"#);
    fixture.write("more.conf", "b: 2").await;
    assert_eq!(fixture.served(), r#"{"b":2,"a":1}"#);
    assert!(fixture.ends.paths.borrow().contains(&more));
    fixture.end().await;
}

#[tokio::test]
async fn only_allowed_variables_are_closed_here() {
    let fixture = Fixture::start("a: ${OPEN}", |_, _| {});
    fixture.until_served(r#"{"a":"${OPEN}"}"#).await;
    assert_eq!(fixture.health().unresolved, [KeyPath::from_iter(["a"])]);
    fixture.end().await;
    let allow = |_: &Path, profile: &mut Profile| profile.environment_allow = vec!["OPEN".into()];
    let fixture = Fixture::start("a: ${OPEN}", allow);
    fixture.until_served(r#"{"a":"closed by the daemon"}"#).await;
    fixture.end().await;
}
