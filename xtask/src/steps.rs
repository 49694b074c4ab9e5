//! The steps of `cargo xtask test`, in the order in which they run.

use crate::{
    advisories, client_keys,
    command::{Failure, cargo, program},
    debian, deploy, differential, fuzz, lab, openapi, plugin, python, tests,
    workspace::Workspace,
    yaml_suite,
};

/// One step of the test command.
pub(crate) struct Step {
    /// What `--without` and the closing table call it.
    pub(crate) name: &'static str,
    /// What it checks or makes ready.
    pub(crate) about: &'static str,
    /// Programs it runs beside cargo, each with the Debian package that has it.
    pub(crate) programs: &'static [debian::Program],
    /// Does it. The second argument names the steps that were left out.
    pub(crate) run: fn(&Workspace, &[String]) -> Result<(), Failure>,
}

/// What libFuzzer is built with.
const CXX: debian::Program = debian::Program { name: "c++", package: "g++" };

/// All steps: what is cheap and often wrong first, the tests last, so that their closing lines
/// stay in sight.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "format",
        about: "every file is as rustfmt writes it",
        programs: &[],
        run: |workspace, _| cargo(workspace, "fmt --all --check").run(),
    },
    Step {
        name: "lint",
        about: "clippy has nothing to say",
        programs: &[],
        run: |workspace, _| {
            cargo(workspace, "clippy --workspace --all-targets --locked -- -D warnings").run()
        },
    },
    Step {
        name: "docs",
        about: "the documentation builds, every link leads somewhere",
        programs: &[],
        run: |workspace, _| {
            let mut docs = cargo(workspace, "doc --workspace --no-deps --locked");
            docs.variable("RUSTDOCFLAGS", "-D warnings").run()
        },
    },
    Step {
        name: "dependencies",
        about: "licences, bans and sources of all dependencies (cargo-deny)",
        programs: &[],
        run: |workspace, _| advisories::check(workspace, "bans licenses sources"),
    },
    Step {
        name: "advisories",
        about: "no dependency has a known security hole (RustSec)",
        programs: &[debian::Program { name: "zstd", package: "zstd" }],
        run: |workspace, _| advisories::check(workspace, "advisories"),
    },
    Step {
        name: yaml_suite::STEP,
        about: "makes the YAML test suite ready under target/",
        programs: &[debian::Program { name: "npm", package: "npm" }],
        run: |workspace, _| yaml_suite::prepare(workspace),
    },
    Step {
        name: python::STEP,
        about: "makes a Python with the stock clearml packages ready under target/",
        programs: &[debian::Program { name: "python3", package: "python3-venv" }],
        run: |workspace, _| python::prepare(workspace),
    },
    Step {
        name: "client-keys",
        about: "the table of the clients' keys is what their packages say",
        programs: &[],
        run: client_keys::check,
    },
    Step {
        name: plugin::STEP,
        about: "the Python plugin: style, types, tests on every Python there is; installs its wheel",
        programs: &[debian::Program { name: "python3", package: "python3-venv" }],
        run: plugin::check,
    },
    Step {
        name: tests::ETCD_STEP,
        about: "makes a real etcd ready for the tests that want one",
        programs: &[debian::Program { name: "etcd", package: "etcd-server" }],
        run: |workspace, _| program("etcd", workspace).arguments(["--version"]).run(),
    },
    Step {
        name: tests::GO_STEP,
        about: "makes a Go ready that builds an example of docs/clients.md",
        programs: &[debian::Program { name: "go", package: "golang-go" }],
        run: |workspace, _| program("go", workspace).arguments(["version"]).run(),
    },
    Step {
        name: "differential",
        about: "random HOCON is read as the stock clients read it, for half a minute",
        programs: &[CXX],
        run: differential::run_briefly,
    },
    Step {
        name: "fuzz",
        about: "random texts break no promise, a few seconds for each target",
        programs: &[CXX],
        run: |workspace, _| fuzz::run_briefly(workspace),
    },
    Step {
        name: "doctests",
        about: "the examples in the documentation hold",
        programs: &[],
        run: |workspace, _| cargo(workspace, "test --doc --workspace --locked --quiet").run(),
    },
    Step {
        name: deploy::STEP,
        about: "the files of docs/deploy, read by Kubernetes' schemas and by Ansible",
        programs: &[debian::Program { name: "python3", package: "python3-venv" }],
        run: |workspace, _| deploy::check(workspace),
    },
    Step {
        name: "openapi",
        about: "what the daemon answers is what it says of itself (schemathesis)",
        programs: &[debian::Program { name: "python3", package: "python3-venv" }],
        run: |workspace, _| openapi::check(workspace),
    },
    Step {
        name: lab::STEP,
        about: "the package and its units on a machine with a real systemd; wants root",
        programs: lab::PROGRAMS,
        run: lab::run,
    },
    Step {
        name: "tests",
        about: "all tests; those whose step was left out are left out, too",
        programs: &[],
        run: tests::run,
    },
];
