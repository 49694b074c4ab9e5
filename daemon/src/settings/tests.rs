//! Settings: what each place says, and which place wins.

use std::{path::Path, time::Duration};

use secrecy::ExposeSecret;

use super::*;
use crate::ambient::Ambient;

/// Loads settings from a file of this text and ending, and these variables.
fn load(
    (ending, text): (&str, &str),
    variables: &[(&str, &str)],
    overrides: Overrides,
) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("settings.{ending}"));
    std::fs::write(&path, text).unwrap();
    Settings::load(Some(&path), overrides, &Ambient::of_variables(variables))
}

fn load_toml(text: &str) -> Settings {
    load(("toml", text), &[], Overrides::default()).unwrap()
}

fn server(settings: &Settings) -> &Server {
    match &settings.profiles[DEFAULT_PROFILE].sources.vaults {
        VaultSource::Server(server) => server,
        other => panic!("{other:?}"),
    }
}

fn paths(profile: &Profile) -> Vec<&Path> {
    profile.sources.files.iter().map(|file| file.path.as_path()).collect()
}

#[test]
fn nothing_said_means_what_the_stock_clients_do() {
    let settings = load_toml("");
    let profile = &settings.profiles[DEFAULT_PROFILE];
    assert_eq!(paths(profile), ["/home/ada/trains.conf", "/home/ada/clearml.conf"].map(Path::new));
    assert!(profile.sources.files.iter().all(|file| file.presence == Presence::Optional));
    assert_eq!(profile.poll_interval, Duration::from_secs(60));
    assert_eq!(server(&settings).worker, "node");
    assert!(server(&settings).url.is_none());
    assert_eq!(settings.limits, Limits::default());
    assert!(profile.access.whole.secrets.contains(&Subject::User(1000)));
    assert!(profile.access.parts.is_empty());
}

#[test]
fn the_clients_variables_are_heard() {
    let variables = [
        ("CLEARML_CONFIG_FILE", " ~/x.conf "),
        ("CLEARML_CONFIG_PATH", "/conf"),
        ("TRAINS_ENV", "demo"),
        ("CLEARML_API_HOST", "http://h:8008/"),
        ("CLEARML_API_ACCESS_KEY", "AK"),
        ("TRAINS_API_SECRET_KEY", "SK"),
        ("CLEARML_API_HOST_VERIFY_CERT", "/ca.pem"),
        ("CLEARML_API_DEFAULT_REQ_METHOD", "POST"),
        ("CLEARML_WORKER_NAME", "w"),
        ("CURL_CA_BUNDLE", "~/ca"),
        ("https_proxy", "http://p:3128"),
        ("NO_PROXY", "h"),
    ];
    let settings = load(("toml", ""), &variables, Overrides::default()).unwrap();
    let profile = &settings.profiles[DEFAULT_PROFILE];
    assert_eq!(paths(profile), [Path::new("/home/ada/x.conf")]);
    let folder = ConfigFolder { path: "/conf".into(), env_name: "demo".into() };
    assert_eq!(profile.sources.folder, Some(folder));
    let server = server(&settings);
    assert_eq!(server.url.as_ref().unwrap().to_string(), "http://h:8008");
    assert_eq!(server.access_key.as_ref().unwrap().expose_secret(), "AK");
    assert_eq!(server.secret_key.as_ref().unwrap().expose_secret(), "SK");
    assert_eq!(server.verify, Some(Verify::CaFile("/ca.pem".into())));
    assert_eq!(server.ca_bundle.as_deref(), Some(Path::new("/home/ada/ca")));
    assert_eq!(server.method, Some(Method::Post));
    assert_eq!(server.worker, "w");
    assert_eq!(server.proxies.https, "http://p:3128");
    assert_eq!(server.proxies.no, "h");
}

#[test]
fn either_of_the_clients_switches_turns_vaults_off() {
    for name in ["CLEARML_DISABLE_VAULT_SUPPORT", "CLEARML_AGENT_DISABLE_VAULT_SUPPORT"] {
        for (text, is_off) in [("1", true), ("0", false)] {
            let settings = load(("toml", ""), &[(name, text)], Overrides::default()).unwrap();
            let vaults = &settings.profiles[DEFAULT_PROFILE].sources.vaults;
            assert_eq!(matches!(vaults, VaultSource::Off), is_off, "{name}={text}");
        }
    }
}

#[test]
fn variables_cover_the_file_and_flags_cover_both() {
    let text = "poll_interval = '5s'\nsocket = '/file.sock'\nsplay = '1s'";
    let variables =
        [("CLEARML_RESOLVER_POLL_INTERVAL", "90s"), ("CLEARML_RESOLVER_SOCKET", "/variable.sock")];
    let overrides = Overrides { socket: Some("/flag.sock".into()), ..Overrides::default() };
    let settings = load(("toml", text), &variables, overrides).unwrap();
    let profile = &settings.profiles[DEFAULT_PROFILE];
    assert_eq!(profile.poll_interval, Duration::from_secs(90));
    assert_eq!(profile.splay, Duration::from_secs(1));
    assert_eq!(settings.socket, Path::new("/flag.sock"));
}

#[test]
fn a_profile_covers_what_is_said_for_all() {
    let settings = load_toml(
        "poll_interval = '5s'\n\
         api.server = 'http://all'\n\
         [profile.one]\n\
         poll_interval = '7s'\n\
         config.files = ['/one.conf']\n\
         [profile.two.vaults]\n\
         folder = '/vaults.d'\n",
    );
    let (one, two) = (&settings.profiles["one"], &settings.profiles["two"]);
    assert_eq!(settings.profiles.len(), 2);
    assert_eq!(one.poll_interval, Duration::from_secs(7));
    assert_eq!(two.poll_interval, Duration::from_secs(5));
    assert_eq!(paths(one), [Path::new("/one.conf")]);
    assert_eq!(one.sources.files[0].presence, Presence::Required);
    assert!(matches!(&one.sources.vaults, VaultSource::Server(server) if server.url.is_some()));
    assert!(matches!(&two.sources.vaults, VaultSource::Folder(path) if path == "/vaults.d"));
}

#[test]
fn every_setting_is_read_in_each_format() {
    let toml = "log = 'json'\nempty_answers = 5\nfail = 'closed'\nlimits.depth = 9\nenvironment.allow = ['A', 'B']";
    let json = r#"{"log": "json", "empty_answers": 5, "fail": "closed", "limits": {"depth": 9}, "environment": {"allow": ["A", "B"]}}"#;
    let yaml = "log: json\nempty_answers: 5\nfail: closed\nlimits: {depth: 9}\nenvironment: {allow: [A, B]}\n";
    for file in [("toml", toml), ("json", json), ("yaml", yaml)] {
        let settings = load(file, &[], Overrides::default()).unwrap();
        let profile = &settings.profiles[DEFAULT_PROFILE];
        assert_eq!(settings.log, LogFormat::Json, "{}", file.0);
        assert_eq!(settings.limits.depth, 9);
        assert_eq!((profile.empty_answers, profile.fail), (5, Fail::Closed));
        assert_eq!(profile.environment_allow, ["A", "B"]);
    }
}

#[test]
fn says_what_is_wrong_where_and_what_was_meant() {
    for (file, variables, message) in [
        (
            ("toml", "pol_interval = '5s'"),
            vec![],
            "there is no setting `pol_interval` (FILE); did you mean `poll_interval`?",
        ),
        (
            ("toml", "[profile.a]\nfial = 'open'"),
            vec![],
            "there is no setting `profile.a.fial` (FILE); did you mean `profile.a.fail`?",
        ),
        (
            ("toml", ""),
            vec![("CLEARML_RESOLVER_SPLAYS", "5s")],
            "there is no setting `splays` (variable CLEARML_RESOLVER_SPLAYS); did you mean `splay`?",
        ),
        (
            ("toml", "poll_interval = 'often'"),
            vec![],
            "the setting `poll_interval` (FILE) must be a time such as `60s` or `5min`",
        ),
        (
            ("toml", "fail = 'maybe'"),
            vec![],
            "the setting `fail` (FILE) must be `last_good` or `closed` or `open`",
        ),
        (
            ("toml", "access.redacted = ['no such user']"),
            vec![],
            "the setting `access.redacted` names `no such user`, and there is no such user or group here",
        ),
        (
            ("toml", ""),
            vec![("CLEARML_API_HOST", "hunter2")],
            "the variable CLEARML_API_HOST must be an http or https URL",
        ),
        (
            ("toml", "socket = \nx = 'hunter2'"),
            vec![],
            "cannot understand the settings: TOML parse error at line 1, column 10: string values must be quoted, expected literal string",
        ),
    ] {
        let error = load(file, &variables, Overrides::default()).unwrap_err();
        let shown = error.to_string();
        let place = shown.find("(`").zip(shown.find("`)"));
        let shown = match place {
            Some((start, end)) => format!("{}(FILE){}", &shown[..start], &shown[end + 2..]),
            None => shown,
        };
        assert_eq!(shown, message);
    }
}

#[test]
fn variables_of_other_parts_are_no_settings() {
    let variables = [("CLEARML_RESOLVER_PROFILE", "x"), ("CLEARML_RESOLVER", "1")];
    load(("toml", ""), &variables, Overrides::default()).unwrap();
}

#[test]
fn flags_name_files_server_and_vaults() {
    let overrides = Overrides {
        config: vec!["a.conf".into(), "b.conf".into()],
        api_server: Some("http://127.0.0.1:1".parse().unwrap()),
        credentials: Some(Credentials::new("AK", "SK")),
        ..Overrides::default()
    };
    let variables = [
        ("CLEARML_DISABLE_VAULT_SUPPORT", "1"),
        ("CLEARML_API_SECRET_KEY", "other"),
        ("CLEARML_AUTH_TOKEN", "other"),
    ];
    let settings = load(("toml", ""), &variables, overrides).unwrap();
    assert_eq!(paths(&settings.profiles[DEFAULT_PROFILE]), ["a.conf", "b.conf"].map(Path::new));
    let server = server(&settings);
    assert_eq!(server.secret_key.as_ref().unwrap().expose_secret(), "SK");
    assert!(server.auth_token.is_none());
    let overrides = Overrides { vaults: Some(VaultChoice::Off), ..Overrides::default() };
    let settings = load(("toml", "vaults.folder = '/v'"), &[], overrides).unwrap();
    assert!(matches!(settings.profiles[DEFAULT_PROFILE].sources.vaults, VaultSource::Off));
}

#[test]
fn a_secret_key_may_lie_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "hunter2\n").unwrap();
    let settings = load_toml(&format!("api.secret_key_file = '{}'", path.display()));
    assert_eq!(server(&settings).secret_key.as_ref().unwrap().expose_secret(), "hunter2");
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn keys_are_taken_from_the_place_that_is_meant_for_us_most() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let own_file = folder.path().join("own");
    std::fs::write(&own_file, "of the file\n").unwrap();
    let with_file = format!("api.secret_key_file = '{}'", own_file.display());
    let clients = [("CLEARML_API_SECRET_KEY", "of the clients"), ("TRAINS_API_SECRET_KEY", "old")];
    let handed_over = [clients.as_slice(), &[("CREDENTIALS_DIRECTORY", place)]].concat();
    let ours =
        [handed_over.as_slice(), &[("CLEARML_RESOLVER_API__SECRET_KEY", "of ours")]].concat();
    let check = |toml: &str, variables: &[(&str, &str)], expected: &str| {
        let settings = load(("toml", toml), variables, Overrides::default()).unwrap();
        let server = server(&settings);
        assert_eq!(server.secret_key.as_ref().unwrap().expose_secret(), expected);
        server.secret_key_file.clone()
    };
    check("", &clients[1..], "old");
    check("", &clients, "of the clients");
    check("", &handed_over, "of the clients");
    std::fs::write(folder.path().join("secret_key"), "of systemd\n").unwrap();
    let watched = check("", &handed_over, "of systemd");
    assert_eq!(watched, Some(folder.path().join("secret_key")));
    assert_eq!(check("", &ours, "of ours"), None, "nobody waits for systemd's to change");
    assert_eq!(check(&with_file, &handed_over, "of the file"), Some(own_file));
}

#[test]
fn a_broken_variable_of_the_server_matters_only_to_who_asks_the_server() {
    let broken = [("CLEARML_API_HOST", "nowhere"), ("CLEARML_API_DEFAULT_REQ_METHOD", "head")];
    assert!(load(("toml", ""), &broken, Overrides::default()).is_err());
    for toml in [
        "vaults.source = 'off'",
        "vaults.folder = '/v'",
        "api.server = 'http://h'\napi.method = 'get'",
    ] {
        load(("toml", toml), &broken, Overrides::default()).unwrap();
    }
    let offline = Overrides { vaults: Some(VaultChoice::Off), ..Overrides::default() };
    load(("toml", ""), &broken, offline).unwrap();
}

#[test]
fn the_examples_of_the_documentation_can_be_used() {
    const PAGE: &str = include_str!("../../../docs/fetching.md");
    let folder = tempfile::tempdir().unwrap();
    for name in ["etcd.password", "research.key"] {
        std::fs::write(folder.path().join(name), "secret").unwrap();
    }
    let examples: Vec<_> = PAGE.split("```toml").skip(1).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let text = example.split("```").next().unwrap();
        load_toml(&text.replace("/etc/clearml-resolver", folder.path().to_str().unwrap()));
    }
}

#[test]
fn the_socket_is_where_its_user_may_make_one() {
    for (user_id, variables, socket) in [
        (0, vec![], "/run/clearml-resolver/resolver.sock"),
        (
            1000,
            vec![("XDG_RUNTIME_DIR", "/run/user/1000")],
            "/run/user/1000/clearml-resolver/resolver.sock",
        ),
        (1000, vec![], "/tmp/clearml-resolver-1000/resolver.sock"),
        (61000, vec![("RUNTIME_DIRECTORY", "/run/a:/run/b")], "/run/a/resolver.sock"),
    ] {
        let ambient = Ambient { user_id, ..Ambient::of_variables(&variables) };
        assert_eq!(sockets_to_ask(None, &ambient)[0], Path::new(socket));
    }
    let named = Ambient::of_variables(&[("CLEARML_RESOLVER_SOCKET", "/x.sock")]);
    assert_eq!(sockets_to_ask(None, &named), [Path::new("/x.sock")]);
    assert_eq!(sockets_to_ask(Some(Path::new("/y.sock")), &named), [Path::new("/y.sock")]);
}

#[test]
fn every_setting_is_in_the_reference_and_nothing_else() {
    const REFERENCE: &str = include_str!("../../../docs/settings.md");
    let part = config::Value::from(config::Map::<String, config::Value>::new());
    let part = ("access.part.LABEL".to_owned(), part);
    let raw = raw::RawSettings::new("none".into(), std::iter::once(part).collect());
    load::read_settings(&raw, &Overrides::default(), &Ambient::of_variables(&[])).unwrap();
    let rows = REFERENCE.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut documented: Vec<&str> = rows.collect();
    documented.sort_unstable();
    assert_eq!(raw.known(), documented);
}

#[test]
fn a_profile_names_the_units_it_is_for() {
    let settings = load_toml(
        "credential_socket = \"/run/c.sock\"\n[profile.gpu]\nunits = [\"agent@*.service\"]\n",
    );
    assert_eq!(settings.credential_socket.as_deref(), Some(Path::new("/run/c.sock")));
    assert_eq!(settings.profiles["gpu"].units, [UnitPattern::new("agent@*.service")]);
}

#[test]
fn profiles_and_parts_of_them_have_readers_of_their_own() {
    let settings = load_toml(
        r#"
        access.redacted = ["*"]
        [access.part.storage]
        path = "sdk.aws"
        secrets = ["root"]
        [access.part.agent]
        [profile.a]
        access.secrets = ["7"]
        [profile.b]
        [profile.b.access.part.storage]
        path = "sdk.aws"
        redacted = ["@root"]
        "#,
    );
    let (a, b) = (&settings.profiles["a"].access, &settings.profiles["b"].access);
    assert_eq!(
        a.whole,
        Access { secrets: vec![Subject::User(7)], redacted: vec![Subject::Anyone] }
    );
    assert!(b.whole.secrets.contains(&Subject::User(1000)), "as usual");
    let part = |rules: &AccessRules, path: &str| {
        let path = resolver::KeyPath::parse(path).unwrap();
        rules.parts.iter().find(|(there, _)| *there == path).map(|(_, access)| access.clone())
    };
    assert_eq!(part(a, "agent"), Some(Access::default()), "nobody");
    assert_eq!(part(a, "sdk.aws").unwrap().secrets, [Subject::User(0)]);
    assert_eq!(
        part(b, "sdk.aws").unwrap(),
        Access { secrets: vec![], redacted: vec![Subject::Group(0)] }
    );
    assert_eq!((a.parts.len(), b.parts.len()), (2, 2));
    let wrong = |text: &str| load(("toml", text), &[], Overrides::default()).unwrap_err();
    for text in
        ["[access.part.a]\npath = \"b..c\"", "[access.part.a]\nsecrets = [\"nobody of this name\"]"]
    {
        assert!(wrong(text).to_string().contains("access.part.a."), "{text}: {}", wrong(text));
    }
}
