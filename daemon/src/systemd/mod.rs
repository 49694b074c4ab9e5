//! What systemd tells us and wants to be told.

mod notifier;
mod passed_sockets;
mod watchdog;

pub(crate) use self::{
    notifier::Notifier,
    passed_sockets::{PassedSocketError, PassedSockets, Purpose},
    watchdog::{Watchdog, feed_watchdog},
};
