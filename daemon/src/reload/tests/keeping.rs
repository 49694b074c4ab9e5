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
fn start(folder: TempDir, text: &str) -> Bench {
    fs::write(folder.path().join("base.conf"), text).unwrap();
    let state = state_in(folder.path());
    Bench::start_in(folder, Some(state), server)
}

/// Runs a writer that gets one vault, to its end.
async fn keep(vaults: &[Vault]) -> TempDir {
    let bench = start(tempfile::tempdir().unwrap(), WITH_KEYS);
    bench.asked_well(answer(vaults), 0).await;
    assert!(bench.served().contains(A), "{}", bench.served());
    assert_eq!(bench.health().kept.as_ref().unwrap().fault, None);
    bench.end().await
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("state/default.sealed")
}

fn file_of(bench: &Bench) -> PathBuf {
    file(&bench.folder)
}

#[tokio::test]
async fn a_start_without_the_server_serves_what_was_kept() {
    let folder = keep(&[vault("v", "a: kept")]).await;
    let bench = start(folder, WITH_KEYS);
    bench.files_changed().await;
    assert!(bench.served().contains(A), "{}", bench.served());
    let health = bench.health();
    assert_eq!(health.vaults.state, State::Stale, "nobody has said that it is fresh");
    assert!(health.vaults.age(Instant::now()).unwrap() < Duration::from_secs(60));
    assert!(health.vaults.reason.as_ref().unwrap().contains("kept on disk"));
    bench.asked(Err(unreachable_server()), 0).await;
    assert!(bench.served().contains(A), "an outage takes nothing away");
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    assert_eq!(bench.health().vaults.state, State::Fresh);
    assert_eq!(bench.revision(), 1, "the same answer is no new one");
    bench.end().await;
}

#[tokio::test]
async fn what_was_revoked_is_gone_before_anybody_is_told_and_never_comes_back() {
    let bench = start(tempfile::tempdir().unwrap(), WITH_KEYS);
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    assert!(file_of(&bench).exists());
    let mut subscriber = bench.subscriber.clone();
    let _before = subscriber.newest_answer();
    let at_first_word = async {
        assert!(timeout(PATIENCE, subscriber.changed()).await.unwrap());
        file_of(&bench).exists()
    };
    let (was_there, ()) = tokio::join!(at_first_word, bench.asked(Err(revoked()), 0));
    assert!(!was_there, "somebody was told while the file was still there");
    assert_eq!(bench.health().vaults.state, State::Revoked);
    assert!(!file_of(&bench).exists());
    assert!(!bench.served().contains(A));
    // An accident, and files that change, bring nothing back.
    bench.asked(Err(unreachable_server()), 0).await;
    bench.write("base.conf", &format!("{WITH_KEYS}b: 1")).await;
    assert!(!file_of(&bench).exists() && !bench.served().contains(A));
    let bench = start(bench.end().await, WITH_KEYS);
    bench.files_changed().await;
    assert_eq!(bench.served(), "waiting", "there is nothing to start with");
    bench.end().await;
}

#[tokio::test]
async fn keys_that_are_revoked_while_the_daemon_is_down_take_away_what_was_kept() {
    let folder = keep(&[vault("v", "a: kept")]).await;
    let bench = start(folder, WITH_KEYS);
    bench.asked(Err(revoked()), 0).await;
    assert!(!file_of(&bench).exists());
    assert!(!bench.served().contains(A));
    bench.end().await;
}

#[tokio::test]
async fn a_server_that_has_no_vaults_any_more_leaves_none_on_disk() {
    let folder = keep(&[vault("v", "a: kept")]).await;
    let bench = start(folder, WITH_KEYS);
    for times in 1..=3 {
        let reason = crate::api::AbsentReason::NoEndpoint;
        let absent = FetchError::Absent { host: "api.test".into(), reason };
        bench.asked(Err(absent), 0).await;
        assert_eq!(file_of(&bench).exists(), times < 3, "said {times} times");
    }
    assert_eq!(bench.health().vaults.state, State::Absent);
    bench.end().await;
}

#[tokio::test]
async fn the_last_good_version_of_a_broken_vault_outlives_a_restart() {
    let bench = start(tempfile::tempdir().unwrap(), WITH_KEYS);
    bench.asked_well(answer(&[vault("v", "a: kept"), vault("w", "b: 1")]), 0).await;
    bench.asked_well(answer(&[vault("v", "a: ["), vault("w", "b: 2")]), 0).await;
    assert!(bench.served().contains(A) && bench.served().contains(r#""b":2"#));
    let bench = start(bench.end().await, WITH_KEYS);
    bench.files_changed().await;
    assert!(bench.served().contains(A) && bench.served().contains(r#""b":2"#));
    assert!(bench.health().quarantined[0].last_good_used);
    bench.end().await;
}

#[tokio::test]
async fn another_users_vaults_are_not_taken() {
    let other = WITH_KEYS.replace("access_key: k", "access_key: other");
    let bench = start(keep(&[vault("v", "a: kept")]).await, &other);
    bench.files_changed().await;
    assert_eq!(bench.served(), "waiting");
    bench.asked_well(answer(&[vault("v", "a: other")]), 0).await;
    // What is on disk is the other user's from now on.
    let bench = start(bench.end().await, WITH_KEYS);
    bench.files_changed().await;
    assert_eq!(bench.served(), "waiting");
    bench.end().await;
}

#[tokio::test]
async fn a_damaged_file_is_told_and_replaced() {
    let folder = keep(&[vault("v", "a: kept")]).await;
    fs::write(file(&folder), "damaged").unwrap();
    let bench = start(folder, WITH_KEYS);
    bench.files_changed().await;
    assert_eq!(bench.served(), "waiting");
    let fault = bench.health().kept.as_ref().unwrap().fault.clone().unwrap();
    assert!(fault.ends_with("it was not written by this program"), "{fault}");
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    assert_eq!(bench.health().kept.as_ref().unwrap().fault, None);
    assert!(fs::read(file_of(&bench)).unwrap().starts_with(b"clr-seal"));
    bench.end().await;
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
        let bench = Bench::start_in(folder, state, server);
        bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
        assert!(bench.served().contains(A));
        let said = bench.health().kept.as_ref().and_then(|kept| kept.fault.clone());
        assert_eq!(said.is_some(), fault.is_some());
        assert!(said.unwrap_or_default().starts_with(fault.unwrap_or_default()));
        assert!(!bench.folder.path().join("state").exists());
        bench.end().await;
    }
}

#[tokio::test]
async fn equal_vaults_are_not_written_again() {
    let bench = start(tempfile::tempdir().unwrap(), WITH_KEYS);
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    // Each file is different, down to its nonce.
    let first = fs::read(file_of(&bench)).unwrap();
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    assert!(fs::read(file_of(&bench)).unwrap() == first, "it was written for nothing");
    bench.asked_well(answer(&[vault("v", "a: other")]), 0).await;
    assert!(fs::read(file_of(&bench)).unwrap() != first, "it was not written");
    bench.end().await;
}

#[tokio::test]
async fn vaults_that_give_no_answer_are_not_kept() {
    let bench = start(keep(&[vault("v", "a: kept")]).await, WITH_KEYS);
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    let kept = fs::read(file_of(&bench)).unwrap();
    bench.write("base.conf", "api: [").await;
    assert!(bench.served().contains(A), "the file's last good version counts");
    let bench = start(bench.end().await, "api: [");
    bench.asked_well(answer(&[vault("v", "a: other")]), 0).await;
    assert!(bench.served().starts_with("none: "), "{}", bench.served());
    assert!(fs::read(file_of(&bench)).unwrap() == kept);
    bench.end().await;
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
    let bench = start(folder, WITH_KEYS);
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    let kept = fs::read(file_of(&bench)).unwrap();
    let large = format!("a: large, b: {}", "x".repeat(100_000));
    bench.asked_well(answer(&[vault("v", &large)]), 0).await;
    assert!(bench.served().contains("xxx"), "it is served although it cannot be kept");
    assert_eq!(bench.health().vaults.state, State::Fresh);
    let fault = bench.health().kept.as_ref().unwrap().fault.clone().unwrap();
    assert!(fault.contains("cannot keep the vaults"), "{fault}");
    assert!(fs::read(file_of(&bench)).unwrap() == kept, "the file is as it was");
    let names = fs::read_dir(bench.folder.path().join("state")).unwrap();
    assert_eq!(names.count(), 2, "only the key and the file; no half one");
    bench.asked_well(answer(&[vault("v", "a: small")]), 0).await;
    assert_eq!(bench.health().kept.as_ref().unwrap().fault, None, "there is room again");
    bench.end().await;
}

#[tokio::test]
async fn a_disk_that_became_read_only_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path().join("state"), "size=64k") else { return };
    let bench = start(folder, WITH_KEYS);
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    disk.remount("ro");
    bench.asked_well(answer(&[vault("v", "a: new")]), 0).await;
    let fault = || bench.health().kept.as_ref().unwrap().fault.clone();
    assert!(fault().unwrap().contains("cannot keep"), "{:?}", fault());
    assert!(bench.served().contains(r#""a":"new""#));
    bench.asked(Err(revoked()), 0).await;
    assert!(fault().unwrap().contains("remove the file by hand"), "{:?}", fault());
    assert!(!bench.served().contains(r#""a":"new""#));
    disk.remount("rw");
    bench.asked(Err(revoked()), 0).await;
    assert_eq!(fault(), None);
    assert!(!file_of(&bench).exists(), "it is removed as soon as that can be done");
    bench.end().await;
}

#[tokio::test]
async fn what_the_old_keys_brought_is_not_kept_under_the_new_ones() {
    let bench = start(keep(&[vault("v", "a: kept")]).await, WITH_KEYS);
    bench.asked_well(answer(&[vault("v", "a: kept")]), 0).await;
    let kept = fs::read(file_of(&bench)).unwrap();
    let warning = Some("the keys before still work".to_owned());
    bench.asked_well(VaultAnswer { warning, ..answer(&[vault("v", "a: new")]) }, 0).await;
    let health = bench.health();
    assert_eq!(health.vaults.state, State::Fresh);
    assert_eq!(health.vaults.reason.as_deref(), Some("the keys before still work"));
    assert!(fs::read(file_of(&bench)).unwrap() == kept);
    bench.end().await;
}

#[tokio::test]
async fn a_secret_key_in_a_file_of_its_own_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "first").unwrap();
    fs::write(folder.path().join("base.conf"), "api.credentials.access_key: k").unwrap();
    let bench = Bench::start_in(folder, None, |_, profile| {
        let url = Some("http://127.0.0.1:1".parse().unwrap());
        let file = Some(key.clone());
        let server = Server { url, secret_key_file: file, ..Server::default() };
        profile.sources.vaults = VaultSource::Server(Box::new(server));
    });
    bench.files_changed().await;
    assert!(bench.ends.paths.borrow().contains(&key), "it is watched");
    let mut endpoint = bench.ends.endpoints[PROFILE].clone();
    let first = endpoint.borrow_and_update().clone().unwrap();
    bench.write("key", "first\n").await;
    assert!(!endpoint.has_changed().unwrap(), "the same key is no new one");
    bench.write("key", "second").await;
    assert!(endpoint.has_changed().unwrap());
    let second = endpoint.borrow_and_update().clone().unwrap();
    assert!(first != second);
    bench.remove("key").await;
    assert!(!endpoint.has_changed().unwrap(), "a key that is just being exchanged stays");
    bench.end().await;
}
