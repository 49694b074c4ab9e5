//! The tests that need more than one crate, or none.
#![cfg(test)]

mod architecture;
mod format_fixtures;
mod oracle;
mod yaml_suite;
