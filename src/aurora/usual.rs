//! How long something usually takes, by what earlier ones took.

use std::fmt;

use jiff::SignedDuration;

use super::span;

/// From how many earlier ones on it is told how long nine of ten took: fewer do not show it.
const MANY: usize = 10;

/// What earlier tasks of the same kind took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Half of them took no longer.
    pub median: SignedDuration,
    /// Nine of ten took no longer.
    pub p90: SignedDuration,
    /// How many there are.
    pub samples: usize,
}

impl Estimate {
    /// Whether there are enough of them for [`p90`](Self::p90) to say something.
    pub fn is_sound(&self) -> bool {
        self.samples >= MANY
    }
}

/// `usually 4m 00s, 9 of 10 under 7m 00s (12 before)`; of few less.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, p90) = (span::short(self.median), span::short(self.p90));
        match self.samples {
            0 | 1 => write!(f, "once before: {median}"),
            few if !self.is_sound() => write!(f, "usually {median} ({few} before)"),
            many => write!(f, "usually {median}, 9 of 10 under {p90} ({many} before)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(1, "once before: 4m 00s")]
    #[case(9, "usually 4m 00s (9 before)")]
    #[case(10, "usually 4m 00s, 9 of 10 under 7m 00s (10 before)")]
    fn no_more_is_said_than_is_known(#[case] samples: usize, #[case] want: &str) {
        let (median, p90) = (SignedDuration::from_mins(4), SignedDuration::from_mins(7));
        assert_eq!(Estimate { median, p90, samples }.to_string(), want);
    }
}
