//! Tests of all that is masked.

mod arguments;
mod forms;
mod leaks;
mod streaming;
mod text;
mod tree;

use super::{Hidden, Redactor};

/// Returns a redactor that knows some names and some secrets.
fn redactor(names: &[&str], secrets: &[&str]) -> Redactor {
    let mut hidden = Hidden::default();
    for name in names {
        hidden.add_name(name);
    }
    for secret in secrets {
        hidden.add_value(secret);
    }
    Redactor::new(&hidden, None)
}

fn masked_line(redactor: &Redactor, line: &str) -> String {
    String::from_utf8(redactor.mask_bytes(line.as_bytes())).unwrap()
}
