//! What is served while vaults come, break and go.

use super::*;

#[tokio::test]
async fn the_first_answer_waits_for_the_vaults() {
    let fixture = Fixture::start(WITH_KEYS, server);
    fixture.files_changed().await;
    assert_eq!(fixture.served(), "waiting");
    assert!(fixture.ends.endpoints[PROFILE].borrow().is_some());
    fixture.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    let expected = r#"{"api":{"credentials":{"access_key":"k","secret_key":"s"}},"a":1}"#;
    assert!(fixture.served().contains(r#""a":1"#), "{} is not {expected}", fixture.served());
    fixture.asked(Err(unreachable_server()), 0).await;
    assert!(fixture.served().contains(r#""a":1"#), "an outage takes nothing away");
    assert_eq!(fixture.health().vaults.state, State::Stale);
    assert_eq!(fixture.revision(), 1);
    fixture.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_delays_the_first_answer_only_so_long() {
    let fixture = Fixture::start(WITH_KEYS, server);
    let started = tokio::time::Instant::now();
    let answer = timeout(2 * FIRST_ANSWER_WAIT, fixture.subscriber.first_answer()).await.unwrap();
    assert!(matches!(answer, Answer::Some(_)));
    assert!(started.elapsed() + Duration::from_secs(1) >= FIRST_ANSWER_WAIT);
    assert_eq!(fixture.health().vaults.state, State::Stale);
    fixture.end().await;
}

#[tokio::test]
async fn without_server_or_keys_the_files_count_alone() {
    let fixture = Fixture::start("a: 1", server);
    fixture.until_served(r#"{"a":1}"#).await;
    let health = fixture.health();
    assert_eq!(health.vaults.state, State::Off);
    assert!(health.vaults.reason.is_some());
    assert!(fixture.ends.endpoints[PROFILE].borrow().is_none());
    fixture.write("base.conf", WITH_KEYS).await;
    assert!(fixture.ends.endpoints[PROFILE].borrow().is_some(), "keys may come later");
    fixture.end().await;
}

#[tokio::test]
async fn a_file_that_breaks_does_not_take_the_server_away() {
    let mut fixture = Fixture::start(WITH_KEYS, server);
    fixture.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    let before = fixture.served();
    let endpoint = fixture.ends.endpoints.get_mut(PROFILE).unwrap();
    endpoint.mark_unchanged();
    fixture.write("base.conf", "api {").await;
    assert_eq!(fixture.served(), before);
    fixture.write("base.conf", &format!("{WITH_KEYS}b: 1")).await;
    assert!(!fixture.ends.endpoints[PROFILE].has_changed().unwrap(), "it is still the same server");
    let other_keys = WITH_KEYS.replace("s }", "t }");
    fixture.write("base.conf", &other_keys).await;
    assert!(fixture.ends.endpoints[PROFILE].has_changed().unwrap(), "new keys are tried");
    fixture.end().await;
}

#[tokio::test]
async fn a_broken_vault_keeps_its_last_good_version_and_the_others_count() {
    let fixture = Fixture::start(WITH_KEYS, server);
    let lower = vault("lower", "a: 1, b: 1, c: 1");
    let upper = vault("upper", "b: 2");
    fixture.asked_well(answer(&[lower.clone(), upper.clone()]), 0).await;
    fixture.asked_well(answer(&[vault("lower", "a: {"), vault("upper", "b: 3, c: 3")]), 0).await;
    assert!(fixture.served().contains(r#""a":1,"b":3,"c":3"#), "{}", fixture.served());
    assert_eq!(fixture.quarantined().len(), 1);
    assert!(fixture.quarantined()[0].starts_with("vault lower:1:"), "{:?}", fixture.quarantined());
    assert!(fixture.health().quarantined[0].last_good_used);
    let mut unreadable = answer(&[vault("upper", "b: 4")]);
    let name = lower.name();
    unreadable.list.quarantined.push(Quarantine { name, reason: "it is no text".into() });
    fixture.asked_well(unreadable, 0).await;
    assert!(fixture.served().contains(r#""a":1,"b":4,"c":1"#), "{}", fixture.served());
    fixture.asked_well(answer(std::slice::from_ref(&upper)), 0).await;
    assert!(fixture.served().ends_with(r#""b":2}"#), "a vault that is gone is gone");
    assert!(fixture.quarantined().is_empty());
    fixture.end().await;
}

#[tokio::test]
async fn vaults_of_a_folder_are_read_again_with_the_files() {
    let fixture = Fixture::start("a: 1", |folder, profile| {
        let vaults = folder.join("vaults.d");
        fs::create_dir(&vaults).unwrap();
        fs::write(vaults.join("1.yaml"), "a: 2").unwrap();
        profile.sources.vaults = VaultSource::Folder(vaults);
    });
    fixture.until_served(r#"{"a":2}"#).await;
    assert_eq!(fixture.health().vaults.state, State::Fresh);
    fixture.write("vaults.d/2.json", r#"{"b": 3}"#).await;
    assert_eq!(fixture.served(), r#"{"a":2,"b":3}"#);
    assert!(fixture.ends.paths.borrow().contains(&fixture.folder.path().join("vaults.d")));
    fs::remove_dir_all(fixture.folder.path().join("vaults.d")).unwrap();
    fixture.files_changed().await;
    assert_eq!(fixture.served(), r#"{"a":2,"b":3}"#, "the last good one stays");
    assert_eq!(fixture.health().vaults.state, State::Stale);
    fixture.end().await;
}

#[tokio::test]
async fn what_monitoring_vaults_say_is_not_written_into_files() {
    let fixture = Fixture::start(WITH_KEYS, server);
    let monitoring = Vault { kind: VaultKind::Monitoring, ..vault("m", "seen: by a monitor") };
    fixture.asked_well(answer(&[vault("v", "a: 1"), monitoring]), 0).await;
    let Answer::Some(published) = fixture.subscriber.answer() else { panic!("there is an answer") };
    let (a, seen) = (KeyPath::from_iter(["a"]), KeyPath::from_iter(["seen"]));
    let written = &published.client_file().unwrap().snapshot;
    assert!(written.get(&a).is_some() && written.get(&seen).is_none());
    assert!(fixture.served().contains("by a monitor"), "it is served");
    let files = published.files.as_ref().unwrap();
    assert!(files.get(&a).is_none() && files.get(&seen).is_none());
    fixture.end().await;
}

#[tokio::test]
async fn a_clients_own_file_lacks_what_the_client_adds_by_itself() {
    let fixture = Fixture::start(WITH_KEYS, server);
    let monitoring = Vault { kind: VaultKind::Monitoring, ..vault("m", "k: monitoring") };
    let config = vault("v", "k: config\nagent { worker_id: w, git_user: g }");
    fixture.asked_well(answer(&[config, monitoring.clone()]), 0).await;
    let shown = || {
        let Answer::Some(published) = fixture.subscriber.answer() else { panic!("no answer") };
        [&*published, published.client_file().unwrap()].map(|shown| {
            let body = shown.root_body(None).unwrap();
            let tree: serde_json::Value = serde_json::from_slice(&body.bytes).unwrap();
            format!("{} {}", tree["k"], tree["agent"])
        })
    };
    let merged = r#""monitoring" {"worker_id":"w","git_user":"g"}"#;
    assert_eq!(shown(), [merged, r#""config" {"git_user":"g"}"#]);

    // What only the client's file shows is a new answer, too.
    let revision = fixture.revision();
    let other = vault("v", "k: other\nagent { worker_id: w, git_user: g }");
    fixture.asked_well(answer(&[other, monitoring]), 0).await;
    assert_eq!(shown(), [merged, r#""other" {"git_user":"g"}"#]);
    assert_eq!(fixture.revision(), revision + 1);
    let account = fixture.health().account.clone().unwrap();
    assert_eq!(account.identity, Some(crate::plan::fingerprint("k")));
    fixture.end().await;
}
