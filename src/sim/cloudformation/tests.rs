//! Stacks from their creation to their end, on a manual clock.

use jiff::SignedDuration;
use rstest::rstest;

use super::super::Clock;
use super::super::Options;
use super::super::account::Account;
use super::super::actions::{Call, table};
use super::super::faults::Faults;
use super::super::fleet::{self, FleetSpec};
use super::super::protocol::{ApiError, Code, Form, Xml};
use super::super::twists::Twists;

/// The test environment: a network, a source with a window, its writer.
const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Description: a source to clone
Parameters:
  MasterPassword: {Type: String, NoEcho: true, MinLength: 8}
  InstanceClass: {Type: String, Default: db.t3.medium, AllowedValues: [db.t3.medium, db.r6g.large]}
  EngineVersion: {Type: String, Default: 8.0.mysql_aurora.3.08.2}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.77.0.0/24, EnableDnsSupport: true}}
  SubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.77.0.0/26, AvailabilityZone: !Select [0, !GetAZs ""]}}
  SubnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.77.0.64/26, AvailabilityZone: !Select [1, !GetAZs ""]}}
  Sg:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: aurora clone test
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 3306, ToPort: 3306, CidrIp: !GetAtt Vpc.CidrBlock}]
  Subnets: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: x, SubnetIds: [!Ref SubnetA, !Ref SubnetB]}}
  Group:
    Type: AWS::RDS::DBClusterParameterGroup
    Properties: {Description: x, Family: aurora-mysql8.0, Parameters: {binlog_format: "ROW"}}
  Source:
    Type: AWS::RDS::DBCluster
    DeletionPolicy: Delete
    Properties:
      Engine: aurora-mysql
      EngineVersion: !Ref EngineVersion
      MasterUsername: admin
      MasterUserPassword: !Ref MasterPassword
      DBSubnetGroupName: !Ref Subnets
      DBClusterParameterGroupName: !Ref Group
      VpcSecurityGroupIds: [!Ref Sg]
      BacktrackWindow: 7200
      Tags: [{Key: env, Value: !Sub "${AWS::StackName}-test"}]
  Writer:
    Type: AWS::RDS::DBInstance
    Properties: {DBClusterIdentifier: !Ref Source, Engine: aurora-mysql, DBInstanceClass: !Ref InstanceClass}
Outputs:
  SourceId: {Value: !Ref Source, Description: the source}
  SecurityGroup: {Value: !GetAtt Sg.GroupId}
  SubnetGroup: {Value: !Ref Subnets}
  Endpoint: {Value: !Join [":", [!GetAtt Source.Endpoint.Address, !GetAtt Source.Endpoint.Port]]}
"#;

const PASSWORD: &str = "hunter2-hunter2";

struct Bench {
    account: Account,
    faults: Faults,
    clock: Clock,
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::manual("2026-11-22T12:00:00Z".parse().unwrap());
        let options = Options { fleet: FleetSpec::Empty, clock: clock.clone(), ..Options::default() };
        Self { account: fleet::build(&options).unwrap(), faults: Faults::none(), clock }
    }

    fn send(&mut self, version: &str, action: &str, fields: &[(&str, &str)]) -> Result<String, ApiError> {
        let own = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let head = [("Action".to_owned(), action.to_owned()), ("Version".to_owned(), version.to_owned())];
        let form = Form::of(own.chain(head))?;
        let action = table::find(&form)?;
        let now = self.clock.now();
        super::settle(&mut self.account, &mut self.faults, now);
        let mut xml = Xml::new();
        let twists = Twists::default();
        (action.run)(&mut Call { account: &mut self.account, form: &form, now, twists: &twists }, &mut xml)?;
        Ok(String::from_utf8(xml.into_bytes()).unwrap())
    }

    fn stack(&mut self, action: &str, fields: &[(&str, &str)]) -> Result<String, ApiError> {
        self.send("2010-05-15", action, fields)
    }

    fn rds(&mut self, action: &str, fields: &[(&str, &str)]) -> Result<String, ApiError> {
        self.send("2014-10-31", action, fields)
    }

    fn create(&mut self, template: &str, more: &[(&str, &str)]) -> Result<String, ApiError> {
        let mut fields = vec![
            ("StackName", "shop"),
            ("TemplateBody", template),
            ("Parameters.member.1.ParameterKey", "MasterPassword"),
            ("Parameters.member.1.ParameterValue", PASSWORD),
        ];
        fields.extend(more);
        self.stack("CreateStack", &fields)
    }

    fn pass(&mut self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
        super::settle(&mut self.account, &mut self.faults, self.clock.now());
    }

    fn describe(&mut self) -> String {
        self.stack("DescribeStacks", &[("StackName", "shop")]).unwrap()
    }

    fn status(&mut self) -> String {
        field(&self.describe(), "StackStatus")
    }

    fn events(&mut self, stack: &str) -> String {
        self.stack("DescribeStackEvents", &[("StackName", stack)]).unwrap()
    }

    /// Why things failed.
    fn reasons(&mut self) -> Vec<String> {
        let events = self.events("shop");
        events.split("<ResourceStatusReason>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
    }

    fn output(&mut self, name: &str) -> String {
        let described = self.describe();
        field(described.split(&format!("<OutputKey>{name}</OutputKey>")).nth(1).unwrap(), "OutputValue")
    }

    /// A finished stack.
    fn with_stack(template: &str) -> Self {
        let mut bench = Self::new();
        bench.create(template, &[]).unwrap();
        bench.pass(30);
        assert_eq!(bench.status(), "CREATE_COMPLETE", "{:?}", bench.reasons());
        bench
    }
}

fn field(xml: &str, name: &str) -> String {
    let rest = xml.split(&format!("<{name}>")).nth(1).unwrap_or_else(|| panic!("no {name} in {xml}"));
    rest.split('<').next().unwrap().to_owned()
}

/// Rule: a stack makes its resources in the order of their references, by and by (CloudFormation User Guide, stacks)
/// Action: CreateStack, DescribeStacks, DescribeStackResources, ListStackResources
#[test]
fn the_test_environment_is_made() {
    let mut bench = Bench::new();
    let made = bench.create(TEMPLATE, &[("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "shop")]);
    assert!(field(&made.unwrap(), "StackId").starts_with("arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/"));
    assert_eq!(bench.status(), "CREATE_IN_PROGRESS");
    bench.pass(30);
    assert_eq!(bench.status(), "CREATE_COMPLETE", "{:?}", bench.reasons());
    let source = bench.output("SourceId");
    let cluster = bench.rds("DescribeDBClusters", &[("DBClusterIdentifier", &source)]).unwrap();
    for (name, value) in
        [("Status", "available"), ("BacktrackWindow", "7200"), ("Port", "3306"), ("IsClusterWriter", "true")]
    {
        assert_eq!(field(&cluster, name), value);
    }
    assert!(cluster.contains(&bench.output("SecurityGroup")) && cluster.contains("<Value>shop-test</Value>"));
    assert!(bench.output("Endpoint").ends_with(".amazonaws.com:3306"));
    let resources = bench.stack("DescribeStackResources", &[("StackName", "shop")]).unwrap();
    assert_eq!(resources.matches("CREATE_COMPLETE").count(), 8);
    let listed = bench.stack("ListStackResources", &[("StackName", "shop")]).unwrap();
    assert_eq!(listed.matches("<ResourceType>").count(), 8);
    let by_resource = bench.stack("DescribeStackResources", &[("PhysicalResourceId", &source)]).unwrap();
    assert!(by_resource.contains("<LogicalResourceId>Source</LogicalResourceId>"));
}

/// Rule: events tell each step, newest first, and no secret (API reference, DescribeStackEvents and NoEcho)
/// Action: DescribeStackEvents, DescribeStacks
#[test]
fn events_tell_the_order_and_no_password() {
    let mut bench = Bench::with_stack(TEMPLATE);
    let events = bench.events("shop");
    let at = |logical: &str, status: &str| {
        let wanted = format!("<LogicalResourceId>{logical}</LogicalResourceId>");
        let rows: Vec<&str> = events.split("</member>").collect();
        rows.iter().position(|row| row.contains(&wanted) && row.contains(&format!(">{status}<"))).unwrap()
    };
    assert!(at("shop", "CREATE_COMPLETE") < at("Writer", "CREATE_COMPLETE"));
    assert!(at("Writer", "CREATE_COMPLETE") < at("Source", "CREATE_COMPLETE"));
    assert!(at("Source", "CREATE_IN_PROGRESS") < at("Subnets", "CREATE_COMPLETE"));
    assert!(at("Subnets", "CREATE_IN_PROGRESS") < at("Vpc", "CREATE_COMPLETE"));
    assert!(events.contains("User Initiated") && events.contains("Resource creation Initiated"));
    let whole = format!("{events}{}", bench.describe());
    assert!(!whole.contains("hunter2"));
    assert!(whole.contains("<ParameterValue>****</ParameterValue>"));
    let kept = serde_json::to_string(&bench.account).unwrap();
    assert!(!kept.contains("hunter2"), "nor is it written to a file");
}

/// Rule: a stack is deleted in the reverse order, and is then found by its id alone (API reference, DeleteStack and DescribeStacks)
/// Action: DeleteStack
#[test]
fn a_stack_goes_as_it_came() {
    let mut bench = Bench::with_stack(TEMPLATE);
    let id = field(&bench.describe(), "StackId");
    bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap();
    assert_eq!(bench.status(), "DELETE_IN_PROGRESS");
    bench.pass(30);
    let error = bench.stack("DescribeStacks", &[("StackName", "shop")]).unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::Validation, "Stack with id shop does not exist"));
    let gone = bench.stack("DescribeStacks", &[("StackName", &id)]).unwrap();
    assert_eq!(field(&gone, "StackStatus"), "DELETE_COMPLETE");
    assert_eq!(bench.account.clusters(None).count(), 0);
    assert_eq!(bench.account.snapshots(None).count(), 0, "DeletionPolicy: Delete");
    assert!(bench.account.surroundings.network.security_groups.is_empty());
    bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap();
}

/// Rule: a DBCluster's DeletionPolicy is Snapshot unless the template says otherwise (CloudFormation reference, DeletionPolicy)
/// Action: DeleteStack
#[test]
fn a_cluster_leaves_a_snapshot_by_default() {
    let mut bench = Bench::with_stack(&TEMPLATE.replace("    DeletionPolicy: Delete\n", ""));
    bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap();
    bench.pass(30);
    assert_eq!(bench.account.clusters(None).count(), 0);
    let snapshots: Vec<_> = bench.account.snapshots(None).map(|snapshot| snapshot.id.clone()).collect();
    assert!(snapshots.len() == 1 && snapshots[0].starts_with("shop-source-"), "{snapshots:?}");
}

/// Rule: a resource whose policy is Retain stays (CloudFormation reference, DeletionPolicy)
/// Action: DeleteStack
#[test]
fn a_retained_resource_stays() {
    let template =
        "Resources: {Vpc: {Type: AWS::EC2::VPC, DeletionPolicy: Retain, Properties: {CidrBlock: 10.0.0.0/16}}}";
    let mut bench = Bench::new();
    bench.stack("CreateStack", &[("StackName", "shop"), ("TemplateBody", template)]).unwrap();
    bench.pass(1);
    let (vpcs, id) = (bench.account.surroundings.network.vpcs.len(), field(&bench.describe(), "StackId"));
    bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap();
    bench.pass(1);
    assert!(bench.events(&id).contains("DELETE_SKIPPED"));
    assert_eq!(bench.account.surroundings.network.vpcs.len(), vpcs);
}

/// Rule: a clone made outside the stack keeps the subnet group, so the stack can't be deleted until the clone is gone (API reference, DeleteDBSubnetGroup)
/// Action: DeleteStack, DeleteDBSubnetGroup
#[test]
fn a_clone_outside_the_stack_keeps_it_from_going() {
    let mut bench = Bench::with_stack(TEMPLATE);
    let (source, group) = (bench.output("SourceId"), bench.output("SubnetGroup"));
    bench
        .rds(
            "RestoreDBClusterToPointInTime",
            &[
                ("DBClusterIdentifier", "clone"),
                ("SourceDBClusterIdentifier", &source),
                ("RestoreType", "copy-on-write"),
                ("UseLatestRestorableTime", "true"),
                ("DBSubnetGroupName", &group),
            ],
        )
        .unwrap();
    bench.pass(20);
    bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap();
    bench.pass(40);
    assert_eq!(bench.status(), "DELETE_FAILED");
    assert_eq!(
        field(&bench.describe(), "StackStatusReason"),
        "The following resource(s) failed to delete: [Subnets]. "
    );
    let events = bench.events("shop");
    assert!(events.contains("still using it") && events.contains("InvalidDBSubnetGroupStateFault"), "{events}");
    assert!(bench.account.cluster(&source).is_err(), "what could go went");
    bench.rds("DeleteDBCluster", &[("DBClusterIdentifier", "clone"), ("SkipFinalSnapshot", "true")]).unwrap();
    bench.pass(20);
    bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap();
    bench.pass(20);
    assert!(bench.stack("DescribeStacks", &[("StackName", "shop")]).is_err());
}

/// Rule: a deletion-protected cluster makes the deletion of its stack fail (API reference, DeleteDBCluster)
/// Action: DeleteStack, DeleteDBCluster
#[test]
fn a_protected_cluster_keeps_its_stack() {
    let protected = TEMPLATE.replace("      BacktrackWindow: 7200", "      DeletionProtection: true");
    let mut bench = Bench::with_stack(&protected);
    bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap();
    bench.pass(30);
    assert_eq!(bench.status(), "DELETE_FAILED");
    assert!(bench.events("shop").contains("Cannot delete protected Cluster"));
    let retain = [("StackName", "shop"), ("RetainResources.member.1", "Source")];
    bench.stack("DeleteStack", &retain).unwrap();
    bench.pass(30);
    assert_eq!(bench.account.clusters(None).count(), 1, "retained");
}

/// Rule: when a resource can't be made, what was made is rolled back (API reference, CreateStack, OnFailure)
/// Action: CreateStack
#[rstest]
#[case("ROLLBACK", "ROLLBACK_COMPLETE", 0)]
#[case("DO_NOTHING", "CREATE_FAILED", 1)]
#[case("DELETE", "", 0)]
fn a_failure_is_rolled_back(#[case] on_failure: &str, #[case] status: &str, #[case] clusters: usize) {
    let mut bench = Bench::new();
    let broken =
        TEMPLATE.replace("Engine: aurora-mysql, DBInstanceClass", "Engine: aurora-postgresql, DBInstanceClass");
    let id = field(&bench.create(&broken, &[("OnFailure", on_failure)]).unwrap(), "StackId");
    bench.pass(60);
    let events = bench.events(&id);
    assert!(events.contains("The following resource(s) failed to create: [Writer]."), "{events}");
    assert!(events.contains("match the engine name of your DB cluster"));
    assert_eq!(bench.account.clusters(None).count(), clusters);
    if !status.is_empty() {
        assert_eq!(bench.status(), status);
    }
}

/// Rule: a clone in a stack gets its window by a change afterwards, which can't enable Backtrack (resource provider's source; API reference, ModifyDBCluster)
/// Action: CreateStack, RestoreDBClusterToPointInTime, ModifyDBCluster
#[rstest]
#[case("", "CREATE_COMPLETE")]
#[case("BacktrackWindow: 3600, ", "ROLLBACK_COMPLETE")]
fn a_clone_in_a_stack_has_no_backtrack(#[case] window: &str, #[case] status: &str) {
    let mut bench = Bench::with_stack(TEMPLATE);
    let source = bench.output("SourceId");
    let template = format!(
        "Resources:\n  Clone:\n    Type: AWS::RDS::DBCluster\n    Properties: {{SourceDBClusterIdentifier: {source}, RestoreType: copy-on-write, {window}UseLatestRestorableTime: true, DBClusterIdentifier: Cloned}}"
    );
    bench.stack("CreateStack", &[("StackName", "copy"), ("TemplateBody", &template)]).unwrap();
    bench.pass(8);
    if status == "CREATE_COMPLETE" {
        let clone = bench.rds("DescribeDBClusters", &[("DBClusterIdentifier", "cloned")]).unwrap();
        assert_eq!((field(&clone, "BackupRetentionPeriod"), field(&clone, "Port")), ("1".into(), "3306".into()));
    }
    bench.pass(60);
    let described = bench.stack("DescribeStacks", &[("StackName", "copy")]).unwrap();
    assert_eq!(field(&described, "StackStatus"), status);
}

/// Rule: what a stack may be asked for (API reference, CreateStack)
/// Action: CreateStack, DeleteStack
#[test]
fn names_parameters_and_protection_are_checked() {
    let mut bench = Bench::new();
    for (fields, message) in [
        (vec![("StackName", "1st")], "stackName"),
        (vec![("Parameters.member.1.ParameterValue", "short")], "at least 8 characters"),
        (vec![("Parameters.member.1.ParameterKey", "Nope")], "do not exist in the template"),
        (
            vec![("Parameters.member.2.ParameterKey", "InstanceClass"), ("Parameters.member.2.ParameterValue", "db.x")],
            "AllowedValues",
        ),
        (vec![("OnFailure", "ROLLBACK"), ("DisableRollback", "true")], "not both"),
    ] {
        let mut all = vec![
            ("StackName", "shop"),
            ("TemplateBody", TEMPLATE),
            ("Parameters.member.1.ParameterKey", "MasterPassword"),
            ("Parameters.member.1.ParameterValue", PASSWORD),
        ];
        all.retain(|(name, _)| fields.iter().all(|(other, _)| other != name));
        all.extend(fields);
        let error = bench.stack("CreateStack", &all).unwrap_err();
        assert!(error.code == Code::Validation && error.message.contains(message), "{error:?}");
    }
    let error = bench.stack("CreateStack", &[("StackName", "shop"), ("TemplateBody", TEMPLATE)]).unwrap_err();
    assert_eq!(error.message, "Parameters: [MasterPassword] must have values");
    bench.create(TEMPLATE, &[("EnableTerminationProtection", "true")]).unwrap();
    assert_eq!(bench.create(TEMPLATE, &[]).unwrap_err().code, Code::AlreadyExists);
    let error = bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap_err();
    assert!(error.message.contains("TerminationProtection"), "{error:?}");
}

/// Rule: a protected stack can be deleted once it no longer is, and is listed for 90 days (API reference, UpdateTerminationProtection and ListStacks)
/// Action: UpdateTerminationProtection, DeleteStack, ListStacks
#[test]
fn protection_is_taken_off() {
    let mut bench = Bench::new();
    bench.create(TEMPLATE, &[("EnableTerminationProtection", "true")]).unwrap();
    bench.pass(30);
    assert!(bench.stack("DeleteStack", &[("StackName", "shop")]).is_err());
    let off = [("StackName", "shop"), ("EnableTerminationProtection", "false")];
    bench.stack("UpdateTerminationProtection", &off).unwrap();
    bench.stack("DeleteStack", &[("StackName", "shop")]).unwrap();
    bench.pass(30);
    let gone = [("StackStatusFilter.member.1", "DELETE_COMPLETE")];
    assert!(bench.stack("ListStacks", &gone).unwrap().contains("<StackName>shop</StackName>"));
    let there = [("StackStatusFilter.member.1", "CREATE_COMPLETE")];
    assert_eq!(bench.stack("ListStacks", &there).unwrap(), "<StackSummaries></StackSummaries>");
    bench.pass(91 * 24 * 60);
    assert_eq!(bench.stack("ListStacks", &[]).unwrap(), "<StackSummaries></StackSummaries>");
    for (version, action) in
        [("2010-05-15", "UpdateStack"), ("2010-08-01", "ListMetrics"), ("2011-06-15", "AssumeRole")]
    {
        assert_eq!(bench.send(version, action, &[]).unwrap_err().code, Code::NotImplemented, "{action}");
    }
}

/// Rule: a template is checked before anything is made (CloudFormation User Guide, template anatomy)
/// Action: ValidateTemplate, CreateStack, GetTemplate
#[rstest]
#[case("Resources: {}", Code::Validation, "At least one Resources member")]
#[case("Resources: {A: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Nope}}}", Code::Validation, "[Nope]")]
#[case(
    "Resources: {A: {Type: AWS::EC2::VPC, DependsOn: B}, B: {Type: AWS::EC2::VPC, DependsOn: A}}",
    Code::Validation,
    "Circular"
)]
#[case("Resources: {A: {Type: AWS::S3::Bucket}}", Code::NotImplemented, "AWS::S3::Bucket")]
#[case("Resources: {A: {Type: AWS::EC2::VPC}}\nConditions: {}", Code::NotImplemented, "Conditions")]
#[case("Resources: {A: {Type: AWS::EC2::VPC, Nope: 1}}", Code::Validation, "Nope")]
#[case("Resources: [", Code::Validation, "Template format error")]
fn broken_templates_are_refused(#[case] template: &str, #[case] code: Code, #[case] part: &str) {
    let mut bench = Bench::new();
    let error = bench.stack("ValidateTemplate", &[("TemplateBody", template)]).unwrap_err();
    assert!(error.code == code && error.message.contains(part), "{error:?}");
}

/// Rule: a template says its parameters, and comes back as it was sent (API reference, ValidateTemplate and GetTemplate)
/// Action: ValidateTemplate, GetTemplate
#[test]
fn templates_are_told() {
    let mut bench = Bench::with_stack(TEMPLATE);
    let told = bench.stack("ValidateTemplate", &[("TemplateBody", TEMPLATE)]).unwrap();
    assert_eq!(field(&told, "Description"), "a source to clone");
    assert!(told.contains("<DefaultValue>db.t3.medium</DefaultValue>") && told.contains("<NoEcho>true</NoEcho>"));
    assert!(bench.stack("GetTemplate", &[("StackName", "shop")]).unwrap().contains("aurora clone test"));
}

/// Rule: a property that a type does not have makes its resource fail (CloudFormation reference)
/// Action: CreateStack
#[test]
fn unknown_properties_fail_their_resource() {
    let mut bench = Bench::new();
    let template = "Resources: {A: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, Colour: red}}}";
    bench.stack("CreateStack", &[("StackName", "shop"), ("TemplateBody", template)]).unwrap();
    bench.pass(5);
    assert_eq!(bench.status(), "ROLLBACK_COMPLETE");
    assert!(bench.events("shop").contains("extraneous key [Colour] is not permitted"));
}

/// Rule: a stack goes on after a restart of the simulator, whose file holds no secret (assumption)
/// Action: CreateStack
#[test]
fn a_stack_outlives_a_restart() {
    let mut bench = Bench::new();
    bench.create(TEMPLATE, &[]).unwrap();
    bench.account = serde_json::from_str(&serde_json::to_string(&bench.account).unwrap()).unwrap();
    bench.pass(30);
    assert_eq!(bench.status(), "CREATE_COMPLETE", "{:?}", bench.reasons());
}

/// Rule: what strikes calls of RDS strikes those that a stack makes, and the stack tells of it (fault on demand)
/// Action: CreateStack, DeleteStack
#[rstest]
#[case("denied:CreateDBInstance=1", "ROLLBACK_COMPLETE", "not authorized to perform: rds:CreateDBInstance")]
#[case("no-capacity=db.t3.*", "ROLLBACK_COMPLETE", "InsufficientDBInstanceCapacity")]
#[case("stuck-creating:CreateDBCluster=1", "CREATE_IN_PROGRESS", "")]
#[case("throttle=1", "CREATE_COMPLETE", "")]
fn faults_of_rds_reach_the_resources_of_a_stack(#[case] fault: &str, #[case] status: &str, #[case] reason: &str) {
    let mut bench = Bench::new();
    bench.faults.list.push(fault.parse().unwrap());
    bench.create(TEMPLATE, &[]).unwrap();
    bench.pass(60);
    assert_eq!(bench.status(), status, "{:?}", bench.reasons());
    assert!(bench.events("shop").contains(reason), "{:?}", bench.reasons());
}

/// Rule: what is denied when a stack is deleted makes its deletion fail, and it can be tried again (fault on demand)
/// Action: DeleteStack
#[test]
fn a_denied_deletion_can_be_tried_again() {
    let mut bench = Bench::with_stack(TEMPLATE);
    bench.faults.list.push("denied:DeleteDBSubnetGroup=1".parse().unwrap());
    let id = field(&bench.describe(), "StackId");
    bench.stack("DeleteStack", &[("StackName", &id)]).unwrap();
    bench.pass(30);
    assert_eq!(bench.status(), "DELETE_FAILED");
    assert!(bench.reasons().iter().any(|reason| reason.contains("rds:DeleteDBSubnetGroup")), "{:?}", bench.reasons());
    bench.faults.list.clear();
    bench.stack("DeleteStack", &[("StackName", &id)]).unwrap();
    bench.pass(30);
    let described = bench.stack("DescribeStacks", &[("StackName", &id)]).unwrap();
    assert_eq!(field(&described, "StackStatus"), "DELETE_COMPLETE", "found by its id");
}

/// Rule: a CreateStack that comes again with its token makes no second stack and is no error (API reference, ClientRequestToken)
/// Action: CreateStack
#[test]
fn a_token_makes_one_stack() {
    let mut bench = Bench::new();
    let id = field(&bench.create(TEMPLATE, &[("ClientRequestToken", "t1")]).unwrap(), "StackId");
    let again = field(&bench.create(TEMPLATE, &[("ClientRequestToken", "t1")]).unwrap(), "StackId");
    assert_eq!(id, again);
    assert_eq!(bench.create(TEMPLATE, &[("ClientRequestToken", "t2")]).unwrap_err().code, Code::AlreadyExists);
    assert_eq!(bench.create(TEMPLATE, &[]).unwrap_err().code, Code::AlreadyExists);
}

/// Rule: the resources of a stack get its tags beside their own, which win (User Guide, resource tags)
/// Action: CreateStack
#[test]
fn resources_get_the_tags_of_their_stack() {
    let mut bench = Bench::new();
    let tags = [
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "shop"),
        ("Tags.member.2.Key", "env"),
        ("Tags.member.2.Value", "of-the-stack"),
    ];
    bench.create(TEMPLATE, &tags).unwrap();
    bench.pass(30);
    let source = bench.output("SourceId");
    let cluster = bench.rds("DescribeDBClusters", &[("DBClusterIdentifier", &source)]).unwrap();
    for tag in ["<Key>team</Key><Value>shop</Value>", "<Key>env</Key><Value>shop-test</Value>"] {
        assert!(cluster.contains(tag), "{cluster}");
    }
    assert!(!cluster.contains("of-the-stack"));
}
