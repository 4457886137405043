//! The sections of a recipe but its steps.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::quantity::{Pattern, Span, Window};

/// How long a clone lives where a recipe does not say.
const DEFAULT_LIFE: SignedDuration = SignedDuration::from_hours(4);

/// The cluster that is cloned, and what is expected of it before anything is begun.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Source {
    /// Its identifier. Absent only where `environment.source-output` names it.
    pub cluster: Option<String>,
    /// What has to be true of it.
    #[serde(default)]
    pub expect: Expect,
}

/// What has to be true of the source; what is absent is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expect {
    /// `aurora-mysql` or `aurora-postgresql`.
    pub engine: Option<String>,
    /// What the engine version begins with.
    pub version: Option<String>,
    /// The target Backtrack window that it has at least.
    pub window: Option<Window>,
    /// How many clones its clone group may have by then, at most. From the sixteenth on AWS makes full copies instead.
    pub max_clones: Option<u32>,
}

/// The clone. What is absent follows the source; settings of the program do not count, so that a recipe means the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CloneSection {
    /// Its identifier, with `{recipe}`, `{user}` and `{run}`; default: `test-{recipe}-{run}`.
    #[serde(default)]
    pub name: Pattern,
    /// Instance class; default: that of the source's writer.
    pub class: Option<String>,
    /// A moment of the past, as in `-2h`: then it is a full copy, which takes long and pays for all its storage.
    pub at: Option<String>,
    /// Backtrack window, `"0"` for none; default: the source's.
    pub window: Option<Window>,
    /// How long it lives at most, teardown or not: `aurewind sweep` deletes it then; default: 4h.
    pub ttl: Option<Span>,
    /// Days that its automated backups are kept.
    pub retention_days: Option<u32>,
    /// DB subnet group.
    pub subnet_group: Option<String>,
    /// Security groups.
    #[serde(default)]
    pub security_groups: Vec<String>,
    /// Cluster parameter group.
    pub parameter_group: Option<String>,
    /// Tags of its own.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl CloneSection {
    /// How long it lives at most. It always expires: what a run leaves behind, a sweep finds.
    pub fn life(&self) -> SignedDuration {
        self.ttl.map_or(DEFAULT_LIFE, |ttl| ttl.0)
    }
}

/// The password of the master user of the clone, which has the source's one at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Master {
    /// A new random one, known to this run alone.
    #[default]
    Rotate,
    /// One that Secrets Manager makes and keeps.
    Managed,
    /// The source's, from the environment variable that `password-env` names.
    Keep,
}

/// Who may log in to the clone. All of it is set before any command learns where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Secrets {
    /// What becomes of the master user's password; default: `rotate`.
    #[serde(default)]
    pub master: Master,
    /// The environment variable with the source's password, for `master = "keep"`.
    pub password_env: Option<String>,
    /// A user that commands work as, instead of the master user.
    pub app: Option<AppUser>,
    /// Leave the event scheduler of the clone as it is; otherwise it is switched off, so that the source's jobs do not run
    /// on the clone.
    #[serde(default)]
    pub keep_events: bool,
}

/// A user that is made on the clone, with a random password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AppUser {
    /// Its name.
    pub name: String,
    /// What it may do, as in `ALL ON shop.*`.
    pub grants: Vec<String>,
}

/// When the clone counts as ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// When a login answers `SELECT 1`.
    #[default]
    Sql,
    /// When its port takes connections.
    Tcp,
    /// When AWS calls its instance available.
    Api,
}

/// How the connection to the clone is protected.
#[derive(Debug, Clone, PartialEq, Eq, Default, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// By the certificate authorities of this system. Amazon's own for RDS is not among them: it is given as `ca`.
    #[default]
    System,
    /// By the certificate authorities in a PEM file, as Amazon's `global-bundle.pem`.
    Ca(PathBuf),
    /// Not at all: for databases on this machine.
    Off,
}

impl<'de> Deserialize<'de> for Tls {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Kind;
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            ca: PathBuf,
        }
        impl<'de> Visitor<'de> for Kind {
            type Value = Tls;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`\"system\"`, `\"off\"` or `{ ca = \"global-bundle.pem\" }`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Tls, E> {
                match text {
                    "system" => Ok(Tls::System),
                    "off" => Ok(Tls::Off),
                    other => Err(E::unknown_variant(other, &["system", "off"])),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tls, A::Error> {
                File::deserialize(MapAccessDeserializer::new(map)).map(|file| Tls::Ca(file.ca))
            }
        }
        from.deserialize_any(Kind)
    }
}

/// How the clone is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Connect {
    /// When it is ready; default: `sql`.
    #[serde(default)]
    pub probe: Probe,
    /// The database that is used; the master's default one if absent.
    pub database: Option<String>,
    /// TLS: `"system"`, `"off"`, or `{ ca = "global-bundle.pem" }`; default: `"system"`.
    #[serde(default)]
    pub tls: Tls,
}

/// How long things may take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Waits {
    /// The stack; default: 30m.
    pub environment: Span,
    /// Clone and instance; default: 45m.
    pub create: Span,
    /// From an available instance to the first answer; default: 10m.
    pub ready: Span,
    /// A rewind; default: 15m.
    pub rewind: Span,
}

impl Default for Waits {
    fn default() -> Self {
        Self { environment: Span::mins(30), create: Span::mins(45), ready: Span::mins(10), rewind: Span::mins(15) }
    }
}

/// What the verdict asks for besides passing tests.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limits {
    /// The whole run but the teardown; what runs then is stopped. Default: the clone's `ttl`, less the teardown's `deadline`.
    pub total: Option<Span>,
    /// All release steps together, each time they are run.
    pub release: Option<Span>,
    /// The longest that a statement waited for a lock during an observed step. What could not be watched is told as not
    /// measured, and does not count.
    pub longest_lock: Option<Span>,
    /// What the clone is estimated to have cost, in US dollars. Without a price for its class it is not measured, and does
    /// not count.
    pub cost_usd: Option<f64>,
}

/// What commands get besides their environment variables.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Commands {
    /// Variables of this process that they do not inherit, with `*`. What names a database or holds AWS credentials is not
    /// inherited anyway.
    #[serde(default)]
    pub clear: Vec<String>,
    /// Let them inherit AWS credentials, profile and region; default: false.
    #[serde(default)]
    pub pass_aws: bool,
    /// Where they are run, seen from the recipe; default: beside it.
    pub directory: Option<PathBuf>,
}

/// A CloudFormation stack that is made before the clone and deleted after it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Environment {
    /// The template's file, seen from the recipe.
    pub template: PathBuf,
    /// Its name, with `{recipe}`, `{user}` and `{run}`; default: `test-{recipe}-{run}`.
    #[serde(default)]
    pub stack: Pattern,
    /// Parameters. `{ env = "NAME" }` takes the value from an environment variable: for secrets.
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    /// Let CloudFormation make IAM resources with these capabilities.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The output that names the cluster to clone, instead of `source.cluster`.
    pub source_output: Option<String>,
    /// The output that names the clone's DB subnet group.
    pub subnet_group_output: Option<String>,
    /// The outputs that name the clone's security groups.
    #[serde(default)]
    pub security_group_outputs: Vec<String>,
    /// Environment variables of every command, each with the output that it is taken from: `{ API_URL = "ApiUrl" }`.
    #[serde(default)]
    pub env_outputs: BTreeMap<String, String>,
}

/// The value of a parameter of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "this is no value of a parameter; write a string, or `{ env = \"NAME\" }`")]
pub enum Parameter {
    /// As written.
    Text(String),
    /// From an environment variable.
    Env {
        /// The variable.
        env: String,
    },
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TearDown {
    /// How long the `always` steps may take together, and then once more the teardown; default: 60m.
    pub deadline: Span,
    /// Leave the clone of a run without success for so long, to look at it.
    pub keep_on_failure: Option<Span>,
}

impl Default for TearDown {
    fn default() -> Self {
        Self { deadline: Span::mins(60), keep_on_failure: None }
    }
}

/// Where reports are written, seen from the recipe; what is absent is not written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Report {
    /// JSON.
    pub json: Option<PathBuf>,
    /// JUnit.
    pub junit: Option<PathBuf>,
    /// Markdown.
    pub markdown: Option<PathBuf>,
}
