//! The unit files, as systemd itself reads and rates them.

use crate::support::{SERVICE, SOCKETS, installed};

/// The exposure that the service may have, times ten: the floor for one that reaches a server by
/// name and tells its peers apart.
const MOST_EXPOSED: u32 = 11;

#[test]
fn systemd_has_nothing_to_say_about_them() {
    let machine = installed();
    // Verifying looks for the program, so there must be an agent.
    let _silent = machine.run("ln -s /bin/true /usr/local/bin/clearml-agent").success();
    let units = [SERVICE, SOCKETS[0], SOCKETS[1], SOCKETS[2], "clearml-agent@default.service"];
    for unit in units {
        let said = machine.run(&format!("systemd-analyze verify --man=no {unit} 2>&1")).success();
        assert_eq!(said, "", "{unit}");
    }
    let user = "export XDG_RUNTIME_DIR=/run/user/0; mkdir -p $XDG_RUNTIME_DIR; systemd-analyze verify --man=no --user \
                /usr/lib/systemd/user/clearml-resolver.service 2>&1";
    assert_eq!(machine.run(user).success(), "");
}

#[test]
fn the_service_is_exposed_no_more_than_it_must_be() {
    let machine = installed();
    let unit = "/usr/lib/systemd/system/clearml-resolver.service";
    let script = format!(
        "systemd-analyze security --no-pager --offline=true --threshold={MOST_EXPOSED} {unit} | tail -1"
    );
    println!("{}", machine.run(&script).success());
}
