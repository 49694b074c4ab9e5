//! The names that a user hides in the web application.

use super::*;
use crate::api::UserNames;

const FILE: &str = "api.credentials { access_key: k, secret_key: s }\npin: \"4711 9\"\n";

fn names(names: &[&str]) -> UserNames {
    UserNames::of_kept(names.iter().map(|name| (*name).to_owned()).collect())
}

async fn ask(fixture: &Fixture, answer: Result<UserNames, FetchError>) {
    fixture.send(Event::NamesAsked { profile: PROFILE.into(), answer }).await;
}

/// Whether a peer who may not see secrets sees the pin.
fn shows_pin(fixture: &Fixture) -> bool {
    fixture.served().contains("4711")
}

fn warning(fixture: &Fixture) -> Option<String> {
    fixture.health().user_names.as_ref().and_then(|names| names.warning.clone())
}

#[tokio::test]
async fn names_that_the_user_hides_are_masked_from_the_first_answer_on() {
    let fixture = Fixture::start(FILE, server);
    ask(&fixture, Ok(names(&["PIN"]))).await;
    assert_eq!(fixture.served(), "waiting", "names are no answer");
    fixture.asked_well(answer(&[]), 0).await;
    assert!(!shows_pin(&fixture), "{}", fixture.served());
    let Answer::Some(published) = fixture.subscriber.answer() else { panic!() };
    assert_eq!(published.hide_names(), ["PIN"], "a stock agent is to hide it, too");
    ask(&fixture, Ok(names(&[]))).await;
    assert!(shows_pin(&fixture), "the user changed their mind");
    assert_eq!(fixture.revision(), 1, "what is masked is not what is answered");
    fixture.end().await;
}

#[tokio::test]
async fn a_failure_takes_no_name_away_and_is_told() {
    let fixture = Fixture::start(FILE, server);
    ask(&fixture, Err(unreachable_server())).await;
    fixture.asked_well(answer(&[]), 0).await;
    assert!(shows_pin(&fixture), "an answer waits for no names");
    assert!(warning(&fixture).unwrap().contains("cannot reach"));
    ask(&fixture, Ok(names(&["PIN"]))).await;
    assert_eq!(warning(&fixture), None);
    ask(&fixture, Err(unreachable_server())).await;
    assert!(!shows_pin(&fixture));
    assert!(warning(&fixture).is_some());
    fixture.end().await;
}

fn kept_in(folder: TempDir) -> Fixture {
    let path = folder.path().join("state");
    fs::write(folder.path().join("base.conf"), FILE).unwrap();
    let state = StateSettings { key: KeyPlace::Made(path.join("seal.key")), folder: path };
    Fixture::start_in(folder, Some(state), server)
}

#[tokio::test]
async fn names_outlive_a_restart_without_the_server() {
    let absent = || {
        let reason = crate::api::AbsentReason::BasicFeatureSet;
        Err(FetchError::Absent { host: "api.test".into(), reason })
    };
    let with_vaults = || Ok(answer(&[vault("v", "a: 1")]));
    for (said, is_absent) in [(with_vaults as fn() -> _, false), (absent, true)] {
        let fixture = kept_in(tempfile::tempdir().unwrap());
        ask(&fixture, Ok(names(&["PIN"]))).await;
        fixture.asked(said(), 0).await;
        let fixture = kept_in(fixture.end().await);
        fixture.asked(Err(unreachable_server()), 0).await;
        assert!(fixture.served().contains("pin") && !shows_pin(&fixture), "{}", fixture.served());
        assert_eq!(fixture.health().kept.as_ref().unwrap().saved.is_none(), is_absent);
        fixture.end().await;
    }
}
