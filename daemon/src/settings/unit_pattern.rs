//! Names of systemd units, as settings spell them.

/// A unit's name in which each `*` stands for any text: `clearml-agent@*.service`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitPattern(Box<str>);

impl UnitPattern {
    /// Returns the pattern.
    pub fn new(pattern: &str) -> Self {
        Self(pattern.into())
    }

    /// Whether it names this unit.
    pub fn matches(&self, unit: &str) -> bool {
        let Some((begin, rest)) = self.0.split_once('*') else { return *self.0 == *unit };
        let Some(mut open) = unit.strip_prefix(begin) else { return false };
        let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
        // The leftmost place is right for each piece, as what follows it may be any text.
        for piece in middle.split('*') {
            match open.find(piece) {
                Some(at) => open = open.get(at + piece.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        open.ends_with(end)
    }

    /// Returns how closely it names units: of two that match, the one with more text of its own
    /// counts.
    pub fn closeness(&self) -> usize {
        self.0.bytes().filter(|byte| *byte != b'*').count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, unit, matches) in [
            ("a.service", "a.service", true),
            ("a.service", "b.service", false),
            ("*", "a.service", true),
            ("a@*.service", "a@gpu.service", true),
            ("a@*.service", "a@.service", true),
            ("a@*.service", "a@gpu.socket", false),
            ("a@*.service", "ab@gpu.service", false),
            ("*-agent@*.service", "clearml-agent@0.service", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*ba", "aba", false),
            ("a*b*b", "ab", false),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(UnitPattern::new(pattern).matches(unit), matches, "{pattern} {unit}");
        }
    }
}
