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
struct Bench {
    root: PathBuf,
    paths: watch::Sender<Arc<BTreeSet<PathBuf>>>,
    events: mpsc::Receiver<Event>,
    _tasks: JoinSet<()>,
    _folder: TempDir,
}

impl Bench {
    /// Prepares a folder, and watches these paths in it.
    async fn start(prepare: impl FnOnce(&Path), names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        prepare(&root);
        let (paths, paths_end) = watch::channel(Arc::default());
        let (events, events_end) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(watch_files(paths_end, events, CancellationToken::new()));
        let mut bench = Self { root, paths, events: events_end, _tasks: tasks, _folder: folder };
        bench.watch(names).await;
        bench
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
    let mut bench = Bench::start(prepare, &["a.conf"]).await;
    bench.write("a.conf");
    bench.expect_event("written in place").await;
    bench.expect_silence().await;
    bench.write("new");
    fs::rename(bench.path("new"), bench.path("a.conf")).unwrap();
    bench.expect_event("replaced").await;
    bench.expect_silence().await;
    fs::remove_file(bench.path("a.conf")).unwrap();
    bench.expect_event("removed").await;
    bench.expect_silence().await;
    bench.write("a.conf");
    bench.expect_event("made again").await;
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_is_seen_when_it_comes_with_its_folders() {
    let mut bench = Bench::start(|_| {}, &["x/y/a.conf"]).await;
    fs::create_dir(bench.path("x")).unwrap();
    bench.expect_event("a folder above it came").await;
    bench.expect_silence().await;
    fs::create_dir(bench.path("x/y")).unwrap();
    bench.expect_event("its folder came").await;
    bench.expect_silence().await;
    bench.write("x/y/a.conf");
    bench.expect_event("it came").await;
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
    let mut bench = Bench::start(prepare, &["a.conf"]).await;
    for version in ["..v2", "..v3"] {
        symlink(version, bench.path("..data_tmp")).unwrap();
        fs::rename(bench.path("..data_tmp"), bench.path("..data")).unwrap();
        bench.expect_event(version).await;
        bench.expect_silence().await;
    }
    bench.write("..v3/a.conf");
    bench.expect_event("what the new link leads to is watched").await;
}

#[tokio::test]
async fn a_folder_is_seen_with_all_that_is_in_it() {
    let prepare = |root: &Path| fs::create_dir(root.join("vaults.d")).unwrap();
    let mut bench = Bench::start(prepare, &["vaults.d"]).await;
    bench.write("vaults.d/1.yaml");
    bench.expect_event("a file came").await;
    bench.expect_silence().await;
    fs::rename(bench.path("vaults.d/1.yaml"), bench.path("vaults.d/1.yaml.disabled")).unwrap();
    bench.expect_event("a file got another name").await;
    bench.expect_silence().await;
    fs::create_dir(bench.path("other")).unwrap();
    fs::rename(bench.path("vaults.d"), bench.path("old")).unwrap();
    fs::rename(bench.path("other"), bench.path("vaults.d")).unwrap();
    bench.expect_event("another folder took its place").await;
    bench.expect_silence().await;
    bench.write("vaults.d/2.yaml");
    bench.expect_event("the folder that took its place is watched").await;
}

#[tokio::test]
async fn what_does_not_concern_us_is_not_said() {
    let mut bench = Bench::start(|root| fs::write(root.join("a"), "").unwrap(), &["a"]).await;
    bench.write("b");
    fs::read(bench.path("a")).unwrap();
    let said = timeout(SILENCE, bench.events.recv()).await;
    assert!(said.is_err(), "a neighbour changed and the file was read, no more");
}

#[tokio::test]
async fn other_paths_may_be_watched_later() {
    let prepare = |root: &Path| fs::create_dir(root.join("sub")).unwrap();
    let mut bench = Bench::start(prepare, &["a"]).await;
    bench.watch(&["sub/b"]).await;
    bench.write("sub/b");
    bench.expect_event("the new path").await;
    bench.expect_silence().await;
    bench.write("a");
    let said = timeout(SILENCE, bench.events.recv()).await;
    assert!(said.is_err(), "the old path is watched no longer");
}
