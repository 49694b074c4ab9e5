//! Medians, goals, and tables for people.

/// What a figure should be.
#[derive(Clone, Copy)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// It is told for comparison.
    None,
}

impl Goal {
    /// Returns the goal, and whether a figure meets it, in words.
    pub fn judge(self, figure: f64) -> [String; 2] {
        let (sign, goal, is_met) = match self {
            Self::AtLeast(goal) => (">=", goal, figure >= goal),
            Self::AtMost(goal) => ("<=", goal, figure <= goal),
            Self::None => return ["".into(), "".into()],
        };
        [format!("{sign} {goal}"), if is_met { "met" } else { "NOT MET" }.into()]
    }
}

/// One figure in words, beside its goal.
pub fn judged(what: &str, figure: f64, goal: Goal) -> Vec<String> {
    let [goal, verdict] = goal.judge(figure);
    let decimals = if figure.abs() < 100.0 { 2 } else { 0 };
    vec![what.to_owned(), format!("{figure:.decimals$}"), goal, verdict]
}

/// The head of a table of judged figures.
pub fn judged_head(what: &str) -> [&str; 4] {
    [what, "", "goal", ""]
}

/// Returns the middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints a table: the first column to the left, all others to the right.
pub fn print(head: &[&str], rows: &[Vec<String>]) {
    let cell = |row: &[String], column: usize| row.get(column).map_or(0, String::len);
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, name)| rows.iter().map(|row| cell(row, column)).fold(name.len(), usize::max))
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).enumerate().map(|(column, (text, width))| match column {
            0 => format!("{text:<width$}"),
            _ => format!("{text:>width$}"),
        });
        println!("{}", padded.collect::<Vec<_>>().join("  "));
    };
    line(&mut head.iter().copied());
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
}
