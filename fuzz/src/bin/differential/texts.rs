//! Random texts: made from nothing, or of seeds with something changed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use fuzz::{Choices, References, hocon_text, reference_text};

/// Bytes of choices for one text; longer ones take the Python process more time than they are worth.
const MOST_CHOICES: usize = 120;

/// Longer seeds are left out: the stock parser needs some 10 milliseconds a kilobyte.
const LONGEST_SEED: usize = 400;

/// A supply of texts, the same for the same seed.
pub(super) struct Texts<'s> {
    random: fastrand::Rng,
    seeds: Vec<&'s str>,
}

impl<'s> Texts<'s> {
    pub(super) fn new(seed: u64, seeds: &'s [String]) -> Self {
        let short = seeds.iter().map(String::as_str).filter(|seed| seed.len() <= LONGEST_SEED);
        Self { random: fastrand::Rng::with_seed(seed), seeds: short.collect() }
    }

    pub(super) fn next_text(&mut self) -> String {
        match self.random.u8(0..6) {
            0 if !self.seeds.is_empty() => self.changed_seed(),
            0 | 1 => self.made(|choices| hocon_text(choices, References::Some)),
            2 | 3 => self.made(reference_text),
            _ => self.made(without_references),
        }
    }

    fn made(&mut self, make: fn(&mut Choices<'_>) -> String) -> String {
        let count = self.random.usize(4..MOST_CHOICES);
        let bytes: Vec<u8> = std::iter::repeat_with(|| self.random.u8(..)).take(count).collect();
        make(&mut Choices::new(&bytes))
    }

    /// Takes a seed, and puts a piece of another or of a made text in place of a piece of it.
    fn changed_seed(&mut self) -> String {
        let seed = self.seeds[self.random.usize(..self.seeds.len())];
        let other = if self.random.bool() {
            self.seeds[self.random.usize(..self.seeds.len())].to_owned()
        } else {
            self.made(without_references)
        };
        let (before, _, after) = self.cut(seed, 3);
        let (_, piece, _) = self.cut(&other, 12);
        format!("{before}{piece}{after}")
    }

    /// Cuts a text into three at random, the middle at most so many characters long.
    fn cut<'t>(&mut self, text: &'t str, longest: usize) -> (&'t str, &'t str, &'t str) {
        let borders: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let first = self.random.usize(..borders.len());
        let last = (first + self.random.usize(..=longest)).min(borders.len() - 1);
        (&text[..borders[first]], &text[borders[first]..borders[last]], &text[borders[last]..])
    }
}

fn without_references(choices: &mut Choices<'_>) -> String {
    hocon_text(choices, References::None)
}

/// Returns the texts of a file, or of all files below a folder that end in `.conf`: each is one,
/// but for a `.jsonl`, each of whose lines has one as its `input`.
pub(super) fn seeds_of(path: &str) -> Vec<String> {
    let mut seeds = Vec::new();
    let mut open = vec![PathBuf::from(path)];
    while let Some(path) = open.pop() {
        if let Ok(entries) = fs::read_dir(&path) {
            let inside = entries.flatten().map(|entry| entry.path());
            open.extend(inside.filter(|path| path.is_dir() || has_ending(path, "conf")));
        } else if let Ok(text) = fs::read_to_string(&path) {
            seeds.extend(if has_ending(&path, "jsonl") { inputs(&text) } else { vec![text] });
        }
    }
    // Folders list their files in no order, and texts follow from the seeds' own.
    seeds.sort();
    seeds
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|there| there == ending)
}

fn inputs(lines: &str) -> Vec<String> {
    let inputs = lines.lines().filter_map(|line| {
        let case: serde_json::Value = serde_json::from_str(line).ok()?;
        case["input"].as_str().map(str::to_owned)
    });
    inputs.collect()
}
