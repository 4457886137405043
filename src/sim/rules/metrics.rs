//! What CloudWatch stores of a metric: points at regular times, gathered into periods by a statistic
//! (CloudWatch API reference, GetMetricData).

use jiff::{SignedDuration, Timestamp};

use super::super::clock::{after, before};
use super::super::protocol::ApiError;

/// How long points are kept (User Guide of CloudWatch, metrics retention).
const OLDEST: SignedDuration = SignedDuration::from_hours(455 * 24);

/// How a period's points become one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    Average,
    Maximum,
    Minimum,
    SampleCount,
    Sum,
}

impl Statistic {
    /// The statistic of a request. Percentiles and trimmed means are not simulated.
    pub fn read(name: &str) -> Result<Self, ApiError> {
        match name {
            "Average" => Ok(Self::Average),
            "Maximum" => Ok(Self::Maximum),
            "Minimum" => Ok(Self::Minimum),
            "SampleCount" => Ok(Self::SampleCount),
            "Sum" => Ok(Self::Sum),
            _ => Err(ApiError::validation(format!(
                "The value {name} for parameter Stat is not supported. The simulator has Average, Maximum, Minimum, \
                 SampleCount and Sum"
            ))),
        }
    }

    fn of(self, points: &[f64]) -> f64 {
        let sum: f64 = points.iter().sum();
        match self {
            Self::Average => sum / points.len() as f64,
            Self::Maximum => points.iter().copied().fold(f64::MIN, f64::max),
            Self::Minimum => points.iter().copied().fold(f64::MAX, f64::min),
            Self::SampleCount => points.len() as f64,
            Self::Sum => sum,
        }
    }
}

/// What a request wants of one metric.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub from: Timestamp,
    /// Points before this moment; it is not itself included.
    pub to: Timestamp,
    /// Seconds.
    pub period: i64,
    pub statistic: Statistic,
}

/// The periods of a metric whose points come every `step` seconds, oldest first. A point stands for the step that begins
/// with it, so the last one is there when its step is over; a period without points is left out. Nothing is computed
/// before it is asked for.
pub fn gather(
    ask: Ask,
    step: i64,
    now: Timestamp,
    sample: impl Fn(Timestamp) -> Vec<f64>,
) -> impl DoubleEndedIterator<Item = (Timestamp, f64)> {
    let from = ask.from.max(before(now, OLDEST)).as_second();
    let begin = from.div_euclid(ask.period) * ask.period;
    let length = ask.to.min(now).as_second() - begin;
    let count = u32::try_from(length.div_euclid(ask.period) + i64::from(length % ask.period > 0)).unwrap_or(0);
    (0..count).filter_map(move |number| period(ask, begin + i64::from(number) * ask.period, step, now, &sample))
}

fn period(
    ask: Ask,
    second: i64,
    step: i64,
    now: Timestamp,
    sample: impl Fn(Timestamp) -> Vec<f64>,
) -> Option<(Timestamp, f64)> {
    let first = second + (-second).rem_euclid(step);
    let complete = |at: &Timestamp| after(*at, SignedDuration::from_secs(step)) <= now;
    let times = (first..second + ask.period).step_by(usize::try_from(step).unwrap_or(1));
    let times = times.filter_map(|second| Timestamp::from_second(second).ok()).take_while(complete);
    let points: Vec<f64> = times.flat_map(sample).collect();
    let at = Timestamp::from_second(second).ok()?;
    (!points.is_empty()).then(|| (at, ask.statistic.of(&points)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_309_200 + second).unwrap()
    }

    #[rstest]
    #[case::points_stay_themselves(60, Statistic::Average, &[(0, 0.0), (300, 5.0), (600, 10.0)])]
    #[case::averages(600, Statistic::Average, &[(0, 2.5), (600, 10.0)])]
    #[case::sums(600, Statistic::Sum, &[(0, 5.0), (600, 10.0)])]
    #[case::counts(600, Statistic::SampleCount, &[(0, 2.0), (600, 1.0)])]
    #[case::extremes(600, Statistic::Maximum, &[(0, 5.0), (600, 10.0)])]
    fn points_are_gathered_into_periods(
        #[case] period: i64,
        #[case] statistic: Statistic,
        #[case] expected: &[(i64, f64)],
    ) {
        let ask = Ask { from: at(0), to: at(3600), period, statistic };
        let sample = |point: Timestamp| vec![point.duration_since(at(0)).as_secs() as f64 / 60.0];
        let expected: Vec<_> = expected.iter().map(|(second, value)| (at(*second), *value)).collect();
        // The step that begins at 900 is not over yet.
        assert_eq!(gather(ask, 300, at(1199), sample).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_metric_without_points_has_no_periods() {
        let ask = Ask { from: at(0), to: at(3600), period: 60, statistic: Statistic::Sum };
        assert_eq!(gather(ask, 60, at(9999), |_| Vec::new()).count(), 0);
    }
}
