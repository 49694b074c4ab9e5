//! Where the canary's secrets are kept.

use std::fmt::Write as _;

use tests::sandbox::Sandbox;

use crate::sandbox;

/// What may be in a secret besides letters, digits and harmless signs: each is spelled otherwise in
/// one format or another.
const AWKWARD: [&str; 6] = ["\"", "\\", "\n", "é", "%", "'日 "];
/// Secrets of letters, digits and harmless signs, before those with something awkward.
const PLAIN: usize = 4;

/// Returns 500 secrets, always the same: four of letters, digits and signs, six with something
/// awkward in the middle, and again.
pub(super) fn secrets() -> Vec<String> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let secret = |number: usize| {
        let half = random.word(12);
        match (number % (PLAIN + AWKWARD.len())).checked_sub(PLAIN) {
            None => half,
            Some(awkward) => format!("{half}{}{}", AWKWARD[awkward], random.word(12)),
        }
    };
    (0..500).map(secret).collect()
}

struct Random(u64);

impl Random {
    /// Returns a word of at least so many characters.
    fn word(&mut self, least: usize) -> String {
        let signs = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789+/-_.~";
        let length = least + self.below(16);
        (0..length).map(|_| char::from(signs[self.below(signs.len())])).collect()
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Spells a text so that it may stand in any part of a URL.
pub(super) fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut spelled, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            spelled.push(byte.into());
        } else {
            write!(spelled, "%{byte:02X}").unwrap();
        }
        spelled
    })
}

/// Spells a text as JSON and HOCON have it between quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Puts the secrets into a file, a vault, a broken file, the environment and the credentials.
pub(super) fn seeded(secrets: &[String]) -> Sandbox {
    let (of_file, rest) = secrets.split_at(200);
    let (of_vault, of_environment) = rest.split_at(200);
    let sandbox = with_environment(of_environment);
    let file = file_of(of_file);
    sandbox.write("base.conf", &format!("{file}}}\n"));
    sandbox.write("broken.conf", &format!("{file}  broken = [\n"));
    let vault = vault_of(of_vault);
    for folder in ["vaults.d", "authored.d"] {
        sandbox.write(&format!("{folder}/vault.conf"), &vault);
    }
    let vaults = serde_json::json!([{
        "id": "v", "description": "", "scope": "user", "type": "config", "enabled": true,
        "format": "hocon", "data": vault,
    }]);
    sandbox.write("vaults.json", &vaults.to_string());
    sandbox
}

fn with_environment(secrets: &[String]) -> Sandbox {
    let mut sandbox = sandbox().with_variable("EDITOR", "/bin/true");
    for (index, secret) in secrets.iter().enumerate() {
        let name = match index {
            0 => "CLEARML_API_ACCESS_KEY".to_owned(),
            1 => "CLEARML_API_SECRET_KEY".to_owned(),
            _ => format!("SOME_TOKEN_{index}"),
        };
        sandbox = sandbox.with_variable(&name, secret);
    }
    sandbox
}

/// Returns a file whose last section is open.
fn file_of(secrets: &[String]) -> String {
    let login = percent(&secrets[0]);
    let mut file = format!("plain.dsn: \"postgres://u:{login}@h/db\"\nsecrets {{\n");
    for (index, secret) in secrets.iter().enumerate().skip(1) {
        let name = ["password", "api_token", "secret_key", "git_pass"][index % 4];
        writeln!(file, "  {name}_{index}: {}", quoted(secret)).unwrap();
    }
    file
}

fn vault_of(secrets: &[String]) -> String {
    let mut vault = String::from("environment {\n");
    for (index, secret) in secrets.iter().enumerate() {
        writeln!(vault, "  VARIABLE_{index}: {}", quoted(secret)).unwrap();
    }
    vault + "}\n"
}
