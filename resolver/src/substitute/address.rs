//! A table keyed by the address of shared values, which it keeps alive.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::value::Value;

/// What is known of shared lists, objects and open values, by their address.
///
/// It holds a share of each, so that no address is used again while it is known.
pub(super) struct ByAddress<T> {
    state: RandomState,
    entries: HashTable<Entry<T>>,
}

struct Entry<T> {
    address: usize,
    known: T,
    _kept: Value,
}

impl<T> ByAddress<T> {
    pub(super) fn new() -> Self {
        Self { state: RandomState::new(), entries: HashTable::new() }
    }

    /// Returns what is known of a value; nothing for one that is not shared.
    pub(super) fn get(&self, value: &Value) -> Option<&T> {
        let address = address(value)?;
        self.entries
            .find(self.state.hash_one(address), |entry| entry.address == address)
            .map(|entry| &entry.known)
    }

    /// Remembers something of a value, if it is a shared one.
    pub(super) fn insert(&mut self, value: &Value, known: T) {
        let Some(address) = address(value) else { return };
        let Self { state, entries } = self;
        let entry = Entry { address, known, _kept: value.clone() };
        let hash = state.hash_one(address);
        entries.insert_unique(hash, entry, |there| state.hash_one(there.address));
    }
}

fn address(value: &Value) -> Option<usize> {
    match value {
        Value::Array(values) => Some(std::sync::Arc::as_ptr(values).addr()),
        Value::Object(object) => Some(std::sync::Arc::as_ptr(object).addr()),
        Value::Open(open) => Some(std::sync::Arc::as_ptr(open).addr()),
        _ => None,
    }
}
