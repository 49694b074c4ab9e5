//! Saying when to look again: files, vaults, signals, one task each.

mod files;
mod places;
mod signals;
#[cfg(test)]
mod tests;
mod vaults;

pub(crate) use self::{
    files::watch_files,
    signals::watch_signals,
    vaults::{Polling, watch_vaults},
};
