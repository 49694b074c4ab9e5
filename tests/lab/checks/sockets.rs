//! The sockets: activation, who may do what, and a service that fails again and again.

use crate::support::{FILE_SECRET, SERVICE, SOCKETS, ask, ask_by, configured, drop_in, installed};

#[test]
fn each_is_where_it_should_be_for_whom_it_should_be() {
    let machine = installed();
    for (unit, path, mode, name) in [
        (SOCKETS[0], "/run/clearml-resolver/resolver.sock", "666 root root", "read"),
        (SOCKETS[1], "/run/clearml-resolver/admin.sock", "600 root root", "admin"),
        (SOCKETS[2], "/run/clearml-resolver/credential.sock", "600 root root", "credential"),
    ] {
        assert_eq!(machine.property(unit, "ActiveState"), "active", "{unit}");
        assert_eq!(machine.property(unit, "FileDescriptorName"), name);
        let seen = machine.run(&format!("stat --format '%a %U %G' {path}")).success();
        assert_eq!(seen, mode, "{path}");
    }
    let folder = machine.run("stat --format '%a %U' /run/clearml-resolver").success();
    assert_eq!(folder, "755 root");
}

#[test]
fn the_first_question_starts_the_service() {
    let machine = configured();
    let _silent = machine.run(&format!("systemctl stop {SERVICE}")).success();
    assert_eq!(machine.property(SERVICE, "ActiveState"), "inactive");
    assert_eq!(machine.property(SOCKETS[0], "SubState"), "listening");
    assert_eq!(ask(&machine, "/v1/config?path=sdk.aws.s3.region"), r#""from-vault""#);
    assert_eq!(machine.property(SERVICE, "ActiveState"), "active");
}

#[test]
fn a_user_gets_what_its_ids_allow() {
    let machine = configured();
    let users = "useradd --create-home stranger; useradd --groups clearml-resolver reader";
    let _silent = machine.run(users).success();
    for (user, target, status) in [
        ("root", "/v1/config", "200"),
        ("reader", "/v1/config", "200"),
        ("stranger", "/v1/config", "403"),
        ("nobody", "/v1/config", "403"),
        ("stranger", "/livez", "200"),
    ] {
        let answer = ask_by(&machine, user, target).success();
        assert!(answer.ends_with(&format!("\n{status}")), "{user} {target}: {answer}");
        assert_eq!(answer.contains(FILE_SECRET), status == "200" && target != "/livez", "{user}");
    }
}

#[test]
fn nobody_but_root_gives_orders_or_takes_credentials() {
    let machine = configured();
    let _silent = machine.run("useradd --groups clearml-resolver reader").success();
    for socket in ["admin.sock", "credential.sock"] {
        let script = format!(
            "curl --silent --show-error --request POST \
             --unix-socket /run/clearml-resolver/{socket} http://localhost/v1/reload"
        );
        let refusal = machine.run_by("reader", &script).failure();
        assert!(
            refusal.contains("Couldn't connect") || refusal.contains("Failed to connect"),
            "{refusal}"
        );
    }
    let reload = "curl --silent --show-error --fail --request POST \
                  --unix-socket /run/clearml-resolver/admin.sock http://localhost/v1/reload";
    let _answer = machine.run(reload).success();
}

#[test]
fn a_crash_loop_leaves_the_sockets_and_those_who_wait_there() {
    let machine = configured();
    drop_in(&machine, SERVICE, "[Service]\nExecStart=\nExecStart=/bin/false\nRestartSec=100ms\n");
    let _silent = machine.run(&format!("systemctl stop {SERVICE}")).success();
    let waiting = machine.start(&format!(
        "curl --silent --fail --max-time 50 --output /root/answer \
         --unix-socket {} http://localhost/v1/config",
        crate::support::SOCKET
    ));
    machine.eventually("it has failed thirty times", |machine| {
        machine.property(SERVICE, "NRestarts").parse::<u32>().is_ok_and(|restarts| restarts >= 30)
    });
    for socket in SOCKETS {
        assert_eq!(machine.property(socket, "ActiveState"), "active", "{socket}");
    }
    // Mended, it answers who has waited all the time.
    let mend =
        "rm /etc/systemd/system/clearml-resolver.service.d/check.conf; systemctl daemon-reload";
    let _silent = machine.run(mend).success();
    let outcome = waiting.wait_with_output().expect("curl ends");
    assert!(outcome.status.success(), "{outcome:?}");
    assert!(machine.run("cat /root/answer").success().contains(FILE_SECRET));
}
