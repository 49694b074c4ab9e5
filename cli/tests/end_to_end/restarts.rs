//! A daemon that is killed at any moment: each start serves a whole answer, and never an older one
//! than the start before.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use daemon::{
    client::ask,
    dev::{ApiServer, Fault, FaultKind},
    protocol::{State, Status},
};
use serde_json::{Value, json};
use tests::sandbox::{Background, Sandbox};

use crate::{daemon_on, sandbox};

/// How often the daemon is killed and started again, at least.
const RESTARTS: u64 = 200;
/// How many of its lives must have written something new.
const WRITES: u64 = 50;
/// A daemon is killed at a random moment of the time in which it asks up to so often: long enough
/// for several writes.
const QUESTIONS: f64 = 4.0;
/// Longer than the test takes on a busy machine.
const LONGEST: Duration = Duration::from_secs(240);
/// The most that the part of a question is waited for.
const LONGEST_PART: Duration = Duration::from_millis(50);
/// What a daemon asks again and again.
const VAULTS: &str = "users.get_vaults";
const PATIENCE: Duration = Duration::from_secs(20);
const SECRET: &str = "hunter2-hunter2";

fn sandbox_with(server: &ApiServer) -> Sandbox {
    let _known = server.allow("ACCESSKEY", "the-secret-key");
    let sandbox = sandbox()
        .with_variable("CLEARML_API_HOST", server.url().to_string())
        .with_variable("CLEARML_API_ACCESS_KEY", "ACCESSKEY")
        .with_variable("CLEARML_API_SECRET_KEY", "the-secret-key")
        .with_variable("CLEARML_RESOLVER_STATE__CREATE_KEY", "true")
        .with_variable("CLEARML_RESOLVER_POLL_INTERVAL", "5ms")
        .with_variable("CLEARML_RESOLVER_SPLAY", "0s");
    let state = sandbox.work().join("state");
    sandbox.with_variable("CLEARML_RESOLVER_STATE__FOLDER", state.to_str().unwrap())
}

/// Keeps a vault of this generation: each of its values tells which, and its size differs.
fn set_generation(server: &ApiServer, generation: u64) {
    let padding = "x".repeat(usize::try_from(generation % 7 * 9000).unwrap());
    let text = format!("a: {generation}, padding: {padding}{SECRET}, z: {generation}");
    server.set_vaults(vec![json!({"id": "v", "type": "config", "format": "hocon", "data": text})]);
}

fn down(server: &ApiServer) {
    server.add_fault(Fault::always("*", FaultKind::Reset));
}

fn served(sandbox: &Sandbox) -> Value {
    let reply = ask(&sandbox.socket(), "/v1/config", PATIENCE).unwrap();
    serde_json::from_slice(&reply.body).unwrap()
}

fn status(sandbox: &Sandbox) -> Status {
    let reply = ask(&sandbox.socket(), "/v1/status", PATIENCE).unwrap();
    serde_json::from_slice(&reply.body).unwrap()
}

/// Returns the generation that is served; the answer must be one whole generation.
fn generation(sandbox: &Sandbox) -> u64 {
    let answer = served(sandbox);
    let generation = answer["a"].as_u64().unwrap_or_else(|| panic!("no vaults: {answer}"));
    let padding = answer["padding"].as_str().unwrap().len() - SECRET.len();
    assert_eq!(answer["z"], answer["a"]);
    assert_eq!(u64::try_from(padding).unwrap(), generation % 7 * 9000);
    generation
}

fn start(sandbox: &Sandbox) -> Background {
    sandbox.write("base.conf", "file: true");
    daemon_on(sandbox, &["--config", "base.conf"])
}

#[test]
fn two_hundred_kills_under_change_leave_a_whole_answer_each_time() {
    let server = ApiServer::start().unwrap();
    let sandbox = sandbox_with(&server);
    set_generation(&server, 1);
    let first = start(&sandbox);
    sandbox
        .eventually("vaults are on disk", || sandbox.work().join("state/default.sealed").exists());
    drop(first);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let generations = 2..;
            for generation in generations.take_while(|_: &u64| !ended.load(Ordering::Relaxed)) {
                set_generation(&server, generation);
                thread::sleep(Duration::from_millis(2));
            }
        });
        let _end = EndAtDrop(&ended);
        kill_until_enough_is_written(&server, &sandbox);
    });
    assert_no_secret_on_disk(&sandbox);
}

/// Says at its end, also by a panic, that something is over.
struct EndAtDrop<'a>(&'a AtomicBool);

impl Drop for EndAtDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Starts and kills daemons; each must serve a whole generation, and none older than the one before.
fn kill_until_enough_is_written(server: &ApiServer, sandbox: &Sandbox) {
    let started = Instant::now();
    let (mut restarts, mut writes, mut last) = (0, 0, 0);
    while restarts < RESTARTS || writes < WRITES {
        assert!(started.elapsed() < LONGEST, "{restarts} kills hit too few writes: {writes}");
        down(server);
        // Dropping it kills it (SIGKILL).
        let _daemon = start(sandbox);
        let found = generation(sandbox);
        assert!(found >= last, "restart {restarts}: {found} is older than {last}");
        writes += u64::from(found > last);
        last = found;
        live(server, sandbox, QUESTIONS * fraction(restarts));
        restarts += 1;
    }
}

/// Lets the daemon ask so many questions and the part of one more.
fn live(server: &ApiServer, sandbox: &Sandbox, questions: f64) {
    let asked = || u32::try_from(server.count(VAULTS)).unwrap();
    let before = asked();
    server.clear_faults();
    let began = Instant::now();
    let whole = questions.trunc();
    sandbox.eventually("the daemon asks", || f64::from(asked() - before) >= whole);
    let one = began.elapsed().div_f64(whole.max(1.0));
    thread::sleep(one.min(LONGEST_PART).mul_f64(questions.fract()));
}

fn assert_no_secret_on_disk(sandbox: &Sandbox) {
    for entry in std::fs::read_dir(sandbox.work().join("state")).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains(SECRET), "a secret lies on the disk");
    }
}

/// Spreads the moments of the kills over a life, evenly and in no order.
fn fraction(restart: u64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_75;
    let restart = u32::try_from(restart).unwrap();
    (f64::from(restart) * GOLDEN).fract()
}

#[test]
fn what_was_revoked_stays_away_over_restarts_without_the_server() {
    let server = ApiServer::start().unwrap();
    let sandbox = sandbox_with(&server);
    set_generation(&server, 1);
    let daemon = start(&sandbox);
    assert_eq!(generation(&sandbox), 1);
    server.revoke_all();
    server.expire_tokens().unwrap();
    let is_revoked = || status(&sandbox).profiles["default"].state == State::Revoked;
    sandbox.eventually("the refusal is noticed", is_revoked);
    drop(daemon);
    down(&server);
    for _ in 0..3 {
        let _daemon = start(&sandbox);
        assert_eq!(served(&sandbox), json!({"file": true}));
    }
}

#[test]
fn a_start_from_disk_does_not_wait_for_a_server_that_hangs() {
    let server = ApiServer::start().unwrap();
    let sandbox = sandbox_with(&server);
    set_generation(&server, 1);
    let daemon = start(&sandbox);
    sandbox
        .eventually("vaults are on disk", || sandbox.work().join("state/default.sealed").exists());
    drop(daemon);
    server.add_fault(Fault::always("*", FaultKind::Hang));
    let started = Instant::now();
    let _daemon = start(&sandbox);
    assert_eq!(generation(&sandbox), 1);
    // A server that hangs would have cost five seconds.
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!(status(&sandbox).profiles["default"].state, State::Stale);
}
