//! The server's answers, as the open-source server (API 2.34) gives them.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::*;

/// Sends one request as it is and returns the head and the envelope of the answer.
fn ask(server: &ApiServer, request: &str, headers: &str, body: &str) -> (String, Value) {
    let url = server.url();
    let mut stream = TcpStream::connect((url.host_name(), url.port())).unwrap();
    let length = body.len();
    let head =
        format!("{request} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}");
    write!(stream, "{head}\r\n{headers}\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), serde_json::from_str(body).unwrap_or_default())
}

fn basic(pair: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(pair))
}

fn server() -> ApiServer {
    let server = ApiServer::start().unwrap();
    server.allow("AK", "SK");
    server
}

fn token(server: &ApiServer) -> String {
    let (_, answer) = ask(server, "GET /auth.login", &basic("AK:SK"), "");
    answer["data"]["token"].as_str().unwrap().to_owned()
}

#[test]
fn refusals_have_the_codes_of_the_real_server() {
    let server = server();
    let token = token(&server);
    let forged = format!("{}x", &token[..token.len() - 1]);
    for (request, headers, codes) in [
        ("GET /auth.login", basic("AK:SK"), (200, 0)),
        ("GET /auth.login", String::new(), (401, 20)),
        ("GET /auth.login", basic("AK:wrong"), (401, 22)),
        ("GET /auth.login", "Authorization: Basic !!!\r\n".into(), (401, 22)),
        ("GET /auth.login", "Authorization: Digest x\r\n".into(), (401, 10)),
        ("GET /auth.login?expiration_sec=31536001", basic("AK:SK"), (400, 12)),
        ("GET /auth.login?expiration_sec=soon", basic("AK:SK"), (400, 12)),
        ("POST /auth.login", format!("Authorization: Bearer {token}\r\n"), (200, 0)),
        ("GET /v2.34/users.get_vaults", format!("Authorization: Bearer {token}\r\n"), (200, 0)),
        ("GET /users.get_vaults", format!("Authorization: Bearer {forged}\r\n"), (401, 30)),
        ("GET /users.get_vaults", "Authorization: Bearer x.y.z\r\n".into(), (401, 30)),
        ("GET /users.get_vaults", String::new(), (401, 20)),
        ("GET /users.get_preferences", basic("AK:SK"), (200, 0)),
        ("GET /vaults.get_all", String::new(), (404, 0)),
        ("GET /debug.ping", String::new(), (200, 0)),
        ("GET /nonsense", String::new(), (400, 0)),
        ("GET /", String::new(), (400, 0)),
    ] {
        let (head, answer) = ask(&server, request, &headers, "");
        let meta = &answer["meta"];
        assert_eq!(meta["result_code"], codes.0, "{request} {headers}");
        assert_eq!(meta["result_subcode"], codes.1, "{request} {headers}");
        assert!(head.starts_with(&format!("http/1.1 {}", codes.0)), "{head}");
    }
}

#[test]
fn an_expired_token_is_refused() {
    let server = server();
    let (_, answer) = ask(&server, "GET /auth.login?expiration_sec=-5", &basic("AK:SK"), "");
    let token = answer["data"]["token"].as_str().unwrap();
    let headers = format!("Authorization: Bearer {token}\r\n");
    let (_, answer) = ask(&server, "GET /users.get_vaults", &headers, "");
    let said = "Invalid token (invalid jwt token): reason=Signature has expired";
    assert_eq!(answer["meta"]["result_msg"], said);
}

#[test]
fn vaults_are_filtered_by_query_and_by_body() {
    let server = server();
    server.set_vaults(vec![
        json!({"id": "on", "data": "a: 1"}),
        json!({"id": "off", "enabled": false}),
        json!({"id": "admin", "type": "monitoring"}),
    ]);
    for (query, body, ids) in [
        ("?enabled=true&types=config&types=config", "", vec!["on"]),
        ("?enabled=false", "", vec!["off"]),
        ("", r#"{"types": ["monitoring"]}"#, vec!["admin"]),
        ("", "", vec!["on", "off", "admin"]),
    ] {
        let (_, answer) =
            ask(&server, &format!("POST /users.get_vaults{query}"), &basic("AK:SK"), body);
        let vaults = answer["data"]["vaults"].as_array().unwrap();
        let found: Vec<_> = vaults.iter().map(|vault| vault["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids, "{query} {body}");
    }
}

#[test]
fn log_in_sets_the_cookie_that_the_real_server_sets() {
    let (head, _) = ask(&server(), "GET /auth.login", &basic("AK:SK"), "");
    assert!(head.contains("set-cookie: clearml_token_basic="), "{head}");
}
