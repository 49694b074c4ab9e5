//! Saying when to look again: files, vaults, signals, one task each.

mod etcd;
mod files;
mod pace;
mod places;
mod signals;
mod telling;
#[cfg(test)]
mod tests;
mod vaults;

pub(crate) use self::{
    etcd::{Following, watch_etcd},
    files::watch_files,
    pace::Pace,
    signals::watch_signals,
    vaults::{Names, Polling, watch_vaults},
};
