//! Which vaults count at a moment: last good wins, a refusal withdraws, one empty answer is doubted.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::keeping::age_of;
use crate::{
    api::{FetchError, VaultAnswer, VaultList},
    health::{Moment, State, VaultHealth, describe},
    settings::{Fail, OnRevoked, Profile},
};

/// The vaults of one profile and how their source fares. Cloning shares the vaults.
#[derive(Clone, Debug)]
pub(super) struct VaultTier {
    policy: Policy,
    /// The last good list.
    list: Arc<VaultList>,
    /// The digest of the last good list, if its source makes one.
    digest: Option<[u8; 32]>,
    /// Empty answers in a row, after one with vaults.
    empty_answers: u32,
    /// What the last empty answer would have made of us, while it is in doubt.
    doubted: Option<Doubted>,
    /// `None` until the source was asked for the first time.
    state: Option<State>,
    since: Moment,
    confirmed: Option<Moment>,
    reason: Option<String>,
    next: Option<Instant>,
    fetches: u64,
}

/// What a profile's settings say about vaults that cannot be had.
#[derive(Clone, Copy, Debug)]
struct Policy {
    max_stale: Option<Duration>,
    fail: Fail,
    on_revoked: OnRevoked,
    empty_answers: u32,
}

/// An answer without vaults that is not believed yet.
#[derive(Clone, Debug)]
struct Doubted {
    state: State,
    reason: Option<String>,
    digest: Option<[u8; 32]>,
}

/// What counts at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The source has not been asked yet.
    Waiting,
    /// These vaults, perhaps none.
    Vaults(Arc<VaultList>),
    /// Nothing may be answered, for this reason.
    Closed(String),
}

/// What is to be kept on disk at a moment.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// These vaults with their digest, which were right at that moment.
    Good(Arc<VaultList>, Option<[u8; 32]>, Moment),
    /// None: the source has taken them away.
    Withdrawn,
    /// Whatever is there: nobody knows better.
    Open,
}

impl VaultTier {
    /// Returns the tier of a profile whose source has not been asked yet.
    pub(super) fn new(profile: &Profile, now: Moment) -> Self {
        Self {
            policy: Policy {
                max_stale: profile.max_stale,
                fail: profile.fail,
                on_revoked: profile.on_revoked,
                empty_answers: profile.empty_answers.max(1),
            },
            list: Arc::default(),
            digest: None,
            empty_answers: 0,
            doubted: None,
            state: None,
            since: now,
            confirmed: None,
            reason: None,
            next: None,
            fetches: 0,
        }
    }

    /// Notes that there is no source, for a reason if one was expected.
    pub(super) fn switch_off(&mut self, reason: Option<String>, now: Moment) {
        self.list = Arc::default();
        self.digest = None;
        self.next = None;
        self.enter(State::Off, reason, now);
    }

    /// Takes a list that was read on this host, where an empty one is meant as it is.
    pub(super) fn read(&mut self, list: VaultList, now: Moment) {
        if *self.list != list {
            self.list = Arc::new(list);
        }
        self.confirm(State::Fresh, None, now);
    }

    /// Notes that the source on this host cannot be read.
    pub(super) fn unreadable(&mut self, reason: String, now: Moment) {
        self.fail(reason, now);
    }

    /// Takes a list that an earlier process kept on disk. It counts as stale until its source is
    /// asked, and is as old as it says; if the clock contradicts that, nobody knows how old.
    pub(super) fn restore(
        &mut self,
        list: VaultList,
        digest: Option<[u8; 32]>,
        confirmed: SystemTime,
        now: Moment,
    ) {
        self.list = Arc::new(list);
        self.digest = digest;
        let age = age_of(confirmed, now);
        let instant = age.and_then(|age| now.instant.checked_sub(age));
        self.confirmed = instant.map(|instant| Moment { instant, wall: confirmed });
        let reason = "its vaults were kept on disk; their source has not answered yet";
        self.enter(State::Stale, Some(reason.into()), now);
        if self.confirmed.is_none() && self.policy.max_stale.is_some() {
            let reason = "the clock stands before the time at which the vaults were kept on disk";
            self.enter(State::Expired, Some(reason.into()), now);
        }
        self.tick(now);
    }

    /// Returns the list, to tell it from others.
    pub(super) fn list(&self) -> &Arc<VaultList> {
        &self.list
    }

    /// Says what is to be kept on disk. Not what was got in spite of a warning: a later process has
    /// the new keys alone, and what is on disk is the old ones'.
    pub(super) fn verdict(&self) -> Verdict {
        match (self.state, self.confirmed) {
            (Some(State::Fresh), Some(moment)) if self.reason.is_none() => {
                Verdict::Good(self.list.clone(), self.digest, moment)
            }
            (Some(State::Revoked | State::Absent), _) => Verdict::Withdrawn,
            _ => Verdict::Open,
        }
    }

    /// Takes what came of asking the server.
    pub(super) fn asked(
        &mut self,
        answer: Result<VaultAnswer, FetchError>,
        next: Instant,
        now: Moment,
    ) {
        self.fetches += 1;
        self.next = Some(next);
        match answer {
            Ok(VaultAnswer { list, digest, warning }) if is_empty(&list) => {
                self.empty(State::Fresh, warning, Some(digest), now);
            }
            Ok(answer) => self.accept(answer, now),
            Err(error @ FetchError::Absent { .. }) => {
                self.empty(State::Absent, Some(describe(&error)), None, now);
            }
            Err(error) if error.is_refusal() => self.withdraw(describe(&error), now),
            Err(error) => self.fail(describe(&error), now),
        }
    }

    /// Whether the server refuses us.
    pub(super) fn is_revoked(&self) -> bool {
        self.state == Some(State::Revoked)
    }

    /// Whether the source has not been asked yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.state.is_none()
    }

    /// Says what counts; see [`Fail`] and [`OnRevoked`].
    pub(super) fn standing(&self) -> Standing {
        let Some(state) = self.state else { return Standing::Waiting };
        let closed = match state {
            State::Fresh | State::Absent | State::Off => false,
            State::Stale => self.policy.fail == Fail::Closed && self.confirmed.is_none(),
            State::Expired => match self.policy.fail {
                Fail::LastGood => false,
                Fail::Open => return Standing::Vaults(Arc::default()),
                Fail::Closed => true,
            },
            State::Revoked => self.policy.on_revoked == OnRevoked::Closed,
        };
        if closed {
            Standing::Closed(self.reason.clone().unwrap_or_default())
        } else {
            Standing::Vaults(self.list.clone())
        }
    }

    /// Lets time pass: what is stale for too long expires.
    pub(super) fn tick(&mut self, now: Moment) {
        if self.deadline().is_some_and(|deadline| deadline <= now.instant) {
            self.enter(State::Expired, self.reason.clone(), now);
        }
    }

    /// Returns when [`Self::tick`] changes something by itself.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.state != Some(State::Stale) {
            return None;
        }
        let confirmed = self.confirmed.map_or(self.since, |moment| moment);
        confirmed.instant.checked_add(self.policy.max_stale?)
    }

    /// Stops waiting for a source that has not answered yet.
    pub(super) fn stop_waiting(&mut self, reason: &str, now: Moment) {
        if self.state.is_none() {
            self.fail(reason.to_owned(), now);
        }
    }

    /// Returns the state for people.
    pub(super) fn health(&self) -> VaultHealth {
        VaultHealth {
            state: self.state.unwrap_or(State::Stale),
            since: self.since,
            confirmed: self.confirmed,
            reason: match self.state {
                None => Some("its source has not answered yet".into()),
                Some(_) => self.reason.clone(),
            },
            next: self.next,
            fetches: self.fetches,
        }
    }

    fn accept(&mut self, answer: VaultAnswer, now: Moment) {
        if Some(answer.digest) != self.digest {
            self.list = Arc::new(answer.list);
            self.digest = Some(answer.digest);
        }
        self.confirm(State::Fresh, answer.warning, now);
    }

    /// Takes an answer without vaults: at once if there were none before, otherwise only after it
    /// has come as often as the profile says. A server that lost its database must not take the
    /// vaults of a whole fleet away.
    fn empty(
        &mut self,
        state: State,
        reason: Option<String>,
        digest: Option<[u8; 32]>,
        now: Moment,
    ) {
        let had_vaults = !is_empty(&self.list);
        self.empty_answers += 1;
        self.doubted = Some(Doubted { state, reason, digest });
        if had_vaults && self.empty_answers < self.policy.empty_answers {
            let doubt = format!(
                "the server says that there are no vaults ({} of {} times before they are withdrawn)",
                self.empty_answers, self.policy.empty_answers
            );
            self.enter(State::Stale, Some(doubt), now);
        } else {
            self.acknowledge_empty(now);
        }
    }

    /// Believes the last empty answer, if it is in doubt. Returns whether it was.
    pub(super) fn acknowledge_empty(&mut self, now: Moment) -> bool {
        let Some(Doubted { state, reason, digest }) = self.doubted.take() else { return false };
        self.list = Arc::default();
        self.digest = digest;
        self.confirm(state, reason, now);
        true
    }

    /// Takes the vaults away: the server refuses us, and they may be another's by now.
    fn withdraw(&mut self, reason: String, now: Moment) {
        self.list = Arc::default();
        self.digest = None;
        self.confirmed = None;
        self.empty_answers = 0;
        self.doubted = None;
        self.enter(State::Revoked, Some(reason), now);
    }

    /// Keeps what there is. A refusal outlives an outage.
    fn fail(&mut self, reason: String, now: Moment) {
        match self.state {
            Some(State::Revoked) => {}
            Some(State::Expired) => self.reason = Some(reason),
            _ => {
                self.enter(State::Stale, Some(reason), now);
                self.tick(now);
            }
        }
    }

    fn confirm(&mut self, state: State, reason: Option<String>, now: Moment) {
        self.empty_answers = 0;
        self.doubted = None;
        self.confirmed = Some(now);
        self.enter(state, reason, now);
    }

    fn enter(&mut self, state: State, reason: Option<String>, now: Moment) {
        if self.state != Some(state) {
            self.state = Some(state);
            self.since = now;
        }
        self.reason = reason;
    }
}

/// Whether a list says that there are no vaults.
fn is_empty(list: &VaultList) -> bool {
    list.vaults.is_empty() && list.quarantined.is_empty()
}

#[cfg(test)]
mod tests {
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

    struct Bench {
        tier: VaultTier,
        now: Moment,
    }

    impl Bench {
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
                Absent => {
                    Err(FetchError::Absent { host: host(), reason: AbsentReason::NoEndpoint })
                }
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
        let mut bench = Bench::new(profile);
        assert_eq!(bench.tier.standing(), Standing::Waiting);
        for (number, (step, expected)) in steps.iter().enumerate() {
            bench.take(step);
            assert_eq!(bench.says(), *expected, "step {number}");
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
        let mut bench = Bench::new(&Profile::default());
        bench.take(&Vaults("a"));
        assert!(!bench.tier.acknowledge_empty(bench.now), "there is nothing to doubt");
        bench.take(&Absent);
        assert_eq!(bench.says(), "Stale a");
        bench.take(&Fails);
        assert!(bench.tier.acknowledge_empty(bench.now));
        assert_eq!(bench.says(), "Absent none");
        bench.take(&Vaults("a"));
        bench.take(&Empty);
        bench.take(&Vaults("a"));
        assert!(!bench.tier.acknowledge_empty(bench.now), "the server took it back");
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
            let mut bench = Bench::new(profile);
            let (ago, now) = (minutes(i64::unsigned_abs(kept)), bench.now);
            let confirmed = if kept < 0 { now.wall + ago } else { now.wall - ago };
            bench.tier.restore(list("a"), Some(digest("a")), confirmed, now);
            assert_eq!(bench.says(), expected, "{kept} minutes ago");
            let found = bench.tier.health().age(now.instant);
            assert_eq!(found, age.map(minutes), "{kept} minutes ago");
            bench.take(&Vaults("a"));
            assert_eq!(bench.says(), "Fresh a");
        }
    }

    #[test]
    fn only_what_is_known_to_be_right_is_kept_and_only_what_was_taken_away_goes() {
        let mut bench = Bench::new(&Profile::default());
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
            bench.take(&step);
            let verdict = match bench.tier.verdict() {
                Verdict::Good(..) => "good",
                Verdict::Withdrawn => "withdrawn",
                Verdict::Open => "open",
            };
            assert_eq!(verdict, expected, "{}", bench.says());
        }
    }

    #[test]
    fn a_list_on_this_host_may_be_empty_at_once() {
        let mut bench = Bench::new(&Profile::default());
        bench.tier.read(list("a"), bench.now);
        assert_eq!(bench.says(), "Fresh a");
        bench.tier.unreadable("gone".into(), bench.now);
        assert_eq!(bench.says(), "Stale a");
        bench.tier.read(VaultList::default(), bench.now);
        assert_eq!(bench.says(), "Fresh none");
        bench.tier.switch_off(None, bench.now);
        assert_eq!(bench.says(), "Off none");
    }

    #[test]
    fn says_since_when_and_how_old() {
        let mut bench = Bench::new(&Profile::default());
        bench.take(&Vaults("a"));
        let first = bench.now;
        bench.take(&Later(10));
        bench.take(&Vaults("a"));
        assert_eq!(bench.tier.health().since, first, "the state has not changed");
        bench.take(&Later(5));
        bench.take(&Fails);
        let health = bench.tier.health();
        assert_eq!(health.since, bench.now);
        assert_eq!(health.age(bench.now.instant), Some(Duration::from_secs(5)));
        assert_eq!(health.fetches, 3);
        assert!(health.reason.unwrap().starts_with("cannot reach `api.test`: "));
    }
}
