//! The tests that need more than one crate, or none.
#![cfg(test)]

mod architecture;
mod dialect;
mod format_fixtures;
mod hocon_reference;
mod linear_cost;
mod lint_reference;
mod odd_texts;
mod oracle;
mod stock_python;
mod stock_sanitizer;
mod views;
mod yaml_suite;
