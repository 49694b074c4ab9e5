//! Keys that are exchanged while a server is asked.

use super::*;
use crate::dev::{Fault, FaultKind};

/// A server that knows the old keys, and a succession whose old keys have worked.
async fn worked() -> (ApiServer, Succession) {
    let (server, client) = server();
    let mut succession = Succession::new(client);
    assert_eq!(succession.fetch_vaults().await.unwrap().warning, None);
    (server, succession)
}

fn with_keys(server: &ApiServer, access_key: &str) -> Client {
    let settings = Server {
        access_key: Some(access_key.into()),
        secret_key: Some("SK-new".into()),
        ..settings_of(server)
    };
    client_of(&settings)
}

fn logins_of(server: &ApiServer, access_key: &str) -> usize {
    use base64::Engine as _;
    let encode = |secret: &str| {
        let pair = format!("{access_key}:{secret}");
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    };
    let expected = [encode("SK-new"), encode(SECRET_KEY)];
    let requests = server.requests();
    let sent = requests.iter().filter_map(|request| request.headers.get("authorization"));
    sent.filter(|header| expected.contains(header)).count()
}

#[tokio::test]
async fn new_keys_that_work_are_used_alone() {
    let (server, succession) = worked().await;
    let _known = server.allow("NEW", "SK-new");
    let mut succession = succession.followed_by(with_keys(&server, "NEW"));
    assert_eq!(succession.fetch_vaults().await.unwrap().warning, None);
    let old = logins_of(&server, ACCESS_KEY);
    server.revoke_all();
    server.expire_tokens().unwrap();
    let error = succession.fetch_vaults().await.unwrap_err();
    assert!(matches!(error, FetchError::Revoked { .. }), "{error:?}");
    assert_eq!(logins_of(&server, ACCESS_KEY), old, "the old keys are forgotten");
}

#[tokio::test]
async fn new_keys_that_are_refused_lose_no_vaults_and_are_tried_again() {
    let (server, succession) = worked().await;
    let mut succession = succession.followed_by(with_keys(&server, "NEW"));
    for times in 1..=2 {
        let answer = succession.fetch_vaults().await.unwrap();
        let warning = answer.warning.unwrap();
        assert!(warning.contains("(401/22)"), "{warning}");
        assert!(warning.ends_with("; the keys before still work"), "{warning}");
        assert_eq!(answer.list.vaults.len(), 3);
        assert_eq!(logins_of(&server, "NEW"), times);
    }
    let _known = server.allow("NEW", "SK-new");
    assert_eq!(succession.fetch_vaults().await.unwrap().warning, None, "the server knows them now");
}

#[tokio::test]
async fn a_second_mistake_does_not_forget_what_worked() {
    let (server, succession) = worked().await;
    let succession = succession.followed_by(with_keys(&server, "NEW"));
    let mut succession = succession.followed_by(with_keys(&server, "NEWER"));
    assert!(succession.fetch_vaults().await.unwrap().warning.is_some());
}

#[tokio::test]
async fn keys_that_are_all_refused_are_revoked() {
    let (server, succession) = worked().await;
    let mut succession = succession.followed_by(with_keys(&server, "NEW"));
    server.revoke_all();
    server.expire_tokens().unwrap();
    let error = succession.fetch_vaults().await.unwrap_err();
    assert!(matches!(error, FetchError::Revoked { code: 401, subcode: 22, .. }), "{error:?}");
    let _known = server.allow(ACCESS_KEY, SECRET_KEY);
    assert!(succession.fetch_vaults().await.is_err(), "what was revoked is not tried again");
}

#[tokio::test]
async fn an_accident_with_the_keys_before_is_no_refusal() {
    let (server, succession) = worked().await;
    let mut succession = succession.followed_by(with_keys(&server, "NEW"));
    server.add_fault(Fault::always("users.get_vaults", FaultKind::Reset));
    let error = succession.fetch_vaults().await.unwrap_err();
    assert!(!error.is_refusal(), "{error:?}");
}

#[tokio::test]
async fn another_server_has_no_predecessor() {
    let (_server, succession) = worked().await;
    let other = ApiServer::start().unwrap();
    let mut succession = succession.followed_by(with_keys(&other, "NEW"));
    assert!(succession.fetch_vaults().await.unwrap_err().is_refusal());
}

#[tokio::test]
async fn a_token_of_somebody_else_is_renewed_by_the_newest_one() {
    let (server, mut client) = server();
    client.login().await.unwrap();
    let first = client.token_text().unwrap();
    let settings = Server { auth_token: Some(first.clone().into()), ..settings_of(&server) };
    let mut client = client_of(&settings);
    client.login().await.unwrap();
    let second = client.token_text().unwrap();
    assert_ne!(first, second);
    client.login().await.unwrap();
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.headers["authorization"], format!("Bearer {second}"));
    // The newest one may be bad where the first is not: a server that lost its sessions.
    server.add_fault(Fault::once(
        "auth.login",
        FaultKind::Status { code: 401, subcode: 30, message: "revoked token", retry_after: None },
    ));
    client.login().await.unwrap();
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.headers["authorization"], format!("Bearer {first}"));
}
