//! The change records of a cluster that has a real database: one for each row written.

use jiff::Timestamp;

/// How many rows a database had written at some moments, oldest first; the first is the earliest that it can be taken
/// back to.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    points: Vec<(Timestamp, u64)>,
}

impl Measured {
    /// What was measured; nothing, if there is no point.
    pub fn new(points: Vec<(Timestamp, u64)>) -> Option<Self> {
        (!points.is_empty()).then_some(Self { points })
    }

    /// The earliest moment that the database can be taken back to.
    pub fn earliest(&self) -> Timestamp {
        self.points.first().map_or(Timestamp::MAX, |(at, _)| *at)
    }

    /// The rows written between two moments; between two points they are taken to come evenly.
    pub fn written(&self, from: Timestamp, to: Timestamp) -> f64 {
        (self.until(to) - self.until(from)).max(0.0)
    }

    fn until(&self, at: Timestamp) -> f64 {
        let behind = self.points.partition_point(|(point, _)| *point <= at);
        let rows = |place: usize| self.points.get(place).map(|(_, rows)| *rows as f64);
        match (behind.checked_sub(1).and_then(rows), rows(behind)) {
            (Some(before), Some(after)) => {
                let (start, end) = (self.points[behind - 1].0, self.points[behind].0);
                let share = at.duration_since(start).as_secs_f64() / end.duration_since(start).as_secs_f64();
                (after - before).mul_add(share, before)
            }
            (Some(all), None) => all,
            (None, first) => first.unwrap_or(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::all(0, 100, 50.0)]
    #[case::none(100, 200, 0.0)]
    #[case::between_points(15, 20, 5.0)]
    #[case::before_everything(-50, 10, 0.0)]
    #[case::backwards(20, 10, 0.0)]
    fn rows_are_counted_between_moments(#[case] from: i64, #[case] to: i64, #[case] rows: f64) {
        let at = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let measured = Measured::new(vec![(at(10), 100), (at(20), 110), (at(30), 150)]).unwrap();
        assert!((measured.written(at(from), at(to)) - rows).abs() < 1e-9);
        assert_eq!(measured.earliest(), at(10));
    }
}
