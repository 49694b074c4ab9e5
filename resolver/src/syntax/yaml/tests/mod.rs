//! Tables of YAML texts.

mod faults;
mod hostile;
mod meaning;

use expect_test::Expect;

use crate::{Format, Limits, syntax::tests::Sample};

fn check(cases: &[&str], expected: &Expect) {
    expected.assert_eq(&Sample::table(&Limits::default(), Format::Yaml, cases));
}
