//! Every fault of a server: what is served meanwhile, in which state, and how it ends.
//!
//! The table becomes a page of the documentation; `UPDATE_EXPECT=1` writes it anew.

use expect_test::expect_file;
use serde_json::json;

use super::{keeping::revoked, *};

use crate::{
    api::{Client, ClientLimits},
    dev::{ApiServer, Fault, FaultKind},
    reload::vault_tier::{Standing, VaultTier},
    sealed::{SealingKey, Store},
    settings::{Fail, OnRevoked},
    watch::Pace,
};

/// What stands above the table.
const PREAMBLE: &str = "\
# What happens when the server does not do as it should

Made by a test (`reload::tests::faults`), which does each of these things to a daemon that has good
vaults, on disk too. *Meanwhile* is what it serves while the fault lasts, *state* what `status` says.
*After a restart* is what a daemon serves that starts during the fault. *Asks again within* is the
longest pause before the next question after a first failure; from the eighth failure in a row on it
is one to two poll intervals. *Fresh after* counts the questions from the end of the fault on. Times
are those of the default settings: a poll each 60 s, a splay of 5 s.

In no row are good vaults lost but where the server takes them away, old ones called fresh, or
secrets told: each row was searched for them, on disk and in what is said.

| fault | meanwhile | state | after a restart | asks again within | fresh after |
|---|---|---|---|---|---|
";

/// What stands above the table of policies.
const POLICIES: &str = "
## What settings make of it

| settings | an outage | one longer than `max_stale` | keys revoked | never reached |
|---|---|---|---|---|
";

const VAULT: &str = "a: kept, secret_key: hunter2-vault";
const SECRETS: [&str; 3] = ["hunter2-vault", "hunter2-key", "eyJ"];
const FILE: &str = "api.credentials { access_key: k, secret_key: hunter2-key }\n";
const LOGIN: &str = "auth.login";
const VAULTS: &str = "users.get_vaults";

/// Long enough for a busy machine.
const PATIENT: ClientLimits =
    ClientLimits { connect: PATIENCE, read: PATIENCE, total: PATIENCE, answer_bytes: 100_000 };
/// Short enough to wait for.
const IMPATIENT: ClientLimits =
    ClientLimits { read: Duration::from_millis(300), total: Duration::from_millis(600), ..PATIENT };

/// A daemon's inside and the server it asks.
struct Table {
    server: ApiServer,
    rows: String,
}

/// What is done to the server, and undone.
struct Disturbance<'a> {
    name: &'a str,
    limits: ClientLimits,
    begin: Box<dyn Fn(&ApiServer) + 'a>,
    /// How often the daemon asks before the row is written.
    questions: u32,
}

impl<'a> Disturbance<'a> {
    fn new(name: &'a str, begin: impl Fn(&ApiServer) + 'a) -> Self {
        Self { name, limits: PATIENT, begin: Box::new(begin), questions: 1 }
    }

    /// Returns a fault of one call. If that is the log-in, the token has just expired, too.
    fn fault(name: &'a str, call: &'static str, kind: FaultKind) -> Self {
        Self::new(name, move |server| {
            server.add_fault(Fault::always(call, kind.clone()));
            if call == LOGIN {
                server.expire_tokens().unwrap();
            }
        })
    }

    fn impatient(self) -> Self {
        Self { limits: IMPATIENT, ..self }
    }

    fn asked(self, questions: u32) -> Self {
        Self { questions, ..self }
    }
}

fn status(code: u16, subcode: u32, retry_after: Option<u64>) -> FaultKind {
    FaultKind::Status { code, subcode, message: "down (10.0.0.1, hunter2-vault)", retry_after }
}

fn page(status: u16) -> FaultKind {
    FaultKind::Page { status, body: "<html>hunter2-vault</html>" }
}

/// Accidents: nobody has said anything about us or our vaults.
fn accidents<'a>() -> Vec<Disturbance<'a>> {
    let fault = Disturbance::fault;
    let data = |data| FaultKind::Data(data);
    let ms = Duration::from_millis;
    vec![
        fault("none", "none", FaultKind::Reset),
        fault("an answer that takes 200 ms", "*", FaultKind::Delay(ms(200))),
        fault("no answer", "*", FaultKind::Hang).impatient(),
        fault("connection reset before the answer", "*", FaultKind::Reset),
        fault("connection reset within the answer", "*", FaultKind::Truncate),
        fault("an answer in drops", VAULTS, FaultKind::Slow(ms(250))).impatient(),
        fault("an answer without end", VAULTS, FaultKind::Flood(1 << 20)),
        fault("log-in: a page instead of the API", LOGIN, page(200)),
        fault("a page instead of the API", VAULTS, page(200)),
        fault("log-in: no token in the answer", LOGIN, data(json!({}))),
        fault("log-in: a token that is none", LOGIN, data(json!({"token": "hunter2-vault"}))),
        fault("`vaults` is a text", VAULTS, data(json!({"vaults": "hunter2-vault"}))),
        fault("`vaults` is a list of texts", VAULTS, data(json!({"vaults": ["hunter2-vault"]}))),
        fault("a proxy says 401", VAULTS, page(401)),
        fault("a proxy says 403", VAULTS, page(403)),
        fault("a proxy says 404", VAULTS, page(404)),
        fault("429 with `Retry-After: 30`", VAULTS, status(429, 0, Some(30))),
        fault("500", VAULTS, status(500, 1, None)),
        fault("503", "*", status(503, 0, None)),
        fault("503 with `Retry-After: 600`", "*", status(503, 0, Some(600))),
        fault(
            "a redirect to another server",
            "*",
            FaultKind::Redirect("http://127.0.0.1:1/".into()),
        ),
        fault("a redirect in a circle", VAULTS, FaultKind::Redirect("/users.get_vaults".into())),
    ]
}

/// What the server itself says, or does to its clock and its vaults.
fn words<'a>() -> Vec<Disturbance<'a>> {
    let fault = Disturbance::fault;
    let data = |data| FaultKind::Data(data);
    let clock = |server: &ApiServer, days: i64| {
        server.set_clock_ahead(days * 86_400);
        server.expire_tokens().unwrap();
    };
    vec![
        Disturbance::new("401/30 once: the token expired early", |server| {
            server.expire_tokens().unwrap();
        }),
        fault("401/30 for every token", VAULTS, status(401, 30, None)),
        Disturbance::new("log-in 401/22: the keys were revoked", |server| {
            server.revoke_all();
            server.expire_tokens().unwrap();
        }),
        fault("log-in 403: the user is blocked", LOGIN, status(403, 20, None)),
        fault("403", VAULTS, status(403, 20, None)),
        fault("404 once or twice", VAULTS, status(404, 0, None)),
        fault("404 three times", VAULTS, status(404, 0, None)).asked(3),
        fault("no vaults once or twice", VAULTS, data(json!({"vaults": []}))),
        fault("no vaults three times", VAULTS, data(json!({"vaults": []}))).asked(3),
        Disturbance::new("the vault's text is broken", |server| {
            set_vault(server, "a: [hunter2-vault");
        }),
        Disturbance::new("the vault's text is too large", |server| {
            set_vault(server, &"x".repeat(200_000));
        }),
        Disturbance::new("the server's clock is a year ahead", move |server| clock(server, 365)),
        Disturbance::new("the server's clock is a year behind", move |server| {
            clock(server, -365);
        }),
    ]
}

fn set_vault(server: &ApiServer, text: &str) {
    server.set_vaults(vec![json!({"id": "v", "type": "config", "format": "hocon", "data": text})]);
}

fn start(folder: TempDir, server: &ApiServer) -> Fixture {
    let url = server.url();
    let state = folder.path().join("state");
    let key = KeyPlace::Made(state.join("seal.key"));
    fs::write(folder.path().join("base.conf"), FILE).unwrap();
    Fixture::start_in(folder, Some(StateSettings { folder: state, key }), |_, profile| {
        let server = Server { url: Some(url), worker: "node".into(), ..Server::default() };
        profile.sources.vaults = VaultSource::Server(Box::new(server));
    })
}

fn client(fixture: &Fixture, limits: ClientLimits) -> Client {
    let endpoint = fixture.ends.endpoints[PROFILE].borrow().clone().unwrap();
    Client::new((*endpoint).clone(), limits).unwrap()
}

/// Says what of the vaults is served.
fn served(fixture: &Fixture) -> &'static str {
    let served = fixture.served();
    match (served.contains(r#""a":"kept""#), served.starts_with('{')) {
        (true, _) => "vaults",
        (false, true) => "files alone",
        (false, false) => "nothing yet",
    }
}

/// Returns the longest pause before the next question, as people say it; what was drawn lies below.
fn longest_pause(fixture: &Fixture, answer: &Result<VaultAnswer, FetchError>) -> String {
    let (interval, splay) = (66, 5);
    let longest = match answer {
        Err(error) if !error.is_refusal() && !matches!(error, FetchError::Absent { .. }) => {
            splay + error.retry_after().map_or(0, |wait| wait.as_secs())
        }
        _ => interval,
    };
    for _ in 0..100 {
        let mut pace = Pace::new(&Profile::default(), fixture.subscriber.clone());
        let pause = pace.after_answer(answer);
        assert!(pause <= Duration::from_secs(longest), "{pause:?}");
    }
    format!("{longest} s")
}

impl Table {
    async fn add(&mut self, disturbance: &Disturbance<'_>) {
        let fixture = self.start_well().await;
        let mut client = client(&fixture, disturbance.limits);
        fixture.asked(client.fetch_vaults().await, 0).await;
        (disturbance.begin)(&self.server);
        let mut pause = String::new();
        for _ in 0..disturbance.questions {
            let answer = client.fetch_vaults().await;
            pause = longest_pause(&fixture, &answer);
            let was_well = answer.is_ok();
            fixture.asked(answer, 0).await;
            let is_fresh = fixture.health().vaults.state == State::Fresh;
            assert!(was_well || !is_fresh, "{}: old vaults are called fresh", disturbance.name);
        }
        let (name, meanwhile, state) =
            (disturbance.name, served(&fixture), fixture.health().vaults.state.name());
        search_for_secrets(&fixture, name);
        let fixture = start(fixture.end().await, &self.server);
        fixture.files_changed().await;
        fixture.asked(client.fetch_vaults().await, 0).await;
        let restarted = served(&fixture);
        self.mend();
        let fresh_after = questions_until_fresh(&fixture).await;
        let row =
            format!("| {name} | {meanwhile} | {state} | {restarted} | {pause} | {fresh_after} |\n");
        self.rows.push_str(&row);
        fixture.end().await;
    }

    /// Starts a daemon whose vaults are fresh, and on disk.
    async fn start_well(&self) -> Fixture {
        self.mend();
        let fixture = start(tempfile::tempdir().unwrap(), &self.server);
        fixture.files_changed().await;
        assert_eq!(questions_until_fresh(&fixture).await, 1);
        assert_eq!(served(&fixture), "vaults");
        fixture
    }

    /// Ends whatever was done to the server.
    fn mend(&self) {
        self.server.clear_faults();
        let _known = self.server.allow("k", "hunter2-key");
        self.server.set_clock_ahead(0);
        set_vault(&self.server, VAULT);
    }
}

async fn questions_until_fresh(fixture: &Fixture) -> u32 {
    let mut client = client(fixture, PATIENT);
    for questions in 1..10 {
        fixture.asked(client.fetch_vaults().await, 0).await;
        if fixture.health().vaults.state == State::Fresh && served(fixture) == "vaults" {
            return questions;
        }
    }
    panic!("it never gets fresh again: {:?}", fixture.health())
}

fn search_for_secrets(fixture: &Fixture, name: &str) {
    let health = fixture.health();
    let said = format!("{health:?} {:?} {:?}", health.vaults.reason, fixture.quarantined());
    let mut places = vec![said];
    for entry in fs::read_dir(fixture.folder.path().join("state")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        places.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    for secret in SECRETS {
        assert!(!places.iter().any(|place| place.contains(secret)), "{name}: `{secret}` is told");
    }
}

#[tokio::test]
async fn no_fault_loses_good_vaults_or_calls_old_ones_fresh() {
    let mut table = Table { server: ApiServer::start().unwrap(), rows: String::new() };
    for disturbance in accidents().iter().chain(&words()) {
        table.add(disturbance).await;
    }
    for (name, hours) in
        [("our clock was set ahead by a day", -24), ("our clock was set back by a day", 24)]
    {
        table.add_clock_jump(name, hours).await;
    }
    let page = format!("{PREAMBLE}{}{POLICIES}{}", table.rows, policies());
    expect_file!["../../../../docs/faults.md"].assert_eq(&page);
}

impl Table {
    /// Adds a row about our own clock, which jumps while the daemon is down: what is on disk says
    /// that it was right so many hours from now.
    async fn add_clock_jump(&mut self, name: &str, hours: i64) {
        let folder = self.start_well().await.end().await;
        let place = KeyPlace::Made(folder.path().join("state/seal.key"));
        let key = SealingKey::find(&place, 0).unwrap().unwrap();
        let store = Store::new(&folder.path().join("state"), PROFILE, key);
        let mut last_good = store.read().unwrap().unwrap();
        let by = Duration::from_secs(hours.unsigned_abs() * 3600);
        let confirmed = &mut last_good.confirmed;
        *confirmed = if hours < 0 { *confirmed - by } else { *confirmed + by };
        store.write(&last_good).unwrap();
        let fixture = start(folder, &self.server);
        fixture.files_changed().await;
        let (restarted, state) = (served(&fixture), fixture.health().vaults.state.name());
        let age = fixture.health().vaults.age(Instant::now());
        assert_eq!(age.is_some(), hours < 0, "an age that nobody knows is not told");
        let fresh_after = questions_until_fresh(&fixture).await;
        let row = format!("| {name} | vaults | {state} | {restarted} | 5 s | {fresh_after} |\n");
        self.rows.push_str(&row);
        fixture.end().await;
    }
}

/// Returns the rows about `max_stale`, `fail` and `on_revoked`: what is served in each plight.
fn policies() -> String {
    let max_stale = Some(Duration::from_secs(3600));
    let usual = Profile::default;
    let policies = [
        ("none", usual()),
        ("`max_stale = \"1h\"`", Profile { max_stale, ..usual() }),
        (
            "`max_stale = \"1h\"`, `fail = \"open\"`",
            Profile { max_stale, fail: Fail::Open, ..usual() },
        ),
        (
            "`max_stale = \"1h\"`, `fail = \"closed\"`",
            Profile { max_stale, fail: Fail::Closed, ..usual() },
        ),
        ("`fail = \"closed\"`", Profile { fail: Fail::Closed, ..usual() }),
        ("`on_revoked = \"closed\"`", Profile { on_revoked: OnRevoked::Closed, ..usual() }),
    ];
    let row = |(name, profile): &(&str, Profile)| {
        let plights = [
            plight(profile, &[Ok(()), Err(unreachable_server())], 1),
            plight(profile, &[Ok(()), Err(unreachable_server())], 7200),
            plight(profile, &[Ok(()), Err(revoked())], 1),
            plight(profile, &[Err(unreachable_server())], 1),
        ];
        format!("| {name} | {} |\n", plights.join(" | "))
    };
    policies.iter().map(row).collect()
}

/// Returns what is served so many seconds after these answers of the server.
fn plight(profile: &Profile, answers: &[Result<(), FetchError>], seconds: u64) -> &'static str {
    let mut now = Moment::now();
    let mut tier = VaultTier::new(profile, now);
    for answered in answers {
        let good =
            VaultAnswer::new(VaultList { vaults: vec![vault("v", VAULT)], ..VaultList::default() });
        let answer = match answered {
            Ok(()) => Ok(good),
            Err(FetchError::Revoked { .. }) => Err(revoked()),
            Err(_) => Err(unreachable_server()),
        };
        tier.asked(answer, now.instant, now);
    }
    now.instant += Duration::from_secs(seconds);
    tier.tick(now);
    match tier.standing() {
        Standing::Vaults(list) if list.vaults.is_empty() => "files alone",
        Standing::Vaults(_) => "vaults",
        Standing::Closed(_) => "nothing",
        Standing::Waiting => "nothing yet",
    }
}
