//! The service's own keys, as credentials.

use crate::support::{FILE_SECRET, SERVICE, ask, configured, installed};

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
fn without_a_sealing_key_it_serves_and_keeps_nothing() {
    let machine = configured();
    let script =
        format!("rm /etc/credstore/clearml-resolver.seal.key; systemctl restart {SERVICE}");
    let _silent = machine.run(&script).success();
    assert_eq!(ask(&machine, "/v1/config?path=sdk.aws.s3.region"), r#""from-vault""#);
    assert_eq!(machine.run("find /var/lib/private/clearml-resolver -type f").success(), "");
}
