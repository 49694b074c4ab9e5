//! Whether a value may belong to a name, as the bytes right beside it tell without a branch.

use std::ops::Range;

use super::{
    super::search::ByteSet,
    bytes::{byte_at, byte_before},
};

/// What stands between a name and its value, or begins it.
static SEPARATORS: ByteSet = ByteSet::of(b"=:+?%>\x1B");

/// What may stand between a name and its separator.
static BETWEEN: ByteSet = ByteSet::of(b"\"'`\\] \t");

/// What a name may be the value of, as a set for the byte before it and one for the byte before
/// that: of a key `name` or `key`, or of a word that declares it, as `ENV` or `setx`.
static BEFORE: [(ByteSet, ByteSet); 3] = [
    (ByteSet::of(b"\"'\\"), ByteSet::of(b"\"'\\ \t:=")),
    (ByteSet::of(b" \t"), ByteSet::of(b" \t:=VvXxTt")),
    (ByteSet::of(b":="), ByteSet::of(b"\"'\\ \teEyY/")),
];

/// Whether a value may belong to the name in a run: if not, there is nothing to look for. Of ten
/// names in a log nine have none.
#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "nobody can foretell which of them fails")]
pub(super) fn may_have_value(text: &[u8], run: &Range<usize>) -> bool {
    let [next, second] = [run.end, run.end + 1].map(|place| byte_at(text, place));
    let is_between = BETWEEN.holds(next) & (SEPARATORS.holds(second) | BETWEEN.holds(second));
    let [last, before_last] =
        [run.start, run.start.saturating_sub(1)].map(|place| byte_before(text, place));
    let is_value = BEFORE.iter().fold(false, |is_value, (last_one, one_before)| {
        is_value | last_one.holds(last) & one_before.holds(before_last)
    });
    let is_flag = byte_at(text, run.start) == b'-';
    let is_argument = (second == b',') & (before_last == b'(');
    SEPARATORS.holds(next) | is_between | is_value | is_flag | is_argument
}
