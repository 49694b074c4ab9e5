//! What the ratios should be, and whether they are.

/// A ratio that was measured, and what it should be.
pub(crate) struct Goal {
    what: String,
    ratio: f64,
    bound: Bound,
}

/// What a ratio should be.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Goal {
    pub(crate) fn new(what: impl Into<String>, ratio: f64, bound: Bound) -> Self {
        Self { what: what.into(), ratio, bound }
    }

    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtLeast(least) => self.ratio >= least,
            Bound::AtMost(most) => self.ratio <= most,
        }
    }
}

/// Prints each goal beside what came out.
pub(crate) fn print(goals: &[Goal]) {
    println!("\n{:<84} {:>9} {:>14}", "goals", "ratio", "goal");
    for goal in goals {
        let bound = match goal.bound {
            Bound::AtLeast(least) => format!(">= {least}"),
            Bound::AtMost(most) => format!("<= {most}"),
        };
        let verdict = if goal.is_met() { "met" } else { "NOT MET" };
        println!("  {:<82} {:>9.3} {bound:>14}  {verdict}", goal.what, goal.ratio);
    }
}
