//! The planner, held to the vectors that the one in Python is held to, too.

use serde_json::{Value, json};

use super::*;

const VECTORS: &str = include_str!("../../../tests/fixtures/plugin/plan.json");

/// Returns what the daemon says, where the vector says nothing of it as it is without vaults.
fn status(said: &Value) -> Option<ProfileStatus> {
    let mut whole = json!({
        "state": "fresh", "since": 0, "age_seconds": 0, "reason": null, "revision": 1,
        "digest": null, "keys": 0, "next_refresh_seconds": null, "fetches": 0, "answers": 0,
        "calls_saved": 0, "vaults": [], "files": [], "quarantined": [],
    });
    for (key, value) in said.as_object()? {
        whole[key] = value.clone();
    }
    for quarantined in whole["quarantined"].as_array_mut().unwrap() {
        quarantined["last_good_served"] = false.into();
    }
    Some(serde_json::from_value(whole).unwrap())
}

fn spelled(plan: &Plan, changes: &Changes) -> Value {
    let verdict = match plan.verdict {
        Verdict::Apply => "apply",
        Verdict::Keep => "keep",
        Verdict::Leave => "leave",
        Verdict::Refuse => "refuse",
    };
    json!({
        "verdict": verdict, "reason": plan.reason, "set": changes.set, "unset": changes.unset,
    })
}

#[test]
fn plans_as_each_vector_says() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert!(vectors.len() > 60, "vectors are missing");
    for vector in &vectors {
        let given = &vector["given"];
        let environment = serde_json::from_value(given["environment"].clone()).unwrap();
        let arguments: Vec<String> = serde_json::from_value(given["arguments"].clone()).unwrap();
        let process = Process {
            activation: match given["activation"].as_str().unwrap() {
                "exec" => Activation::Exec,
                _ => Activation::Plugin,
            },
            environment: &environment,
            arguments: &arguments,
            own_files: match given["own_files"].as_str().unwrap() {
                "served" => OwnFiles::Served,
                "foreign" => OwnFiles::Foreign,
                _ => OwnFiles::None,
            },
        };
        let (status, kept) = (status(&given["status"]), status(&given["kept"]));
        let plan = plan(&process, status.as_ref(), kept.as_ref());
        let changes = plan.changes(given["file"].as_str().unwrap());
        assert_eq!(spelled(&plan, &changes), vector["expected"], "{}", vector["name"]);
    }
}
