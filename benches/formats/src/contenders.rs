//! The other crates that read HOCON.

use crate::{rounds::Contender, texts::Text};

/// Returns the other crates, each reading a text to the value it holds. The slowest has an excerpt
/// of it to read: its cost grows with the square of the size, and 1 MB would take it 20 minutes.
pub(crate) fn others(text: &Text, excerpt: &Text) -> Vec<Contender> {
    let is_whole = text.len() == excerpt.len();
    let bytes = text.len();
    let [first, second] = [text.clone(), text.clone()];
    let excerpt = excerpt.clone();
    vec![
        Contender::new("hocon-parser 1.14", bytes, move || {
            hocon_parser::parse(first.as_str()).is_ok()
        }),
        Contender::new("hocon-rs 0.2", bytes, move || {
            hocon_rs::Config::parse_str::<serde_json::Value>(second.as_str(), None).is_ok()
        }),
        Contender::new(
            if is_whole { "hocon 0.9" } else { "hocon 0.9, an excerpt alone" },
            excerpt.len(),
            move || {
                let loader = hocon::HoconLoader::new().no_system();
                loader.load_str(excerpt.as_str()).and_then(hocon::HoconLoader::hocon).is_ok()
            },
        ),
    ]
}
