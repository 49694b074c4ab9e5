//! A machine that runs a real systemd, for as long as a test.
//!
//! `boot.sh` makes it out of this host's own files: namespaces instead of a container runtime, a
//! layer in memory instead of an image. It needs root, util-linux and Debian's systemd.

mod cgroup;
mod machine;
mod outcome;

pub use self::{machine::Machine, outcome::Outcome};
