//! How long a model's answers took to begin, of late: for telling when one is late.

/// The last times, milliseconds.
#[derive(Debug, Default)]
pub(super) struct Firsts {
    times: Vec<u32>,
    /// Where the next one goes.
    next: usize,
}

impl Firsts {
    /// So many are kept.
    const MOST: usize = 64;

    /// Of fewer than this nothing is said.
    pub(super) const ENOUGH: usize = 20;

    pub(super) fn add(&mut self, first_ms: u64) {
        let time = u32::try_from(first_ms).unwrap_or(u32::MAX);
        match self.times.get_mut(self.next) {
            Some(place) => *place = time,
            None => self.times.push(time),
        }
        self.next = (self.next + 1) % Self::MOST;
    }

    /// The time that 95 of 100 do not exceed.
    pub(super) fn late(&self) -> Option<u64> {
        if self.times.len() < Self::ENOUGH {
            return None;
        }
        let mut sorted = self.times.clone();
        let at = (sorted.len() * 95).div_ceil(100).saturating_sub(1);
        let (_, late, _) = sorted.select_nth_unstable(at);
        Some(u64::from(*late))
    }
}
