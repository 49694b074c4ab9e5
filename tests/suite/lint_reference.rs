//! The linter over 68 real configurations of ClearML, which are read from beside the checkout.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use expect_test::expect;
use resolver::{
    Context, Diagnostic, Format, IncludeError, IncludeRequest, IncludedText, Includer, KeyPath,
    Layer, Limits, Mode, Precedence, SourceIds, UnknownEnvironment,
    lint::{Subject, lint},
};
use serde_json::Value as Json;
use tests::source_text;

/// How often each rule finds something. Before a number here grows, look at what it is: people
/// run these files, so a finding must be worth their while.
#[test]
fn finds_little_in_what_people_run() {
    let Some(cases) = cases() else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases {
        for finding in findings(&case) {
            *counts.entry(finding.code).or_default() += 1;
            assert!(!finding.is_error(), "{}: {}", case["id"], finding.message);
        }
    }
    let mut table = String::new();
    for (rule, count) in counts {
        let _ = writeln!(table, "{rule} {count}");
    }
    expect![[r#"
        hocon-looks-like-yaml 11
        include-missing 9
        reference-left-open 1
        repeated-key 2
    "#]]
    .assert_eq(&table);
}

/// Returns the configurations; nothing, said aloud, where they are not.
fn cases() -> Option<Vec<Json>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/hocon/clearml_cases.jsonl");
    let Ok(lines) = fs::read_to_string(&path) else {
        eprintln!("NOT TESTED: there is no `{}`", path.display());
        return None;
    };
    Some(
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|case: &Json| case["valid"] == true)
            .collect(),
    )
}

fn findings(case: &Json) -> Vec<Diagnostic> {
    let context = Context {
        mode: Mode::Clearml,
        environment: &UnknownEnvironment,
        includer: &NothingThere,
        limits: Limits::default(),
    };
    let text = source_text(Format::Hocon, case["input"].as_str().unwrap());
    let mut ids = SourceIds::default();
    let build = Layer::build(Precedence::File, text, &KeyPath::root(), &context, &mut ids);
    let subject =
        Subject { build: &build, precedence: Precedence::File, below: &[], context: &context };
    build.diagnostics.iter().cloned().chain(lint(&subject)).collect()
}

/// A folder without the files that these configurations include.
struct NothingThere;

impl Includer for NothingThere {
    fn include(&self, _: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        Err(IncludeError::Missing)
    }
}
