//! Places of a text that wait for a closer look.

/// How many places lie side by side in a block: as many as a number has bits.
pub(super) const BLOCK: usize = 64;

/// How many places of a block are added without asking how many there are: most have none or one.
const AT_ONCE: usize = 2;

/// Places in order, few enough to be kept near.
#[derive(Debug)]
pub(in crate::redact) struct Places {
    places: [usize; 2 * BLOCK],
    count: usize,
}

impl Places {
    /// Returns none.
    pub(super) const fn new() -> Self {
        Self { places: [0; 2 * BLOCK], count: 0 }
    }

    /// Whether a whole block of them can be added.
    #[inline]
    pub(super) fn have_room(&self) -> bool {
        self.count <= BLOCK
    }

    /// Adds those of a block whose bits are set.
    ///
    /// Nobody can foretell how many there are, so the first ones are added in any case, and count
    /// if they are some.
    #[inline]
    pub(super) fn add(&mut self, block: usize, mut mask: u64) {
        let count = mask.count_ones() as usize;
        let mut free = self.places.get_mut(self.count..).unwrap_or_default().iter_mut();
        let mut add = |place: &mut usize| {
            *place = block + mask.trailing_zeros() as usize;
            mask &= mask.wrapping_sub(1);
        };
        free.by_ref().take(AT_ONCE).for_each(&mut add);
        if count > AT_ONCE {
            free.take(count - AT_ONCE).for_each(add);
        }
        self.count += count;
    }

    /// Puts another place where each one is, and drops those of which none is said to count; without
    /// a branch, since nobody can foretell which they are.
    #[inline]
    pub(in crate::redact) fn refine(&mut self, mut refined: impl FnMut(usize) -> (usize, bool)) {
        let mut count = 0;
        for index in 0..self.count {
            let place = self.places.get(index).copied().unwrap_or_default();
            let (place, counts) = refined(place);
            if let Some(kept) = self.places.get_mut(count) {
                *kept = place;
            }
            count += usize::from(counts);
        }
        self.count = count;
    }

    /// Takes all out.
    #[inline]
    pub(in crate::redact) fn drain(&mut self) -> impl Iterator<Item = usize> {
        let count = std::mem::take(&mut self.count);
        self.places.iter().take(count).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_blocks_come_out_in_order() {
        for masks in [[0, 0], [1, 1 << 63], [0b101, 0b111_0000], [u64::MAX, u64::MAX]] {
            let mut places = Places::new();
            for (index, mask) in masks.into_iter().enumerate() {
                assert!(places.have_room());
                places.add(100 + index * BLOCK, mask);
            }
            let is_set =
                |place: &usize| masks[(place - 100) / BLOCK] >> ((place - 100) % BLOCK) & 1 == 1;
            let expected: Vec<_> = (100..100 + 2 * BLOCK).filter(is_set).collect();
            places.refine(|place| (place + 1, place % 3 > 0));
            let kept = expected.into_iter().filter(|place| place % 3 > 0);
            let kept: Vec<_> = kept.map(|place| place + 1).collect();
            assert_eq!(places.drain().collect::<Vec<_>>(), kept);
            assert_eq!(places.drain().count(), 0);
        }
    }
}
