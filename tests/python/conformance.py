"""Every action of `aurewind sim` held against the service models of botocore.

Requests are built by botocore's serialiser. Each answer is held against the model before botocore's parser throws away
what it does not know: every element must be a member of its shape, required members must be there, numbers, booleans,
timestamps and enumerations must be what they claim to be. Paginators and waiters run as the models describe them. Every
error that an action declares is provoked and must arrive as its exception class, or has a reason why it can't come.

usage: python conformance.py PATH-OF-AUREWIND
"""

import datetime
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.utils import parse_timestamp

from common import REGION, environment

SERVICES = {"rds": "2014-10-31", "sts": "2011-06-15", "cloudformation": "2010-05-15", "cloudwatch": "2010-08-01"}
UNDECLARED = {"InvalidParameterCombination", "InvalidParameterValue", "MissingParameter", "ValidationError", "NotImplemented"}
NOW = datetime.datetime.now(datetime.timezone.utc)

# Declared errors that no call here can raise, and why; of "*" in any action. A reason that no longer holds fails the run.
NEVER = {
    "its parameter is refused as NotImplemented, or is the cluster's to decide (InvalidParameterCombination)": {
        "CreateDBInstance": [
            "BackupPolicyNotFoundFault", "DBCapacityReservationNotFound", "DomainNotFoundFault", "InvalidDBCapacityReservationState",
            "KMSKeyNotAccessibleFault", "NetworkTypeNotSupported", "OptionGroupNotFoundFault", "ProvisionedIopsNotAvailableInAZFault",
            "StorageTypeNotSupported", "TenantDatabaseQuotaExceeded",
        ],
        "ModifyDBCluster": [
            "DBParameterGroupNotFound", "DomainNotFoundFault", "KMSKeyNotAccessibleFault", "NetworkTypeNotSupported",
            "OptionGroupNotFoundFault", "StorageTypeNotAvailableFault", "StorageTypeNotSupported",
        ],
    },
    "it is about databases other than Aurora's, or about Multi-AZ DB clusters, which bring instances along": {
        "CreateDBCluster": ["InsufficientDBInstanceCapacity"],
        "DeleteDBInstance": ["DBInstanceAutomatedBackupQuotaExceeded", "DBSnapshotAlreadyExists", "SnapshotQuotaExceeded"],
        "ModifyDBCluster": ["DBInstanceAlreadyExists", "InvalidDBInstanceState"],
        "RestoreDBClusterFromSnapshot": ["InsufficientDBInstanceCapacity", "InvalidDBInstanceState", "InvalidDBSnapshotState"],
        "RestoreDBClusterToPointInTime": ["InsufficientDBInstanceCapacity"],
        "*": ["InvalidDBShardGroupState"],
    },
    "it is about EC2-Classic, which is no more": {
        "*": ["AuthorizationNotFound", "DBSecurityGroupNotFound", "InvalidDBSecurityGroupState", "InvalidRestoreFault"],
    },
    "the call names no subnet and no subnet group; the group's subnets were checked when it was made, and stay": {
        "CreateDBCluster": ["DBSubnetGroupDoesNotCoverEnoughAZs", "InvalidSubnet", "InvalidVPCNetworkStateFault"],
        "CreateDBInstance": ["DBSubnetGroupDoesNotCoverEnoughAZs", "InvalidSubnet", "InvalidVPCNetworkStateFault"],
        "ModifyDBCluster": ["DBSubnetGroupNotFoundFault", "InvalidSubnet", "InvalidVPCNetworkStateFault"],
        "RestoreDBClusterFromSnapshot": ["DBSubnetGroupDoesNotCoverEnoughAZs", "InvalidSubnet", "InvalidVPCNetworkStateFault"],
        "RestoreDBClusterToPointInTime": ["InvalidSubnet"],
    },
    "a subnet group is complete from the moment that it is made": {
        "CreateDBCluster": ["InvalidDBSubnetGroupFault", "InvalidDBSubnetGroupStateFault"],
        "DeleteDBSubnetGroup": ["InvalidDBSubnetStateFault"],
        "ModifyDBCluster": ["InvalidDBSubnetGroupStateFault"],
    },
    "the call names no snapshot": {
        "RestoreDBClusterToPointInTime": [
            "DBClusterSnapshotNotFoundFault", "InvalidDBClusterSnapshotStateFault", "InvalidDBSnapshotState",
        ],
    },
    "the snapshot is made by the call itself": {
        "CreateDBClusterSnapshot": ["InvalidDBClusterSnapshotStateFault"],
        "DeleteDBCluster": ["InvalidDBClusterSnapshotStateFault"],
    },
    "the states of cluster and instances go together, and what is busy is said of the other one": {
        "DeleteDBInstance": ["InvalidDBClusterStateFault"],
        "StartDBCluster": ["InvalidDBInstanceState"],
    },
    "tags may be written in every state": {
        "AddTagsToResource": ["InvalidDBClusterStateFault", "InvalidDBInstanceState"],
        "RemoveTagsFromResource": ["InvalidDBClusterStateFault", "InvalidDBInstanceState"],
    },
    "no account has such resources here; an ARN of their kind is an InvalidParameterValue": {
        action: [
            "BlueGreenDeploymentNotFoundFault", "DBCapacityReservationNotFound", "DBProxyEndpointNotFoundFault", "DBProxyNotFoundFault",
            "DBProxyTargetGroupNotFoundFault", "DBShardGroupNotFound", "DBSnapshotNotFound", "DBSnapshotTenantDatabaseNotFoundFault",
            "IntegrationNotFoundFault", "InvalidDBClusterEndpointStateFault", "TenantDatabaseNotFound",
        ]
        for action in ("AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")
    },
    "there are no global databases": {"*": ["InvalidGlobalClusterStateFault"]},
    "automated backups go with their cluster": {"DeleteDBCluster": ["DBClusterAutomatedBackupQuotaExceededFault"]},
    "a key that a cluster has stays accessible": {
        action: ["KMSKeyNotAccessibleFault"] for action in ("DeleteDBCluster", "DeleteDBInstance", "RebootDBInstance", "StartDBCluster")
    },
    "VPCs have no encryption controls": {"*": ["VpcEncryptionControlViolationException"]},
    "only real databases fill a disk": {"*": ["StorageQuotaExceeded"]},
}

TEMPLATE = """
Parameters:
  Password: {Type: String, NoEcho: true}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: !Select [0, !GetAZs ""]}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: !Select [1, !GetAZs ""]}}
  Group: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: x, SubnetIds: [!Ref A, !Ref B]}}
  Cluster:
    Type: AWS::RDS::DBCluster
    Properties: {Engine: aurora-mysql, MasterUsername: admin, MasterUserPassword: !Ref Password, DBSubnetGroupName: !Ref Group}
Outputs:
  Endpoint: {Value: !GetAtt Cluster.Endpoint.Address}
"""


class Bench:
    """The simulator, a client for each service, and the books of what was seen."""

    def __init__(self, program, env, region=REGION):
        self.region = region
        line = [program, "sim", "--listen", "127.0.0.1:0", "--fleet", "demo", "--region", region]
        self.process = subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = next(word for word in self.process.stdout.readline().split() if word.startswith("http://"))
        self.called, self.raised, self.checked = set(), set(), 0
        self.clients = {service: self.client(service) for service in SERVICES}

    def client(self, service, protocol=None):
        session = botocore.session.get_session()
        if protocol:
            self.speak(session, service, protocol)
        client = session.create_client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 1}),
        )
        client.meta.events.register(f"after-call.{service}", self.after_call)
        return client

    @staticmethod
    def speak(session, service, protocol):
        """Makes botocore take one protocol of those that the model offers."""
        loader = session.get_component("data_loader")
        load = loader.load_service_model

        def narrowed(name, kind, api_version=None):
            model = load(name, kind, api_version)
            if name == service and kind == "service-2":
                model = model | {"metadata": model["metadata"] | {"protocols": [protocol], "protocol": protocol}}
            return model

        loader.load_service_model = narrowed

    def after_call(self, http_response, model, **_):
        self.called.add(model.name)
        if http_response.status_code < 300 and model.output_shape is not None and b"<" in http_response.content[:5]:
            root = ElementTree.fromstring(http_response.content)
            wrapper = model.output_shape.serialization.get("resultWrapper")
            namespace = model.service_model.metadata["xmlNamespace"]
            content = root.find(f"{{{namespace}}}{wrapper}") if wrapper else root
            assert content is not None, f"{model.name}: no {wrapper} in the namespace {namespace}"
            self.structure(model.output_shape, content, model.name)

    def structure(self, shape, element, path):
        members = {}
        for name, member in shape.members.items():
            members[member.serialization.get("name", name)] = (name, member)
        seen = set()
        for child in element:
            tag = child.tag.split("}")[-1]
            assert tag in members, f"{path}: {tag} is no member of {shape.name}"
            name, member = members[tag]
            assert name not in seen, f"{path}: {tag} twice"
            seen.add(name)
            self.value(member, child, f"{path}.{name}")
        missing = set(shape.required_members) - seen
        assert not missing, f"{path}: {missing} missing"

    def value(self, shape, element, path):
        self.checked += 1
        text = element.text or ""
        if shape.type_name == "structure":
            return self.structure(shape, element, path)
        if shape.type_name == "list":
            member = shape.member.serialization.get("name", "member")
            for number, child in enumerate(element):
                assert child.tag.split("}")[-1] == member, f"{path}: {child.tag} is not {member}"
                self.value(shape.member, child, f"{path}[{number}]")
            return None
        assert len(element) == 0, f"{path} has elements"
        if shape.type_name in ("integer", "long"):
            int(text)
        elif shape.type_name in ("double", "float"):
            float(text)
        elif shape.type_name == "boolean":
            assert text in ("true", "false"), f"{path}: {text}"
        elif shape.type_name == "timestamp":
            assert parse_timestamp(text).tzinfo is not None and text.endswith("Z"), f"{path}: {text}"
        elif shape.type_name == "string" and shape.enum:
            assert text in shape.enum, f"{path}: {text} is none of {shape.enum}"
        return None

    def call(self, operation, service="rds", **parameters):
        client = self.clients[service]
        return getattr(client, botocore.xform_name(operation))(**parameters)

    def refused(self, operation, code, service="rds", **parameters):
        """The call must fail with this code, as the exception class that the model gives to it."""
        client = self.clients[service]
        try:
            self.call(operation, service, **parameters)
        except ClientError as error:
            seen = error.response["Error"]["Code"]
            assert seen == code, f"{operation}: {seen} instead of {code}: {error}"
            shapes = client.meta.service_model.operation_model(operation).error_shapes
            declared = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in shapes}
            if code in declared:
                assert type(error).__name__ == declared[code], (operation, type(error).__name__, declared[code])
                status = next(s.metadata["error"]["httpStatusCode"] for s in shapes if s.name == declared[code])
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, (operation, code)
                self.raised.add((operation, code))
            else:
                assert code in UNDECLARED, f"{operation}: {code} is not declared"
            return
        raise AssertionError(f"{operation} {parameters} was not refused with {code}")

    def advance(self, seconds):
        body = json.dumps({"seconds": seconds}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_sim/clock/advance", body, method="POST")).read()

    def faults(self, *faults):
        body = json.dumps({"faults": faults}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_sim/faults", body, method="PUT")).read()

    def implemented(self):
        """The actions that the simulator knows, asked one by one."""
        known = set()
        for service, version in SERVICES.items():
            for name in self.clients[service].meta.service_model.operation_names:
                body = urllib.parse.urlencode({"Action": name, "Version": version}).encode()
                try:
                    urllib.request.urlopen(self.url, body).read()
                    known.add((service, name))
                except urllib.error.HTTPError as error:
                    answer = error.read().decode()
                    if "<Code>InvalidAction<" not in answer and "does not implement the action" not in answer:
                        known.add((service, name))
        return known


def waits(bench, waiter, service="rds", step=600, **parameters):
    """Runs a waiter; between its looks the clock of the account is pushed."""
    own = bench.clients[service].get_waiter(botocore.xform_name(waiter))
    sleep, time.sleep = time.sleep, lambda _: bench.advance(step)
    try:
        own.wait(WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **parameters)
    finally:
        time.sleep = sleep


NEW = {"Engine": "aurora-mysql", "MasterUsername": "admin", "MasterUserPassword": "secret-enough"}
CLASS = {"DBInstanceClass": "db.r6g.large", "Engine": "aurora-mysql"}
A, B = "subnet-05b4c6d7e8f9a0b1c", "subnet-05c5d7e8f9a0b1c2d"
FAMILY = {"DBParameterGroupFamily": "aurora-mysql8.0", "Description": "x"}
ROLE = "arn:aws:iam::123456789012:role/aurora"
FAR_KEY = "arn:aws:kms:ap-south-1:123456789012:key/x"
UUID = "00000000-0000-4000-8000-000000000000"


def clusters(bench):
    """Clusters, instances, clones, rewinds, snapshots: what works."""
    call = bench.call
    call("CreateDBCluster", DBClusterIdentifier="conf", BacktrackWindow=86400, StorageEncrypted=True, **NEW)
    waits(bench, "DBClusterAvailable", DBClusterIdentifier="conf")
    call("CreateDBInstance", DBInstanceIdentifier="conf-1", DBClusterIdentifier="conf", **CLASS)
    waits(bench, "DBInstanceAvailable", DBInstanceIdentifier="conf-1")
    bench.advance(3600)
    call(
        "RestoreDBClusterToPointInTime", DBClusterIdentifier="conf-clone", SourceDBClusterIdentifier="conf",
        RestoreType="copy-on-write", UseLatestRestorableTime=True, BacktrackWindow=3600, EnableCloudwatchLogsExports=["error"],
        VpcSecurityGroupIds=["sg-0a7b6c5d4e3f20119"], Tags=[{"Key": "a", "Value": "b"}],
        AssociatedRoles=[{"RoleArn": ROLE, "FeatureName": "Lambda"}], EngineLifecycleSupport="open-source-rds-extended-support",
        TagSpecifications=[{"ResourceType": "cluster-auto-backup", "Tags": [{"Key": "c", "Value": "d"}]}],
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 8},
    )
    waits(bench, "DBClusterAvailable", DBClusterIdentifier="conf-clone")
    backup = call("DescribeDBClusterAutomatedBackups", DBClusterIdentifier="conf-clone")["DBClusterAutomatedBackups"][0]
    assert backup["TagList"] == [{"Key": "c", "Value": "d"}], backup
    call("AddRoleToDBCluster", DBClusterIdentifier="conf", RoleArn=ROLE)
    bench.refused("AddRoleToDBCluster", "DBClusterRoleAlreadyExists", DBClusterIdentifier="conf", RoleArn=ROLE)
    for number in range(4):
        call("AddRoleToDBCluster", DBClusterIdentifier="conf", RoleArn=f"{ROLE}-{number}")
    bench.refused("AddRoleToDBCluster", "DBClusterRoleQuotaExceeded", DBClusterIdentifier="conf", RoleArn=f"{ROLE}-5")
    call("RemoveRoleFromDBCluster", DBClusterIdentifier="conf", RoleArn=ROLE)
    bench.refused("RemoveRoleFromDBCluster", "DBClusterRoleNotFound", DBClusterIdentifier="conf", RoleArn=ROLE)
    there = call("DescribeDBClusters", DBClusterIdentifier="conf")["DBClusters"][0]
    to = there["EarliestBacktrackTime"] + datetime.timedelta(seconds=1)
    asked = call("BacktrackDBCluster", DBClusterIdentifier="conf", BacktrackTo=to)
    bench.refused("ModifyDBCluster", "InvalidDBClusterStateFault", DBClusterIdentifier="conf", BackupRetentionPeriod=3)
    for action in ("AddRoleToDBCluster", "RemoveRoleFromDBCluster"):
        bench.refused(action, "InvalidDBClusterStateFault", DBClusterIdentifier="conf", RoleArn=ROLE)
    bench.refused("BacktrackDBCluster", "InvalidDBClusterStateFault", DBClusterIdentifier="conf", BacktrackTo=to)
    bench.refused("CreateDBInstance", "InvalidDBClusterStateFault", DBInstanceIdentifier="x", DBClusterIdentifier="conf", **CLASS)
    waits(bench, "DBClusterAvailable", step=60, DBClusterIdentifier="conf")
    found = call("DescribeDBClusterBacktracks", DBClusterIdentifier="conf", BacktrackIdentifier=asked["BacktrackIdentifier"])
    assert found["DBClusterBacktracks"][0]["Status"].lower() == "completed"
    call("CreateDBClusterSnapshot", DBClusterIdentifier="conf", DBClusterSnapshotIdentifier="conf-snap")
    bench.refused("DeleteDBClusterSnapshot", "InvalidDBClusterSnapshotStateFault", DBClusterSnapshotIdentifier="conf-snap")
    early = {"DBClusterIdentifier": "x", "SnapshotIdentifier": "conf-snap", "Engine": "aurora-mysql"}
    bench.refused("RestoreDBClusterFromSnapshot", "InvalidDBClusterSnapshotStateFault", **early)
    waits(bench, "DBClusterSnapshotAvailable", DBClusterSnapshotIdentifier="conf-snap")
    call("RestoreDBClusterFromSnapshot", DBClusterIdentifier="conf-restored", SnapshotIdentifier="conf-snap", Engine="aurora-mysql", BacktrackWindow=60)
    call("ModifyDBCluster", DBClusterIdentifier="conf-clone", NewDBClusterIdentifier="conf-renamed", ApplyImmediately=True)
    bench.advance(600)
    call("StopDBCluster", DBClusterIdentifier="conf")
    bench.advance(1200)
    bench.refused("StopDBCluster", "InvalidDBClusterStateFault", DBClusterIdentifier="conf")
    call("StartDBCluster", DBClusterIdentifier="conf")
    bench.refused("StartDBCluster", "InvalidDBClusterStateFault", DBClusterIdentifier="conf")
    waits(bench, "DBClusterAvailable", DBClusterIdentifier="conf")
    call("RebootDBInstance", DBInstanceIdentifier="conf-1")
    bench.refused("RebootDBInstance", "InvalidDBInstanceState", DBInstanceIdentifier="conf-1")
    bench.refused("DeleteDBInstance", "InvalidDBInstanceState", DBInstanceIdentifier="conf-1", SkipFinalSnapshot=True)
    bench.refused("StopDBCluster", "InvalidDBInstanceState", DBClusterIdentifier="conf")
    bench.advance(120)
    for action in ("DescribeAccountAttributes", "DescribeDBEngineVersions", "DescribeDBSubnetGroups", "DescribeDBClusters", "DescribeDBInstances"):
        call(action)
    call("DescribeEvents", Duration=20160)
    call("DescribeOrderableDBInstanceOptions", Engine="aurora-postgresql")


def groups(bench):
    """Parameter groups, subnet groups and tags."""
    call = bench.call
    call("CreateDBClusterParameterGroup", DBClusterParameterGroupName="conf-group", **FAMILY)
    call("CreateDBParameterGroup", DBParameterGroupName="conf-group", **FAMILY)
    call("DescribeDBParameterGroups")
    call("DescribeDBClusterParameterGroups")
    change = {"ParameterName": "binlog_format", "ParameterValue": "ROW", "ApplyMethod": "pending-reboot"}
    call("ModifyDBClusterParameterGroup", DBClusterParameterGroupName="conf-group", Parameters=[change])
    rows = call("DescribeDBClusterParameters", DBClusterParameterGroupName="conf-group", Source="user")["Parameters"]
    assert [row["ParameterName"] for row in rows] == ["binlog_format"], rows
    call("ResetDBClusterParameterGroup", DBClusterParameterGroupName="conf-group", ResetAllParameters=True)
    call("CreateDBSubnetGroup", DBSubnetGroupName="conf-net", DBSubnetGroupDescription="x", SubnetIds=[A, B])
    arn = call("DescribeDBClusters", DBClusterIdentifier="conf")["DBClusters"][0]["DBClusterArn"]
    call("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "k", "Value": "v"}])
    assert {"Key": "k", "Value": "v"} in call("ListTagsForResource", ResourceName=arn)["TagList"]
    call("RemoveTagsFromResource", ResourceName=arn, TagKeys=["k"])
    # In use, and not there.
    call("ModifyDBCluster", DBClusterIdentifier="conf", DBClusterParameterGroupName="conf-group")
    bench.advance(120)
    call("CreateDBInstance", DBInstanceIdentifier="conf-2", DBClusterIdentifier="conf", DBParameterGroupName="conf-group", **CLASS)
    call("CreateDBCluster", DBClusterIdentifier="conf-in-net", DBSubnetGroupName="conf-net", **NEW)
    bench.refused("DeleteDBClusterParameterGroup", "InvalidDBParameterGroupState", DBClusterParameterGroupName="conf-group")
    bench.refused("DeleteDBParameterGroup", "InvalidDBParameterGroupState", DBParameterGroupName="conf-group")
    bench.refused("DeleteDBSubnetGroup", "InvalidDBSubnetGroupStateFault", DBSubnetGroupName="conf-net")
    default = {"DBClusterParameterGroupName": "default.aurora-mysql8.0"}
    bench.refused("ModifyDBClusterParameterGroup", "InvalidDBParameterGroupState", Parameters=[change], **default)
    bench.refused("ResetDBClusterParameterGroup", "InvalidDBParameterGroupState", ResetAllParameters=True, **default)
    for name, key in (("DBClusterParameterGroup", "DBClusterParameterGroupName"), ("DBParameterGroup", "DBParameterGroupName")):
        bench.refused(f"Create{name}", "DBParameterGroupAlreadyExists", **{key: "conf-group"}, **FAMILY)
        bench.refused(f"Delete{name}", "DBParameterGroupNotFound", **{key: "nope"})
        bench.refused(f"Describe{name}s", "DBParameterGroupNotFound", **{key: "nope"})
        for number in range(60):
            try:
                call(f"Create{name}", **{key: f"filler-{number}"}, **FAMILY)
            except ClientError:
                break
        bench.refused(f"Create{name}", "DBParameterGroupQuotaExceeded", **{key: "one-more"}, **FAMILY)
        call(f"Delete{name}", **{key: "filler-0"})
    nope = {"DBClusterParameterGroupName": "nope"}
    bench.refused("DescribeDBClusterParameters", "DBParameterGroupNotFound", **nope)
    bench.refused("ModifyDBClusterParameterGroup", "DBParameterGroupNotFound", Parameters=[change], **nope)
    bench.refused("ResetDBClusterParameterGroup", "DBParameterGroupNotFound", ResetAllParameters=True, **nope)
    net = {"DBSubnetGroupDescription": "x"}
    bench.refused("CreateDBSubnetGroup", "DBSubnetGroupAlreadyExists", DBSubnetGroupName="conf-net", SubnetIds=[A, B], **net)
    bench.refused("CreateDBSubnetGroup", "DBSubnetGroupDoesNotCoverEnoughAZs", DBSubnetGroupName="x", SubnetIds=[A], **net)
    bench.refused("CreateDBSubnetGroup", "InvalidSubnet", DBSubnetGroupName="x", SubnetIds=[A, "subnet-0"], **net)
    bench.refused("CreateDBSubnetGroup", "DBSubnetQuotaExceededFault", DBSubnetGroupName="x", SubnetIds=[A] * 21, **net)
    for number in range(60):
        try:
            call("CreateDBSubnetGroup", DBSubnetGroupName=f"filler-{number}", SubnetIds=[A, B], **net)
        except ClientError:
            break
    bench.refused("CreateDBSubnetGroup", "DBSubnetGroupQuotaExceeded", DBSubnetGroupName="x", SubnetIds=[A, B], **net)
    call("DeleteDBSubnetGroup", DBSubnetGroupName="filler-0")
    bench.refused("DeleteDBSubnetGroup", "DBSubnetGroupNotFoundFault", DBSubnetGroupName="nope")
    bench.refused("DescribeDBSubnetGroups", "DBSubnetGroupNotFoundFault", DBSubnetGroupName="nope")


def missing_and_taken(bench):
    """What is not there, what is there already, and quotas."""
    call, nope = bench.call, {"DBClusterIdentifier": "nope"}
    for action, more in {
        "BacktrackDBCluster": {"BacktrackTo": NOW}, "DeleteDBCluster": {"SkipFinalSnapshot": True},
        "DescribeDBClusterBacktracks": {}, "DescribeDBClusters": {}, "ModifyDBCluster": {}, "StartDBCluster": {}, "StopDBCluster": {},
        "AddRoleToDBCluster": {"RoleArn": ROLE}, "RemoveRoleFromDBCluster": {"RoleArn": ROLE},
        "CreateDBClusterSnapshot": {"DBClusterSnapshotIdentifier": "x"}, "CreateDBInstance": {"DBInstanceIdentifier": "x", **CLASS},
    }.items():
        bench.refused(action, "DBClusterNotFoundFault", **nope, **more)
    for action, more in {"DeleteDBInstance": {"SkipFinalSnapshot": True}, "DescribeDBInstances": {}, "RebootDBInstance": {}}.items():
        bench.refused(action, "DBInstanceNotFound", DBInstanceIdentifier="nope", **more)
    account = "arn:aws:rds:eu-west-1:123456789012"
    for kind, code in (("cluster", "DBClusterNotFoundFault"), ("db", "DBInstanceNotFound")):
        name = {"ResourceName": f"{account}:{kind}:nope"}
        bench.refused("AddTagsToResource", code, Tags=[{"Key": "a", "Value": "b"}], **name)
        bench.refused("RemoveTagsFromResource", code, TagKeys=["a"], **name)
        bench.refused("ListTagsForResource", code, **name)
    for action in ("DescribeDBClusterSnapshots", "DeleteDBClusterSnapshot"):
        bench.refused(action, "DBClusterSnapshotNotFoundFault", DBClusterSnapshotIdentifier="nope")
    bench.refused("DescribeDBClusterBacktracks", "DBClusterBacktrackNotFoundFault", DBClusterIdentifier="conf", BacktrackIdentifier=UUID)
    clone = {"SourceDBClusterIdentifier": "conf", "RestoreType": "copy-on-write", "UseLatestRestorableTime": True}
    restore = {"SnapshotIdentifier": "conf-snap", "Engine": "aurora-mysql"}
    makers = {"CreateDBCluster": NEW, "RestoreDBClusterToPointInTime": clone, "RestoreDBClusterFromSnapshot": restore}
    for action, own in makers.items():
        bench.refused(action, "DBClusterAlreadyExistsFault", DBClusterIdentifier="conf", **own)
        bench.refused(action, "DBSubnetGroupNotFoundFault", DBClusterIdentifier="x", DBSubnetGroupName="nope", **own)
        bench.refused(action, "DBClusterParameterGroupNotFound", DBClusterIdentifier="x", DBClusterParameterGroupName="nope", **own)
        bench.refused(action, "DomainNotFoundFault", DBClusterIdentifier="x", Domain="d-nope", **own)
        bench.refused(action, "StorageTypeNotSupported", DBClusterIdentifier="x", StorageType="gp3", **own)
        bench.refused(action, "NetworkTypeNotSupported", DBClusterIdentifier="x", NetworkType="IPV6", **own)
        bench.refused(action, "OptionGroupNotFoundFault", DBClusterIdentifier="x", OptionGroupName="nope", **own)
        bench.refused(action, "KMSKeyNotAccessibleFault", DBClusterIdentifier="x", KmsKeyId=FAR_KEY, **own)
        roles = [{"RoleArn": f"{ROLE}-{number}"} for number in range(6)]
        bench.refused(action, "DBClusterRoleQuotaExceeded", DBClusterIdentifier="x", AssociatedRoles=roles, **own)
        bench.faults("no-capacity=storage")
        bench.refused(action, "InsufficientStorageClusterCapacity", DBClusterIdentifier="x", **own)
        bench.faults("no-capacity=cluster")
        if action != "CreateDBCluster":
            bench.refused(action, "InsufficientDBClusterCapacityFault", DBClusterIdentifier="x", **own)
        bench.faults()
    replica = {"DBClusterIdentifier": "x", **NEW}
    bench.refused("CreateDBCluster", "DBClusterNotFoundFault", ReplicationSourceIdentifier="nope", **replica)
    bench.refused("CreateDBCluster", "InvalidDBClusterStateFault", ReplicationSourceIdentifier="search-dev", **replica)
    bench.refused("CreateDBCluster", "GlobalClusterNotFoundFault", GlobalClusterIdentifier="nope", **replica)
    instance = "arn:aws:rds:eu-west-1:123456789012:db"
    bench.refused("CreateDBCluster", "DBInstanceNotFound", ReplicationSourceIdentifier=f"{instance}:nope", **replica)
    call("RebootDBInstance", DBInstanceIdentifier="conf-1")
    bench.refused("CreateDBCluster", "InvalidDBInstanceState", ReplicationSourceIdentifier=f"{instance}:conf-1", **replica)
    bench.advance(120)
    arn = "arn:aws:rds:eu-west-1:123456789012:snapshot:nope"
    bench.refused("RestoreDBClusterFromSnapshot", "DBSnapshotNotFound", DBClusterIdentifier="x", **(restore | {"SnapshotIdentifier": arn}))
    bench.refused("DescribeDBClusterAutomatedBackups", "DBClusterAutomatedBackupNotFoundFault", DbClusterResourceId="cluster-NOPE")
    one = {"DBInstanceIdentifier": "x", "DBClusterIdentifier": "conf"}
    bench.refused("CreateDBInstance", "DBSubnetGroupNotFoundFault", DBSubnetGroupName="nope", **one, **CLASS)
    bench.refused("ListTagsForResource", "InvalidParameterValue", ResourceName="arn:aws:rds:eu-west-1:123456789012:snapshot:x")
    bench.refused("CreateDBInstance", "CertificateNotFound", CACertificateIdentifier="nope", **one, **CLASS)
    lost = {"SourceDbClusterResourceId": "cluster-NOPE", "UseLatestRestorableTime": True}
    bench.refused("RestoreDBClusterToPointInTime", "DBClusterAutomatedBackupNotFoundFault", DBClusterIdentifier="x", **lost)
    bench.faults("no-capacity=db.r6g.large")
    bench.refused("CreateDBInstance", "InsufficientDBInstanceCapacity", **one, **CLASS)
    bench.faults()
    bench.refused("RestoreDBClusterToPointInTime", "DBClusterNotFoundFault", DBClusterIdentifier="x", **(clone | {"SourceDBClusterIdentifier": "nope"}))
    bench.refused("RestoreDBClusterToPointInTime", "InvalidDBClusterStateFault", DBClusterIdentifier="x", **(clone | {"SourceDBClusterIdentifier": "conf-restored"}))
    bench.refused("RestoreDBClusterFromSnapshot", "DBClusterSnapshotNotFoundFault", DBClusterIdentifier="x", **(restore | {"SnapshotIdentifier": "nope"}))
    bench.refused("ModifyDBCluster", "DBClusterParameterGroupNotFound", DBClusterIdentifier="conf", DBClusterParameterGroupName="nope")
    bench.refused("ModifyDBCluster", "DBClusterAlreadyExistsFault", DBClusterIdentifier="conf", NewDBClusterIdentifier="orders-prod", ApplyImmediately=True)
    bench.refused("CreateDBInstance", "DBInstanceAlreadyExists", DBInstanceIdentifier="conf-1", DBClusterIdentifier="conf", **CLASS)
    bench.refused("CreateDBInstance", "DBParameterGroupNotFound", DBInstanceIdentifier="x", DBClusterIdentifier="conf", DBParameterGroupName="nope", **CLASS)
    bench.refused("CreateDBInstance", "InvalidParameterCombination", DBInstanceIdentifier="x", DBClusterIdentifier="conf", Port=3306, **CLASS)
    bench.refused("CreateDBClusterSnapshot", "DBClusterSnapshotAlreadyExistsFault", DBClusterIdentifier="conf", DBClusterSnapshotIdentifier="conf-snap")
    bench.refused("CreateDBClusterSnapshot", "InvalidDBClusterStateFault", DBClusterIdentifier="search-dev", DBClusterSnapshotIdentifier="x")
    bench.refused("DeleteDBCluster", "InvalidDBClusterStateFault", DBClusterIdentifier="conf", SkipFinalSnapshot=True)
    bench.refused("DeleteDBCluster", "DBClusterSnapshotAlreadyExistsFault", DBClusterIdentifier="conf-in-net", FinalDBSnapshotIdentifier="conf-snap")
    for number in range(100):
        try:
            bench.call("CreateDBClusterSnapshot", DBClusterIdentifier="conf", DBClusterSnapshotIdentifier=f"filler-{number}")
        except ClientError:
            break
    bench.refused("CreateDBClusterSnapshot", "SnapshotQuotaExceeded", DBClusterIdentifier="conf", DBClusterSnapshotIdentifier="x")
    bench.refused("DeleteDBCluster", "SnapshotQuotaExceeded", DBClusterIdentifier="conf-in-net", FinalDBSnapshotIdentifier="x")
    for number in range(50):
        try:
            bench.call("CreateDBInstance", DBInstanceIdentifier=f"filler-{number}", DBClusterIdentifier=("conf", "orders-staging", "conf-in-net")[number // 13 % 3], **CLASS)
        except ClientError as error:
            if error.response["Error"]["Code"] == "InstanceQuotaExceeded" and "conf-in-net" in str(error):
                break
    bench.refused("CreateDBInstance", "InstanceQuotaExceeded", DBInstanceIdentifier="one-more", DBClusterIdentifier="conf", **CLASS)
    for number in range(60):
        try:
            bench.call("CreateDBCluster", DBClusterIdentifier=f"filler-{number}", **NEW)
        except ClientError:
            break
    for action, own in makers.items():
        bench.refused(action, "DBClusterQuotaExceededFault", DBClusterIdentifier="one-more", **own)


def pages(bench):
    """Every paginator of an implemented action, with small pages and with big ones."""
    own = {
        "DescribeDBClusterBacktracks": {"DBClusterIdentifier": "orders-staging"},
        "DescribeDBClusterParameters": {"DBClusterParameterGroupName": "default.aurora-mysql8.0"},
        "DescribeOrderableDBInstanceOptions": {"Engine": "aurora-mysql"},
        "DescribeStackEvents": {"StackName": "conf"},
        "ListStackResources": {"StackName": "conf"},
        "GetMetricData": metric("DatabaseConnections", "DBInstanceIdentifier", "orders-prod-a") | {"MaxDatapoints": 50},
    }
    count = 0
    for service in SERVICES:
        client = bench.clients[service]
        for action in client.meta.service_model.operation_names:
            if (service, action) not in bench.known or not client.can_paginate(botocore.xform_name(action)):
                continue
            paginator = client.get_paginator(botocore.xform_name(action))
            config = {"PageSize": 20} if paginator._limit_key and service == "rds" else {}
            small = paginator.paginate(**own.get(action, {}), PaginationConfig=config).build_full_result()
            whole = paginator.paginate(**own.get(action, {})).build_full_result()
            key = paginator.result_keys[0].expression
            # The account goes on between the two, so that only who is there can be compared.
            assert identities(small.get(key, [])) == identities(whole.get(key, [])), action
            rows = [json.dumps(row, default=str, sort_keys=True) for row in whole.get(key, [])]
            assert len(rows) == len(set(rows)), f"{action}: a row twice"
            count += 1
    return count


def identities(rows):
    ends = ("Identifier", "Name", "Id", "Class", "Version", "Family")
    return [[value for key, value in sorted(row.items()) if key.endswith(ends)] for row in rows]


def metric(name, dimension, value):
    query = {"Namespace": "AWS/RDS", "MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}]}
    return {
        "MetricDataQueries": [{"Id": "m", "MetricStat": {"Metric": query, "Period": 300, "Stat": "Average"}}],
        "StartTime": NOW - datetime.timedelta(hours=12),
        "EndTime": NOW,
    }


def metrics(bench):
    """CloudWatch in every protocol that its model offers; all must say the same."""
    protocols = bench.clients["cloudwatch"].meta.service_model.metadata["protocols"]
    answers = []
    for protocol in protocols:
        client = bench.client("cloudwatch", protocol)
        answer = client.get_metric_data(**metric("BacktrackChangeRecordsStored", "DBClusterIdentifier", "orders-prod"))
        assert answer["MetricDataResults"][0]["StatusCode"] == "Complete" and answer["MetricDataResults"][0]["Values"]
        answers.append(answer["MetricDataResults"])
        try:
            client.get_metric_data(**metric("x", "y", "z"), NextToken="nonsense")
        except client.exceptions.InvalidNextToken:
            bench.raised.add(("GetMetricData", "InvalidNextToken"))
    assert all(answer == answers[0] for answer in answers), answers
    return protocols


def stacks(bench):
    call, service = bench.call, "cloudformation"
    parameters = [{"ParameterKey": "Password", "ParameterValue": "hunter2-hunter2"}]
    call("ValidateTemplate", service, TemplateBody=TEMPLATE)
    call("CreateStack", service, StackName="conf", TemplateBody=TEMPLATE, Parameters=parameters, Tags=[{"Key": "a", "Value": "b"}])
    bench.refused("CreateStack", "AlreadyExistsException", service, StackName="conf", TemplateBody=TEMPLATE, Parameters=parameters)
    waits(bench, "StackExists", service, StackName="conf")
    waits(bench, "StackCreateComplete", service, StackName="conf")
    for action in ("DescribeStacks", "DescribeStackEvents", "DescribeStackResources", "ListStackResources", "GetTemplate"):
        assert "hunter2" not in json.dumps(call(action, service, StackName="conf"), default=str)
    call("UpdateTerminationProtection", service, StackName="conf", EnableTerminationProtection=False)
    call("ListStacks", service, StackStatusFilter=["CREATE_COMPLETE"])
    bench.refused("DescribeStacks", "ValidationError", service, StackName="nope")


def ends(bench):
    """What is deleted, and the waiters for it."""
    call = bench.call
    bench.advance(1200)
    call("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="filler-0")
    waits(bench, "DBClusterSnapshotDeleted", DBClusterSnapshotIdentifier="filler-0")
    for name in ("filler-1", "conf-snap"):
        call("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier=name)
    call("DeleteStack", "cloudformation", StackName="conf")
    waits(bench, "StackDeleteComplete", "cloudformation", StackName="conf")
    bench.advance(1200)
    call("DeleteDBInstance", DBInstanceIdentifier="conf-1", SkipFinalSnapshot=True)
    waits(bench, "DBInstanceDeleted", DBInstanceIdentifier="conf-1")
    call("DeleteDBCluster", DBClusterIdentifier="conf-renamed", SkipFinalSnapshot=True)
    waits(bench, "DBClusterDeleted", DBClusterIdentifier="conf-renamed")
    call("GetCallerIdentity", "sts")


def apart(program, env):
    """A clone in zones that its source's storage is not in; that takes a Region that has some."""
    bench = Bench(program, env, "us-east-1")
    try:
        template = re.sub("Select .([01]), ", lambda found: f"Select [{int(found[1]) + 3}, ", TEMPLATE).split("  Cluster:")[0]
        template = re.sub("Parameters:\n.*\n", "", template)
        bench.call("CreateStack", "cloudformation", StackName="far", TemplateBody=template)
        waits(bench, "StackCreateComplete", "cloudformation", StackName="far")
        rows = bench.call("DescribeStackResources", "cloudformation", StackName="far")["StackResources"]
        group = next(row["PhysicalResourceId"] for row in rows if row["LogicalResourceId"] == "Group")
        clone = {"SourceDBClusterIdentifier": "orders-prod", "RestoreType": "copy-on-write", "UseLatestRestorableTime": True}
        bench.refused(
            "RestoreDBClusterToPointInTime", "InvalidVPCNetworkStateFault", DBClusterIdentifier="x", DBSubnetGroupName=group, **clone
        )
    finally:
        bench.process.terminate()
        bench.process.wait(10)
    return bench.raised


def declared(bench):
    """Every declared error of an implemented action; of services besides RDS those whose code the simulator can send."""
    source = Path(__file__).parents[2] / "src/sim/protocol/error.rs"
    codes = set(re.findall(r'=> \("(\w+)", \d+\)', source.read_text()))
    pairs = set()
    for service, action in bench.known:
        for shape in bench.clients[service].meta.service_model.operation_model(action).error_shapes:
            code = shape.metadata.get("error", {}).get("code", shape.name)
            if service == "rds" or code in codes:
                pairs.add((action, code))
    return pairs


def main(program):
    with tempfile.TemporaryDirectory() as state:
        bench = Bench(program, environment(state))
        try:
            bench.known = bench.implemented()
            clusters(bench)
            groups(bench)
            stacks(bench)
            protocols = metrics(bench)
            count = pages(bench)
            missing_and_taken(bench)
            ends(bench)
            names = {action for _, action in bench.known}
            assert names <= bench.called, f"never called: {sorted(names - bench.called)}"
            bench.raised |= apart(program, environment(state))
            possible = declared(bench)
            reasons = [pair for actions in NEVER.values() for pair in actions.items()]
            never = {(action, code) for own, some in reasons for code in some for action, other in possible if other == code and own in ("*", action)}
            left = possible - bench.raised - never
            assert not left, f"declared and never seen: {sorted(left)}"
            wrong = never & bench.raised
            assert not wrong, f"said never to come, and came: {sorted(wrong)}"
            idle = {code for _, some in reasons for code in some} - {code for _, code in never}
            assert not idle, f"reasons for what no action declares: {sorted(idle)}"
        finally:
            bench.process.terminate()
            bench.process.wait(10)
    print(
        f"conformance: {len(names)} actions, {bench.checked} values held against the models, {count} paginators, "
        f"{len(bench.raised)} of {len(possible)} declared errors raised and a reason for each other one, CloudWatch in {', '.join(protocols)}: ok"
    )


if __name__ == "__main__":
    main(sys.argv[1])
