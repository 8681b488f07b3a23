//! Chance, from a seed, by a generator whose stream is the same on every machine.
use chrono::Days;
use rand::rngs::ChaCha12Rng;
use rand::{RngExt as _, SeedableRng as _};

/// The dice of one life.
#[derive(Debug)]
pub(super) struct Dice(ChaCha12Rng);

impl Dice {
    /// The dice of a seed.
    pub(super) fn of(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// True in so many of a thousand cases.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.0.random_range(0..1_000) < per_mille
    }

    /// A number of days, both ends included.
    pub(super) fn days(&mut self, from: u64, to: u64) -> Days {
        Days::new(self.0.random_range(from..=to.max(from)))
    }

    /// One place of so many; 0 where there is none.
    pub(super) fn place(&mut self, of: usize) -> usize {
        self.0.random_range(0..of.max(1))
    }

    /// One of several.
    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.place(of.len()))
    }

    /// A telephone number of nobody.
    pub(super) fn phone(&mut self) -> String {
        format!("1990{:07}", self.0.random_range(0..10_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thrown(seed: u64) -> Vec<usize> {
        let mut dice = Dice::of(seed);
        (0..20).map(|_| dice.place(1_000)).collect()
    }

    #[test]
    fn a_seed_throws_the_same_and_another_seed_something_else() {
        assert_eq!(thrown(7), thrown(7));
        assert_ne!(thrown(7), thrown(8));
    }
}
