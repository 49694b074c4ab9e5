//! The names that a user hides in the web application.

use super::*;
use crate::api::UserNames;

const FILE: &str = "api.credentials { access_key: k, secret_key: s }\npin: \"4711 9\"\n";

fn names(names: &[&str]) -> UserNames {
    UserNames::of_kept(names.iter().map(|name| (*name).to_owned()).collect())
}

async fn ask(bench: &Bench, answer: Result<UserNames, FetchError>) {
    bench.send(Event::NamesAsked { profile: PROFILE.into(), answer }).await;
}

/// Whether a peer who may not see secrets sees the pin.
fn shows_pin(bench: &Bench) -> bool {
    bench.served().contains("4711")
}

fn warning(bench: &Bench) -> Option<String> {
    bench.health().user_names.as_ref().and_then(|names| names.warning.clone())
}

#[tokio::test]
async fn names_that_the_user_hides_are_masked_from_the_first_answer_on() {
    let bench = Bench::start(FILE, server);
    ask(&bench, Ok(names(&["PIN"]))).await;
    assert_eq!(bench.served(), "waiting", "names are no answer");
    bench.asked_well(answer(&[]), 0).await;
    assert!(!shows_pin(&bench), "{}", bench.served());
    let Answer::Some(published) = bench.subscriber.answer() else { panic!() };
    assert_eq!(published.hide_names(), ["PIN"], "a stock agent is to hide it, too");
    ask(&bench, Ok(names(&[]))).await;
    assert!(shows_pin(&bench), "the user changed their mind");
    assert_eq!(bench.revision(), 1, "what is masked is not what is answered");
    bench.end().await;
}

#[tokio::test]
async fn a_failure_takes_no_name_away_and_is_told() {
    let bench = Bench::start(FILE, server);
    ask(&bench, Err(unreachable_server())).await;
    bench.asked_well(answer(&[]), 0).await;
    assert!(shows_pin(&bench), "an answer waits for no names");
    assert!(warning(&bench).unwrap().contains("cannot reach"));
    ask(&bench, Ok(names(&["PIN"]))).await;
    assert_eq!(warning(&bench), None);
    ask(&bench, Err(unreachable_server())).await;
    assert!(!shows_pin(&bench));
    assert!(warning(&bench).is_some());
    bench.end().await;
}

fn kept_in(folder: TempDir) -> Bench {
    let path = folder.path().join("state");
    fs::write(folder.path().join("base.conf"), FILE).unwrap();
    let state = StateSettings { key: KeyPlace::Made(path.join("seal.key")), folder: path };
    Bench::start_in(folder, Some(state), server)
}

#[tokio::test]
async fn names_outlive_a_restart_without_the_server() {
    let absent = || {
        let reason = crate::api::AbsentReason::BasicFeatureSet;
        Err(FetchError::Absent { host: "api.test".into(), reason })
    };
    let with_vaults = || Ok(answer(&[vault("v", "a: 1")]));
    for (said, is_absent) in [(with_vaults as fn() -> _, false), (absent, true)] {
        let bench = kept_in(tempfile::tempdir().unwrap());
        ask(&bench, Ok(names(&["PIN"]))).await;
        bench.asked(said(), 0).await;
        let bench = kept_in(bench.end().await);
        bench.asked(Err(unreachable_server()), 0).await;
        assert!(bench.served().contains("pin") && !shows_pin(&bench), "{}", bench.served());
        assert_eq!(bench.health().kept.as_ref().unwrap().saved.is_none(), is_absent);
        bench.end().await;
    }
}
