/// `SplitMix64`: the same numbers from the same seed, on every machine.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// True as often as the probability says: never for 0 and what is no number, always from 1 on.
    pub(crate) fn falls(&mut self, probability: f64) -> bool {
        // 53 bits are what an `f64` holds exactly, so the quotient is below 1.
        let unit = (self.roll() >> 11) as f64 / (1_u64 << 53) as f64;
        unit < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_reference() {
        let mut dice = Dice::new(1_234_567);
        let rolls = [(); 3].map(|()| dice.roll());
        assert_eq!(rolls, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn it_falls_as_often_as_asked() {
        for (probability, range) in [
            (0.0, 0..=0),
            (-1.0, 0..=0),
            (f64::NAN, 0..=0),
            (0.25, 200..=300),
            (1.0, 1000..=1000),
            (f64::INFINITY, 1000..=1000),
        ] {
            let mut dice = Dice::new(7);
            let count = (0..1000).filter(|_| dice.falls(probability)).count();
            assert!(range.contains(&count), "{probability}: {count}");
        }
    }
}
