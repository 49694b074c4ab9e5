//! Faults that the server can be told to have.

use std::time::Duration;

/// A fault: what goes wrong, with which calls, how often.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The call's name, such as `auth.login`; `*` for any.
    pub call: &'static str,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many calls go well before it.
    pub after: u32,
    /// With how many calls; then the fault is gone.
    pub times: u32,
}

/// What can go wrong.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// The API itself answers with an error.
    Status {
        /// The HTTP status and `meta.result_code`.
        code: u16,
        /// `meta.result_subcode`.
        subcode: u32,
        /// `meta.result_msg`.
        message: &'static str,
        /// Seconds in `Retry-After`.
        retry_after: Option<u64>,
    },
    /// Something else answers, such as a proxy: no JSON of the API.
    Page {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: &'static str,
    },
    /// The data is something else than it should be.
    Data(serde_json::Value),
    /// Nothing answers, and the connection stays open.
    Hang,
    /// The connection ends before an answer.
    Reset,
    /// The connection ends within the answer.
    Truncate,
    /// The answer is right, and comes so much later.
    Delay(Duration),
    /// The answer is so many bytes that say nothing.
    Flood(usize),
    /// The answer comes in small pieces with this pause between them.
    Slow(Duration),
    /// It says that the call is to be found there.
    Redirect(String),
}

impl Fault {
    /// Returns a fault of one call.
    pub fn once(call: &'static str, kind: FaultKind) -> Self {
        Self { call, kind, after: 0, times: 1 }
    }

    /// Returns a fault that stays.
    pub fn always(call: &'static str, kind: FaultKind) -> Self {
        Self { call, kind, after: 0, times: u32::MAX }
    }
}

/// Returns the first fault that concerns a call, and counts it.
pub(super) fn take(faults: &mut Vec<Fault>, call: &str) -> Option<FaultKind> {
    let fault = faults.iter_mut().find(|fault| fault.call == "*" || fault.call == call)?;
    if fault.after > 0 {
        fault.after -= 1;
        return None;
    }
    fault.times = fault.times.saturating_sub(1);
    let kind = fault.kind.clone();
    faults.retain(|fault| fault.times > 0);
    Some(kind)
}
