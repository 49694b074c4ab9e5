//! Names that have been weighed: a log says the same ones over and over.

use super::super::weight::Weight;

/// How many names are remembered.
const REMEMBERED: usize = 32;

/// The last names that were weighed, each in a place that it shares with others.
#[derive(Clone, Copy)]
pub(super) struct Weighed<'t> {
    names: [(&'t [u8], Weight); REMEMBERED],
}

impl<'t> Weighed<'t> {
    /// Returns the weight of a name, which is weighed if it is not remembered.
    pub(super) fn weight(&mut self, name: &'t [u8], weigh: impl FnOnce() -> Weight) -> Weight {
        let Some(place) = self.names.get_mut(place(name)) else { return weigh() };
        if place.0 != name {
            *place = (name, weigh());
        }
        place.1
    }
}

impl Default for Weighed<'_> {
    fn default() -> Self {
        Self { names: [(&[], Weight::None); REMEMBERED] }
    }
}

fn place(name: &[u8]) -> usize {
    let [first, last] =
        [name.first(), name.last()].map(|byte| byte.map_or(0, |it| usize::from(*it)));
    (name.len() ^ first ^ (last << 2) ^ (last >> 2)) % REMEMBERED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_share_a_place_are_told_apart() {
        let mut weighed = Weighed::default();
        let names: Vec<String> = (0..200).map(|number| format!("name{}", number % 40)).collect();
        for name in &names {
            let weight = if name.ends_with('7') { Weight::Strong } else { Weight::Faint };
            assert_eq!(weighed.weight(name.as_bytes(), || weight), weight, "{name}");
        }
        let again = weighed.weight(b"name39", || Weight::Certain);
        assert_eq!(again, Weight::Faint, "it is remembered");
    }
}
