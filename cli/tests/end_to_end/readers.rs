//! A thousand readers on one host cost the server what one daemon does.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use daemon::{client::ask, dev::ApiServer, protocol::Status};
use serde_json::json;

use crate::{daemon_on, sandbox};

const PATIENCE: Duration = Duration::from_secs(60);
/// What a host full of SDK processes asks for in all: each its own question, on its own connection.
const READERS: u64 = 1000;
/// How many of them ask at once.
const AT_ONCE: u64 = 20;
/// How often the daemon asks the server, before jitter of a tenth.
const INTERVAL: Duration = Duration::from_secs(1);

#[test]
fn a_thousand_readers_cause_one_fetch_an_interval() {
    let server = ApiServer::start().unwrap();
    let _known = server.allow("key", "secret");
    server
        .set_vaults(vec![json!({"id": "v", "type": "config", "format": "hocon", "data": "a: 1"})]);
    let sandbox = sandbox()
        .with_variable("CLEARML_API_HOST", server.url().to_string())
        .with_variable("CLEARML_API_ACCESS_KEY", "key")
        .with_variable("CLEARML_API_SECRET_KEY", "secret")
        .with_variable("CLEARML_RESOLVER_POLL_INTERVAL", format!("{}s", INTERVAL.as_secs()));
    sandbox.write("base.conf", "file: true");
    let started = Instant::now();
    let _daemon = daemon_on(&sandbox, &["--config", "base.conf"]);
    let socket = sandbox.socket();
    read(&socket);
    let reply = ask(&socket, "/v1/status", PATIENCE).unwrap();
    let fetched = server.count("users.get_vaults") / 2;
    let logins = server.count("auth.login");
    let elapsed = started.elapsed();
    let status: Status = serde_json::from_slice(&reply.body).unwrap();
    let profile = &status.profiles["default"];
    eprintln!(
        "{} answers in {elapsed:?}: {logins} log-in, {} fetches, {} calls saved",
        profile.answers, profile.fetches, profile.calls_saved
    );
    let intervals = elapsed.as_secs_f64() / (0.9 * INTERVAL.as_secs_f64());
    assert!(f64::from(u32::try_from(fetched).unwrap()) <= intervals + 1.0, "{fetched} fetches");
    assert_eq!(logins, 1);
    assert_eq!(profile.answers, READERS);
    // Stock clients would have logged in and fetched once each.
    assert_eq!(profile.calls_saved, 2 * (READERS - profile.fetches));
}

/// Lets all readers ask for the configuration.
fn read(socket: &Path) {
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                for _ in 0..READERS / AT_ONCE {
                    let reply = ask(socket, "/v1/config", PATIENCE).unwrap();
                    assert_eq!(reply.body, br#"{"file":true,"a":1}"#);
                }
            });
        }
    });
}
