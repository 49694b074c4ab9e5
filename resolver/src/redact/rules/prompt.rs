//! How much of a line that is not complete can be shown: a prompt, but not half a password.

use super::{
    super::spans::Spans, Memory, Reading, Rules, Style, bytes::as_str, token::may_begin_token,
};

/// The longest beginning of a secret that is shown, in bytes: nearly every letter begins one where
/// there are many secrets, and a prompt must be seen whole.
const SHOWN_BEGINNING: usize = 3;

impl Rules {
    /// Returns how many bytes of a line that goes on can be shown, its secrets masked.
    pub(in crate::redact) fn sure_length(
        &self,
        line: &[u8],
        spans: &Spans,
        memory: &Memory,
    ) -> usize {
        let begun = match self.literals().map_or(0, |literals| literals.begun(line)) {
            0..=SHOWN_BEGINNING => 0,
            length => length,
        };
        let value = self.unsure_value(line, spans, memory).unwrap_or(line.len());
        (line.len() - begun).min(self.last_word(line)).min(value)
    }

    /// Returns where a value begins that reaches the end of the line and would be masked in a
    /// command: in prose it is, too, if it goes on to look like a secret.
    fn unsure_value(&self, line: &[u8], spans: &Spans, memory: &Memory) -> Option<usize> {
        let mut stricter = Spans::default();
        self.find(line, (Reading::Lines, Style::Command), &mut memory.clone(), &mut stricter);
        let last = stricter.settled().last().filter(|span| span.end == line.len())?;
        let is_masked = spans.settled().last().is_some_and(|span| span.contains(&last.start));
        (!is_masked).then_some(last.start)
    }
    /// Returns the beginning of the last word if it may turn out to be a URL with a password, a login
    /// or a token; the end of the line if not.
    fn last_word(&self, line: &[u8]) -> usize {
        let is_outside = |byte: &u8| *byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`');
        let start = line.iter().rposition(is_outside).map_or(0, |last| last + 1);
        let word = line.get(start..).unwrap_or_default();
        let mut parts = word.splitn(2, |byte| *byte == b':');
        let (user, password) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_time =
            user.iter().chain(password).all(|byte| byte.is_ascii_digit() || *byte == b':');
        let may_be_login = !password.is_empty() && !is_time;
        let name = self.names_around.around(line, line.len());
        let may_be_token = may_begin_token(as_str(line.get(name.clone()).unwrap_or_default()));
        match () {
            () if may_be_login => start,
            () if may_be_token => name.start,
            () => line.len(),
        }
    }
}
