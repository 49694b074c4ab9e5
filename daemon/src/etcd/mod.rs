//! Vaults that are kept in etcd: one key a vault, read at one revision, and watched.
//!
//! # Why
//! etcd's own JSON gateway (`/v3/kv/range`, `/v3/watch`) is asked over the HTTP client that is here
//! anyway. The crate `etcd-client` (0.16) brings 36 more crates (tonic, h2, axum, prost, a compiler
//! for protobuf, `anyhow`, which we ban) for the same three calls. The gateway is on by default in
//! every etcd since 3.3; what it lacks is users by certificate name, as etcd's manual says. An
//! etcd that serves gRPC alone (`--enable-grpc-gateway=false`) would change our mind.

mod authoring;
mod client;
mod gateway;
mod keys;
mod watching;

pub use self::authoring::EtcdVaults;
pub(crate) use self::{
    client::{EtcdClient, Reading},
    watching::{Watch, WatchEnd},
};
