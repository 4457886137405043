//! The AWS services that the simulator answers for, all at one address.

/// A service by its API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// Amazon RDS.
    Rds,
    /// Amazon CloudWatch.
    CloudWatch,
    /// AWS CloudFormation.
    CloudFormation,
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS Security Token Service.
    Sts,
}

impl Api {
    /// All of them; the first one answers whoever names none.
    pub const ALL: [Self; 5] = [Self::Rds, Self::CloudFormation, Self::CloudWatch, Self::SecretsManager, Self::Sts];

    /// The version of the API, by which a request tells which service it means.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Rds => "2014-10-31",
            Self::CloudWatch => "2010-08-01",
            Self::CloudFormation => "2010-05-15",
            Self::SecretsManager => "2017-10-17",
            Self::Sts => "2011-06-15",
        }
    }

    /// The namespace that answers declare.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Rds => "http://rds.amazonaws.com/doc/2014-10-31/",
            Self::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
            Self::CloudFormation => "http://cloudformation.amazonaws.com/doc/2010-05-15/",
            // It speaks JSON alone.
            Self::SecretsManager => "",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }

    /// The prefix of its actions in policies.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Rds => "rds",
            Self::CloudWatch => "cloudwatch",
            Self::CloudFormation => "cloudformation",
            Self::SecretsManager => "secretsmanager",
            Self::Sts => "sts",
        }
    }

    /// The service of a version.
    pub fn of_version(version: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api| api.version() == version)
    }
}
