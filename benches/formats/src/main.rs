//! How fast texts are read, closed, merged and rendered, as ratios within one run.
//!
//! `serde_json`, which reads a grammar without choices and keeps no places, is the limit to compare
//! with; it reads the JSON that the HOCON text amounts to. Every contender gives back what it made
//! within the time that counts.

mod contenders;
mod goals;
mod hostile;
mod ours;
mod rounds;
mod tables;
mod texts;

use rounds::{measure, take_turn};
use tables::{ALL, goals_of};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [text] => hostile::read(text),
        [title, contender] => {
            let table = ALL.iter().find(|table| table.title == title).expect("a known table");
            take_turn(table, contender);
        }
        _ => measure_all(),
    }
}

fn measure_all() {
    let mut goals: Vec<_> = ALL.iter().flat_map(|table| goals_of(table, &measure(table))).collect();
    goals.push(hostile::table());
    goals::print(&goals);
}
