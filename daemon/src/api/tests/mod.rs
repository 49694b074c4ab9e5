//! The client against a server that behaves, and one that does not.

mod authoring;
mod faults;
mod fetching;
mod names;
mod succession;
mod tls;

use std::time::Duration;

use resolver::Snapshot;
use serde_json::{Value, json};

use super::*;
use crate::{
    ambient::Ambient,
    dev::ApiServer,
    settings::{Credentials, Server},
};

const ACCESS_KEY: &str = "AK";
const SECRET_KEY: &str = "SK-hunter2";

/// Short enough for a test that waits for it to pass.
const SHORT: Duration = Duration::from_millis(300);

/// Long enough for a loaded machine, and less than the test server's largest answers.
const SMALL: ClientLimits = ClientLimits {
    connect: Duration::from_secs(20),
    read: Duration::from_secs(20),
    total: Duration::from_secs(30),
    answer_bytes: 100_000,
};

fn ambient() -> Ambient {
    Ambient {
        environment: std::collections::BTreeMap::new(),
        home: None,
        user_id: 1000,
        group_id: 1000,
        host_name: "node".into(),
        working_directory: "/".into(),
    }
}

/// Merges one text as if it were the host's only file.
fn files(text: &str) -> Snapshot {
    let context = resolver::Context::alone(resolver::Mode::Clearml);
    let name = resolver::SourceName::File("clearml.conf".into());
    let build = resolver::Layer::build_alone(name, resolver::Format::Json, text, &context);
    resolver::merge(&[build.layer.expect("the test's text is good")], &context).0
}

/// What settings say of a server that knows [`ACCESS_KEY`].
fn settings_of(server: &ApiServer) -> Server {
    server.allow(ACCESS_KEY, SECRET_KEY);
    Server {
        url: Some(server.url()),
        access_key: Some(ACCESS_KEY.into()),
        secret_key: Some(SECRET_KEY.into()),
        worker: "worker-1".into(),
        ..Server::default()
    }
}

fn endpoint(settings: &Server) -> Endpoint {
    Endpoint::complete(settings, &files("{}"), &ambient()).unwrap()
}

fn client_of(settings: &Server) -> Client {
    Client::new(endpoint(settings), SMALL).unwrap()
}

/// A client that gives up soon: for tests in which it has to.
fn impatient(server: &ApiServer) -> Client {
    let limits = ClientLimits { connect: SHORT, read: SHORT, total: SHORT * 3, ..SMALL };
    Client::new(endpoint(&settings_of(server)), limits).unwrap()
}

fn vault(id: &str, kind: &str, data: &str) -> Value {
    json!({"id": id, "type": kind, "enabled": true, "format": "hocon", "data": data})
}

/// A server with one vault of each type, and a client that may log in.
fn server() -> (ApiServer, Client) {
    let server = ApiServer::start().unwrap();
    server.set_vaults(vec![
        vault("first", "config", "a: 1"),
        vault("admin", "monitoring", "m: 1"),
        vault("keys", "ssh", "no: 1"),
        vault("second", "config", "b: 2"),
    ]);
    let client = client_of(&settings_of(&server));
    (server, client)
}

fn ids(answer: &VaultAnswer) -> Vec<&str> {
    answer.list.vaults.iter().map(|vault| &*vault.id).collect()
}
