//! The tests that need more than one crate, or none.

mod architecture;
