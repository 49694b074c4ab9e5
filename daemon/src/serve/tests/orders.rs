//! Orders of administrators.

use tokio::sync::mpsc;

use super::*;
use crate::event::Event;

/// What a writer does with orders: the sender of each outcome tells whether there was something to
/// do.
async fn obey(mut inbox: mpsc::Receiver<Event>, heard: mpsc::Sender<String>) {
    while let Some(event) = inbox.recv().await {
        let (words, done, outcome) = match event {
            Event::ReloadAsked { done } => ("reload".to_owned(), done, true),
            Event::EmptyAcknowledged { profile, done } => (format!("ack {profile}"), done, true),
            Event::PinAsked { profile, digest, done, .. } => {
                let is_known = digest == "abc";
                (format!("pin {profile} {digest}"), done, is_known)
            }
            Event::UnpinAsked { profile, done } => (format!("unpin {profile}"), done, false),
            other => panic!("{other:?} is no order"),
        };
        heard.send(words).await.unwrap();
        done.send(outcome).unwrap();
    }
}

#[tokio::test]
async fn orders_are_obeyed_on_their_own_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("admin");
    let listener = UnixListener::bind(&path).unwrap();
    let (publisher, subscriber) = publish::channel(fresh());
    publisher.publish(Answer::Some(samples::published(1, SAMPLE)));
    let profiles = BTreeMap::from([("default".into(), subscriber)]);
    let (events, inbox) = mpsc::channel(8);
    let (heard, mut hears) = mpsc::channel(8);
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(obey(inbox, heard));
    let service = Arc::new(ConfigService::of_administrators(profiles, events, stop.clone()));
    let clock = Arc::default();
    tasks.spawn(serve(listener, service.clone(), ConnectionLimits::FEW, clock, Duration::ZERO));
    let time = JoinSet::new();
    let fixture = Fixture { _folder: folder, path, service, publisher, stop, tasks, _time: time };
    for (method, target, status, words) in [
        ("POST", "/v1/reload", 200, Some("reload")),
        ("POST", "/v1/ack-empty?profile=default", 200, Some("ack default")),
        ("POST", "/v1/pin/abc", 200, Some("pin default abc")),
        ("POST", "/v1/pin/xyz", 409, Some("pin default xyz")),
        ("DELETE", "/v1/pin", 409, Some("unpin default")),
        ("POST", "/v1/pin", 405, None),
        ("POST", "/v1/pin/", 404, None),
        ("POST", "/v1/pin/a/b", 404, None),
        ("DELETE", "/v1/reload", 405, None),
        ("POST", "/v1/config", 405, None),
        ("POST", "/v1/ack-empty?profile=other", 404, None),
        ("POST", "/v1/reload?path=a", 400, None),
        ("GET", "/v1/status", 200, None),
        ("GET", "/v1/reload", 405, None),
        ("GET", "/v1/nothing", 404, None),
    ] {
        let said = fixture.ask(method, target, "content-length: 0\r\n").await;
        assert_eq!(said.status(), status, "{method} {target}: {said:?}");
        assert_eq!(hears.try_recv().ok().as_deref(), words, "{method} {target}");
        if status == 200 {
            serde_json::from_str::<Status>(&said.body).expect("an order is answered by the status");
        }
    }
}

#[tokio::test]
async fn readers_give_no_orders() {
    let fixture = Fixture::start(everybody_sees_secrets());
    for (method, target) in
        [("POST", "/v1/reload"), ("POST", "/v1/ack-empty"), ("DELETE", "/v1/pin")]
    {
        let said = fixture.ask(method, target, "content-length: 0\r\n").await;
        assert_eq!(said.status(), 404, "{target}: {said:?}");
    }
    fixture.end().await;
}
