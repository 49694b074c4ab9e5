//! What reaches the journal.

use crate::support::{SERVICE, configured};

#[test]
fn entries_have_a_priority_and_fields_of_their_own() {
    let machine = configured();
    // A text that nobody understands, and then a file that is gone.
    machine.write("/etc/clearml-resolver/vaults.d/20-broken.conf", "sdk { region: ");
    let show = format!("journalctl --no-pager --output json --unit {SERVICE}");
    machine.wait_for(&format!("{show} PRIORITY=4 | grep 20-broken"));
    let entries = machine.run(&format!("{show} PRIORITY=4")).success();
    let entry = entries.lines().find(|line| line.contains("20-broken")).expect("it was found");
    let entry: serde_json::Value = serde_json::from_str(entry).expect("journalctl writes JSON");
    for (field, value) in [
        ("SYSLOG_IDENTIFIER", "clearml-resolver"),
        ("_TRANSPORT", "journal"),
        ("CLEARML_PROFILE", "default"),
        ("_SYSTEMD_UNIT", SERVICE),
    ] {
        assert_eq!(entry[field], value, "{entry:#}");
    }
    let told = machine.run(&format!("{show} PRIORITY=6 CLEARML_PROFILE=default")).success();
    assert_ne!(told, "", "what is no fault is told as such");
}
