//! Engines and what differs between them.

use serde::{Deserialize, Serialize};

use super::super::protocol::ApiError;

/// The engines that share the RDS control plane; only the first two are Aurora.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Aurora MySQL.
    AuroraMysql,
    /// Aurora PostgreSQL.
    AuroraPostgresql,
    /// Amazon Neptune, listed by DescribeDBClusters like any other (API reference, DescribeDBClusters).
    Neptune,
    /// Amazon DocumentDB, likewise.
    Docdb,
}

/// The certificate authorities for servers; the first is the default (User Guide, SSL/TLS certificates).
pub const CERTIFICATES: [&str; 3] = ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"];

impl Engine {
    /// The engine of a request that makes something.
    pub fn creatable(name: &str) -> Result<Self, ApiError> {
        match name {
            "aurora-mysql" => Ok(Self::AuroraMysql),
            "aurora-postgresql" => Ok(Self::AuroraPostgresql),
            _ => Err(ApiError::value(format!(
                "Invalid DB engine: {name}. The simulator makes aurora-mysql and aurora-postgresql"
            ))),
        }
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuroraMysql => "aurora-mysql",
            Self::AuroraPostgresql => "aurora-postgresql",
            Self::Neptune => "neptune",
            Self::Docdb => "docdb",
        }
    }

    /// Whether cloning, rewinding and the rest of this simulator apply.
    pub const fn is_aurora(self) -> bool {
        matches!(self, Self::AuroraMysql | Self::AuroraPostgresql)
    }

    /// Only Aurora MySQL has Backtrack (User Guide, Backtracking).
    pub const fn has_backtrack(self) -> bool {
        matches!(self, Self::AuroraMysql)
    }

    /// The port of a cluster whose request named none, whatever its source listens on
    /// (API reference, RestoreDBClusterToPointInTime, Port).
    pub const fn default_port(self) -> u16 {
        match self {
            Self::AuroraMysql => 3306,
            Self::AuroraPostgresql => 5432,
            Self::Neptune => 8182,
            Self::Docdb => 27017,
        }
    }

    /// The version of a cluster whose request named none.
    pub const fn default_version(self) -> &'static str {
        match self {
            Self::AuroraMysql => "8.0.mysql_aurora.3.08.2",
            Self::AuroraPostgresql => "16.8",
            Self::Neptune => "1.4.1.0",
            Self::Docdb => "5.0.0",
        }
    }

    /// The domain of endpoints below the Region's.
    pub const fn service(self) -> &'static str {
        match self {
            Self::AuroraMysql | Self::AuroraPostgresql => "rds",
            Self::Neptune => "neptune",
            Self::Docdb => "docdb",
        }
    }

    /// The licence that instances name.
    pub const fn license(self) -> &'static str {
        match self {
            Self::AuroraMysql => "general-public-license",
            Self::AuroraPostgresql => "postgresql-license",
            Self::Neptune => "amazon-license",
            Self::Docdb => "na",
        }
    }

    /// Log types that can be exported (API reference, EnableCloudwatchLogsExports).
    pub const fn log_types(self) -> &'static [&'static str] {
        match self {
            Self::AuroraMysql => &["audit", "error", "general", "instance", "slowquery", "iam-db-auth-error"],
            Self::AuroraPostgresql => &["instance", "postgresql", "iam-db-auth-error"],
            Self::Neptune | Self::Docdb => &["audit"],
        }
    }

    /// The default parameter group of a version, such as `default.aurora-mysql8.0`.
    pub fn default_parameter_group(self, version: &str) -> String {
        format!("default.{}", self.family(version))
    }

    /// The parameter group family of a version, such as `aurora-mysql8.0`.
    pub fn family(self, version: &str) -> String {
        let parts: Vec<&str> = version.split('.').collect();
        let family = match self {
            Self::AuroraPostgresql => parts.first().copied().unwrap_or_default().to_owned(),
            _ => parts.iter().take(2).copied().collect::<Vec<_>>().join("."),
        };
        format!("{}{family}", self.name())
    }

    /// Refuses a version that the engine never had.
    pub fn check_version(self, version: &str) -> Result<(), ApiError> {
        let numeric =
            |text: &str| text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let known = match (self, version.split_once(".mysql_aurora.")) {
            (Self::AuroraMysql, Some((mysql, aurora))) => ["5.7", "8.0", "8.4"].contains(&mysql) && numeric(aurora),
            (Self::AuroraMysql, None) => ["5.7", "8.0", "8.4"].contains(&version),
            (_, None) => numeric(version),
            (_, Some(_)) => false,
        };
        if known {
            return Ok(());
        }
        Err(ApiError::combination(format!("Cannot find version {version} for {}", self.name())))
    }

    /// What the service says when Backtrack is asked of a cluster that can never have it.
    pub fn no_backtrack(self, version: &str) -> ApiError {
        let name = match self {
            Self::AuroraMysql => "Aurora MySQL",
            Self::AuroraPostgresql => "Aurora PostgreSQL",
            Self::Neptune => "Neptune",
            Self::Docdb => "DocumentDB",
        };
        ApiError::combination(format!(
            "{name} Engine Version {version} with mode: PROVISIONED does not support Backtrack."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_parameter_groups_follow_the_version() {
        for (engine, version, group) in [
            (Engine::AuroraMysql, "8.0.mysql_aurora.3.08.2", "default.aurora-mysql8.0"),
            (Engine::AuroraMysql, "5.7.mysql_aurora.2.11.5", "default.aurora-mysql5.7"),
            (Engine::AuroraPostgresql, "16.8", "default.aurora-postgresql16"),
            (Engine::Neptune, "1.4.1.0", "default.neptune1.4"),
        ] {
            assert_eq!(engine.default_parameter_group(version), group);
        }
    }

    #[test]
    fn versions_of_other_engines_are_refused() {
        assert!(Engine::AuroraMysql.check_version("8.0.mysql_aurora.3.08.2").is_ok());
        assert!(Engine::AuroraPostgresql.check_version("16.8").is_ok());
        for (engine, version) in [
            (Engine::AuroraMysql, "16.8"),
            (Engine::AuroraPostgresql, "8.0.mysql_aurora.3.08.2"),
            (Engine::AuroraPostgresql, "latest"),
        ] {
            assert!(engine.check_version(version).is_err(), "{version}");
        }
    }

    #[test]
    fn other_engines_cannot_be_made() {
        for name in ["neptune", "docdb", "mysql", "aurora", "Aurora-MySQL"] {
            assert!(Engine::creatable(name).is_err(), "{name}");
        }
    }
}
