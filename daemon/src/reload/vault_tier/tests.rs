//! What counts after each step of a source, as tables.

use resolver::{Format, Scope};

use super::*;
use crate::api::{AbsentReason, Vault, VaultKind};

/// What a source does in one step of a table.
enum Step {
    Vaults(&'static str),
    Empty,
    Absent,
    Refused,
    Fails,
    Later(u64),
}
use Step::{Absent, Empty, Fails, Later, Refused, Vaults};

struct Fixture {
    tier: VaultTier,
    now: Moment,
}

impl Fixture {
    fn new(profile: &Profile) -> Self {
        let now = Moment::now();
        Self { tier: VaultTier::new(profile, now), now }
    }

    fn take(&mut self, step: &Step) {
        let now = self.now;
        let host = || "api.test".to_owned();
        let answer = match step {
            Later(seconds) => {
                self.now.instant += Duration::from_secs(*seconds);
                return self.tier.tick(self.now);
            }
            Vaults(text) => Ok(answer(list(text), text)),
            Empty => Ok(answer(VaultList::default(), "")),
            Absent => Err(FetchError::Absent { host: host(), reason: AbsentReason::NoEndpoint }),
            Refused => Err(FetchError::Revoked { host: host(), code: 401, subcode: 22 }),
            Fails => Err(FetchError::Unreachable {
                host: host(),
                source: std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into(),
            }),
        };
        self.tier.asked(answer, now.instant, now);
    }

    /// Says the state, and which vault counts.
    fn says(&self) -> String {
        let counts = match self.tier.standing() {
            Standing::Waiting => "waiting".to_owned(),
            Standing::Closed(_) => "closed".to_owned(),
            Standing::Vaults(list) => {
                list.vaults.first().map_or("none".to_owned(), |vault| vault.text.to_string())
            }
        };
        format!("{:?} {counts}", self.tier.health().state)
    }
}

fn list(text: &str) -> VaultList {
    let vault = Vault {
        id: "v".into(),
        description: "".into(),
        scope: Scope::User,
        kind: VaultKind::Config,
        format: Format::Hocon,
        text: text.into(),
    };
    VaultList { vaults: vec![vault], ..VaultList::default() }
}

fn answer(list: VaultList, text: &str) -> VaultAnswer {
    VaultAnswer { list, digest: digest(text), warning: None }
}

fn digest(text: &str) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..text.len()].copy_from_slice(text.as_bytes());
    digest
}

fn check(profile: &Profile, steps: &[(Step, &str)]) {
    let mut fixture = Fixture::new(profile);
    assert_eq!(fixture.tier.standing(), Standing::Waiting);
    for (number, (step, expected)) in steps.iter().enumerate() {
        fixture.take(step);
        assert_eq!(fixture.says(), *expected, "step {number}");
    }
}

#[test]
fn an_outage_takes_nothing_away() {
    check(
        &Profile::default(),
        &[
            (Fails, "Stale none"),
            (Vaults("a"), "Fresh a"),
            (Fails, "Stale a"),
            (Later(1_000_000), "Stale a"),
            (Vaults("b"), "Fresh b"),
        ],
    );
}

#[test]
fn max_stale_bounds_an_outage_as_the_policy_says() {
    for (fail, expired) in [
        (Fail::LastGood, "Expired a"),
        (Fail::Open, "Expired none"),
        (Fail::Closed, "Expired closed"),
    ] {
        let profile =
            Profile { fail, max_stale: Some(Duration::from_secs(60)), ..Profile::default() };
        check(
            &profile,
            &[
                (Vaults("a"), "Fresh a"),
                (Later(50), "Fresh a"),
                (Fails, "Stale a"),
                (Later(9), "Stale a"),
                (Later(1), expired),
                (Fails, expired),
                (Vaults("a"), "Fresh a"),
                (Later(61), "Fresh a"),
                (Fails, expired),
            ],
        );
    }
}

#[test]
fn fail_closed_answers_nothing_before_the_first_vaults() {
    let profile = Profile { fail: Fail::Closed, ..Profile::default() };
    check(&profile, &[(Fails, "Stale closed"), (Vaults("a"), "Fresh a"), (Fails, "Stale a")]);
}

#[test]
fn a_refusal_withdraws_until_the_server_gives_again() {
    for (on_revoked, refused) in
        [(OnRevoked::FileOnly, "Revoked none"), (OnRevoked::Closed, "Revoked closed")]
    {
        let profile = Profile { on_revoked, ..Profile::default() };
        check(
            &profile,
            &[
                (Vaults("a"), "Fresh a"),
                (Refused, refused),
                (Fails, refused),
                (Later(1_000_000), refused),
                (Vaults("a"), "Fresh a"),
            ],
        );
    }
}

#[test]
fn an_empty_answer_after_vaults_must_come_three_times_in_a_row() {
    check(
        &Profile::default(),
        &[
            (Empty, "Fresh none"),
            (Vaults("a"), "Fresh a"),
            (Empty, "Stale a"),
            (Empty, "Stale a"),
            (Vaults("a"), "Fresh a"),
            (Empty, "Stale a"),
            (Absent, "Stale a"),
            (Fails, "Stale a"),
            (Empty, "Fresh none"),
            (Vaults("b"), "Fresh b"),
            (Absent, "Stale b"),
            (Absent, "Stale b"),
            (Absent, "Absent none"),
        ],
    );
}

#[test]
fn an_administrator_may_end_the_doubt_about_an_empty_answer() {
    let mut fixture = Fixture::new(&Profile::default());
    fixture.take(&Vaults("a"));
    assert!(!fixture.tier.acknowledge_empty(fixture.now), "there is nothing to doubt");
    fixture.take(&Absent);
    assert_eq!(fixture.says(), "Stale a");
    fixture.take(&Fails);
    assert!(fixture.tier.acknowledge_empty(fixture.now));
    assert_eq!(fixture.says(), "Absent none");
    fixture.take(&Vaults("a"));
    fixture.take(&Empty);
    fixture.take(&Vaults("a"));
    assert!(!fixture.tier.acknowledge_empty(fixture.now), "the server took it back");
}

#[test]
fn what_was_kept_is_stale_and_as_old_as_it_says() {
    let minutes = |minutes| Duration::from_secs(60 * minutes);
    let bounded = |fail| Profile { fail, max_stale: Some(minutes(60)), ..Profile::default() };
    let [last_good, open, closed] = [Fail::LastGood, Fail::Open, Fail::Closed].map(bounded);
    // How long ago the clock says it was kept; negative for a clock that was set back.
    for (profile, kept, expected, age) in [
        (&Profile::default(), 30, "Stale a", Some(30)),
        (&Profile::default(), 1_000_000, "Stale a", Some(1_000_000)),
        (&Profile::default(), -4, "Stale a", Some(0)),
        (&Profile::default(), -6, "Stale a", None),
        (&last_good, 59, "Stale a", Some(59)),
        (&last_good, 60, "Expired a", Some(60)),
        (&last_good, -6, "Expired a", None),
        (&open, 60, "Expired none", Some(60)),
        (&closed, 60, "Expired closed", Some(60)),
        (&closed, -6, "Expired closed", None),
    ] {
        let mut fixture = Fixture::new(profile);
        let (ago, now) = (minutes(i64::unsigned_abs(kept)), fixture.now);
        let confirmed = if kept < 0 { now.wall + ago } else { now.wall - ago };
        fixture.tier.restore(list("a"), Some(digest("a")), confirmed, now);
        assert_eq!(fixture.says(), expected, "{kept} minutes ago");
        let found = fixture.tier.health().age(now.instant);
        assert_eq!(found, age.map(minutes), "{kept} minutes ago");
        fixture.take(&Vaults("a"));
        assert_eq!(fixture.says(), "Fresh a");
    }
}

#[test]
fn only_what_is_known_to_be_right_is_kept_and_only_what_was_taken_away_goes() {
    let mut fixture = Fixture::new(&Profile::default());
    for (step, expected) in [
        (Fails, "open"),
        (Vaults("a"), "good"),
        (Fails, "open"),
        (Empty, "open"),
        (Vaults("b"), "good"),
        (Refused, "withdrawn"),
        (Fails, "withdrawn"),
        (Absent, "withdrawn"),
    ] {
        fixture.take(&step);
        let verdict = match fixture.tier.verdict() {
            Verdict::Good(..) => "good",
            Verdict::Withdrawn | Verdict::Absent(_) => "withdrawn",
            Verdict::Open => "open",
        };
        assert_eq!(verdict, expected, "{}", fixture.says());
    }
}

#[test]
fn a_list_on_this_host_may_be_empty_at_once() {
    let mut fixture = Fixture::new(&Profile::default());
    fixture.tier.read(list("a"), fixture.now);
    assert_eq!(fixture.says(), "Fresh a");
    fixture.tier.unreadable("gone".into(), fixture.now);
    assert_eq!(fixture.says(), "Stale a");
    fixture.tier.read(VaultList::default(), fixture.now);
    assert_eq!(fixture.says(), "Fresh none");
    fixture.tier.switch_off(None, fixture.now);
    assert_eq!(fixture.says(), "Off none");
}

#[test]
fn says_since_when_and_how_old() {
    let mut fixture = Fixture::new(&Profile::default());
    fixture.take(&Vaults("a"));
    let first = fixture.now;
    fixture.take(&Later(10));
    fixture.take(&Vaults("a"));
    assert_eq!(fixture.tier.health().since, first, "the state has not changed");
    fixture.take(&Later(5));
    fixture.take(&Fails);
    let health = fixture.tier.health();
    assert_eq!(health.since, fixture.now);
    assert_eq!(health.age(fixture.now.instant), Some(Duration::from_secs(5)));
    assert_eq!(health.fetches, 3);
    assert!(health.reason.unwrap().starts_with("cannot reach `api.test`: "));
}
