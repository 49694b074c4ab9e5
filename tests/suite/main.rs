//! The tests that need more than one crate, or none.
#![cfg(test)]

mod architecture;
mod dialect;
mod format_fixtures;
mod hocon_reference;
mod lint_reference;
mod oracle;
mod views;
mod yaml_suite;
