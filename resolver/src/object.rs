//! Objects: keys in the order of their text, each with one value.

use std::hash::{BuildHasher, RandomState};

use hashbrown::{HashTable, hash_table::Entry};
use lean_string::LeanStr;

use crate::{
    key_path::KeyPath,
    value::{Spanned, Value},
};

/// Fewer keys than this are searched one by one, which is faster than hashing them.
const INDEX_FROM: usize = 16;

/// Keys in the order in which they were first set, each with its value.
///
/// Small objects, and nearly all are, hold no hash table; larger ones look keys up in constant
/// time, by a hash that a text's author cannot foresee.
#[derive(Clone, Default)]
pub struct Object {
    entries: Vec<(LeanStr, Spanned)>,
    index: Option<Box<Index>>,
}

#[derive(Clone)]
struct Index {
    state: RandomState,
    places: HashTable<u32>,
}

impl Object {
    /// Returns an object without keys.
    pub const fn new() -> Self {
        Self { entries: Vec::new(), index: None }
    }

    /// Returns an object without keys that has room for some.
    pub(crate) fn with_capacity(keys: usize) -> Self {
        Self { entries: Vec::with_capacity(keys), index: None }
    }

    /// Makes room for keys that are added next, one after the other.
    pub(crate) fn filling(&mut self, keys: usize) -> Filling<'_> {
        self.entries.reserve(keys);
        let looks = if self.is_empty() { 0 } else { u64::MAX };
        Filling { object: self, looks }
    }

    /// Returns how many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&Spanned> {
        self.entries.get(self.place(key)?).map(|(_, value)| value)
    }

    /// Returns the value at a path below; nothing for the empty path, which is the object itself.
    pub fn at(&self, path: &KeyPath) -> Option<&Value> {
        let (key, below) = path.keys().split_first()?;
        self.get(key)?.value.at_keys(below)
    }

    /// Returns the value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Spanned> {
        let place = self.place(key)?;
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    /// Returns the keys and values in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (LeanStr, Spanned)> {
        self.entries.iter()
    }

    /// Sets a key; one that is there keeps its place, a new one goes to the end.
    ///
    /// Returns the value that was there.
    pub fn insert(&mut self, key: LeanStr, value: Spanned) -> Option<Spanned> {
        if let Some(there) = self.get_mut(&key) {
            return Some(std::mem::replace(there, value));
        }
        self.push_new(key, value);
        None
    }

    /// Returns the value of a key, to change it; one that is not there is set first.
    pub(crate) fn get_or_insert_with(
        &mut self,
        key: &LeanStr,
        value: impl FnOnce() -> Spanned,
    ) -> &mut Spanned {
        let place = self.place(key).unwrap_or_else(|| {
            self.push_new(key.clone(), value());
            self.entries.len() - 1
        });
        &mut self.entries.get_mut(place).expect("a key that is there or was just set").1
    }

    /// Takes a key out; the others keep their order. Costs time linear in the number of keys.
    pub fn remove(&mut self, key: &str) -> Option<Spanned> {
        let place = self.place(key)?;
        let (_, value) = self.entries.remove(place);
        self.index = None;
        self.build_index_if_large();
        Some(value)
    }

    /// Returns the values of the keys that are whole numbers, by number, if there is any; others
    /// are left out (HOCON specification, "Conversion of numerically-indexed objects to arrays").
    pub(crate) fn items_by_index(&self) -> Option<Vec<Spanned>> {
        let numbered =
            self.iter().filter_map(|(key, value)| Some((key.parse::<u32>().ok()?, value)));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort_by_key(|(number, _)| *number);
        let items: Vec<_> = numbered.into_iter().map(|(_, value)| value.clone()).collect();
        if items.is_empty() { None } else { Some(items) }
    }

    /// Adds a key that is not there yet; gives key and value back where it is.
    pub(crate) fn try_insert(
        &mut self,
        key: LeanStr,
        value: Spanned,
    ) -> Result<(), (LeanStr, Spanned)> {
        let is_new = match &mut self.index {
            None => self.place_by_search(&key).is_none(),
            Some(index) => index.insert_if_new(&self.entries, &key),
        };
        if !is_new {
            return Err((key, value));
        }
        self.entries.push((key, value));
        self.build_index_if_large();
        Ok(())
    }

    /// Adds a key that is known not to be there.
    pub(crate) fn push_new(&mut self, key: LeanStr, value: Spanned) {
        if let Some(index) = &mut self.index {
            index.insert(&self.entries, &key, self.entries.len());
        }
        self.entries.push((key, value));
        self.build_index_if_large();
    }

    fn place(&self, key: &str) -> Option<usize> {
        match &self.index {
            None => self.place_by_search(key),
            Some(index) => index.place(&self.entries, key),
        }
    }

    /// Compares text with text: two `LeanStr` would first be held against one another byte by byte.
    fn place_by_search(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|(there, _)| there.as_str() == key)
    }

    fn build_index_if_large(&mut self) {
        if self.index.is_some() || self.entries.len() < INDEX_FROM {
            return;
        }
        let mut index = Box::new(Index {
            state: RandomState::new(),
            places: HashTable::with_capacity(self.entries.capacity()),
        });
        for (place, (key, _)) in self.entries.iter().enumerate() {
            index.insert(&self.entries, key, place);
        }
        self.index = Some(index);
    }
}

/// An object that keys are added to, nearly all of which it does not have yet.
pub(crate) struct Filling<'o> {
    pub(crate) object: &'o mut Object,
    /// Bits for what its keys look like. A key whose bit is not set is not there, which takes less
    /// time than to compare it with all that are.
    looks: u64,
}

impl Filling<'_> {
    /// Adds a key that is not there yet; gives key and value back where it is.
    #[inline]
    pub(crate) fn try_insert(
        &mut self,
        key: LeanStr,
        value: Spanned,
    ) -> Result<(), (LeanStr, Spanned)> {
        let look = 1 << (look_of(&key) % u64::BITS);
        if self.looks & look != 0 {
            return self.object.try_insert(key, value);
        }
        self.looks |= look;
        self.object.push_new(key, value);
        Ok(())
    }
}

/// Returns a number that most keys of one object differ in.
#[inline]
fn look_of(key: &str) -> u32 {
    let bytes = key.as_bytes();
    let (first, last) = (bytes.first().copied(), bytes.last().copied());
    let ends = u32::from(first.unwrap_or(0)) * 5 + u32::from(last.unwrap_or(0)) * 11;
    ends.wrapping_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
}

impl Index {
    fn insert(&mut self, entries: &[(LeanStr, Spanned)], key: &str, place: usize) {
        let Self { state, places } = self;
        let hash_at = |place: &u32| {
            entries.get(*place as usize).map_or(0, |(there, _)| state.hash_one(there.as_str()))
        };
        places.insert_unique(state.hash_one(key), as_place(place), hash_at);
    }

    /// Adds a key that will have the next place; not if it is there already.
    fn insert_if_new(&mut self, entries: &[(LeanStr, Spanned)], key: &str) -> bool {
        let Self { state, places } = self;
        let key_at = |place: &u32| entries.get(*place as usize).map(|(there, _)| there.as_str());
        let is_key = |place: &u32| key_at(place) == Some(key);
        let hash_at = |place: &u32| key_at(place).map_or(0, |there| state.hash_one(there));
        match places.entry(state.hash_one(key), is_key, hash_at) {
            Entry::Occupied(_) => false,
            Entry::Vacant(vacant) => {
                vacant.insert(as_place(entries.len()));
                true
            }
        }
    }

    fn place(&self, entries: &[(LeanStr, Spanned)], key: &str) -> Option<usize> {
        let is_key =
            |place: &u32| entries.get(*place as usize).is_some_and(|(there, _)| there == key);
        self.places.find(self.state.hash_one(key), is_key).map(|place| *place as usize)
    }
}

fn as_place(place: usize) -> u32 {
    u32::try_from(place).expect("`Limits::nodes` is far below the range of `u32`")
}

impl FromIterator<(LeanStr, Spanned)> for Object {
    fn from_iter<I: IntoIterator<Item = (LeanStr, Spanned)>>(pairs: I) -> Self {
        let mut object = Self::new();
        for (key, value) in pairs {
            object.insert(key, value);
        }
        object
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = &'a (LeanStr, Spanned);
    type IntoIter = std::slice::Iter<'a, (LeanStr, Spanned)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Equal when the same keys have equal values; order does not count.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(key, value)| other.get(key).is_some_and(|there| there.value == value.value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spanned(number: usize) -> Spanned {
        Spanned {
            value: Value::from(i64::try_from(number).unwrap()),
            origin: crate::Origin::default(),
        }
    }

    proptest! {
        #[test]
        fn filling_adds_each_key_once(there in prop::collection::vec("[a-d]{0,2}", 0..3), keys in prop::collection::vec("[a-d]{0,3}", 0..90)) {
            let mut object: Object = there.iter().map(|key| (key.as_str().into(), spanned(0))).collect();
            let mut model: Vec<String> = object.iter().map(|(key, _)| key.as_str().into()).collect();
            let mut filling = object.filling(keys.len());
            for key in keys {
                let is_new = filling.try_insert(key.as_str().into(), spanned(1)).is_ok();
                prop_assert_eq!(is_new, !model.contains(&key));
                if is_new {
                    model.push(key);
                }
            }
            prop_assert!(object.iter().map(|(key, _)| key.as_str()).eq(model));
        }

        #[test]
        fn is_a_map_in_insertion_order_at_every_size(keys in prop::collection::vec("[a-d]{0,3}", 0..60), gone in "[a-d]{0,3}") {
            let mut object = Object::new();
            let mut model: Vec<(String, usize)> = Vec::new();
            for (number, key) in keys.iter().enumerate() {
                object.insert(key.as_str().into(), spanned(number));
                match model.iter_mut().find(|(there, _)| there == key) {
                    Some(pair) => pair.1 = number,
                    None => model.push((key.clone(), number)),
                }
            }
            object.remove(&gone);
            prop_assert!(object.clone().try_insert(gone.as_str().into(), spanned(0)).is_ok());
            model.retain(|(key, _)| *key != gone);
            prop_assert_eq!(object.len(), model.len());
            for ((key, value), (model_key, number)) in object.iter().zip(&model) {
                prop_assert_eq!(key.as_str(), model_key);
                prop_assert!(value.value == spanned(*number).value);
                prop_assert!(object.get(key).is_some());
            }
            prop_assert!(object.get("absent").is_none());
            for (key, _) in model {
                prop_assert!(object.try_insert(key.into(), spanned(0)).is_err());
            }
        }
    }
}
