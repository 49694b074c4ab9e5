//! The layers of this host's files, each the last good one.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use resolver::{Layer, Precedence, SourceIds, SourceName};

use super::recipe::Recipe;
use crate::{
    health::{Quarantined, describe},
    load::build_file,
    sources::{FileError, FileText, FileTexts},
};

/// The layers of the files as they were last read. Cloning shares.
#[derive(Clone, Debug, Default)]
pub(super) struct FileLayers {
    kept: BTreeMap<PathBuf, Kept>,
    /// The layers that count, lowest first.
    pub(super) layers: Vec<Arc<Layer>>,
    /// What does not count.
    pub(super) quarantined: Vec<Quarantined>,
    /// Everything that was looked at, included files too: what to watch.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Why there can be no answer: a text is broken and never was good.
    pub(super) broken: Option<String>,
}

/// A text that was good, and what it gave.
#[derive(Clone, Debug)]
struct Kept {
    text: FileText,
    /// The files that its includes named, there or not.
    included: BTreeSet<PathBuf>,
    layer: Arc<Layer>,
}

impl FileLayers {
    /// Builds the layers of texts just read; what has not changed since `self` is kept as it is.
    pub(super) fn renewed(&self, texts: &FileTexts, recipe: &Recipe, ids: &mut SourceIds) -> Self {
        let mut next = Renewal { last: self, next: Self::default(), placed: Vec::new() };
        next.next.paths.extend(texts.looked_at.iter().cloned());
        for text in &texts.texts {
            next.add_text(text, recipe, ids);
        }
        for error in &texts.errors {
            next.add_unreadable(error);
        }
        next.finish(&texts.looked_at)
    }
}

/// Layers in the making.
struct Renewal<'a> {
    last: &'a FileLayers,
    next: FileLayers,
    placed: Vec<(Precedence, PathBuf, Arc<Layer>)>,
}

impl Renewal<'_> {
    fn add_text(&mut self, text: &FileText, recipe: &Recipe, ids: &mut SourceIds) {
        match self.last.kept.get(&text.path) {
            // What a text includes may have changed without it.
            Some(kept) if kept.text == *text && kept.included.is_empty() => {
                self.keep(kept.clone());
            }
            _ => self.build(text, recipe, ids),
        }
    }

    fn build(&mut self, text: &FileText, recipe: &Recipe, ids: &mut SourceIds) {
        let (build, included) = recipe.in_context(|context| build_file(text, context, ids));
        self.next.paths.extend(included.iter().cloned());
        match build.layer {
            Some(layer) => self.keep(Kept { text: text.clone(), included, layer }),
            None => self.fall_back(Quarantined::new(SourceName::File(text.path.clone()), &build)),
        }
    }

    fn add_unreadable(&mut self, error: &FileError) {
        self.fall_back(Quarantined {
            source: SourceName::File(error.path.clone()),
            place: None,
            message: describe(error),
            help: None,
            last_good_used: false,
        });
    }

    /// Uses the last good version of a file, if there is one.
    fn fall_back(&mut self, mut quarantined: Quarantined) {
        let last = match &quarantined.source {
            SourceName::File(path) => self.last.kept.get(path),
            _ => None,
        };
        if let Some(kept) = last {
            self.keep(kept.clone());
            quarantined.last_good_used = true;
        } else if self.next.broken.is_none() {
            self.next.broken = Some(quarantined.to_string());
        }
        self.next.quarantined.push(quarantined);
    }

    fn keep(&mut self, kept: Kept) {
        self.next.paths.extend(kept.included.iter().cloned());
        let layer = kept.layer.clone();
        self.placed.push((layer.precedence(), kept.text.path.clone(), layer));
        self.next.kept.insert(kept.text.path.clone(), kept);
    }

    /// Puts the layers in the order in which the files, or the folders that hold them, were looked
    /// at.
    fn finish(mut self, looked_at: &[PathBuf]) -> FileLayers {
        let place = |path: &Path| {
            path.ancestors().find_map(|path| looked_at.iter().position(|there| there == path))
        };
        self.placed.sort_by_key(|(precedence, path, _)| (*precedence, place(path)));
        self.next.layers = self.placed.into_iter().map(|(_, _, layer)| layer).collect();
        self.next
    }
}
