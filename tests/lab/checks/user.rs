//! The resolver of one user.

use crate::support::installed;

#[test]
fn a_user_has_a_resolver_of_their_own() {
    let machine = installed();
    let _silent = machine.run("useradd --create-home --uid 4242 ada").success();
    machine.write("/home/ada/clearml.conf", "sdk.region: hers");
    // What logind would do for somebody who logs in.
    let manager = "chown ada /home/ada/clearml.conf
                   install --directory --owner=ada --mode=700 /run/user/4242
                   systemctl start user@4242.service";
    let _silent = machine.run(manager).success();
    let hers = "export XDG_RUNTIME_DIR=/run/user/4242; systemctl --user";
    let start = format!("{hers} start clearml-resolver.socket");
    let _silent = machine.run_by("ada", &start).success();

    let get = "export XDG_RUNTIME_DIR=/run/user/4242; clearml-resolver get sdk.region";
    assert_eq!(machine.run_by("ada", get).success(), "hers");

    let active = format!("{hers} is-active clearml-resolver.service");
    assert_eq!(machine.run_by("ada", &active).success(), "active");
    let socket = "stat --format %a /run/user/4242/clearml-resolver/resolver.sock";
    assert_eq!(machine.run(socket).success(), "600");
}
