//! Tags by ARN.

use super::{Bench, Code, field};

const CLUSTER: &str = "ResourceName=arn:aws:rds:eu-west-1:123456789012:cluster:copy";

/// Rule: Tags are written over those of the same key; removing an absent key is no error (API reference, AddTagsToResource)
/// Action: AddTagsToResource, RemoveTagsFromResource
#[test]
fn tags_are_added_over_others_and_removed_by_key() {
    let mut bench = Bench::with_clone();
    bench.ok(
        "AddTagsToResource",
        &format!("{CLUSTER} Tags.Tag.1.Key=a Tags.Tag.1.Value=new Tags.Tag.2.Key=c Tags.Tag.2.Value=d+e"),
    );
    let listed = bench.ok("ListTagsForResource", CLUSTER);
    assert_eq!(
        listed,
        field(&bench.cluster("copy"), "TagList").map(|tags| format!("<TagList>{tags}</TagList>")).unwrap()
    );
    assert!(listed.contains("<Value>new</Value>") && listed.contains("<Value>d e</Value>"));
    bench.ok("RemoveTagsFromResource", &format!("{CLUSTER} TagKeys.member.1=a TagKeys.member.2=never-there"));
    assert!(!bench.ok("ListTagsForResource", CLUSTER).contains("<Key>a</Key>"));
}

/// Rule: An instance gets no tags by itself and carries its own (API reference, CreateDBInstance, Tags)
/// Action: ListTagsForResource
#[test]
fn instances_carry_tags_of_their_own() {
    let mut bench = Bench::with_clone();
    let instance = "ResourceName=arn:aws:rds:eu-west-1:123456789012:db:copy-1";
    assert_eq!(bench.ok("ListTagsForResource", instance), "<TagList></TagList>");
    bench.ok("AddTagsToResource", &format!("{instance} Tags.Tag.1.Key=a"));
    assert!(bench.ok("DescribeDBInstances", "DBInstanceIdentifier=copy-1").contains("<Key>a</Key>"));
}

/// Rule: Keys have 1 to 128 characters, values up to 256, of a small alphabet, and no reserved prefix (API reference, Tag)
/// Action: AddTagsToResource
#[test]
fn wrong_resources_and_wrong_tags_are_refused() {
    let mut bench = Bench::with_clone();
    let arn = |rest: &str| format!("ResourceName=arn:aws:rds:{rest} Tags.Tag.1.Key=a");
    for (parameters, code) in [
        (arn("eu-west-1:123456789012:cluster:nope"), Code::ClusterNotFound),
        (arn("eu-west-1:123456789012:db:nope"), Code::InstanceNotFound),
        (arn("us-east-1:123456789012:cluster:copy"), Code::ClusterNotFound),
        (arn("eu-west-1:999999999999:cluster:copy"), Code::ClusterNotFound),
        (arn("eu-west-1:123456789012:pg:x"), Code::ParameterGroupNotFound),
        (arn("eu-west-1:123456789012:og:x"), Code::InvalidParameterValue),
        ("ResourceName=copy Tags.Tag.1.Key=a".to_owned(), Code::InvalidParameterValue),
        (CLUSTER.to_owned(), Code::InvalidParameterValue),
        (format!("{CLUSTER} Tags.Tag.1.Key=aws:x"), Code::InvalidParameterValue),
        (format!("{CLUSTER} Tags.Tag.1.Key=a Tags.Tag.1.Value=%7B%7D"), Code::InvalidParameterValue),
        (format!("{CLUSTER} Tags.member.1.Key=a"), Code::MalformedQueryString),
    ] {
        assert_eq!(bench.code("AddTagsToResource", &parameters), code, "{parameters}");
    }
}
