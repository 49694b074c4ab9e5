//! The folders to watch so that no change of a path is missed, however its links are laid.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ffi::{OsStr, OsString},
    fs, io,
    path::{Component, Path, PathBuf},
};

/// Links followed for one path; the kernel's own limit.
const MAX_LINKS: usize = 40;

/// Folders, and the names in them that concern us.
///
/// A file is replaced by renaming another over it, and Kubernetes swaps a whole folder by renaming
/// a link (`..data`), so what is watched is never a file: it is each folder in which a name on the
/// way to the file may come to mean something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places(BTreeMap<PathBuf, Names>);

/// The names in one folder that concern us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    /// Whether each name does: the folder itself is what somebody reads.
    all: bool,
    some: BTreeSet<OsString>,
}

impl Places {
    /// Finds the places of these paths, as the links lie now. Blocks.
    pub(super) fn of<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let mut places = Self::default();
        for path in paths {
            if let Ok(path) = std::path::absolute(path) {
                places.trace(&path);
            }
        }
        places
    }

    /// Returns the folders.
    pub(super) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// Whether a change at a path concerns us: of a folder, or of a name in one.
    pub(super) fn concern(&self, path: &Path) -> bool {
        if self.0.contains_key(path) {
            return true;
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
        self.0.get(folder).is_some_and(|names| names.all || names.some.contains(name))
    }

    /// Walks a path as the kernel does, and notes each name that decides where it leads.
    fn trace(&mut self, path: &Path) {
        let mut folder = PathBuf::from("/");
        let mut names: VecDeque<OsString> = names_of(path).collect();
        let mut links = 0;
        while let Some(name) = names.pop_front() {
            if name == ".." {
                folder.pop();
                continue;
            }
            let here = folder.join(&name);
            let Ok(link) = target_of(&here) else {
                // It may appear, or become readable.
                return self.add(folder, name);
            };
            match link {
                Some(target) => {
                    self.add(folder.clone(), name);
                    links += 1;
                    if links > MAX_LINKS {
                        return;
                    }
                    if target.is_absolute() {
                        folder = PathBuf::from("/");
                    }
                    names_of(&target).rev().for_each(|name| names.push_front(name));
                }
                None if names.is_empty() => {
                    if here.is_dir() {
                        self.0.entry(here).or_default().all = true;
                    }
                    return self.add(folder, name);
                }
                None => folder = here,
            }
        }
    }

    fn add(&mut self, folder: PathBuf, name: OsString) {
        self.0.entry(folder).or_default().some.insert(name);
    }
}

/// Returns the names of a path, the root left out.
fn names_of(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsStr::new("..").to_owned()),
        _ => None,
    })
}

/// Returns where a path leads if it is a link, `None` if it is anything else.
fn target_of(path: &Path) -> io::Result<Option<PathBuf>> {
    let is_link = fs::symlink_metadata(path)?.is_symlink();
    is_link.then(|| fs::read_link(path)).transpose()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Says the places of a path in a folder, without the folder's own name and what is above.
    fn places(root: &Path, path: &str) -> Vec<String> {
        let places = Places::of([&root.join(path)]);
        let mut lines = Vec::new();
        for (folder, names) in &places.0 {
            let Ok(folder) = folder.strip_prefix(root) else { continue };
            let mut line = format!("{}:", folder.display());
            for name in &names.some {
                line = format!("{line} {}", name.display());
            }
            lines.push(if names.all { format!("{line} *") } else { line });
        }
        lines
    }

    fn root() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        (folder, root)
    }

    #[test]
    fn a_file_is_watched_in_its_folder() {
        let (_folder, root) = root();
        fs::write(root.join("a.conf"), "").unwrap();
        assert_eq!(places(&root, "a.conf"), [": a.conf"]);
    }

    #[test]
    fn what_is_not_there_is_watched_where_it_would_appear() {
        let (_folder, root) = root();
        assert_eq!(places(&root, "a.conf"), [": a.conf"]);
        assert_eq!(places(&root, "x/y/a.conf"), [": x"]);
        fs::create_dir(root.join("x")).unwrap();
        assert_eq!(places(&root, "x/y/a.conf"), ["x: y"]);
    }

    #[test]
    fn every_name_of_a_folder_concerns_us() {
        let (_folder, root) = root();
        fs::create_dir(root.join("vaults.d")).unwrap();
        assert_eq!(places(&root, "vaults.d"), [": vaults.d", "vaults.d: *"]);
        let places = Places::of([&root.join("vaults.d")]);
        assert!(places.concern(&root.join("vaults.d/new.yaml")));
        assert!(places.concern(&root.join("vaults.d")));
        assert!(!places.concern(&root.join("other")));
        assert!(!places.concern(&root.join("vaults.d/a/b")));
    }

    #[test]
    fn links_are_watched_where_they_lie_and_where_they_lead() {
        let (_folder, root) = root();
        fs::create_dir(root.join("..v1")).unwrap();
        fs::write(root.join("..v1/a.conf"), "").unwrap();
        symlink("..v1", root.join("..data")).unwrap();
        symlink("..data/a.conf", root.join("a.conf")).unwrap();
        assert_eq!(places(&root, "a.conf"), [": ..data a.conf", "..v1: a.conf"]);
        fs::create_dir(root.join("sub")).unwrap();
        symlink("../a.conf", root.join("sub/up.conf")).unwrap();
        assert_eq!(
            places(&root, "sub/up.conf"),
            [": ..data a.conf", "..v1: a.conf", "sub: up.conf"]
        );
        symlink(root.join("a.conf"), root.join("sub/abs.conf")).unwrap();
        assert_eq!(
            places(&root, "sub/abs.conf"),
            [": ..data a.conf", "..v1: a.conf", "sub: abs.conf"]
        );
    }

    #[test]
    fn a_ring_of_links_ends() {
        let (_folder, root) = root();
        symlink("b", root.join("a")).unwrap();
        symlink("a", root.join("b")).unwrap();
        assert_eq!(places(&root, "a/x"), [": a b"]);
    }
}
