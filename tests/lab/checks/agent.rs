//! Units that get the resolver's configuration as a credential, stock clients among them.

use std::path::Path;

use lab::Machine;

use crate::support::{
    SERVICE, SOCKETS, VAULT_SECRET, configured, drop_in, installed, wait_for_state, with_server,
};

/// The units' part that the package brings for agents.
const CLOSED: &str = include_str!("../../../systemd/clearml-agent/fail-closed.conf");
const OPEN: &str = include_str!("../../../systemd/clearml-agent/fail-open.conf");
/// The unit that stands for all agents.
const AGENT: &str = "clearml-agent@default.service";

/// Puts a program in the agent's place that keeps what it is given.
fn put_agent(machine: &Machine, policy: &str) {
    let agent = "#!/bin/sh\ncp \"$CLEARML_CONFIG_FILE\" given; stat --format %a \
                 \"$CLEARML_CONFIG_FILE\" > mode; id --user > user; echo \"$@\" > arguments; exec sleep 600\n";
    machine.write("/usr/local/bin/clearml-agent", agent);
    let _silent = machine.run("chmod 755 /usr/local/bin/clearml-agent").success();
    machine.write("/etc/systemd/system/clearml-agent@.service.d/clearml-resolver.conf", policy);
    let _silent = machine.run("systemctl daemon-reload").success();
}

/// Returns what the agent kept.
fn kept(machine: &Machine, name: &str) -> String {
    let path = format!("/var/lib/private/clearml-agent/{name}");
    machine.wait_for("test -s /var/lib/private/clearml-agent/arguments");
    machine.run(&format!("cat {path}")).success()
}

#[test]
fn an_agent_gets_the_merged_configuration_and_nobody_else_reads_it() {
    let machine = configured();
    put_agent(&machine, CLOSED);
    let _silent = machine.run(&format!("systemctl start {AGENT}")).success();
    let given = kept(&machine, "given");
    assert!(given.contains("from-vault") && given.contains(VAULT_SECRET), "{given}");
    assert_eq!(kept(&machine, "mode"), "400");
    assert_eq!(kept(&machine, "arguments"), "daemon --foreground --queue default");
    assert_ne!(kept(&machine, "user"), "0");
    let path = format!("/run/credentials/{AGENT}/clearml.conf");
    let refusal = machine.run_by("nobody", &format!("cat {path}")).failure();
    assert!(refusal.contains("Permission denied"), "{refusal}");
    let environment = machine.property(AGENT, "Environment");
    assert!(!environment.contains(VAULT_SECRET), "{environment}");
}

#[test]
fn asking_for_it_starts_the_resolver() {
    let machine = configured();
    put_agent(&machine, CLOSED);
    let _silent =
        machine.run(&format!("systemctl stop {SERVICE}; systemctl start {AGENT}")).success();
    assert!(kept(&machine, "given").contains("from-vault"));
}

#[test]
fn without_a_resolver_one_agent_stays_down_and_the_other_takes_the_hosts_file() {
    for (policy, starts) in [(CLOSED, false), (OPEN, true)] {
        let machine = installed();
        machine.write("/etc/clearml/clearml.conf", "sdk.region: local");
        put_agent(&machine, policy);
        let sockets = SOCKETS.join(" ");
        let away =
            format!("systemctl stop {sockets} {SERVICE}; systemctl mask {sockets} {SERVICE}");
        let _silent = machine.run(&away).success();
        let started = machine.run(&format!("systemctl start {AGENT}")).succeeded();
        assert_eq!(started, starts, "{policy}");
        if starts {
            let given = kept(&machine, "given");
            assert_eq!(given, "include file(\"/etc/clearml/clearml.conf\")");
        } else {
            let told = machine.run(&format!("journalctl --no-pager --unit {AGENT}")).success();
            assert!(told.contains("243/CREDENTIALS"), "{told}");
        }
    }
}

#[test]
fn a_resolver_that_refuses_keeps_the_agent_down() {
    for policy in [CLOSED, OPEN] {
        let machine = configured();
        put_agent(&machine, policy);
        // Two profiles, both for other units.
        let settings = "vaults.source = 'off'\n[profile.one]\nunits = ['one.service']\n\
                        [profile.two]\nunits = ['two.service']\n";
        machine.write("/etc/clearml-resolver/settings.toml", settings);
        let script =
            format!("chmod 644 /etc/clearml-resolver/settings.toml; systemctl restart {SERVICE}");
        let _silent = machine.run(&script).success();
        let _said = machine.run(&format!("systemctl start {AGENT}")).failure();
        assert!(crate::support::journal(&machine).contains("a unit is given no configuration"));
    }
}

#[test]
fn stock_clients_read_what_the_vaults_say() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python");
    assert!(
        python.join("bin/python").exists(),
        "`cargo xtask test --only python` makes target/python"
    );
    let machine = with_server();
    wait_for_state(&machine, "fresh");
    put_agent(&machine, CLOSED);
    machine.bring(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../python/stock_client.py"),
        "/usr/local/lib/stock_client.py",
    );
    // The checkout may lie where a unit sees nothing of the host.
    machine.bring_folder(&python, "/usr/local/lib/stock-clients");
    for client in ["sdk", "agent"] {
        // Neither asks for vaults itself, so that all it knows of them is from the credential.
        let unit = format!(
            "[Service]\nType=oneshot\nRestart=no\nProtectHome=no\nExecStart=\n\
             ExecStart=sh -c '/usr/local/lib/stock-clients/bin/python \
             /usr/local/lib/stock_client.py {client} > {client}'\n\
             Environment=CLEARML_DISABLE_VAULT_SUPPORT=1 CLEARML_AGENT_DISABLE_VAULT_SUPPORT=1\n"
        );
        drop_in(&machine, AGENT, &unit);
        let _silent = machine.run(&format!("chmod 711 /root; systemctl start {AGENT}")).success();
        let said =
            machine.run(&format!("tail -1 /var/lib/private/clearml-agent/{client}")).success();
        let read: serde_json::Value = serde_json::from_str(&said).expect("it prints JSON");
        assert_eq!(read["agent"]["git_user"], "team-bot", "{client}: a vault's value");
        assert_eq!(read["agent"]["git_pass"], "sample-git-password", "{client}: a vault's secret");
        assert_eq!(read["agent"]["worker_name"], "dev-machine", "{client}: a key that is kept");
    }
}
