//! The page of a doctor: what is wrong first in colour, each with what to do.
//!
//! ```text
//! ✗ /home/ada/clearml.conf
//!     everybody on this host can read it (mode 0644), and it holds credentials
//!     → chmod 600 /home/ada/clearml.conf
//! ✓ api.example.com: logged in, the clocks agree
//! ```

use super::{Finding, Health};
use crate::{
    output::Color,
    page::{self, BAD, CAUTION, GOOD, WIDTH},
};

/// Draws the findings, then how many of them want something to be done.
pub(super) fn draw(found: &[Finding], color: Color) -> String {
    let text: String = found.iter().map(|finding| drawn(finding, color)).collect();
    let count = |health| found.iter().filter(|finding| finding.health == health).count();
    let (wrong, odd) = (count(Health::Wrong), count(Health::Odd));
    let verdict = match (wrong, odd) {
        (0, 0) => "all is well".to_owned(),
        (0, odd) => format!("nothing is wrong, {odd} worth a look"),
        (wrong, odd) => format!("{wrong} wrong, {odd} worth a look"),
    };
    format!("{text}\n{verdict}\n")
}

fn drawn(finding: &Finding, color: Color) -> String {
    let mark = match finding.health {
        Health::Well => color.paint(GOOD, "✓"),
        Health::Odd => color.paint(CAUTION, "!"),
        Health::Wrong => color.paint(BAD, "✗"),
    };
    let subject = page::printable(&finding.subject);
    let line = format!("{subject}: {}", page::printable(&finding.message));
    let told = if line.chars().count() + "✓ ".len() <= WIDTH {
        format!("{mark} {line}\n")
    } else {
        format!("{mark} {subject}\n{}\n", page::wrapped("    ", &finding.message))
    };
    match &finding.remedy {
        Some(remedy) => format!("{told}{}\n", page::wrapped("    → ", remedy)),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn puts_what_is_long_below_its_subject() {
        let found = [
            Finding::well("api.example.com", "logged in; it keeps vaults"),
            Finding::wrong(
                "/home/ada/clearml.conf",
                "everybody on this host can read it (mode 0644), and it holds secrets",
            )
            .with_remedy("chmod 600 /home/ada/clearml.conf"),
            Finding::odd("daemon", "none runs; each command resolves for itself"),
        ];
        let page = draw(&found, Color::Plain);
        expect![[r#"
            ✓ api.example.com: logged in; it keeps vaults
            ✗ /home/ada/clearml.conf
                everybody on this host can read it (mode 0644), and it holds secrets
                → chmod 600 /home/ada/clearml.conf
            ! daemon: none runs; each command resolves for itself

            1 wrong, 1 worth a look
        "#]]
        .assert_eq(&page);
        assert!(page.lines().all(|line| line.chars().count() <= WIDTH), "a line is too wide");
        assert!(draw(&[], Color::Plain).ends_with("all is well\n"));
    }
}
