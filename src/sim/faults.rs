//! What goes wrong on demand: `NAME[:ACTION]=VALUE`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use fastrand::Rng;
use jiff::SignedDuration;

use super::SimError;
use super::actions::table::{self, Action};
use super::protocol::{ApiError, Code};
use super::twists::{Twist, Twists};

/// The longest delay: longer than any client waits.
const LONGEST_LATENCY: Duration = Duration::from_mins(10);

/// One fault, such as `throttle=0.3`, `lost:CreateDBInstance=0.1` or `latency=250ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    kind: Kind,
    /// The only action that it strikes; all of them when absent.
    action: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Latency(Duration),
    Strike(Strike, f64),
    Twist(Twist),
}

/// What a fault does to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The connection is closed before the work.
    Reset,
    /// 400 ThrottlingException.
    Throttle,
    /// 500 InternalFailure.
    Error,
    /// 403 ExpiredToken.
    Expired,
    /// 403 AccessDenied.
    Denied,
    /// The work is done, and the connection closed without an answer.
    Lost,
    /// The work is done, and the answer breaks off in its middle.
    Truncate,
}

/// Every strike by its name, in the order in which they go before each other.
const STRIKES: [(&str, Strike); 7] = [
    ("reset", Strike::Reset),
    ("throttle", Strike::Throttle),
    ("error", Strike::Error),
    ("expired", Strike::Expired),
    ("denied", Strike::Denied),
    ("lost", Strike::Lost),
    ("truncate", Strike::Truncate),
];

impl Strike {
    /// Its name.
    pub fn name(self) -> &'static str {
        STRIKES.iter().find(|(_, strike)| *strike == self).map_or("", |(name, _)| name)
    }

    /// The error that is answered in place of the work, when there is one.
    pub fn error(self, action: &Action) -> Option<ApiError> {
        match self {
            Self::Throttle => Some(ApiError::new(Code::Throttling, "Rate exceeded")),
            Self::Error => Some(ApiError::new(
                Code::InternalFailure,
                "An internal error has occurred. Please try your query again at a later time.",
            )),
            Self::Expired => {
                Some(ApiError::new(Code::ExpiredToken, "The security token included in the request is expired"))
            }
            Self::Denied => Some(ApiError::new(
                Code::AccessDenied,
                format!(
                    "The caller is not authorized to perform: {}:{} because no identity-based policy allows it",
                    action.api.prefix(),
                    action.name
                ),
            )),
            Self::Reset | Self::Lost | Self::Truncate => None,
        }
    }
}

impl FromStr for Fault {
    type Err = SimError;

    fn from_str(text: &str) -> Result<Self, SimError> {
        let broken = |field, problem: String, mend: &str| SimError::Fault {
            text: text.to_owned(),
            field,
            problem,
            mend: mend.to_owned(),
        };
        let Some((target, value)) = text.split_once('=') else {
            return Err(broken("VALUE", "is missing".into(), "write NAME[:ACTION]=VALUE, such as throttle=0.3"));
        };
        let (name, action) = target.split_once(':').map_or((target, None), |(name, action)| (name, Some(action)));
        let kind = Kind::read(name, value).map_err(|(field, problem, mend)| broken(field, problem, &mend))?;
        let action = action
            .map(|wanted| {
                let known = table::names().find(|name| *name == wanted);
                known.ok_or_else(|| {
                    let names = table::names().collect::<Vec<_>>().join(", ");
                    broken("ACTION", format!("{wanted:?} is unknown"), &format!("take one of {names}"))
                })
            })
            .transpose()?;
        if let (Kind::Twist(twist), Some(action)) = (&kind, action) {
            let strikes = twist.actions();
            if !strikes.contains(&action) {
                let mend = format!("take one of {}, or none", strikes.join(", "));
                return Err(broken("ACTION", format!("{action:?} can't be struck by {name}"), &mend));
            }
        }
        Ok(Self { kind, action })
    }
}

/// A probability, or what is wrong with it and what would be right.
pub fn probability(value: &str) -> Result<f64, (String, &'static str)> {
    let share = value.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| (format!("{value:?} is no probability"), "take a number from 0 to 1, such as 0.3"))
}

impl Kind {
    fn read(name: &str, value: &str) -> Result<Self, (&'static str, String, String)> {
        if name == "latency" {
            let read = value.parse::<SignedDuration>().ok().and_then(|by| Duration::try_from(by).ok());
            return read.filter(|by| *by <= LONGEST_LATENCY).map(Self::Latency).ok_or_else(|| {
                let mend = "take a duration up to 10m, such as 250ms or 2s";
                ("VALUE", format!("{value:?} is no delay"), mend.to_owned())
            });
        }
        let wrong = |(problem, mend): (String, &str)| ("VALUE", problem, mend.to_owned());
        if let Some(twist) = Twist::read(name, value) {
            return twist.map(Self::Twist).map_err(wrong);
        }
        let Some((_, strike)) = STRIKES.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> =
                STRIKES.iter().map(|(known, _)| *known).chain(["latency"]).chain(Twist::names()).collect();
            return Err(("NAME", format!("{name:?} is unknown"), format!("take one of {}", known.join(", "))));
        };
        probability(value).map(|share| Self::Strike(*strike, share)).map_err(wrong)
    }

    /// Whether it can strike an action at all.
    fn concerns(&self, action: &str) -> bool {
        match self {
            Self::Twist(twist) => twist.actions().contains(&action),
            Self::Latency(_) | Self::Strike(..) => true,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = self.action.map(|action| format!(":{action}")).unwrap_or_default();
        match &self.kind {
            Kind::Latency(by) => write!(f, "latency{action}={}ms", by.as_millis()),
            Kind::Strike(strike, share) => write!(f, "{}{action}={share}", strike.name()),
            Kind::Twist(twist) => {
                let (name, value) = twist.parts();
                write!(f, "{name}{action}={value}")
            }
        }
    }
}

/// The faults in force, and the dice.
#[derive(Debug)]
pub struct Faults {
    pub list: Vec<Fault>,
    rng: Rng,
}

/// What the faults decide for one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// How long to wait first.
    pub latency: Duration,
    /// What strikes it, if anything.
    pub strike: Option<Strike>,
    /// What happens later to what it begins.
    pub twists: Twists,
}

impl Faults {
    /// Faults whose dice repeat with the seed.
    pub fn new(list: Vec<Fault>, rng: Rng) -> Self {
        Self { list, rng }
    }

    /// No faults.
    pub fn none() -> Self {
        Self::new(Vec::new(), Rng::with_seed(0))
    }

    /// Decides over one request. Every fault rolls each time, so that one of them striking does not change the luck of
    /// the others.
    pub fn judge(&mut self, action: &str) -> Verdict {
        let mut verdict = Verdict::default();
        let mut struck = Vec::new();
        let concerned = |fault: &&Fault| fault.action.is_none_or(|only| only == action) && fault.kind.concerns(action);
        for fault in self.list.iter().filter(concerned) {
            match &fault.kind {
                Kind::Twist(twist) => twist.decide(&mut self.rng, &mut verdict.twists),
                Kind::Latency(by) => {
                    verdict.latency = verdict.latency.saturating_add(*by).min(LONGEST_LATENCY);
                }
                Kind::Strike(strike, share) => {
                    if self.rng.f64() < *share {
                        struck.push(*strike);
                    }
                }
            }
        }
        verdict.strike = STRIKES.iter().map(|(_, strike)| *strike).find(|strike| struck.contains(strike));
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_print_as_they_are_written() {
        for text in [
            "throttle=0.3",
            "lost:CreateDBInstance=0.1",
            "latency=250ms",
            "denied:DeleteDBCluster=1",
            "reset=0",
            "truncate=1",
            "stuck-creating:CreateDBInstance=0.5",
            "cloning-failed=1",
            "slow-recovery=1",
            "failed-backtrack=0.1",
            "landing=-40s",
            "no-capacity=db.r6g.*",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        assert_eq!("latency=2s".parse::<Fault>().unwrap().to_string(), "latency=2000ms");
    }

    #[test]
    fn an_error_names_the_field_the_value_and_the_mend() {
        for (text, field, mend) in [
            ("throttle", "VALUE", "NAME[:ACTION]=VALUE"),
            ("throtle=0.3", "NAME \"throtle\"", "throttle"),
            ("throttle=3", "VALUE \"3\"", "from 0 to 1"),
            ("throttle=NaN", "VALUE \"NaN\"", "from 0 to 1"),
            ("latency=-1s", "VALUE \"-1s\"", "250ms"),
            ("latency=11m", "VALUE \"11m\"", "10m"),
            ("lost:Restore=1", "ACTION \"Restore\"", "RestoreDBClusterToPointInTime"),
            ("landing=far", "VALUE \"far\"", "-2m"),
            ("landing=73h", "VALUE \"73h\"", "72h"),
            ("stuck-creating=2", "VALUE \"2\"", "from 0 to 1"),
            ("no-capacity=large", "VALUE \"large\"", "db.r6g.*"),
            ("slow-recovery:DeleteDBCluster=1", "ACTION \"DeleteDBCluster\"", "CreateDBInstance"),
        ] {
            let message = text.parse::<Fault>().unwrap_err().to_string();
            assert!(message.contains(field) && message.contains(mend), "{message}");
        }
    }

    fn faults(list: &[&str]) -> Faults {
        Faults::new(list.iter().map(|text| text.parse().unwrap()).collect(), Rng::with_seed(3))
    }

    #[test]
    fn dice_follow_the_probability_and_repeat() {
        let throttled = |mut faults: Faults| -> Vec<bool> {
            (0..1000).map(|_| faults.judge("DescribeDBClusters").strike.is_some()).collect()
        };
        let one = throttled(faults(&["throttle=0.3"]));
        assert_eq!(one, throttled(faults(&["throttle=0.3"])));
        let hits = one.iter().filter(|hit| **hit).count();
        assert!((240..360).contains(&hits), "{hits}");
    }

    #[test]
    fn a_fault_for_one_action_spares_the_others() {
        let mut faults = faults(&["error:DeleteDBCluster=1", "latency=10ms"]);
        assert_eq!(
            faults.judge("DescribeDBClusters"),
            Verdict { latency: Duration::from_millis(10), ..Verdict::default() }
        );
        assert_eq!(faults.judge("DeleteDBCluster").strike, Some(Strike::Error));
    }

    #[test]
    fn what_prevents_the_work_goes_before_what_loses_the_answer() {
        assert_eq!(faults(&["lost=1", "throttle=1"]).judge("X").strike, Some(Strike::Throttle));
    }
}
