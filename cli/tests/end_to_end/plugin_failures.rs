//! The plugin in the real clients while something is wrong: each starts, with what it would have
//! had.

use std::{
    fs::{self, Permissions},
    io::{Read, Write},
    os::unix::{
        fs::{PermissionsExt, chown},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use serde_json::Value;
use tests::sandbox::workspace_file;

use crate::plugin::{Host, ON, ONE_OF_EACH, hocon_and_json};

/// Something that goes wrong: its name, what does it, what the plugin says, what makes it good.
type Fault = (&'static str, fn(&Host), &'static str, fn(&Host));

const FAULTS: [Fault; 3] = [
    ("a daemon that stands still", stop, "it took too long", go_on),
    ("a socket that others can replace", open_up, "others may write to its folder", close_again),
    ("another program", take_its_place, "it does not speak HTTP", |_| ()),
];

#[test]
fn whatever_is_wrong_with_the_daemon_each_client_starts_as_it_would_have() {
    let host = Host::start(hocon_and_json());
    let without = ONE_OF_EACH.map(|client| host.client(client, &[]).0);
    let check = |(name, spoil, why, make_good): Fault| {
        spoil(&host);
        for (client, without) in ONE_OF_EACH.into_iter().zip(&without) {
            let (with, talk) = host.client(client, &ON);
            assert!(talk.contains(why), "{name}: {client:?}: {talk}");
            assert!(talk.contains("leave: R3: the daemon is away"), "{name}: {client:?}: {talk}");
            assert_eq!(&with, without, "{name}: {client:?}");
        }
        make_good(&host);
    };
    if chown(host.sandbox.socket(), Some(STRANGER), None).is_ok() {
        check(("a stranger's socket", lend, "its folder belongs to somebody else", take_back));
    } else {
        eprintln!("NOT TESTED: only root can give a socket to a stranger");
    }
    FAULTS.into_iter().for_each(check);
}

#[test]
fn half_a_file_is_not_used() {
    let mut host = Host::start(hocon_and_json());
    let agent = ONE_OF_EACH[1];
    let (without, _) = host.client(agent, &[]);
    let check = |host: &Host, expected: &str| {
        let (with, talk) = host.client(agent, &ON);
        assert!(talk.contains(expected), "{expected}: {talk}");
        assert_eq!(with, without, "{expected}");
    };
    check(&host, "apply: the daemon's answer is fresh");
    cut(&published(&host));
    check(&host, "apply: the daemon's answer is fresh");
    host.daemon.take().unwrap().terminate();
    check(&host, "apply: R3: the daemon is away; its last good answer is used");
    cut(&published(&host));
    check(&host, "leave: R3: the daemon is away");
}

#[test]
fn an_isolated_interpreter_is_served_and_one_without_site_is_left_alone() {
    let host = Host::start(hocon_and_json());
    let sdk = ONE_OF_EACH[0];
    let (without, _) = host.client(sdk, &[]);
    let (isolated, talk) = host.client_of(&["-I"], sdk, &ON);
    assert!(talk.contains("apply: the daemon's answer is fresh"), "{talk}");
    assert_eq!(isolated, without);
    let packages = packages();
    let (alone, talk) =
        host.client_of(&["-S"], sdk, &[&ON[..], &[("PYTHONPATH", &packages)]].concat());
    assert!(!talk.contains("clearml-resolver: "), "{talk}");
    assert_eq!(alone, without);
}

#[test]
fn forked_and_spawned_clients_read_the_file_of_their_parent() {
    let host = Host::start(hocon_and_json());
    let script = host.sandbox.write(
        "children.py",
        r#"
import json, multiprocessing, os

def show(pipe):
    from clearml.backend_api import load_config
    from clearml.config import config_obj
    pipe.send([os.environ.get("CLEARML_CONFIG_FILE"), config_obj.get("sdk.new.key")])

if __name__ == "__main__":
    shown = {"parent": [os.environ.get("CLEARML_CONFIG_FILE"), 1.5]}
    for method in "fork", "spawn", "forkserver":
        context = multiprocessing.get_context(method)
        ours, theirs = context.Pipe()
        child = context.Process(target=show, args=(theirs,))
        child.start()
        shown[method] = ours.recv()
        child.join()
    print("\n" + json.dumps(shown))
"#,
    );
    let (output, talk) = host.python("", &ON, &[script.to_str().unwrap()]);
    let shown: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    assert!(shown["parent"][0].is_string(), "{talk}");
    for method in ["fork", "spawn", "forkserver"] {
        assert_eq!(shown[method], shown["parent"], "{method}: {talk}");
    }
}

/// Nobody's user id.
const STRANGER: u32 = 1234;

fn stop(host: &Host) {
    signal(host, "-STOP");
}

fn go_on(host: &Host) {
    signal(host, "-CONT");
}

fn signal(host: &Host, signal: &str) {
    let id = host.daemon.as_ref().unwrap().id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

fn open_up(host: &Host) {
    allow(&folder(host), 0o777);
}

fn close_again(host: &Host) {
    allow(&folder(host), 0o700);
}

/// Gives the socket to a stranger, in the folder of another one.
fn lend(host: &Host) {
    chown(folder(host), Some(STRANGER + 1), None).unwrap();
}

fn take_back(host: &Host) {
    for path in [folder(host), host.sandbox.socket()] {
        chown(path, Some(0), None).unwrap();
    }
}

/// Lets another program listen, which ends with this test's process.
fn take_its_place(host: &Host) {
    fs::remove_file(host.sandbox.socket()).unwrap();
    let listener = UnixListener::bind(host.sandbox.socket()).unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"SSH-2.0-OpenSSH\r\n\r\n");
        }
    });
}

fn folder(host: &Host) -> PathBuf {
    host.sandbox.socket().parent().unwrap().to_owned()
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Returns the only published file.
fn published(host: &Host) -> PathBuf {
    let files = fs::read_dir(folder(host).join("files")).unwrap().map(|file| file.unwrap().path());
    let mut files = files.filter(|path| path.extension().is_some_and(|ending| ending == "conf"));
    let file = files.next().unwrap();
    assert_eq!(files.next(), None);
    file
}

/// Leaves half of a file, as a full disk or a crash would.
fn cut(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    allow(file, 0o600);
    fs::write(file, &text[..text.len() / 2]).unwrap();
    allow(file, 0o400);
}

/// Returns where the packages of the clients' Python lie.
fn packages() -> String {
    let library = workspace_file("target/python/lib");
    let mut versions = fs::read_dir(library).unwrap().map(|version| version.unwrap().path());
    let version = versions.find(|path| path.join("site-packages").is_dir()).unwrap();
    version.join("site-packages").display().to_string()
}
