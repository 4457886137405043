//! Faults that leave the answer alone and strike what follows it: resources that get stuck or fail, rewinds that land
//! elsewhere, classes that have run out.

use fastrand::Rng;
use jiff::SignedDuration;
use wildmatch::WildMatch;

/// The furthest that a rewind can be made to miss.
const FURTHEST: SignedDuration = SignedDuration::from_hours(72);

const MAKES: &[&str] =
    &["CreateDBCluster", "CreateDBInstance", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"];

/// One twist.
#[derive(Clone, Debug, PartialEq)]
pub enum Twist {
    /// With this probability.
    Chance(Turn, f64),
    /// Rewinds land so far from where they would.
    Landing(SignedDuration),
    /// Instance classes like this have no capacity; or, by the words [`NO_CLUSTERS`] and [`NO_STORAGE`], clusters.
    NoCapacity(String),
}

/// What can happen later with some probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// What is being created stays `creating`.
    StuckCreating,
    /// A clone ends as `cloning-failed`.
    CloningFailed,
    /// An instance takes ten times as long: it recovers the long transactions of its source.
    SlowRecovery,
    /// A rewind ends as `failed`, and nothing has changed.
    FailedBacktrack,
}

const TURNS: [(&str, Turn, &[&str]); 4] = [
    ("stuck-creating", Turn::StuckCreating, MAKES),
    ("cloning-failed", Turn::CloningFailed, &["RestoreDBClusterToPointInTime"]),
    ("slow-recovery", Turn::SlowRecovery, &["CreateDBInstance"]),
    ("failed-backtrack", Turn::FailedBacktrack, &["BacktrackDBCluster"]),
];

/// No restored cluster finds capacity.
pub const NO_CLUSTERS: &str = "cluster";
/// No new cluster finds storage.
pub const NO_STORAGE: &str = "storage";

/// The calls that make a cluster from another or from a snapshot.
const RESTORES: &[&str] = &["RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"];
const MAKES_CLUSTERS: &[&str] = &["CreateDBCluster", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"];

const LANDING: &str = "landing";
const NO_CAPACITY: &str = "no-capacity";

/// What was decided for one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Twists {
    turns: Vec<Turn>,
    /// How far from where it would a rewind lands.
    pub landing: Option<SignedDuration>,
    full: Vec<String>,
}

impl Twists {
    /// Whether this happens to what the call begins.
    pub fn take(&self, turn: Turn) -> bool {
        self.turns.contains(&turn)
    }

    /// Whether an instance class, or what else is made of capacity, has run out.
    pub fn is_full(&self, what: &str) -> bool {
        self.full.iter().any(|pattern| WildMatch::new(pattern).matches(what))
    }
}

impl Twist {
    /// The twist of this name, if there is one, with its value; else what is wrong with the value and what would be right.
    pub fn read(name: &str, value: &str) -> Option<Result<Self, (String, &'static str)>> {
        if let Some((_, turn, _)) = TURNS.iter().find(|(known, ..)| *known == name) {
            return Some(super::faults::probability(value).map(|share| Self::Chance(*turn, share)));
        }
        match name {
            LANDING => Some(landing(value)),
            NO_CAPACITY if value.starts_with("db.") || ["*", NO_CLUSTERS, NO_STORAGE].contains(&value) => {
                Some(Ok(Self::NoCapacity(value.to_owned())))
            }
            NO_CAPACITY => {
                let mend = "take a class such as db.r6g.large or db.r6g.*, or * for all; or cluster, or storage";
                Some(Err((format!("{value:?} is no instance class"), mend)))
            }
            _ => None,
        }
    }

    /// The names of all twists.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TURNS.iter().map(|(name, ..)| *name).chain([LANDING, NO_CAPACITY])
    }

    /// The actions that it can strike.
    pub fn actions(&self) -> &'static [&'static str] {
        match self {
            Self::Chance(turn, _) => {
                TURNS.iter().find(|(_, known, _)| known == turn).map_or(&[], |(.., actions)| *actions)
            }
            Self::Landing(_) => &["BacktrackDBCluster"],
            Self::NoCapacity(what) if what == NO_CLUSTERS => RESTORES,
            Self::NoCapacity(what) if what == NO_STORAGE => MAKES_CLUSTERS,
            Self::NoCapacity(_) => &["CreateDBInstance"],
        }
    }

    /// Adds what this twist decides for one call.
    pub fn decide(&self, rng: &mut Rng, twists: &mut Twists) {
        match self {
            Self::Chance(turn, share) => {
                if rng.f64() < *share {
                    twists.turns.push(*turn);
                }
            }
            Self::Landing(by) => twists.landing = Some(*by),
            Self::NoCapacity(class) => twists.full.push(class.clone()),
        }
    }

    /// Its name and its value, as they are written.
    pub fn parts(&self) -> (&'static str, String) {
        match self {
            Self::Chance(turn, share) => {
                let name = TURNS.iter().find(|(_, known, _)| known == turn).map_or("", |(name, ..)| *name);
                (name, share.to_string())
            }
            Self::Landing(by) => (LANDING, format!("{}s", by.as_secs())),
            Self::NoCapacity(class) => (NO_CAPACITY, class.clone()),
        }
    }
}

fn landing(value: &str) -> Result<Twist, (String, &'static str)> {
    let by = value.parse::<SignedDuration>().ok().filter(|by| by.abs() <= FURTHEST);
    by.map(Twist::Landing)
        .ok_or_else(|| (format!("{value:?} is no offset"), "take a duration up to 72h either way, such as 40s or -2m"))
}
