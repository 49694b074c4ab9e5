//! A server that behaves.

use super::*;
use crate::settings::{Method, ServerUrlError, Verify};

#[tokio::test]
async fn logs_in_once_and_fetches_both_types_as_the_clients_do() {
    let (server, mut client) = server();
    for _ in 0..2 {
        assert_eq!(ids(&client.fetch_vaults().await.unwrap()), ["first", "second", "admin"]);
    }
    let targets: Vec<_> = server.requests().into_iter().map(|request| request.target).collect();
    let vaults = [
        "/users.get_vaults?enabled=true&types=config&types=config",
        "/users.get_vaults?enabled=true&types=monitoring&types=monitoring",
    ];
    assert_eq!(targets, [&["/auth.login"], &vaults[..], &vaults[..]].concat());
    let last = server.requests().pop().unwrap();
    assert!(last.headers["authorization"].starts_with("Bearer "));
    assert_eq!(last.headers["x-clearml-worker"], "worker-1");
    assert!(last.headers["x-clearml-client"].starts_with("clearml-resolver-"));
    assert!(!last.headers.contains_key("cookie"));
}

#[tokio::test]
async fn equal_answers_have_equal_digests_and_others_have_not() {
    let (server, mut client) = server();
    let first = client.fetch_vaults().await.unwrap().digest;
    assert_eq!(client.fetch_vaults().await.unwrap().digest, first);
    server.set_vaults(vec![vault("first", "config", "a: 2")]);
    assert_ne!(client.fetch_vaults().await.unwrap().digest, first);
}

#[tokio::test]
async fn a_server_that_does_not_filter_changes_nothing() {
    let (server, mut client) = server();
    server.stop_filtering();
    let answer = client.fetch_vaults().await.unwrap();
    assert_eq!(ids(&answer), ["first", "second", "admin"]);
    assert_eq!(answer.list.notes.len(), 1);
}

#[tokio::test]
async fn every_method_sends_the_same_query() {
    for method in [Method::Get, Method::Post, Method::Put] {
        let (server, _) = server();
        let settings = Server { method: Some(method), ..settings_of(&server) };
        let answer = client_of(&settings).fetch_vaults().await.unwrap();
        assert_eq!(ids(&answer), ["first", "second", "admin"], "{method:?}");
        let request = server.requests().pop().unwrap();
        assert_eq!(request.method, format!("{method:?}").to_uppercase());
        if method != Method::Get {
            assert_eq!(request.headers["content-length"], "0");
        }
    }
}

#[tokio::test]
async fn a_path_in_the_address_is_kept() {
    let (server, _) = server();
    let url = format!("{}/api/", server.url());
    let settings = Server { url: Some(url.parse().unwrap()), ..settings_of(&server) };
    client_of(&settings).fetch_vaults().await.unwrap();
    assert_eq!(server.requests()[0].target, "/api/auth.login");
}

#[tokio::test]
async fn a_large_answer_comes_compressed() {
    let (server, mut client) = server();
    let text = format!("a: {}", "x".repeat(50_000));
    server.set_vaults(vec![vault("large", "config", &text)]);
    assert_eq!(*client.fetch_vaults().await.unwrap().list.vaults[0].text, text);
    assert_eq!(server.requests()[1].headers["accept-encoding"], "gzip");
}

#[tokio::test]
async fn a_token_of_somebody_else_logs_in_by_itself() {
    let (server, _) = server();
    let mut client = client_of(&settings_of(&server));
    client.fetch_vaults().await.unwrap();
    let authorization = server.requests().pop().unwrap().headers["authorization"].clone();
    let token = authorization.strip_prefix("Bearer ").unwrap();
    let settings = Server {
        auth_token: Some(token.into()),
        secret_key: Some("wrong".into()),
        ..settings_of(&server)
    };
    assert_eq!(client_of(&settings).fetch_vaults().await.unwrap().list.vaults.len(), 3);
}

#[tokio::test]
async fn the_life_of_a_token_is_asked_for_as_the_files_say() {
    let (server, _) = server();
    let text = r#"{"api": {"auth": {"request_token_expiration_sec": 77}}}"#;
    let endpoint = Endpoint::complete(&settings_of(&server), &files(text), &ambient()).unwrap();
    Client::new(endpoint, ClientLimits::default()).unwrap().login().await.unwrap();
    assert_eq!(server.requests()[0].target, "/auth.login?expiration_sec=77");
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_whole_address() {
    // The server stands in for the proxy: it answers whatever host it is asked for.
    let (server, _) = server();
    let mut settings = settings_of(&server);
    settings.url = Some("http://api.invalid:8008".parse().unwrap());
    settings.proxies.http = server.url().to_string().replace("http://", "http://user:pw@");
    client_of(&settings).fetch_vaults().await.unwrap();
    let request = server.requests().pop().unwrap();
    assert_eq!(request.headers["host"], "api.invalid:8008");
    assert!(request.headers["proxy-authorization"].starts_with("Basic "));
    settings.proxies.no = "invalid".into();
    let seen = server.requests().len();
    assert!(client_of(&settings).fetch_vaults().await.is_err(), "there is no such host");
    assert_eq!(server.requests().len(), seen);
    settings.proxies =
        crate::settings::Proxies { all: "socks5://p:1".into(), ..Default::default() };
    assert!(matches!(
        Client::new(endpoint(&settings), ClientLimits::default()),
        Err(ClientError::Proxy(ProxyError::Scheme))
    ));
}

#[test]
fn the_files_say_what_nothing_else_says() {
    let text = r#"{"api": {
        "api_server": "http://from-file:8008", "host": "http://ignored",
        "credentials": {"access_key": "FK", "secret_key": 12},
        "verify_certificate": false, "http": {"default_method": "POST"}
    }}"#;
    let complete = |server: &Server| Endpoint::complete(server, &files(text), &ambient()).unwrap();
    let from_files = complete(&Server::default());
    assert_eq!(from_files.url().host(), "from-file:8008");
    assert_eq!(from_files.verify, Verify::No);
    assert_eq!(from_files.method, Method::Post);
    let keys = endpoint::Identity::Keys(Credentials::new("FK", "12"));
    assert!(from_files.identity == keys);
    let settings = Server {
        url: Some("http://named".parse().unwrap()),
        verify: Some(Verify::Yes),
        method: Some(Method::Get),
        access_key: Some("EK".into()),
        ..Server::default()
    };
    let covered = complete(&settings);
    assert_eq!(covered.url().host(), "named");
    assert_eq!((covered.verify, covered.method), (Verify::Yes, Method::Get));
    assert!(covered.identity == endpoint::Identity::Keys(Credentials::new("EK", "12")));
    let bundle = Server { ca_bundle: Some("/ca".into()), ..settings };
    assert_eq!(complete(&bundle).verify, Verify::CaFile("/ca".into()));
}

#[test]
fn says_what_is_missing_before_anything_is_sent() {
    let error =
        |text| Endpoint::complete(&Server::default(), &files(text), &ambient()).unwrap_err();
    assert_eq!(error("{}"), EndpointError::NoServer);
    assert_eq!(error(r#"{"api": {"host": "http://h"}}"#), EndpointError::NoCredentials);
    assert_eq!(
        error(r#"{"api": {"api_server": "h"}}"#),
        EndpointError::Url { key: "api.api_server", source: ServerUrlError::Scheme }
    );
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let settings = |verify| Server {
        url: Some("https://h".parse().unwrap()),
        access_key: Some("a".into()),
        secret_key: Some("s".into()),
        verify: Some(verify),
        ..Server::default()
    };
    let new = |verify| Client::new(endpoint(&settings(verify)), ClientLimits::default());
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.pem");
    assert!(matches!(new(Verify::CaFile(missing)), Err(ClientError::Tls(TlsError::Read { .. }))));
    assert!(matches!(
        new(Verify::CaFile(folder.path().to_owned())),
        Err(ClientError::Tls(TlsError::Empty { .. }))
    ));
    assert!(new(Verify::No).is_ok());
}

#[test]
fn debug_shows_no_key() {
    let (_server, client) = server();
    let shown = format!("{client:?}");
    assert!(!shown.contains("hunter2") && !shown.contains(ACCESS_KEY), "{shown}");
}
