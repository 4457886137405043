//! How long a rewind kept everybody from working: measured by the readings that watch it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// An outage as far as readings show it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// From the first reading without the cluster being available to the first one with, in seconds.
    pub seconds: f64,
    /// By how much it may have been longer or shorter: the gaps between readings, in seconds.
    pub precision: f64,
}

/// When a cluster was seen to be up and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sightings {
    /// The last reading before it was down, or before anything was asked for.
    pub up: Option<Timestamp>,
    /// The first reading without it.
    pub down: Option<Timestamp>,
    /// The last reading without it.
    pub still_down: Option<Timestamp>,
    /// The first reading with it again.
    pub back: Option<Timestamp>,
}

impl Sightings {
    /// Those of a cluster from which nothing was asked until `at`: an outage begins later.
    pub(super) fn until(at: Timestamp) -> Self {
        Self { up: Some(at), ..Self::default() }
    }

    /// Takes note of whether it is available at `at`.
    pub(super) fn note(&mut self, available: bool, at: Timestamp) {
        match (available, self.down) {
            (true, None) => self.up = Some(at),
            (true, Some(_)) => self.back = self.back.or(Some(at)),
            (false, _) => {
                self.down = self.down.or(Some(at));
                self.still_down = Some(at);
                // It was up for one reading only: the outage goes on.
                self.back = None;
            }
        }
    }

    /// The outage, once it is over.
    pub fn outage(&self) -> Option<Outage> {
        let (down, back) = (self.down?, self.back?);
        let before = self.up.map_or(SignedDuration::ZERO, |up| down.duration_since(up));
        let after = back.duration_since(self.still_down.unwrap_or(down));
        let seconds = back.duration_since(down).as_secs_f64();
        Some(Outage { seconds, precision: before.max(after).as_secs_f64() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::never_down("uuu", None)]
    #[case::not_back_yet("udd", None)]
    #[case::once("udddu", Some((3.0, 1.0)))]
    #[case::up_for_one_reading("uddudu", Some((4.0, 1.0)))]
    #[case::down_from_the_first_reading("ddu", Some((2.0, 1.0)))]
    fn an_outage_is_measured_by_readings(#[case] readings: &str, #[case] want: Option<(f64, f64)>) {
        let mut sightings = Sightings::default();
        for (second, reading) in (0i64..).zip(readings.chars()) {
            sightings.note(reading == 'u', Timestamp::from_second(second).unwrap());
        }
        let found = sightings.outage().map(|outage| (outage.seconds, outage.precision));
        assert_eq!(found, want);
    }
}
