//! Noticing that a rush of connections is over.

use std::sync::Arc;

use tokio::sync::Notify;

/// So many connections at once are a rush. Fewer leave less behind than a page or two each.
pub(super) const RUSH: usize = 16;

/// Follows how many connections are open.
#[derive(Debug)]
pub(super) struct Rush {
    /// The most since half of them had gone.
    most: usize,
    over: Arc<Notify>,
}

impl Rush {
    /// `over` is told whenever half of those who came have gone.
    pub(super) fn new(over: Arc<Notify>) -> Self {
        Self { most: 0, over }
    }

    /// Notes how many are open now.
    pub(super) fn note(&mut self, open: usize) {
        self.most = self.most.max(open);
        if self.most >= RUSH && open <= self.most / 2 {
            self.most = open;
            self.over.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn it_is_told_that_half_have_gone_and_nothing_of_a_few() {
        for (name, numbers, is_told) in [
            ("nobody came", &[][..], false),
            ("a few came and went", &[1, 2, 15, 7, 0], false),
            ("many came", &[16, 100, 51], false),
            ("half of them went", &[16, 100, 51, 50], true),
            ("a few of them went and came", &[16, 9, 16, 9], false),
            ("the rest was told before", &[16, 8, 15, 1, 0], true),
        ] {
            let over = Arc::new(Notify::new());
            let mut rush = Rush::new(over.clone());
            for open in numbers {
                rush.note(*open);
            }
            let mut told = std::pin::pin!(over.notified());
            let told = told.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(told == Poll::Ready(()), is_told, "{name}");
        }
    }
}
