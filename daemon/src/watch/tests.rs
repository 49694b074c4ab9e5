//! What makes the watchers speak, each on a folder of its own.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::event::Event;

const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than it takes until changes are over and said.
const SILENCE: Duration = Duration::from_millis(300);

/// A watcher of some paths below a folder.
struct Fixture {
    root: PathBuf,
    paths: watch::Sender<Arc<BTreeSet<PathBuf>>>,
    events: mpsc::Receiver<Event>,
    _tasks: JoinSet<()>,
    _folder: TempDir,
}

impl Fixture {
    /// Prepares a folder, and watches these paths in it.
    async fn start(prepare: impl FnOnce(&Path), names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        prepare(&root);
        let (paths, paths_end) = watch::channel(Arc::default());
        let (events, events_end) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(watch_files(paths_end, events, CancellationToken::new()));
        let mut fixture = Self { root, paths, events: events_end, _tasks: tasks, _folder: folder };
        fixture.watch(names).await;
        fixture
    }

    /// Watches other paths, and waits until they are.
    async fn watch(&mut self, names: &[&str]) {
        let paths = names.iter().map(|name| self.root.join(name)).collect();
        self.paths.send_replace(Arc::new(paths));
        self.expect_event("a folder that was not watched before").await;
        self.expect_silence().await;
    }

    async fn expect_event(&mut self, why: &str) {
        let event = timeout(PATIENCE, self.events.recv()).await;
        assert!(matches!(event, Ok(Some(Event::FilesChanged))), "nothing was said: {why}");
    }

    async fn expect_silence(&mut self) {
        while timeout(SILENCE, self.events.recv()).await.is_ok() {}
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn write(&self, name: &str) {
        fs::write(self.path(name), "a: 1").unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_written_replaced_or_removed_is_seen() {
    let prepare = |root: &Path| fs::write(root.join("a.conf"), "").unwrap();
    let mut fixture = Fixture::start(prepare, &["a.conf"]).await;
    fixture.write("a.conf");
    fixture.expect_event("written in place").await;
    fixture.expect_silence().await;
    fixture.write("new");
    fs::rename(fixture.path("new"), fixture.path("a.conf")).unwrap();
    fixture.expect_event("replaced").await;
    fixture.expect_silence().await;
    fs::remove_file(fixture.path("a.conf")).unwrap();
    fixture.expect_event("removed").await;
    fixture.expect_silence().await;
    fixture.write("a.conf");
    fixture.expect_event("made again").await;
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_is_seen_when_it_comes_with_its_folders() {
    let mut fixture = Fixture::start(|_| {}, &["x/y/a.conf"]).await;
    fs::create_dir(fixture.path("x")).unwrap();
    fixture.expect_event("a folder above it came").await;
    fixture.expect_silence().await;
    fs::create_dir(fixture.path("x/y")).unwrap();
    fixture.expect_event("its folder came").await;
    fixture.expect_silence().await;
    fixture.write("x/y/a.conf");
    fixture.expect_event("it came").await;
}

#[tokio::test]
async fn a_swapped_link_is_seen_as_kubernetes_swaps_it() {
    let prepare = |root: &Path| {
        for version in ["..v1", "..v2", "..v3"] {
            fs::create_dir(root.join(version)).unwrap();
            fs::write(root.join(version).join("a.conf"), version).unwrap();
        }
        symlink("..v1", root.join("..data")).unwrap();
        symlink("..data/a.conf", root.join("a.conf")).unwrap();
    };
    let mut fixture = Fixture::start(prepare, &["a.conf"]).await;
    for version in ["..v2", "..v3"] {
        symlink(version, fixture.path("..data_tmp")).unwrap();
        fs::rename(fixture.path("..data_tmp"), fixture.path("..data")).unwrap();
        fixture.expect_event(version).await;
        fixture.expect_silence().await;
    }
    fixture.write("..v3/a.conf");
    fixture.expect_event("what the new link leads to is watched").await;
}

#[tokio::test]
async fn a_folder_is_seen_with_all_that_is_in_it() {
    let prepare = |root: &Path| fs::create_dir(root.join("vaults.d")).unwrap();
    let mut fixture = Fixture::start(prepare, &["vaults.d"]).await;
    fixture.write("vaults.d/1.yaml");
    fixture.expect_event("a file came").await;
    fixture.expect_silence().await;
    fs::rename(fixture.path("vaults.d/1.yaml"), fixture.path("vaults.d/1.yaml.disabled")).unwrap();
    fixture.expect_event("a file got another name").await;
    fixture.expect_silence().await;
    fs::create_dir(fixture.path("other")).unwrap();
    fs::rename(fixture.path("vaults.d"), fixture.path("old")).unwrap();
    fs::rename(fixture.path("other"), fixture.path("vaults.d")).unwrap();
    fixture.expect_event("another folder took its place").await;
    fixture.expect_silence().await;
    fixture.write("vaults.d/2.yaml");
    fixture.expect_event("the folder that took its place is watched").await;
}

#[tokio::test]
async fn what_does_not_concern_us_is_not_said() {
    let mut fixture = Fixture::start(|root| fs::write(root.join("a"), "").unwrap(), &["a"]).await;
    fixture.write("b");
    fs::read(fixture.path("a")).unwrap();
    let said = timeout(SILENCE, fixture.events.recv()).await;
    assert!(said.is_err(), "a neighbour changed and the file was read, no more");
}

#[tokio::test]
async fn other_paths_may_be_watched_later() {
    let prepare = |root: &Path| fs::create_dir(root.join("sub")).unwrap();
    let mut fixture = Fixture::start(prepare, &["a"]).await;
    fixture.watch(&["sub/b"]).await;
    fixture.write("sub/b");
    fixture.expect_event("the new path").await;
    fixture.expect_silence().await;
    fixture.write("a");
    let said = timeout(SILENCE, fixture.events.recv()).await;
    assert!(said.is_err(), "the old path is watched no longer");
}
