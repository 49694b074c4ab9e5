//! All rules by which texts are checked, and the page that explains them: `docs/rules.md`.

use resolver::lint::{self, Rule};

use super::keys;

/// Where the page is found by who has no checkout.
const PAGE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules.md");

/// Returns the rules of the linter, then those that need to know the clients.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    lint::rules().chain(keys::RULES)
}

/// Returns the rule of a name; none for the name of an error, which every text has to be free of.
pub(super) fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// Returns the address at which a rule is explained.
pub(super) fn page_of(id: &str) -> Option<String> {
    find(id).map(|rule| format!("{PAGE}#{}", rule.id))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::expect_file;

    use super::*;

    /// `UPDATE_EXPECT=1 cargo nextest run -p clearml-resolver rules` writes the page anew.
    #[test]
    fn the_page_has_every_rule() {
        let mut page = String::from(INTRODUCTION);
        for rule in all() {
            let _ = write!(page, "\n## {}\n\nA {}: {}.\n", rule.id, rule.severity, rule.about);
        }
        expect_file!["../../../../docs/rules.md"].assert_eq(&page);
    }

    const INTRODUCTION: &str = "\
# What `check` looks for

`clearml-resolver check FILE…` says what a text is allowed to say and its author probably did not
mean; `vault edit` and `vault push` say it before anything is written. A rule is a warning or a note,
never an error: it refuses no text. `--strict` makes warnings count as errors.

Each finding carries the name of its rule: in brackets for people, as `rule` in `--format json`, and
as `ruleId` in `--format sarif`; there `page` and `helpUri` lead here. Names that are not on this page
are those of errors, such as `hocon-unclosed-string`: what is wrong, and what to do, is in their
message.

This page is made of the table of rules, by a test.
";
}
