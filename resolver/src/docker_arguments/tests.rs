//! The normal form, and that docker is told the same by it.

use proptest::prelude::*;

use super::*;
use crate::{Context, Format, Layer, Mode, SourceName, merge};

fn normal(arguments: &[&str]) -> Vec<String> {
    let texts: Vec<Option<&str>> = arguments.iter().copied().map(Some).collect();
    match normal_words(&texts) {
        None => arguments.iter().map(|text| (*text).to_owned()).collect(),
        Some(words) => words
            .into_iter()
            .map(|word| word.new.unwrap_or_else(|| arguments[word.from].to_owned()))
            .collect(),
    }
}

#[test]
fn each_form_becomes_two_arguments() {
    for (arguments, expected) in [
        (vec!["--env=A=1"], vec!["--env", "A=1"]),
        (vec!["-eA=1"], vec!["-e", "A=1"]),
        (vec!["-e=A=1"], vec!["-e", "A=1"]),
        (vec!["-ite", "A=1"], vec!["-it", "-e", "A=1"]),
        (vec!["-iteA=1"], vec!["-it", "-e", "A=1"]),
        (vec!["-e A=1"], vec!["-e", "A=1"]),
        (vec!["--env A=1 2"], vec!["--env", "A=1 2"]),
        (
            vec!["--rm", "--ipc=host", "-eA=1", "-v", "/a:/b"],
            vec!["--rm", "--ipc=host", "-e", "A=1", "-v", "/a:/b"],
        ),
        (vec!["--tls-verify", "--env=A=1"], vec!["--tls-verify", "--env", "A=1"]),
        (
            vec!["-e", "CLEARML_DOCKER_IMAGE=img --env=A=1 --ipc=host"],
            vec!["-e", "CLEARML_DOCKER_IMAGE=img --env A=1 --ipc=host"],
        ),
        (vec!["-eTRAINS_DOCKER_IMAGE=img -eA=1"], vec!["-e", "TRAINS_DOCKER_IMAGE=img -e A=1"]),
    ] {
        assert_eq!(normal(&arguments), expected, "{arguments:?}");
    }
}

#[test]
fn what_means_something_else_stays() {
    for arguments in [
        vec!["-e", "A=1", "--env", "B=2"],
        vec!["-e", "-eA=1"],
        vec!["--label", "--env=A=1"],
        vec!["--entrypoint", "-eA=1"],
        vec!["-l", "-eA=1"],
        vec!["-eA", "--env=A", "-e=", "--env==1"],
        vec!["--env-file=/a", "--env-file", "x=1", "--environment=a=b"],
        vec!["image", "--env=A=1"],
        vec!["--", "--env=A=1"],
        vec!["--rm", "image", "-eA=1"],
        vec!["-eA=$HOME", "--env=A=${HOME}", "-it=true"],
        vec!["-v/e:/b", "-p8080:80", "-ume=1"],
        vec!["-e", "CLEARML_DOCKER_IMAGE=img", "-e", "CLEARML_DOCKER_IMAGE=img --ipc=host"],
        vec![""],
    ] {
        assert_eq!(normal(&arguments), arguments, "{arguments:?}");
    }
    assert_eq!(normal(&["-eA=1$"]), ["-e", "A=1$"], "a lone dollar is filled in by nobody");
}

#[test]
fn an_answer_has_the_normal_form_and_its_layers_the_written_one() {
    let text = r#"agent {
        extra_docker_arguments: ["--env=A=1", 5]
        default_docker { arguments: "-e B=2", match_rules: [
            { image: i, arguments: ["-eC=3"] }, { arguments: "-eD=4" }, 7 ] }
    }"#;
    let context = Context::alone(Mode::Clearml);
    let build = Layer::build_alone(SourceName::Text("t".into()), Format::Hocon, text, &context);
    let written = merge(&[build.layer.unwrap()], &context).0;
    let snapshot = written.clone().with_normal_arguments();
    let path = |text: &str| KeyPath::parse(text).unwrap();
    for (at, texts) in [
        ("agent.extra_docker_arguments", vec!["--env", "A=1"]),
        ("agent.default_docker.arguments", vec!["-e", "B=2"]),
        ("agent.default_docker.match_rules.0.arguments", vec!["-e", "C=3"]),
    ] {
        let list = snapshot.get(&path(at)).unwrap().as_array().unwrap();
        let found: Vec<_> = list.iter().filter_map(|item| item.value.as_str()).collect();
        assert_eq!(found, texts, "{at}");
        assert!(snapshot.is_rewritten(&path(at)) && !written.is_rewritten(&path(at)), "{at}");
    }
    let rule = snapshot.get(&path("agent.default_docker.match_rules.1.arguments"));
    assert_eq!(rule.and_then(Value::as_str), Some("-eD=4"), "a text of a rule is left alone");
    assert!(!snapshot.is_rewritten(&path("agent")));
    let explained = snapshot.explain(&path("agent.extra_docker_arguments"));
    let value = explained.assignments[0].value.as_ref().unwrap();
    assert_eq!(value.as_array().unwrap().len(), 2, "as it is written");
}

/// What docker understands: flags with their values, in order, then the image and its command.
#[derive(Debug, PartialEq)]
struct Understood {
    flags: Vec<(String, Option<String>)>,
    command: Vec<String>,
}

/// Reads arguments as spf13/pflag does, with docker's flags; `None` if docker refuses them.
fn understand(arguments: &[String]) -> Option<Understood> {
    let mut rest = arguments.iter().cloned();
    let mut flags = Vec::new();
    while let Some(argument) = rest.next() {
        let Some(word) = argument.strip_prefix('-').filter(|word| !word.is_empty()) else {
            let command = std::iter::once(argument.clone()).chain(rest).collect();
            return Some(Understood { flags, command });
        };
        if word == "-" {
            return Some(Understood { flags, command: rest.collect() });
        }
        if let Some(long) = word.strip_prefix('-') {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None if ["rm", "tty"].contains(&long) => (long, None),
                None => (long, Some(rest.next()?)),
            };
            ["env", "label", "entrypoint", "rm", "tty"].contains(&name).then_some(())?;
            flags.push((name.replace("env", "e"), value));
            continue;
        }
        let mut letters = word.chars();
        while let Some(letter) = letters.next() {
            "itevl".contains(letter).then_some(())?;
            let value = match (letter, letters.as_str()) {
                ('i' | 't', after) if !after.starts_with('=') => None,
                (_, "") => Some(rest.next()?),
                (_, after) => Some(after.strip_prefix('=').unwrap_or(after).to_owned()),
            };
            if value.is_some() {
                letters = "".chars();
            }
            flags.push((letter.to_string(), value));
        }
    }
    Some(Understood { flags, command: Vec::new() })
}

fn argument() -> impl Strategy<Value = String> {
    let fixed = [
        "-e",
        "--env",
        "-ite",
        "-it",
        "--rm",
        "--tty",
        "-l",
        "--label",
        "--entrypoint",
        "--",
        "img",
    ];
    let forms = ["--env=", "-e", "-e=", "-ite", "-ie=", "--label=", "-v", "-t", ""];
    prop_oneof![
        prop::sample::select(fixed.to_vec()).prop_map(str::to_owned),
        (prop::sample::select(forms.to_vec()), "[A-C]{0,1}=?[a-c= -]{0,3}")
            .prop_map(|(form, rest)| format!("{form}{rest}")),
    ]
}

proptest! {
    #[test]
    fn docker_is_told_the_same(arguments in prop::collection::vec(argument(), 0..8)) {
        // A blank behind the flag is a part of the name to docker, and not what anybody means.
        let joined_by_blank = |text: &String| text.contains("e ");
        prop_assume!(!arguments.iter().any(joined_by_blank));
        // `-v` and `--label` may be followed by what looks like a flag, which nobody writes.
        if let Some(before) = understand(&arguments) {
            let odd = |(name, value): &(String, Option<String>)| {
                name == "v" && value.as_ref().is_some_and(|value| value.starts_with('-'))
            };
            prop_assume!(!before.flags.iter().any(odd));
            let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
            prop_assert_eq!(understand(&normal(&texts)), Some(before));
        }
    }

    #[test]
    fn the_normal_form_is_its_own(arguments in prop::collection::vec(argument(), 0..8)) {
        let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let once = normal(&texts);
        let texts: Vec<&str> = once.iter().map(String::as_str).collect();
        prop_assert_eq!(normal(&texts), once.clone());
    }
}
