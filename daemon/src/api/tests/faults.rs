//! A server that does not behave.

use super::*;
use crate::dev::{Fault, FaultKind};

const LOGIN: &str = "auth.login";
const GET_VAULTS: &str = "users.get_vaults";

fn status(code: u16, subcode: u32) -> FaultKind {
    FaultKind::Status { code, subcode, message: "no (10.0.0.1:27117 is down)", retry_after: None }
}

fn page(status: u16) -> FaultKind {
    FaultKind::Page { status, body: "<html>please log in</html>" }
}

async fn error_after(fault: Fault) -> FetchError {
    let (server, mut client) = server();
    if matches!(fault.kind, FaultKind::Hang | FaultKind::Slow(_)) {
        client = impatient(&server);
    }
    server.add_fault(fault);
    client.fetch_vaults().await.unwrap_err()
}

#[tokio::test]
async fn wrong_keys_are_revoked_ones() {
    let (server, mut client) = server();
    client.fetch_vaults().await.unwrap();
    server.revoke_all();
    // The token still counts, as with the real server; a log-in shows the truth.
    client.fetch_vaults().await.unwrap();
    let error = client.login().await.unwrap_err();
    assert!(matches!(error, FetchError::Revoked { code: 401, subcode: 22, .. }), "{error:?}");
    assert!(error.is_refusal());
    let error = client.fetch_vaults().await.unwrap_err();
    assert!(matches!(error, FetchError::Revoked { .. }), "the old token must not be used");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let (server, mut client) = server();
    client.fetch_vaults().await.unwrap();
    server.expire_tokens().unwrap();
    assert_eq!(client.fetch_vaults().await.unwrap().list.vaults.len(), 3);
    assert_eq!(client.logins(), 2);
    server.add_fault(Fault::always(GET_VAULTS, status(401, 30)));
    let error = client.fetch_vaults().await.unwrap_err();
    assert!(matches!(error, FetchError::Forbidden { code: 401, subcode: 30, .. }), "{error:?}");
    assert_eq!(client.logins(), 3);
}

#[tokio::test]
async fn each_fault_has_its_error() {
    type Check = fn(&FetchError) -> bool;
    let cases: Vec<(&str, FaultKind, Check)> = vec![
        (LOGIN, status(401, 22), |error| matches!(error, FetchError::Revoked { .. })),
        (LOGIN, status(403, 20), |error| matches!(error, FetchError::Forbidden { .. })),
        (GET_VAULTS, status(403, 20), |error| matches!(error, FetchError::Forbidden { .. })),
        (LOGIN, page(401), |error| matches!(error, FetchError::Status { code: 401, .. })),
        (GET_VAULTS, page(403), |error| matches!(error, FetchError::Status { code: 403, .. })),
        (GET_VAULTS, page(404), |error| matches!(error, FetchError::Status { code: 404, .. })),
        (LOGIN, page(200), |error| matches!(error, FetchError::Garbage { .. })),
        (GET_VAULTS, page(200), |error| matches!(error, FetchError::Garbage { .. })),
        (GET_VAULTS, status(500, 1), |error| matches!(error, FetchError::Status { code: 500, .. })),
        (GET_VAULTS, status(404, 0), |error| matches!(error, FetchError::Absent { .. })),
        (LOGIN, FaultKind::Data(json!({})), |error| matches!(error, FetchError::Garbage { .. })),
        (LOGIN, FaultKind::Data(json!({"token": "x"})), |error| {
            matches!(error, FetchError::Garbage { .. })
        }),
        (GET_VAULTS, FaultKind::Data(json!({"vaults": "x"})), |error| {
            matches!(error, FetchError::Garbage { .. })
        }),
        (LOGIN, FaultKind::Hang, |error| matches!(error, FetchError::TimedOut { .. })),
        (LOGIN, FaultKind::Reset, |error| matches!(error, FetchError::Unreachable { .. })),
        (LOGIN, FaultKind::Truncate, |error| matches!(error, FetchError::Unreachable { .. })),
        (LOGIN, FaultKind::Slow(Duration::from_millis(100)), |error| {
            matches!(error, FetchError::TimedOut { .. })
        }),
        (LOGIN, FaultKind::Redirect("http://127.0.0.1:1/auth.login".into()), |error| {
            matches!(error, FetchError::Redirected { .. })
        }),
        (LOGIN, FaultKind::Redirect("//evil.example.com/auth.login".into()), |error| {
            matches!(error, FetchError::Redirected { .. })
        }),
        (LOGIN, FaultKind::Redirect("/auth.login".into()), |error| {
            matches!(error, FetchError::Garbage { .. })
        }),
    ];
    for (call, kind, is_right) in cases {
        let error = error_after(Fault::always(call, kind.clone())).await;
        assert!(is_right(&error), "{call} {kind:?}: {error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2") && !shown.contains("27117"), "{shown}");
        assert!(shown.contains("127.0.0.1"), "names the host: {shown}");
    }
}

#[tokio::test]
async fn a_redirect_on_the_same_server_is_followed() {
    let (server, mut client) = server();
    server.add_fault(Fault::once(LOGIN, FaultKind::Redirect("/v2.34/auth.login".into())));
    client.fetch_vaults().await.unwrap();
    assert_eq!(server.requests()[1].target, "/v2.34/auth.login");
}

#[tokio::test]
async fn nobody_at_the_door_is_told_at_once() {
    let (server, mut client) = server();
    drop(server);
    let error = client.fetch_vaults().await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error:?}");
    assert!(!error.is_refusal());
}

#[tokio::test]
async fn the_server_says_when_to_come_back() {
    let kind = FaultKind::Status { code: 429, subcode: 0, message: "busy", retry_after: Some(7) };
    let error = error_after(Fault::always(LOGIN, kind)).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn an_answer_has_a_limit_also_when_it_is_compressed() {
    let (server, mut client) = server();
    server.set_vaults(vec![vault("large", "config", &"x".repeat(200_000))]);
    let error = client.fetch_vaults().await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { limit: 100_000, .. }), "{error:?}");
}

#[tokio::test]
async fn servers_without_vaults_are_not_asked_for_them() {
    for (claim, value, reason) in [
        ("feature_set", json!("basic"), AbsentReason::BasicFeatureSet),
        ("api_version", json!("2.14"), AbsentReason::OldApi),
        ("feature_set", json!(null), AbsentReason::BasicFeatureSet),
    ] {
        let (server, mut client) = server();
        server.set_claim(claim, value);
        let error = client.fetch_vaults().await.unwrap_err();
        assert!(matches!(error, FetchError::Absent { reason: found, .. } if found == reason));
        assert_eq!(server.count(GET_VAULTS), 0);
    }
}

#[tokio::test]
async fn a_server_without_monitoring_vaults_has_none() {
    for kind in [status(404, 0), status(400, 12)] {
        let (server, mut client) = server();
        client.login().await.unwrap();
        // The first call for vaults is answered as ever; the second one, for monitoring, is not.
        server.add_fault(Fault { after: 1, ..Fault::once(GET_VAULTS, kind) });
        assert_eq!(ids(&client.fetch_vaults().await.unwrap()), ["first", "second"]);
    }
}

#[tokio::test]
async fn an_accident_with_monitoring_vaults_is_no_answer() {
    let (server, mut client) = server();
    server.add_fault(Fault { after: 1, ..Fault::once(GET_VAULTS, status(500, 0)) });
    assert!(matches!(
        client.fetch_vaults().await.unwrap_err(),
        FetchError::Status { code: 500, .. }
    ));
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_opened_again() {
    let (server, mut client) = server();
    client.login().await.unwrap();
    server.add_fault(Fault { after: 1, ..Fault::once(GET_VAULTS, FaultKind::Reset) });
    assert_eq!(ids(&client.fetch_vaults().await.unwrap()), ["first", "second", "admin"]);
}
