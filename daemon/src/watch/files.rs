//! Watching the files and folders that answers are made of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use notify::{Config, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::places::Places;
use crate::event::Event;

/// A change counts when nothing more has happened for this long: an editor writes in several
/// steps.
const QUIET: Duration = Duration::from_millis(50);
/// And at the latest after this: a file that is written all the time is read some time.
const LONGEST_UNREST: Duration = Duration::from_millis(500);
/// How often files are read where the kernel cannot tell us of changes: its watches are used up,
/// or there are none.
const UNWATCHED_READ_INTERVAL: Duration = Duration::from_secs(10);

/// Sends an event whenever something changed at one of the paths, which themselves may change.
pub(crate) async fn watch_files(
    paths: watch::Receiver<Arc<BTreeSet<PathBuf>>>,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
) {
    stop.run_until_cancelled(follow(paths, events)).await;
}

async fn follow(mut paths: watch::Receiver<Arc<BTreeSet<PathBuf>>>, events: mpsc::Sender<Event>) {
    let changed = Arc::new(Notify::new());
    let mut watches = KernelWatches::new(changed.clone());
    loop {
        let current = paths.borrow_and_update().clone();
        let coverage = match spawn_blocking(move || watches.cover(&current)).await {
            Ok(covered) => {
                watches = covered.watches;
                covered.coverage
            }
            Err(error) => {
                warn!(%error, "files are no longer watched: a fault of this program");
                return;
            }
        };
        // What changed before a folder was watched was not seen.
        if coverage == Coverage::Wider && events.send(Event::FilesChanged).await.is_err() {
            return;
        }
        tokio::select! {
            () = changed.notified() => quiet(&changed).await,
            () = sleep(UNWATCHED_READ_INTERVAL), if coverage == Coverage::Partial => {}
            moved = paths.changed() => match moved {
                Ok(()) => continue,
                Err(_) => return,
            },
        }
        if events.send(Event::FilesChanged).await.is_err() {
            return;
        }
    }
}

/// Waits until the changes are over.
async fn quiet(changed: &Notify) {
    let first = Instant::now();
    while first.elapsed() < LONGEST_UNREST && timeout(QUIET, changed.notified()).await.is_ok() {}
}

/// What is watched now, beside what was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Coverage {
    /// What was watched before.
    Same,
    /// More than before.
    Wider,
    /// Not all that should be; what is left out is read in turn.
    Partial,
}

/// The kernel's watches and what they are for.
struct KernelWatches {
    watcher: Option<RecommendedWatcher>,
    places: Arc<Mutex<Places>>,
    /// The folders that are watched, and which folder each name meant then.
    watched: BTreeMap<PathBuf, Inode>,
    /// Whether the log was told that something cannot be watched.
    is_partial: bool,
}

/// Device and number of a folder: another one under the same name differs in these.
type Inode = (u64, u64);

struct Covered {
    watches: KernelWatches,
    coverage: Coverage,
}

impl KernelWatches {
    fn new(changed: Arc<Notify>) -> Self {
        let places = Arc::new(Mutex::new(Places::default()));
        let concerned = places.clone();
        let tell = move |event: notify::Result<notify::Event>| {
            let concerns = match &event {
                Ok(event) if event.need_rescan() => true,
                Ok(event) => {
                    let places = concerned.lock().unwrap_or_else(PoisonError::into_inner);
                    event.paths.iter().any(|path| places.concern(path))
                }
                Err(_) => true,
            };
            if concerns {
                changed.notify_one();
            }
        };
        let config = Config::default().with_event_kinds(EventKindMask::CORE);
        let watcher = RecommendedWatcher::new(tell, config)
            .inspect_err(|error| warn!(%error, "files cannot be watched; they are read in turn"))
            .ok();
        Self { is_partial: watcher.is_none(), watcher, places, watched: BTreeMap::new() }
    }

    /// Watches what these paths depend on now, and nothing else. Blocks.
    fn cover(mut self, paths: &BTreeSet<PathBuf>) -> Covered {
        let places = Places::of(paths);
        let wanted: BTreeSet<PathBuf> = places.folders().map(ToOwned::to_owned).collect();
        *self.places.lock().unwrap_or_else(PoisonError::into_inner) = places;
        let coverage = match self.watcher.take() {
            Some(mut watcher) => {
                let coverage = self.watch_folders(&mut watcher, &wanted);
                self.watcher = Some(watcher);
                coverage
            }
            None => Coverage::Partial,
        };
        Covered { watches: self, coverage }
    }

    fn watch_folders(
        &mut self,
        watcher: &mut RecommendedWatcher,
        wanted: &BTreeSet<PathBuf>,
    ) -> Coverage {
        let inodes: BTreeMap<_, _> =
            wanted.iter().filter_map(|folder| Some((folder.clone(), inode(folder)?))).collect();
        for (folder, inode) in &self.watched {
            if inodes.get(folder) != Some(inode) {
                // It may be gone already, and its watch with it.
                let _ = watcher.unwatch(folder);
            }
        }
        self.watched.retain(|folder, inode| inodes.get(folder) == Some(inode));
        let mut coverage = Coverage::Same;
        for (folder, inode) in inodes {
            if self.watched.contains_key(&folder) {
                continue;
            }
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder, inode);
                    coverage = coverage.max(Coverage::Wider);
                }
                Err(error) => {
                    self.complain(&folder, &error);
                    coverage = Coverage::Partial;
                }
            }
        }
        self.is_partial &= coverage == Coverage::Partial;
        coverage
    }

    fn complain(&mut self, folder: &Path, error: &notify::Error) {
        if !self.is_partial {
            self.is_partial = true;
            let folder = folder.display();
            warn!(%folder, %error, "a folder cannot be watched; files are read in turn");
        }
    }
}

/// Returns which folder a name means now; `None` if there is none.
fn inode(folder: &Path) -> Option<Inode> {
    let metadata = fs::metadata(folder).ok()?;
    Some((metadata.dev(), metadata.ino()))
}
