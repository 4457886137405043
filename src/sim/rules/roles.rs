//! The IAM roles of a cluster: which may be named, and how many (API reference, AddRoleToDBCluster; User Guide, Quotas).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::protocol::{ApiError, Code, Form};
use super::engine::Engine;

/// The most roles of one cluster.
pub const MOST: usize = 5;

/// What Aurora PostgreSQL uses a role for: one of these has to be named. Aurora MySQL asks for none
/// (User Guide, Associating an IAM role with a cluster).
const FEATURES: [&str; 6] = ["Bedrock", "Comprehend", "Lambda", "SageMaker", "s3Export", "s3Import"];

/// One role of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub arn: String,
    pub feature: Option<String>,
    /// When a role that a living cluster was given takes effect.
    pub active_from: Option<Timestamp>,
}

impl Role {
    /// A role from what a request says of it.
    pub fn new(engine: Engine, arn: &str, feature: Option<&str>) -> Result<Self, ApiError> {
        let legal = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/")).is_some_and(
            |(account, name)| {
                account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) && (1..=512).contains(&name.len())
            },
        );
        if !legal {
            return Err(ApiError::value(format!("The parameter RoleArn is not the ARN of an IAM role: {arn}")));
        }
        match feature.filter(|feature| !feature.is_empty()) {
            Some(feature) if !FEATURES.contains(&feature) => Err(ApiError::value(format!(
                "The feature {feature} isn't supported. Supported features: {}",
                FEATURES.join(", ")
            ))),
            None if engine == Engine::AuroraPostgresql => Err(ApiError::value(format!(
                "The feature-name parameter must be provided with the current operation for the {} engine.",
                engine.name()
            ))),
            feature => Ok(Self { arn: arn.to_owned(), feature: feature.map(str::to_owned), active_from: None }),
        }
    }

    /// Whether both stand for the same use of the same role.
    pub fn is(&self, arn: &str, feature: Option<&str>) -> bool {
        self.arn == arn && self.feature.as_deref() == feature.filter(|feature| !feature.is_empty())
    }
}

/// `AssociatedRoles` of a request that makes a cluster.
pub fn read(form: &Form, engine: Engine) -> Result<Vec<Role>, ApiError> {
    let mut roles: Vec<Role> = Vec::new();
    for fields in form.members("AssociatedRoles", "DBClusterAssociatedRole")?.into_values() {
        let field = |name| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
        let arn = field("RoleArn").ok_or_else(|| {
            ApiError::new(
                Code::MissingParameter,
                "The request must contain the parameter RoleArn of an associated role",
            )
        })?;
        let role = Role::new(engine, arn, field("FeatureName"))?;
        if roles.contains(&role) {
            return Err(ApiError::value(format!("The role {arn} is given more than once")));
        }
        roles.push(role);
    }
    if roles.len() > MOST { Err(too_many()) } else { Ok(roles) }
}

/// The refusal of one role more than a cluster can have.
pub fn too_many() -> ApiError {
    ApiError::new(Code::RoleQuotaExceeded, format!("A DB cluster can have at most {MOST} associated IAM roles"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:iam::123456789012:role/aurora-s3";

    #[rstest::rstest]
    #[case::mysql(Engine::AuroraMysql, ARN, None, true)]
    #[case::mysql_with_a_feature(Engine::AuroraMysql, ARN, Some("Lambda"), true)]
    #[case::postgresql(Engine::AuroraPostgresql, ARN, Some("s3Import"), true)]
    #[case::postgresql_wants_a_feature(Engine::AuroraPostgresql, ARN, None, false)]
    #[case::no_such_feature(Engine::AuroraMysql, ARN, Some("s3"), false)]
    #[case::no_role(Engine::AuroraMysql, "arn:aws:iam::123456789012:user/ana", None, false)]
    #[case::no_account(Engine::AuroraMysql, "arn:aws:iam::12:role/x", None, false)]
    #[case::no_name(Engine::AuroraMysql, "arn:aws:iam::123456789012:role/", None, false)]
    fn roles(#[case] engine: Engine, #[case] arn: &str, #[case] feature: Option<&str>, #[case] good: bool) {
        assert_eq!(Role::new(engine, arn, feature).is_ok(), good);
    }
}
