//! A sample of the oracle's cases, one of each kind, through the program.
//!
//! All cases go through the library in `tests/suite/oracle.rs`; what is left to show here is that
//! the command line asks it the same question.

use tests::oracle::{Case, Got, parse};

use crate::sandbox;

const SAMPLE: [&str; 12] = [
    "001-override-scalar",
    "029-base-root-array",
    "161-include-required-missing",
    "165-include-subst",
    "171-include-url-in-vault",
    "178-subst-env",
    "269-vault-object-data",
    "265-vault-other-types",
    "273-vault-broken-among-good",
    "283-protected-keys",
    "230-json-unicode-raw",
    "326-realistic-clearml-conf",
];

#[test]
fn the_program_gives_what_the_library_gives() {
    let faults: Vec<String> = SAMPLE
        .iter()
        .filter_map(|name| {
            let case = Case::named(name);
            let got = resolve(&case, &format!("--vaults {}", case.file("vaults.json").display()));
            let file_alone = resolve(&case, "--no-vaults");
            Some(format!("{name}: {}", case.fault(&got, &file_alone)?))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn resolve(case: &Case, vaults: &str) -> Got {
    let sandbox = case
        .environment
        .iter()
        .fold(sandbox(), |sandbox, (name, value)| sandbox.with_variable(name, value));
    let base = case.file("base.conf");
    let outcome = sandbox.run(&format!(
        "resolve --print --offline --format json --reveal --config {} {vaults}",
        base.display()
    ));
    match outcome.code() {
        1 => Got::FileError,
        0 => {
            let named: Vec<String> = case
                .vault_ids()
                .into_iter()
                .filter(|id| outcome.stderr.contains(&format!("vault {id}")))
                .collect();
            Got::Tree(parse(&outcome.stdout), named)
        }
        other => panic!("{}: exit code {other}: {}", case.name, outcome.stderr),
    }
}
