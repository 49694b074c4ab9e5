//! The service's own keys, as credentials.

use crate::support::{
    FILE_SECRET, SERVICE, ask, configured, installed, journal, wait_for_state, with_server,
};

/// Where systemd lays them.
const FOLDER: &str = "/run/credentials/clearml-resolver.service";

#[test]
fn nobody_but_the_service_and_root_reads_them() {
    let machine = configured();
    let file = machine.run(&format!("cat {FOLDER}/clearml.conf")).success();
    assert!(file.contains(FILE_SECRET));
    assert_eq!(machine.run(&format!("stat --format %s {FOLDER}/seal.key")).success(), "32");
    let key = "/etc/credstore/clearml-resolver.seal.key";
    let _silent = machine.run("useradd --groups clearml-resolver reader").success();
    for path in ["/etc/clearml-resolver/clearml.conf", key, FOLDER] {
        let refusal = machine.run_by("reader", &format!("cat {path} {path}/*")).failure();
        assert!(refusal.contains("Permission denied"), "{path}: {refusal}");
    }
}

#[test]
fn a_changed_file_counts_after_a_restart() {
    let machine = installed();
    assert_eq!(ask(&machine, "/v1/config"), "{}");
    machine.write("/etc/clearml-resolver/clearml.conf", "sdk.region: first");
    let _silent = machine.run(&format!("systemctl restart {SERVICE}")).success();
    assert_eq!(ask(&machine, "/v1/config?path=sdk.region"), r#""first""#);
}

#[test]
fn keys_may_lie_in_the_credential_store() {
    let machine = with_server();
    let script = format!(
        "cd /etc/clearml-resolver
         for key in access_key secret_key; do
             sed -n \"s/.*\\\"$key\\\" = \\\"\\(.*\\)\\\"/\\1/p\" clearml.conf > /etc/credstore/clearml-resolver.$key
             sed -i \"/\\\"$key\\\" =/d\" clearml.conf
             test -s /etc/credstore/clearml-resolver.$key
         done
         ! grep _key clearml.conf
         systemctl restart {SERVICE}"
    );
    let _silent = machine.run(&script).success();
    wait_for_state(&machine, "fresh");
}

#[test]
fn without_a_sealing_key_it_serves_and_keeps_nothing() {
    let machine = configured();
    let script =
        format!("rm /etc/credstore/clearml-resolver.seal.key; systemctl restart {SERVICE}");
    let _silent = machine.run(&script).success();
    assert_eq!(ask(&machine, "/v1/config?path=sdk.aws.s3.region"), r#""from-vault""#);
    assert_eq!(machine.run("find /var/lib/private/clearml-resolver -type f").success(), "");
}

#[test]
fn what_was_sealed_is_served_when_the_server_is_away() {
    let machine = with_server();
    wait_for_state(&machine, "fresh");
    let user = ask(&machine, "/v1/config?path=agent.git_user");
    assert_eq!(user, r#""team-bot""#);
    let state = "/var/lib/private/clearml-resolver";
    machine.wait_for(&format!("find {state} -type f | grep ."));
    let modes = format!("find {state} -type f -printf '%m\\n' | sort --unique");
    assert_eq!(machine.run(&modes).success(), "600");
    let found = machine.run(&format!("grep --recursive --text sample-git-password {state}"));
    assert!(!found.succeeded(), "no secret is on the disk in clear");
    assert!(!journal(&machine).contains("sample-git-password"), "nor in the journal");

    let away = format!("systemctl stop sample; systemctl restart {SERVICE}");
    let _silent = machine.run(&away).success();

    assert_eq!(ask(&machine, "/v1/config?path=agent.git_user"), user);
    wait_for_state(&machine, "stale");
}

#[test]
fn a_sealing_key_that_was_exchanged_opens_nothing() {
    let machine = with_server();
    wait_for_state(&machine, "fresh");
    machine.wait_for("find /var/lib/private/clearml-resolver -type f | grep .");
    let script = format!(
        "systemctl stop sample
         head --bytes=32 /dev/urandom > /etc/credstore/clearml-resolver.seal.key
         systemctl restart {SERVICE}"
    );
    let _silent = machine.run(&script).success();
    let answer = ask(&machine, "/v1/config");
    assert!(
        !answer.contains("team-bot") && answer.contains("dev-machine"),
        "the file alone: {answer}"
    );
}
