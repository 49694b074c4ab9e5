//! Conditions of a question: which forms it accepts, and which answer it has already.

use hyper::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH};

use crate::protocol::BodyFormat;

/// Returns all values of `If-None-Match`.
pub(super) fn known_tags(headers: &HeaderMap) -> impl Iterator<Item = &HeaderValue> {
    values_of(headers, IF_NONE_MATCH)
}

/// Returns all values of a header. Questions have few headers: to look at them all takes less time
/// than to hash a name.
fn values_of(headers: &HeaderMap, wanted: HeaderName) -> impl Iterator<Item = &HeaderValue> {
    headers.iter().filter(move |(name, _)| **name == wanted).map(|(_, value)| value)
}

/// Whether values of `If-None-Match` name this entity tag (RFC 9110, section 13.1.2).
pub(super) fn has_already<'a>(
    known: impl IntoIterator<Item = &'a HeaderValue>,
    tag: &HeaderValue,
) -> bool {
    known.into_iter().any(|known| known == tag || names(known, tag))
}

/// Whether a list of entity tags, weak ones included, names one. Our own tags hold no commas.
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    list.as_bytes().split(|byte| *byte == b',').any(|known| {
        let known = known.trim_ascii();
        known == b"*" || known.strip_prefix(b"W/").unwrap_or(known) == tag.as_bytes()
    })
}

/// Returns the first of our formats that `Accept` lets through; `None` if it lets none.
///
/// Weights are not compared, only a weight of zero counts: whoever cares names one format.
pub(super) fn accepted_format(headers: &HeaderMap) -> Option<BodyFormat> {
    let mut values = values_of(headers, ACCEPT).peekable();
    if values.peek().is_none() {
        return Some(BodyFormat::default());
    }
    let ranges: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    let mut ranges = ranges.iter().flat_map(|value| value.split(','));
    ranges.find_map(format_in_range)
}

fn format_in_range(range: &str) -> Option<BodyFormat> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next()?.to_ascii_lowercase();
    let is_refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
    if is_refused {
        return None;
    }
    match media_type.as_str() {
        "*/*" | "application/*" => Some(BodyFormat::Json),
        "text/*" => Some(BodyFormat::Env),
        named => BodyFormat::ALL
            .into_iter()
            .find(|format| format.media_type().split(';').next().is_some_and(|ours| ours == named)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_entity_tags() {
        let tag = HeaderValue::from_static("\"abc\"");
        for (known, expected) in [
            (vec![], false),
            (vec!["\"abc\""], true),
            (vec!["W/\"abc\""], true),
            (vec!["*"], true),
            (vec!["\"x\", \"abc\""], true),
            (vec!["\"x\"", "\"abc\""], true),
            (vec!["\"ABC\""], false),
            (vec!["abc"], false),
            (vec!["\"abc"], false),
            (vec![""], false),
        ] {
            let values: Vec<_> = known.iter().map(|text| HeaderValue::from_static(text)).collect();
            assert_eq!(has_already(&values, &tag), expected, "{known:?}");
        }
    }

    #[test]
    fn chooses_a_format_by_accept() {
        for (accept, format) in [
            (None, Some(BodyFormat::Json)),
            (Some("*/*"), Some(BodyFormat::Json)),
            (Some("application/yaml"), Some(BodyFormat::Yaml)),
            (Some("text/html, application/hocon;q=0.5"), Some(BodyFormat::Hocon)),
            (Some("Text/Plain"), Some(BodyFormat::Env)),
            (Some("application/json;q=0, text/plain"), Some(BodyFormat::Env)),
            (Some("text/html"), None),
            (Some(""), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(accepted_format(&headers), format, "{accept:?}");
        }
    }
}
