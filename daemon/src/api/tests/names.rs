//! The names that a user hides in the web application, asked of a server.

use super::*;
use crate::dev::{Fault, FaultKind};

fn with_names(server: &ApiServer) {
    let list = json!([{"key": "MY_PIN"}, {"key": "TOKEN_.*"}]);
    server.set_preferences(json!({"views": {"redactedArguments": list}}));
}

#[tokio::test]
async fn come_with_the_token_of_the_vaults() {
    let (server, mut client) = server();
    with_names(&server);
    client.fetch_vaults().await.unwrap();
    let names = client.fetch_names().await.unwrap();
    assert_eq!(names.names(), ["MY_PIN", "TOKEN_*"]);
    assert_eq!(client.logins(), 1);
    assert_eq!(server.count("users.get_preferences"), 1);
}

#[tokio::test]
async fn a_server_without_vaults_keeps_them_too() {
    let (server, mut client) = server();
    with_names(&server);
    server.set_claim("feature_set", json!("basic"));
    let mut succession = Succession::new({
        client.login().await.unwrap();
        client
    });
    assert!(succession.fetch_names().await.is_none(), "no keys have worked yet");
    assert!(matches!(succession.fetch_vaults().await, Err(FetchError::Absent { .. })));
    let names = succession.fetch_names().await.unwrap().unwrap();
    assert_eq!(names.names().len(), 2);
}

#[tokio::test]
async fn whatever_fails_is_said_without_any_of_its_words() {
    let status = |code, subcode| FaultKind::Status {
        code,
        subcode,
        message: "(hunter2)",
        retry_after: None,
    };
    for (fault, words) in [
        (status(404, 0), "does not know this call"),
        (status(500, 0), "answered `users.get_preferences` with 500/0"),
        (status(401, 30), "does not allow `users.get_preferences`"),
        (FaultKind::Reset, "cannot reach"),
        (FaultKind::Data(json!({})), "none of the web application's"),
    ] {
        let (server, mut client) = server();
        client.fetch_vaults().await.unwrap();
        server.add_fault(Fault::once("users.get_preferences", fault));
        let error = client.fetch_names().await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    let (server, mut client) = server();
    server.set_preferences(json!({"views": {"redactedArguments": "hunter2"}}));
    let error = client.fetch_names().await.unwrap_err().to_string();
    assert!(error.contains("none of the web application's") && !error.contains("hunter2"));
}

#[tokio::test]
async fn a_server_that_says_nothing_holds_nobody_up() {
    let server = ApiServer::start().unwrap();
    let mut client = impatient(&server);
    client.fetch_vaults().await.unwrap();
    server.add_fault(Fault::once("users.get_preferences", FaultKind::Hang));
    let error = client.fetch_names().await.unwrap_err().to_string();
    assert!(error.contains("did not answer `users.get_preferences`"), "{error}");
}
