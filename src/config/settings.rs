//! The settings. `config/settings.toml` holds every one of them with its default and is the documentation.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::merge::{self, ConfigError, Setting};
use super::{Env, Paths};
use crate::aurora::cost::Prices;
use crate::aurora::{Policy, span};

/// The defaults.
const DEFAULTS: &str = include_str!("../../config/settings.toml");

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What must not be touched.
    pub policy: PolicySettings,
    /// New clones.
    pub clone: CloneSettings,
    /// What a sweep deletes.
    pub sweep: SweepSettings,
    /// How often is read.
    pub refresh: RefreshSettings,
    /// Tasks.
    pub tasks: TaskSettings,
    /// How it looks.
    pub ui: UiSettings,
    /// How long AWS is waited for.
    pub aws: AwsSettings,
    /// What is read besides RDS.
    pub metrics: MetricSettings,
    /// What things cost.
    pub prices: PriceSettings,
}

/// What must not be touched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySettings {
    /// Identifiers that are never rewound or deleted, with `*` and `?`.
    pub protected: Vec<String>,
}

/// New clones.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloneSettings {
    /// How long one lives unless something else is asked for.
    #[serde(deserialize_with = "length")]
    pub ttl: SignedDuration,
}

/// What a sweep deletes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepSettings {
    /// The most that one deletes.
    pub limit: NonZeroU32,
    /// It tells of what expires within this time.
    #[serde(deserialize_with = "length")]
    pub warn: SignedDuration,
}

/// How often the fleet is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshSettings {
    /// While nothing is under way.
    #[serde(deserialize_with = "length")]
    pub fleet: SignedDuration,
    /// While a task runs.
    #[serde(deserialize_with = "length")]
    pub busy: SignedDuration,
}

/// Tasks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSettings {
    /// What the dashboard does with the tasks that an earlier run left unfinished.
    pub on_start: OnStart,
    /// How long a command waits for credentials while nothing else can go on.
    #[serde(deserialize_with = "length")]
    pub patience: SignedDuration,
}

/// What the dashboard does with the tasks that an earlier run left unfinished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnStart {
    /// Carries on with them.
    CarryOn,
    /// Asks first.
    Ask,
}

/// How it looks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UiSettings {
    /// `auto` or the name of a theme.
    pub theme: String,
    /// ASCII signs only.
    pub ascii: bool,
    /// Times in UTC.
    pub utc: bool,
    /// Clicks and the wheel.
    pub mouse: bool,
}

/// How long AWS is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsSettings {
    /// A TCP connection.
    #[serde(deserialize_with = "wait")]
    pub connect_timeout: Duration,
    /// One try of a call.
    #[serde(deserialize_with = "wait")]
    pub attempt_timeout: Duration,
    /// A call with all of its tries.
    #[serde(deserialize_with = "wait")]
    pub call_timeout: Duration,
    /// The metadata service of EC2.
    #[serde(deserialize_with = "wait")]
    pub imds_timeout: Duration,
    /// The most calls a minute.
    #[serde(deserialize_with = "calls")]
    pub calls_per_minute: u32,
}

/// What is read besides RDS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSettings {
    /// Whether CloudWatch is asked.
    pub cloudwatch: CloudWatch,
}

/// Whether CloudWatch is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloudWatch {
    /// Until it refuses.
    Auto,
    /// Never.
    Off,
}

/// List prices, for estimates.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSettings {
    /// The day they were written down.
    #[serde(deserialize_with = "day")]
    pub as_of: Date,
    /// `USD`.
    pub currency: String,
    /// An ACU of Serverless v2 for an hour.
    #[serde(deserialize_with = "price")]
    pub acu_hour: f64,
    /// A million change records, stored for an hour.
    #[serde(deserialize_with = "price")]
    pub change_records_million_hour: f64,
    /// An instance for an hour, by class.
    #[serde(deserialize_with = "price_list")]
    pub instance_hour: BTreeMap<String, f64>,
}

impl Settings {
    /// Reads the settings: `file` if one is named, which must then exist, else the one in its usual place if there is
    /// one, over the defaults.
    ///
    /// # Errors
    /// Names file, line, setting and value, and says what would be right.
    pub fn load(file: Option<&Path>, env: Env<'_>) -> Result<Self, ConfigError> {
        let (text, path) = own(file, env)?;
        Self::read(&text, &path)
    }

    /// Every setting as it holds, and where it comes from, of settings that can be used.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn explain(file: Option<&Path>, env: Env<'_>) -> Result<Vec<Setting>, ConfigError> {
        let (text, path) = own(file, env)?;
        Self::read(&text, &path)?;
        Ok(merge::explain(&defaults()?, &text))
    }

    /// Reads `text`, the content of `file`, over the defaults.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn read(text: &str, file: &Path) -> Result<Self, ConfigError> {
        merge::over(&defaults()?, text, file)
    }

    /// The rules that these settings make.
    pub fn policy(&self, read_only: bool) -> Policy {
        Policy { protected: self.policy.protected.clone(), read_only }
    }

    /// The price table.
    pub fn prices(&self) -> Prices {
        Prices {
            currency: self.prices.currency.clone(),
            as_of: self.prices.as_of.to_string(),
            instance_hour: self.prices.instance_hour.clone(),
            acu_hour: self.prices.acu_hour,
            change_records_million_hour: self.prices.change_records_million_hour,
        }
    }
}

fn defaults() -> Result<toml::Table, ConfigError> {
    merge::over(&toml::Table::new(), DEFAULTS, Path::new("config/settings.toml"))
}

/// The person's own settings, and where they are.
fn own(file: Option<&Path>, env: Env<'_>) -> Result<(String, PathBuf), ConfigError> {
    let usual = if file.is_none() { Paths::find(env).map(|paths| paths.config_file) } else { None };
    let Some(path) = file.map(Path::to_owned).or(usual) else { return Ok(Default::default()) };
    match fs::read_to_string(&path) {
        Ok(text) => Ok((text, path)),
        // One named in the environment is as much asked for as one on the command line.
        Err(error) if error.kind() == io::ErrorKind::NotFound && file.is_none() && !names_file(env) => {
            Ok((String::new(), path))
        }
        Err(error) => Err(ConfigError::Read { file: path, error }),
    }
}

fn names_file(env: Env<'_>) -> bool {
    env("AUREWIND_CONFIG").is_some_and(|value| !value.is_empty())
}

/// A text, or whatever else was written, as text: so that `ttl = 24` is told how a length is written.
fn written<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match toml::Value::deserialize(from)? {
        toml::Value::String(text) => text,
        other => other.to_string(),
    })
}

fn length<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    let text = written(from)?;
    span::parse(&text).map_err(D::Error::custom)
}

/// A length of time that may be below a second: `250ms`.
fn wait<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = written(from)?;
    let millis = text.trim().strip_suffix("ms").and_then(|number| number.trim_end().parse().ok());
    if let Some(millis) = millis.filter(|millis| *millis > 0) {
        return Ok(Duration::from_millis(millis));
    }
    let length = span::parse(&text).map_err(|error| D::Error::custom(format!("{error}; or `250ms`")))?;
    Ok(length.unsigned_abs())
}

/// Below this a task could not be watched any more.
const FEWEST_CALLS: u32 = 10;

fn calls<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let number = u32::deserialize(from)?;
    if number < FEWEST_CALLS {
        return Err(D::Error::custom(format!("a minute needs at least {FEWEST_CALLS} calls")));
    }
    Ok(number)
}

fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let text = written(from)?;
    text.parse().map_err(|_| D::Error::custom("not a day; write for example \"2026-11-22\""))
}

fn price<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    legal_price(f64::deserialize(from)?)
}

fn price_list<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let list = BTreeMap::<String, f64>::deserialize(from)?;
    list.into_iter().map(|(class, amount)| Ok((class, legal_price(amount)?))).collect()
}

fn legal_price<E: serde::de::Error>(amount: f64) -> Result<f64, E> {
    if amount.is_finite() && amount >= 0.0 { Ok(amount) } else { Err(E::custom("a price is zero or more")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::merge::Origin;

    fn read(text: &str) -> Result<Settings, String> {
        Settings::read(text, Path::new("my.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_what_the_design_says() {
        let settings = read("").unwrap();
        assert_eq!(settings.policy(false), Policy::default());
        assert!(settings.policy(true).read_only);
        assert_eq!(settings.clone.ttl, SignedDuration::from_hours(24));
        assert_eq!(settings.refresh.fleet, SignedDuration::from_secs(30));
        assert_eq!(settings.aws.imds_timeout, Duration::from_millis(250));
        assert_eq!(settings.ui, UiSettings { theme: "auto".into(), ascii: false, utc: false, mouse: true });
        let patience = SignedDuration::from_mins(15);
        assert_eq!(settings.tasks, TaskSettings { on_start: OnStart::CarryOn, patience });
        let cost = settings.prices().instance("db.r6g.large", None, Some(10.0)).unwrap();
        assert!((cost.until_expiry.unwrap() - 2.6).abs() < 1e-9);
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        let defaults = read("").unwrap();
        let own = read("clone.ttl = \"4h\"\n[prices.instance_hour]\n\"db.x9.huge\" = 12\n").unwrap();
        assert_eq!(own.clone.ttl, SignedDuration::from_hours(4));
        assert_eq!(own.refresh, defaults.refresh);
        assert_eq!(own.prices.instance_hour.len(), defaults.prices.instance_hour.len() + 1);
        let own = read("[policy]\nprotected = [\"core-*\"]").unwrap();
        assert_eq!(own.policy.protected, ["core-*"], "a list replaces the default one");
    }

    #[rstest::rstest]
    #[case::length(
        "[clone]\nttl = \"4x\"",
        "my.toml:2: `clone.ttl = \"4x\"`: `4x` is not a length of time; write for example `90s`"
    )]
    #[case::wait("[aws]\n\ncall_timeout = \"0ms\"", "my.toml:3: `aws.call_timeout = \"0ms\"`: `0ms` is not a length")]
    #[case::unknown_key(
        "# mine\n[clone]\ntll = \"4h\"",
        "my.toml:3: `clone.tll = \"4h\"`: unknown field `tll`, expected `ttl`"
    )]
    #[case::unknown_table(
        "[clones]\nttl = \"4h\"",
        "my.toml:2: `clones.ttl = \"4h\"`: unknown field `clones`, expected one of `policy`, `clone`"
    )]
    #[case::empty_table("[clones]", "my.toml:1: `clones = {}`: unknown field `clones`")]
    #[case::wrong_type(
        "[ui]\nascii = \"yes\"",
        "my.toml:2: `ui.ascii = \"yes\"`: invalid type: string \"yes\", expected a boolean"
    )]
    #[case::number(
        "[clone]\nttl = 24",
        "my.toml:2: `clone.ttl = 24`: `24` is not a length of time; write for example `90s`"
    )]
    #[case::no_table("ui = 1", "my.toml:1: `ui = 1`: invalid type: integer `1`, expected struct UiSettings")]
    #[case::negative_price(
        "[prices.instance_hour]\n\"db.r9.large\" = -1.0",
        "my.toml:2: `prices.instance_hour.db.r9.large = -1.0`: a price is zero or more"
    )]
    #[case::no_day("[prices]\nas_of = \"spring\"", "my.toml:2: `prices.as_of = \"spring\"`: not a day")]
    #[case::second_of_two(
        "[ui]\nutc = true\n[refresh]\nbusy = \"now\"",
        "my.toml:4: `refresh.busy = \"now\"`: `now` is not a length"
    )]
    #[case::too_few_calls(
        "[aws]\ncalls_per_minute = 0",
        "my.toml:2: `aws.calls_per_minute = 0`: a minute needs at least 10 calls"
    )]
    #[case::one_of_two(
        "[tasks]\non_start = \"never\"",
        "my.toml:2: `tasks.on_start = \"never\"`: unknown variant `never`, expected `carry-on` or `ask`"
    )]
    #[case::dotted("refresh.fleet = \"1.5h\"", "my.toml:1: `refresh.fleet")]
    #[case::no_toml("[ui]\ntheme = dusk", "my.toml:2: ")]
    #[case::twice("[ui]\nutc = true\nutc = false", "my.toml:3: duplicate key")]
    fn what_cannot_be_used_is_named_with_its_line(#[case] text: &str, #[case] want: &str) {
        let error = read(text).unwrap_err();
        assert!(error.starts_with(want), "{error}");
    }

    #[test]
    fn every_setting_is_told_with_where_it_comes_from() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("my.toml");
        fs::write(&file, "# mine\n[clone]\nttl = \"4h\"\n[prices.instance_hour]\n\"db.x9.huge\" = 12.0\n").unwrap();
        let told = Settings::explain(Some(&file), &|_| None).unwrap();
        let of = |key: &str| told.iter().find(|setting| setting.key == key).unwrap();
        assert_eq!((of("clone.ttl").origin, of("clone.ttl").value.as_str()), (Origin::File(3), Some("4h")));
        assert_eq!(of("prices.instance_hour.db.x9.huge").origin, Origin::File(5));
        assert_eq!(of("policy.protected").origin, Origin::Default);
        let lines = DEFAULTS.lines().filter(|line| !line.starts_with('#') && line.contains(" = ")).count();
        assert_eq!(told.len(), lines + 1, "all defaults, and one more");
        fs::write(&file, "[clone]\nttl = 4").unwrap();
        assert!(Settings::explain(Some(&file), &|_| None).is_err());
    }

    #[test]
    fn a_named_file_must_exist_and_the_usual_one_need_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_str().unwrap().to_owned();
        let usual = |name: &str| (name == "XDG_CONFIG_HOME" || name == "HOME").then(|| root.clone());
        assert_eq!(Settings::load(None, &usual).unwrap(), read("").unwrap());

        let missing = dir.path().join("missing.toml");
        let error = Settings::load(Some(&missing), &usual).unwrap_err().to_string();
        assert!(error.contains("missing.toml"), "{error}");
        let named = |name: &str| (name == "AUREWIND_CONFIG").then(|| missing.display().to_string());
        let named = |name: &str| named(name).or_else(|| usual(name));
        assert!(matches!(Settings::load(None, &named), Err(ConfigError::Read { .. })));

        fs::create_dir_all(dir.path().join("aurewind")).unwrap();
        fs::write(dir.path().join("aurewind/settings.toml"), "ui.utc = true").unwrap();
        assert!(Settings::load(None, &usual).unwrap().ui.utc);
    }
}
