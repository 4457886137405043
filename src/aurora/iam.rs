//! The least that AWS has to allow: an identity policy for exactly the calls that this program makes.
//!
//! Actions, their resource types and what they depend on are those of the Service Authorization Reference, Amazon RDS.

use std::str::FromStr;

use serde_json::{Value, json};
use thiserror::Error;

use super::ownership::{TAG_CLONE, TAG_TASK};

/// What is to be done with the permissions. Reading is always among it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Clones and full copies, with an instance each.
    Clone,
    /// Rewinds, and taking them back.
    Rewind,
    /// Marks, `keep` and `extend`: the tags of clones.
    Tags,
    /// Deletions and sweeps, with final snapshots.
    Delete,
    /// What CloudWatch knows of writes and connections.
    Metrics,
    /// Sources that are encrypted with a key of one's own.
    Kms,
    /// Test runs: who may log in to clones.
    Test,
    /// Test runs whose passwords Secrets Manager keeps. What it may read is not bound to clones: their secrets are called as
    /// those of any other cluster.
    Managed,
    /// The stacks of test runs, with what the template of `aurewind template` makes. What other templates make has to be
    /// allowed besides: CloudFormation makes it in the name of who asks.
    Environment,
}

/// Why a text is no feature.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is none of clone, rewind, tags, delete, metrics, kms, test, managed, environment")]
pub struct UnknownFeature(String);

impl FromStr for Feature {
    type Err = UnknownFeature;

    fn from_str(text: &str) -> Result<Self, UnknownFeature> {
        Ok(match text {
            "clone" => Self::Clone,
            "rewind" => Self::Rewind,
            "tags" => Self::Tags,
            "delete" => Self::Delete,
            "metrics" => Self::Metrics,
            "kms" => Self::Kms,
            "test" => Self::Test,
            "managed" => Self::Managed,
            "environment" => Self::Environment,
            other => return Err(UnknownFeature(super::text::clean(other))),
        })
    }
}

/// Where the permissions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// What the names of clones begin with: nothing else may be changed.
    pub prefixes: Vec<String>,
    /// Identifiers that may be cloned, with `*`.
    pub sources: Vec<String>,
    /// Account id, or `*`.
    pub account: String,
    /// Region, or `*`.
    pub region: String,
}

impl Bounds {
    fn arn(&self, service: &str, resource: &str) -> String {
        // The Chinese and the governmental regions are partitions of their own (IAM User Guide, ARNs).
        let partition = match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        format!("arn:{partition}:{service}:{}:{}:{resource}", self.region, self.account)
    }

    fn rds(&self, resource: &str) -> String {
        self.arn("rds", resource)
    }

    /// Resources of this type that are called like clones.
    fn named(&self, kind: &str) -> Vec<String> {
        self.prefixes.iter().map(|prefix| self.rds(&format!("{kind}:{prefix}*"))).collect()
    }

    /// Every resource of these types.
    fn any(&self, types: &[&str]) -> Vec<String> {
        types.iter().map(|kind| self.rds(&format!("{kind}:*"))).collect()
    }
}

/// The policy for `features` within `bounds`.
pub fn policy(features: &[Feature], bounds: &Bounds) -> Value {
    let mut statements = vec![read(features.contains(&Feature::Metrics))];
    let with = |feature: Feature| features.contains(&feature);
    if with(Feature::Clone) {
        statements.extend(clone(bounds));
    }
    if with(Feature::Rewind) {
        statements.push(of_ours("RewindClones", &["rds:BacktrackDBCluster"], bounds));
    }
    if with(Feature::Tags) {
        let actions = ["rds:AddTagsToResource", "rds:RemoveTagsFromResource"];
        statements.push(of_ours("TagClones", &actions, bounds));
    }
    if with(Feature::Delete) {
        statements.extend(delete(bounds));
    }
    if with(Feature::Kms) {
        statements.extend(keys(bounds));
    }
    if with(Feature::Test) {
        statements.push(of_ours("SecureClones", &["rds:ModifyDBCluster"], bounds));
    }
    if with(Feature::Managed) {
        statements.push(managed_passwords(bounds));
    }
    if with(Feature::Environment) {
        statements.extend(environment(bounds));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(sid: &str, actions: &[&str], resources: impl Into<Value>) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources.into()})
}

/// Listings have no resource that they could be bound to.
fn read(metrics: bool) -> Value {
    let mut actions = vec![
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusterBacktracks",
        "rds:DescribeDBClusterParameters",
        "rds:DescribeEvents",
    ];
    if metrics {
        actions.push("cloudwatch:GetMetricData");
    }
    statement("Read", &actions, "*")
}

/// A statement for clusters that carry the tag of a clone and are called like one. A tag alone would not do: clones inherit
/// it, and whoever may tag could put it on anything.
fn of_ours(sid: &str, actions: &[&str], bounds: &Bounds) -> Value {
    let mut of_ours = statement(sid, actions, bounds.named("cluster"));
    of_ours["Condition"] = tagged(TAG_CLONE);
    of_ours
}

fn tagged(key: &str) -> Value {
    json!({"StringLike": {format!("aws:ResourceTag/{key}"): "?*"}})
}

fn clone(bounds: &Bounds) -> Vec<Value> {
    // The type `cluster` stands for source and clone alike.
    let mut restored: Vec<String> = bounds.sources.iter().map(|id| bounds.rds(&format!("cluster:{id}"))).collect();
    restored.extend(bounds.named("cluster"));
    restored.extend(bounds.any(&["cluster-pg", "og", "subgrp"]));
    restored.dedup();
    let clones = [bounds.named("cluster"), bounds.named("db")].concat();
    let mut made = clones.clone();
    made.extend(bounds.any(&["og", "pg", "subgrp"]));
    vec![
        statement("CloneSources", &["rds:RestoreDBClusterToPointInTime"], restored),
        statement("AddInstances", &["rds:CreateDBInstance"], made),
        // Both calls above send tags, and depend on this one.
        statement("TagWhatIsMade", &["rds:AddTagsToResource"], clones),
    ]
}

fn delete(bounds: &Bounds) -> Vec<Value> {
    let mut instances = statement("DeleteInstances", &["rds:DeleteDBInstance"], bounds.named("db"));
    instances["Condition"] = tagged(TAG_TASK);
    let mut snapshots = bounds.any(&["cluster-snapshot"]);
    // A deletion names a snapshot as a resource even where it makes none, and a snapshot has no tag of a clone.
    let deleted = statement("DeleteNamesSnapshots", &["rds:DeleteDBCluster"], snapshots.clone());
    snapshots.extend(bounds.named("cluster"));
    vec![
        instances,
        of_ours("DeleteClones", &["rds:DeleteDBCluster"], bounds),
        deleted,
        statement("FinalSnapshots", &["rds:CreateDBClusterSnapshot"], snapshots),
    ]
}

/// Secrets that RDS makes are called so (User Guide, Password management with Amazon Aurora and AWS Secrets Manager); whoever
/// has one made needs the first two (the same place, Permissions).
fn managed_passwords(bounds: &Bounds) -> Value {
    let actions = ["secretsmanager:CreateSecret", "secretsmanager:TagResource", "secretsmanager:GetSecretValue"];
    statement("ManagedPasswords", &actions, bounds.arn("secretsmanager", "secret:rds!cluster-*"))
}

/// RDS takes a grant on the key in the name of who asks, and only through RDS may it be used (KMS Developer Guide, grants).
fn keys(bounds: &Bounds) -> Vec<Value> {
    let keys = bounds.arn("kms", "key/*");
    let through_rds = json!({"kms:ViaService": "rds.*.amazonaws.com*"});
    let mut used = statement("SeeKeys", &["kms:DescribeKey"], keys.clone());
    used["Condition"] = json!({"StringLike": through_rds});
    let mut granted = statement("GrantKeysToRds", &["kms:CreateGrant"], keys);
    granted["Condition"] = json!({"StringLike": through_rds, "Bool": {"kms:GrantIsForAWSResource": "true"}});
    vec![used, granted]
}

/// Stacks called like clones, and the calls that CloudFormation makes for them. These go out in the name of who asks, so that
/// nobody can make them but through a stack (IAM User Guide, aws:CalledVia).
fn environment(bounds: &Bounds) -> Vec<Value> {
    let stack = |prefix: &String| bounds.arn("cloudformation", &format!("stack/{prefix}*/*"));
    let stacks: Vec<String> = bounds.prefixes.iter().map(stack).collect();
    let own = ["CreateStack", "DeleteStack", "DescribeStacks", "DescribeStackResources"]
        .map(|call| format!("cloudformation:{call}"));
    let mut network = statement(
        "NetworksOfStacks",
        &[
            "ec2:CreateVpc",
            "ec2:ModifyVpcAttribute",
            "ec2:DeleteVpc",
            "ec2:CreateSubnet",
            "ec2:DeleteSubnet",
            "ec2:CreateSecurityGroup",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:DeleteSecurityGroup",
            "ec2:CreateTags",
            "ec2:DescribeAvailabilityZones",
            "ec2:DescribeVpcs",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
        ],
        "*",
    );
    // The names that CloudFormation gives begin with that of the stack.
    let mut named: Vec<String> = ["cluster", "db", "subgrp"].iter().flat_map(|kind| bounds.named(kind)).collect();
    named.extend(bounds.any(&["cluster-pg", "cluster-snapshot", "og", "pg"]));
    let mut sources = statement(
        "SourcesOfStacks",
        &[
            "rds:CreateDBCluster",
            "rds:DeleteDBCluster",
            "rds:CreateDBInstance",
            "rds:DeleteDBInstance",
            "rds:CreateDBSubnetGroup",
            "rds:DeleteDBSubnetGroup",
            "rds:DescribeDBSubnetGroups",
            "rds:AddTagsToResource",
            "rds:ListTagsForResource",
        ],
        named,
    );
    for of in [&mut network, &mut sources] {
        of["Condition"] = json!({"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}});
    }
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    vec![statement("Stacks", &own, stacks), network, sources]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Feature; 9] = [
        Feature::Clone,
        Feature::Rewind,
        Feature::Tags,
        Feature::Delete,
        Feature::Metrics,
        Feature::Kms,
        Feature::Test,
        Feature::Managed,
        Feature::Environment,
    ];

    fn bounds() -> Bounds {
        let any = || "*".to_owned();
        Bounds { prefixes: vec!["clone-".into()], sources: vec![any()], account: any(), region: any() }
    }

    fn statements(features: &[Feature], bounds: &Bounds) -> Vec<Value> {
        policy(features, bounds)["Statement"].as_array().unwrap().clone()
    }

    fn texts(value: &Value) -> Vec<String> {
        match value {
            Value::Array(list) => list.iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
            one => vec![one.as_str().unwrap().to_owned()],
        }
    }

    #[test]
    fn it_fits_into_a_managed_policy_and_every_statement_has_a_name_of_its_own() {
        let whole = policy(&ALL, &Bounds { prefixes: vec!["clone-".into(), "test-".into()], ..bounds() });
        // White space does not count (IAM User Guide, quotas).
        assert!(whole.to_string().len() < 6_144);
        let mut sids: Vec<_> = statements(&ALL, &bounds()).iter().map(|of| of["Sid"].to_string()).collect();
        let count = sids.len();
        sids.sort();
        sids.dedup();
        assert_eq!(sids.len(), count);
        assert!(sids.iter().all(|sid| sid.trim_matches('"').chars().all(|c| c.is_ascii_alphanumeric())));
    }

    #[test]
    fn without_features_it_only_reads() {
        let statements = statements(&[], &bounds());
        assert_eq!(statements.len(), 1);
        assert!(texts(&statements[0]["Action"]).iter().all(|action| action.starts_with("rds:Describe")));
    }

    #[test]
    fn what_exists_is_changed_only_by_name_and_tag() {
        for of in statements(&ALL, &bounds()) {
            let changing = ["rds:Backtrack", "rds:Delete", "rds:Modify", "rds:RemoveTags"];
            let actions = texts(&of["Action"]);
            if !changing.iter().any(|word| actions.iter().any(|action| action.starts_with(word))) {
                continue;
            }
            // What a stack has made is deleted through it alone.
            let through_a_stack = of["Condition"].to_string().contains("cloudformation.amazonaws.com");
            for resource in texts(&of["Resource"]) {
                let unnamed = [":cluster-snapshot:", ":cluster-pg:", ":og:", ":pg:"];
                if resource.contains(unnamed[0])
                    || (through_a_stack && unnamed.iter().any(|kind| resource.contains(kind)))
                {
                    continue;
                }
                if through_a_stack {
                    assert!(resource.ends_with(":clone-*"), "{of}");
                    continue;
                }
                assert!(resource.ends_with(":clone-*"), "{of}");
                assert!(of["Condition"]["StringLike"].to_string().contains("aws:ResourceTag/aurewind:"), "{of}");
            }
        }
    }

    /// Secrets of production are called like those of clones: whoever did not ask to read them cannot.
    #[test]
    fn passwords_are_read_only_where_that_is_asked_for() {
        let others: Vec<Feature> = ALL.into_iter().filter(|feature| *feature != Feature::Managed).collect();
        assert!(!policy(&others, &bounds()).to_string().contains("secretsmanager:"));
        let managed = policy(&["managed".parse().unwrap()], &bounds()).to_string();
        assert!(managed.contains("secretsmanager:GetSecretValue"), "{managed}");
    }

    #[test]
    fn stacks_are_made_by_name_and_their_resources_only_through_them() {
        let statements = statements(&[Feature::Environment], &bounds());
        let stacks = statements.iter().find(|of| of["Sid"] == "Stacks").unwrap();
        assert_eq!(texts(&stacks["Resource"]), ["arn:aws:cloudformation:*:*:stack/clone-*/*"]);
        for of in &statements[2..] {
            assert!(of["Condition"]["ForAnyValue:StringEquals"]["aws:CalledVia"].is_string(), "{of}");
        }
        assert_eq!("environment".parse(), Ok(Feature::Environment));
    }

    /// A statement with a tag condition that also names what has no tags would deny it (Service Authorization Reference).
    #[test]
    fn tag_conditions_stand_only_beside_clusters_and_instances() {
        for of in statements(&ALL, &bounds()) {
            if of["Condition"].to_string().contains("ResourceTag") {
                let taggable = |arn: &String| arn.contains(":cluster:") || arn.contains(":db:");
                assert!(texts(&of["Resource"]).iter().all(taggable), "{of}");
            }
        }
    }

    #[rstest::rstest]
    #[case("eu-west-1", "arn:aws:rds:eu-west-1:123456789012:cluster:ci-*")]
    #[case("cn-north-1", "arn:aws-cn:rds:cn-north-1:123456789012:cluster:ci-*")]
    #[case("us-gov-west-1", "arn:aws-us-gov:rds:us-gov-west-1:123456789012:cluster:ci-*")]
    fn bounds_are_kept(#[case] region: &str, #[case] want: &str) {
        let sources = vec!["orders-prod".to_owned(), "billing-*".to_owned()];
        let bounds = Bounds {
            prefixes: vec!["ci-".into(), "test-".into()],
            sources,
            account: "123456789012".into(),
            region: region.into(),
        };
        let all = statements(&ALL, &bounds);
        let rewound = texts(&all.iter().find(|of| of["Sid"] == "RewindClones").unwrap()["Resource"]);
        assert_eq!(rewound, [want.to_owned(), want.replace(":ci-", ":test-")]);
        let cloned = texts(&all.iter().find(|of| of["Sid"] == "CloneSources").unwrap()["Resource"]);
        assert!(cloned.iter().any(|arn| arn.ends_with(":cluster:orders-prod")), "{cloned:?}");
        assert!(!cloned.iter().any(|arn| arn.ends_with(":cluster:*")), "{cloned:?}");
    }
}
