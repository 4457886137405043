//! What can be ordered: versions of the engines and classes of instances. A selection of what the service offers.

use super::engine::Engine;

const MYSQL: &[&str] = &[
    "5.7.mysql_aurora.2.11.5",
    "5.7.mysql_aurora.2.12.4",
    "8.0.mysql_aurora.3.04.3",
    "8.0.mysql_aurora.3.05.2",
    "8.0.mysql_aurora.3.06.1",
    "8.0.mysql_aurora.3.07.1",
    "8.0.mysql_aurora.3.08.0",
    "8.0.mysql_aurora.3.08.2",
    "8.0.mysql_aurora.3.09.0",
    "8.0.mysql_aurora.3.10.0",
];

const POSTGRESQL: &[&str] =
    &["13.20", "13.21", "14.17", "14.18", "15.12", "15.13", "16.6", "16.8", "16.9", "17.4", "17.5"];

const CLASSES: &[&str] = &[
    "db.r5.large",
    "db.r5.xlarge",
    "db.r5.2xlarge",
    "db.r5.4xlarge",
    "db.r5.8xlarge",
    "db.r5.12xlarge",
    "db.r5.16xlarge",
    "db.r5.24xlarge",
    "db.r6g.large",
    "db.r6g.xlarge",
    "db.r6g.2xlarge",
    "db.r6g.4xlarge",
    "db.r6g.8xlarge",
    "db.r6g.12xlarge",
    "db.r6g.16xlarge",
    "db.r6i.large",
    "db.r6i.xlarge",
    "db.r6i.2xlarge",
    "db.r6i.4xlarge",
    "db.r6i.8xlarge",
    "db.r7g.large",
    "db.r7g.xlarge",
    "db.r7g.2xlarge",
    "db.r7g.4xlarge",
    "db.r7g.8xlarge",
    "db.r8g.large",
    "db.r8g.xlarge",
    "db.r8g.2xlarge",
    "db.r8g.4xlarge",
    "db.serverless",
    "db.t3.medium",
    "db.t3.large",
    "db.t4g.medium",
    "db.t4g.large",
    "db.x2g.large",
    "db.x2g.xlarge",
    "db.x2g.2xlarge",
];

/// The engines that can be ordered.
pub const ENGINES: [Engine; 2] = [Engine::AuroraMysql, Engine::AuroraPostgresql];

/// The versions of an engine, oldest first.
pub const fn versions(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::AuroraMysql => MYSQL,
        Engine::AuroraPostgresql => POSTGRESQL,
        Engine::Neptune | Engine::Docdb => &[],
    }
}

/// The classes that a version runs on: Serverless v2 wants Aurora MySQL 3 or Aurora PostgreSQL
/// (User Guide, Aurora Serverless v2), and version 2 of Aurora MySQL is older than the last Graviton generation.
pub fn classes(version: &str) -> impl Iterator<Item = &'static str> + use<> {
    let old = version.starts_with("5.7");
    CLASSES.iter().copied().filter(move |class| !old || !(*class == "db.serverless" || class.starts_with("db.r8g")))
}

/// The major version, as the service writes it.
pub fn major(engine: Engine, version: &str) -> String {
    let family = engine.family(version);
    family.strip_prefix(engine.name()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_known() {
        for engine in ENGINES {
            let versions = versions(engine);
            assert!(versions.contains(&engine.default_version()));
            assert!(versions.iter().all(|version| engine.check_version(version).is_ok()));
        }
        assert!(classes("16.8").any(|class| class == "db.serverless"));
        assert!(!classes("5.7.mysql_aurora.2.11.5").any(|class| class == "db.serverless"));
        assert_eq!(major(Engine::AuroraMysql, "8.0.mysql_aurora.3.08.2"), "8.0");
        assert_eq!(major(Engine::AuroraPostgresql, "16.8"), "16");
    }
}
