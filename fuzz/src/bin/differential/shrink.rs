//! Cutting a text down to what matters.

/// Checks that one text may cost: each is a question to the Python process.
const MOST_CHECKS: usize = 600;

/// Returns a text of which no line and no character can be left out any more, or nearly so.
pub(super) fn smallest(text: &str, mut still: impl FnMut(&str) -> bool) -> String {
    let mut checks = MOST_CHECKS;
    let mut smallest = text.to_owned();
    let mut size = smallest.chars().count() / 2;
    while size > 0 && checks > 0 {
        let shrunk = without_stretches(&smallest, size, &mut checks, &mut still);
        if shrunk == smallest {
            size /= 2;
        }
        smallest = shrunk;
    }
    smallest
}

/// Leaves out each stretch of so many characters that does not matter.
fn without_stretches(
    text: &str,
    size: usize,
    checks: &mut usize,
    still: &mut impl FnMut(&str) -> bool,
) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at + size <= characters.len() && *checks > 0 {
        *checks -= 1;
        let shorter: String =
            characters.iter().take(at).chain(characters.iter().skip(at + size)).collect();
        if still(&shorter) {
            characters = shorter.chars().collect();
        } else {
            at += size;
        }
    }
    characters.into_iter().collect()
}
