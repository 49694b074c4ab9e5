//! What is kept on disk, and what a later start makes of it.

use std::{path::PathBuf, process::Command};

use super::*;

/// What is served while the vault counts that the tests keep.
const A: &str = r#""a":"kept""#;

pub(super) fn revoked() -> FetchError {
    FetchError::Revoked { host: "api.test".into(), code: 401, subcode: 22 }
}

fn state_in(folder: &Path) -> StateSettings {
    let folder = folder.join("state");
    StateSettings { key: KeyPlace::Made(folder.join("seal.key")), folder }
}

/// Starts a writer that keeps its vaults, over a file with this text.
fn start(folder: TempDir, text: &str) -> Fixture {
    fs::write(folder.path().join("base.conf"), text).unwrap();
    let state = state_in(folder.path());
    Fixture::start_in(folder, Some(state), server)
}

/// Runs a writer that gets one vault, to its end.
async fn keep(vaults: &[Vault]) -> TempDir {
    let fixture = start(tempfile::tempdir().unwrap(), WITH_KEYS);
    fixture.asked_well(answer(vaults), 0).await;
    assert!(fixture.served().contains(A), "{}", fixture.served());
    assert_eq!(fixture.health().kept.as_ref().unwrap().fault, None);
    fixture.end().await
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("state/default.sealed")
}

fn file_of(fixture: &Fixture) -> PathBuf {
    file(&fixture.folder)
}

#[tokio::test]
async fn a_start_without_the_server_serves_what_was_kept() {
    let folder = keep(&[vault("v", "a: kept")]).await;
    let fixture = start(folder, WITH_KEYS);
    fixture.files_changed().await;
    assert!(fixture.served().contains(A), "{}", fixture.served());
    let health = fixture.health();
    assert_eq!(health.vaults.state, State::Stale, "nobody has said that it is fresh");
    assert!(health.vaults.age(Instant::now()).unwrap() < Duration::from_secs(60));
    assert!(health.vaults.reason.as_ref().unwrap().contains("kept on disk"));
    fixture.asked(Err(unreachable_server()), 0).await;
    assert!(fixture.served().contains(A), "an outage takes nothing away");
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    assert_eq!(fixture.health().vaults.state, State::Fresh);
    assert_eq!(fixture.revision(), 1, "the same answer is no new one");
    fixture.end().await;
}

#[tokio::test]
async fn what_was_revoked_is_gone_before_anybody_is_told_and_never_comes_back() {
    let fixture = start(tempfile::tempdir().unwrap(), WITH_KEYS);
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    assert!(file_of(&fixture).exists());
    let mut subscriber = fixture.subscriber.clone();
    let _before = subscriber.newest_answer();
    let at_first_word = async {
        assert!(timeout(PATIENCE, subscriber.changed()).await.unwrap());
        file_of(&fixture).exists()
    };
    let (was_there, ()) = tokio::join!(at_first_word, fixture.asked(Err(revoked()), 0));
    assert!(!was_there, "somebody was told while the file was still there");
    assert_eq!(fixture.health().vaults.state, State::Revoked);
    assert!(!file_of(&fixture).exists());
    assert!(!fixture.served().contains(A));
    // An accident, and files that change, bring nothing back.
    fixture.asked(Err(unreachable_server()), 0).await;
    fixture.write("base.conf", &format!("{WITH_KEYS}b: 1")).await;
    assert!(!file_of(&fixture).exists() && !fixture.served().contains(A));
    let fixture = start(fixture.end().await, WITH_KEYS);
    fixture.files_changed().await;
    assert_eq!(fixture.served(), "waiting", "there is nothing to start with");
    fixture.end().await;
}

#[tokio::test]
async fn keys_that_are_revoked_while_the_daemon_is_down_take_away_what_was_kept() {
    let folder = keep(&[vault("v", "a: kept")]).await;
    let fixture = start(folder, WITH_KEYS);
    fixture.asked(Err(revoked()), 0).await;
    assert!(!file_of(&fixture).exists());
    assert!(!fixture.served().contains(A));
    fixture.end().await;
}

#[tokio::test]
async fn a_server_that_has_no_vaults_any_more_leaves_none_on_disk() {
    let folder = keep(&[vault("v", "a: kept")]).await;
    let fixture = start(folder, WITH_KEYS);
    for times in 1..=3 {
        let reason = crate::api::AbsentReason::NoEndpoint;
        let absent = FetchError::Absent { host: "api.test".into(), reason };
        fixture.asked(Err(absent), 0).await;
        assert_eq!(file_of(&fixture).exists(), times < 3, "said {times} times");
    }
    assert_eq!(fixture.health().vaults.state, State::Absent);
    fixture.end().await;
}

#[tokio::test]
async fn the_last_good_version_of_a_broken_vault_outlives_a_restart() {
    let fixture = start(tempfile::tempdir().unwrap(), WITH_KEYS);
    fixture.asked_well(answer(&[vault("v", "a: kept"), vault("w", "b: 1")]), 0).await;
    fixture.asked_well(answer(&[vault("v", "a: ["), vault("w", "b: 2")]), 0).await;
    assert!(fixture.served().contains(A) && fixture.served().contains(r#""b":2"#));
    let fixture = start(fixture.end().await, WITH_KEYS);
    fixture.files_changed().await;
    assert!(fixture.served().contains(A) && fixture.served().contains(r#""b":2"#));
    assert!(fixture.health().quarantined[0].last_good_used);
    fixture.end().await;
}

#[tokio::test]
async fn another_users_vaults_are_not_taken() {
    let other = WITH_KEYS.replace("access_key: k", "access_key: other");
    let fixture = start(keep(&[vault("v", "a: kept")]).await, &other);
    fixture.files_changed().await;
    assert_eq!(fixture.served(), "waiting");
    fixture.asked_well(answer(&[vault("v", "a: other")]), 0).await;
    // What is on disk is the other user's from now on.
    let fixture = start(fixture.end().await, WITH_KEYS);
    fixture.files_changed().await;
    assert_eq!(fixture.served(), "waiting");
    fixture.end().await;
}

#[tokio::test]
async fn a_damaged_file_is_told_and_replaced() {
    let folder = keep(&[vault("v", "a: kept")]).await;
    fs::write(file(&folder), "damaged").unwrap();
    let fixture = start(folder, WITH_KEYS);
    fixture.files_changed().await;
    assert_eq!(fixture.served(), "waiting");
    let fault = fixture.health().kept.as_ref().unwrap().fault.clone().unwrap();
    assert!(fault.ends_with("it was not written by this program"), "{fault}");
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    assert_eq!(fixture.health().kept.as_ref().unwrap().fault, None);
    assert!(fs::read(file_of(&fixture)).unwrap().starts_with(b"clr-seal"));
    fixture.end().await;
}

#[tokio::test]
async fn without_a_good_key_nothing_is_written() {
    for (mode, fault) in [(None, None), (Some(0o644), Some("others can read the sealing key"))] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("base.conf"), WITH_KEYS).unwrap();
        let state = mode.map(|mode| {
            let key = folder.path().join("key");
            fs::write(&key, [7; 32]).unwrap();
            fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            StateSettings { folder: folder.path().join("state"), key: KeyPlace::File(key) }
        });
        let fixture = Fixture::start_in(folder, state, server);
        fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
        assert!(fixture.served().contains(A));
        let said = fixture.health().kept.as_ref().and_then(|kept| kept.fault.clone());
        assert_eq!(said.is_some(), fault.is_some());
        assert!(said.unwrap_or_default().starts_with(fault.unwrap_or_default()));
        assert!(!fixture.folder.path().join("state").exists());
        fixture.end().await;
    }
}

#[tokio::test]
async fn equal_vaults_are_not_written_again() {
    let fixture = start(tempfile::tempdir().unwrap(), WITH_KEYS);
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    // Each file is different, down to its nonce.
    let first = fs::read(file_of(&fixture)).unwrap();
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    assert!(fs::read(file_of(&fixture)).unwrap() == first, "it was written for nothing");
    fixture.asked_well(answer(&[vault("v", "a: other")]), 0).await;
    assert!(fs::read(file_of(&fixture)).unwrap() != first, "it was not written");
    fixture.end().await;
}

#[tokio::test]
async fn vaults_that_give_no_answer_are_not_kept() {
    let fixture = start(keep(&[vault("v", "a: kept")]).await, WITH_KEYS);
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    let kept = fs::read(file_of(&fixture)).unwrap();
    fixture.write("base.conf", "api: [").await;
    assert!(fixture.served().contains(A), "the file's last good version counts");
    let fixture = start(fixture.end().await, "api: [");
    fixture.asked_well(answer(&[vault("v", "a: other")]), 0).await;
    assert!(fixture.served().starts_with("none: "), "{}", fixture.served());
    assert!(fs::read(file_of(&fixture)).unwrap() == kept);
    fixture.end().await;
}

/// A small disk of its own; it goes with this value.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one; `None`, said loudly, where that is not allowed.
    fn mount(at: PathBuf, options: &str) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mount = ["-t", "tmpfs", "-o", options, "tmpfs"];
        let mounted = Command::new("mount").args(mount).arg(&at).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        eprintln!("SKIPPED: no disk can be mounted here; run this test as root");
        None
    }

    fn remount(&self, options: &str) {
        let remount = ["-o", &format!("remount,{options}")];
        let status = Command::new("mount").args(remount).arg(&self.0).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _outcome = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_keeps_what_it_had_and_takes_nothing_from_readers() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = Disk::mount(folder.path().join("state"), "size=64k") else { return };
    let fixture = start(folder, WITH_KEYS);
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    let kept = fs::read(file_of(&fixture)).unwrap();
    let large = format!("a: large, b: {}", "x".repeat(100_000));
    fixture.asked_well(answer(&[vault("v", &large)]), 0).await;
    assert!(fixture.served().contains("xxx"), "it is served although it cannot be kept");
    assert_eq!(fixture.health().vaults.state, State::Fresh);
    let fault = fixture.health().kept.as_ref().unwrap().fault.clone().unwrap();
    assert!(fault.contains("cannot keep the vaults"), "{fault}");
    assert!(fs::read(file_of(&fixture)).unwrap() == kept, "the file is as it was");
    let names = fs::read_dir(fixture.folder.path().join("state")).unwrap();
    assert_eq!(names.count(), 2, "only the key and the file; no half one");
    fixture.asked_well(answer(&[vault("v", "a: small")]), 0).await;
    assert_eq!(fixture.health().kept.as_ref().unwrap().fault, None, "there is room again");
    fixture.end().await;
}

#[tokio::test]
async fn a_disk_that_became_read_only_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path().join("state"), "size=64k") else { return };
    let fixture = start(folder, WITH_KEYS);
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    disk.remount("ro");
    fixture.asked_well(answer(&[vault("v", "a: new")]), 0).await;
    let fault = || fixture.health().kept.as_ref().unwrap().fault.clone();
    assert!(fault().unwrap().contains("cannot keep"), "{:?}", fault());
    assert!(fixture.served().contains(r#""a":"new""#));
    fixture.asked(Err(revoked()), 0).await;
    assert!(fault().unwrap().contains("remove the file by hand"), "{:?}", fault());
    assert!(!fixture.served().contains(r#""a":"new""#));
    disk.remount("rw");
    fixture.asked(Err(revoked()), 0).await;
    assert_eq!(fault(), None);
    assert!(!file_of(&fixture).exists(), "it is removed as soon as that can be done");
    fixture.end().await;
}

#[tokio::test]
async fn what_the_old_keys_brought_is_not_kept_under_the_new_ones() {
    let fixture = start(keep(&[vault("v", "a: kept")]).await, WITH_KEYS);
    fixture.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    let kept = fs::read(file_of(&fixture)).unwrap();
    let warning = Some("the keys before still work".to_owned());
    fixture.asked_well(VaultAnswer { warning, ..answer(&[vault("v", "a: new")]) }, 0).await;
    let health = fixture.health();
    assert_eq!(health.vaults.state, State::Fresh);
    assert_eq!(health.vaults.reason.as_deref(), Some("the keys before still work"));
    assert!(fs::read(file_of(&fixture)).unwrap() == kept);
    fixture.end().await;
}

#[tokio::test]
async fn a_secret_key_in_a_file_of_its_own_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "first").unwrap();
    fs::write(folder.path().join("base.conf"), "api.credentials.access_key: k").unwrap();
    let fixture = Fixture::start_in(folder, None, |_, profile| {
        let url = Some("http://127.0.0.1:1".parse().unwrap());
        let file = Some(key.clone());
        let server = Server { url, secret_key_file: file, ..Server::default() };
        profile.sources.vaults = VaultSource::Server(Box::new(server));
    });
    fixture.files_changed().await;
    assert!(fixture.ends.paths.borrow().contains(&key), "it is watched");
    let mut endpoint = fixture.ends.endpoints[PROFILE].clone();
    let first = endpoint.borrow_and_update().clone().unwrap();
    fixture.write("key", "first\n").await;
    assert!(!endpoint.has_changed().unwrap(), "the same key is no new one");
    fixture.write("key", "second").await;
    assert!(endpoint.has_changed().unwrap());
    let second = endpoint.borrow_and_update().clone().unwrap();
    assert!(first != second);
    fixture.remove("key").await;
    assert!(!endpoint.has_changed().unwrap(), "a key that is just being exchanged stays");
    fixture.end().await;
}
