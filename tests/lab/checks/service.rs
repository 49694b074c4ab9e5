//! The service: start, user, reload, watchdog.

use crate::support::{
    SERVICE, ask, configured, drop_in, installed, journal, wait_for_state, with_server,
};

#[test]
fn serves_once_it_is_installed_though_nobody_has_configured_it() {
    let machine = installed();
    assert_eq!(machine.property(SERVICE, "ActiveState"), "active");
    assert_eq!(ask(&machine, "/v1/config"), "{}");
    assert_eq!(machine.run("systemctl --failed --quiet").success(), "");
}

#[test]
fn says_how_it_fares() {
    let machine = configured();
    wait_for_state(&machine, "fresh, 3 keys");
    assert_eq!(ask(&machine, "/v1/config?path=sdk.aws.s3.region"), r#""from-vault""#);
    let status = machine.run("clearml-resolver status").success();
    assert!(status.contains("default"), "{status}");
}

#[test]
fn runs_as_a_user_that_comes_and_goes_and_may_do_nothing() {
    let machine = configured();
    let process = machine.property(SERVICE, "MainPID");
    let user = machine.run(&format!("stat --format %u /proc/{process}")).success();
    let user: u32 = user.parse().expect("a user id is a number");
    assert!(
        (61184..=65519).contains(&user),
        "systemd.exec(5) says what DynamicUser= takes: {user}"
    );
    let status = machine.run(&format!("cat /proc/{process}/status")).success();
    for line in [
        "CapInh:\t0000000000000000",
        "CapPrm:\t0000000000000000",
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "CapAmb:\t0000000000000000",
        "NoNewPrivs:\t1",
        "Seccomp:\t2",
    ] {
        assert!(status.lines().any(|there| there == line), "{line} in {status}");
    }
    let _silent = machine.run(&format!("systemctl stop {SERVICE}")).success();
    assert!(!machine.run(&format!("getent passwd {user}")).succeeded(), "the user has gone");
}

#[test]
fn a_reload_is_over_when_everything_has_been_read_again() {
    let machine = configured();
    let before = machine.property(SERVICE, "MainPID");
    let reloaded = "journalctl --no-pager --output cat | grep 'Reloaded .*ClearML configuration'";
    let _silent = machine.run(&format!("systemctl reload {SERVICE}")).success();
    machine.wait_for(reloaded);
    machine.wait_for(&format!(
        "test \"$(systemctl show --property ActiveState --value {SERVICE})\" = active"
    ));
    assert!(journal(&machine).contains("everything is read again, as SIGHUP asks"));
    assert_eq!(machine.property(SERVICE, "MainPID"), before);
}

#[test]
fn a_reload_lasts_until_the_server_has_answered() {
    let machine = with_server();
    wait_for_state(&machine, "fresh");
    let active = |state: &str| {
        machine.wait_for(&format!(
            "test \"$(systemctl show --property ActiveState --value {SERVICE})\" = {state}"
        ));
    };
    let hang =
        format!("systemctl kill --signal=STOP sample; systemctl reload --no-block {SERVICE}");
    let _silent = machine.run(&hang).success();
    active("reloading");
    let _silent = machine.run("systemctl kill --signal=CONT sample").success();
    active("active");
}

#[test]
fn the_watchdog_is_fed_while_it_serves() {
    let machine = configured();
    drop_in(&machine, SERVICE, "[Service]\nWatchdogSec=1s\n");
    let _silent = machine.run(&format!("systemctl restart {SERVICE}")).success();
    let process = machine.property(SERVICE, "MainPID");
    // Three times its patience: whoever is not fed is dead by then.
    let fed = || machine.property(SERVICE, "WatchdogTimestampMonotonic");
    let first: u64 = fed().parse().expect("a moment is a number");
    machine.eventually("it has been fed for three seconds", |_| {
        fed().parse::<u64>().is_ok_and(|last| last > first + 3_000_000)
    });
    assert_eq!(machine.property(SERVICE, "MainPID"), process);
    assert_eq!(machine.property(SERVICE, "NRestarts"), "0");
}

#[test]
fn the_watchdog_ends_one_that_hangs_and_the_next_one_serves() {
    let machine = configured();
    drop_in(&machine, SERVICE, "[Service]\nWatchdogSec=1s\n");
    let _silent = machine.run(&format!("systemctl restart {SERVICE}")).success();
    let _silent = machine.run(&format!("systemctl kill --signal=STOP {SERVICE}")).success();
    machine.eventually("it is started again", |machine| {
        machine.property(SERVICE, "NRestarts").parse::<u32>().is_ok_and(|restarts| restarts > 0)
    });
    assert!(journal(&machine).contains("Watchdog timeout"), "{}", journal(&machine));
    assert_eq!(ask(&machine, "/v1/config?path=sdk.aws.s3.region"), r#""from-vault""#);
}
