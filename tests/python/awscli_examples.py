"""The examples that come with the aws command line, run unchanged against `aurewind sim`.

Every command line in the examples of an implemented action is run, after what it names has been made. Those that can't
work are listed with the reason.

usage: python awscli_examples.py PATH-OF-AUREWIND
"""

import contextlib
import io
import json
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

import awscli
from awscli.clidriver import create_clidriver
from botocore import xform_name

from common import environment
from conformance import Bench

# A part of the command line, and why it is not run.
SKIPPED = {
    "--backtrack-to 2018-03-19": "asks for a moment that no window reaches",
    "--with-express-configuration": "a way to create clusters that is not simulated",
    "aurora5.6": "a parameter group family of Aurora MySQL 1, which has ended",
    "MySQL5.6": "a parameter group family of RDS for MySQL",
    "--engine mysql --master-username": "an instance of RDS for MySQL",
    "subnet-0a1dc4e1a6f123456": "names subnets that are in no account but its own",
    "--final-db-snapshot-identifier test-instance-final-snap": "a final snapshot of an instance; Aurora has those of clusters",
    "sg-ID": "a placeholder instead of a security group",
    "--metric-data-queries file://file.json": "its file asks for metric math",
}

TEMPLATE = {
    "Parameters": {"KeyPairName": {"Type": "String", "Default": "x"}, "SubnetIDs": {"Type": "CommaDelimitedList", "Default": "a,b"}},
    "Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}},
}

MYSQL = {"Engine": "aurora-mysql", "MasterUsername": "admin", "MasterUserPassword": "secret-enough"}
POSTGRESQL = MYSQL | {"Engine": "aurora-postgresql"}
CLASS = {"DBInstanceClass": "db.r6g.large", "Engine": "aurora-mysql"}


def examples(known):
    """(action, command line) of every example of these actions."""
    folder = Path(awscli.__file__).parent / "examples"
    for service, action in sorted(known, key=lambda one: (one[1].startswith(("Delete", "Stop")), one[1])):
        path = folder / service / f"{xform_name(action, '-')}.rst"
        if path.exists():
            for line in command_lines(path.read_text()):
                yield action, line


def command_lines(text):
    line = None
    for row in text.splitlines():
        if line is None:
            start = re.match(r"\s+(aws .*)$", row)
            if not start:
                continue
            line = start.group(1).rstrip()
        else:
            line += " " + row.strip()
        if line.endswith("\\"):
            line = line[:-1].rstrip()
        else:
            yield line
            line = None


def prepare(rds, cloudformation, advance):
    """Makes what the examples name."""
    for name in ("mydbcluster", "mycluster", "cluster-2", "database-4"):
        rds.create_db_cluster(DBClusterIdentifier=name, BacktrackWindow=3600, **MYSQL)
    rds.create_db_cluster(DBClusterIdentifier="of-snapshot", **POSTGRESQL)
    for name in ("mydbclusterpg", "mydbclpg", "mydbclpgy", "mydbclusterparametergroup"):
        rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=name, DBParameterGroupFamily="aurora-mysql8.0", Description="x"
        )
    rds.create_db_parameter_group(DBParameterGroupName="mydbparametergroup", DBParameterGroupFamily="aurora-mysql8.0", Description="x")
    subnets = rds.describe_db_subnet_groups(DBSubnetGroupName="default")["DBSubnetGroups"][0]["Subnets"]
    rds.create_db_subnet_group(
        DBSubnetGroupName="mysubnetgroup", DBSubnetGroupDescription="x", SubnetIds=[subnet["SubnetIdentifier"] for subnet in subnets]
    )
    advance(300)
    instances = {"database-4-1": "database-4", "mydbinstancecf": "mydbcluster"}
    instances |= dict.fromkeys(("database-3", "database-mysql", "mydbinstance", "orcl1", "test-mysql-instance"), "cluster-2")
    for instance, cluster in instances.items():
        rds.create_db_instance(DBInstanceIdentifier=instance, DBClusterIdentifier=cluster, **CLASS)
    rds.create_db_cluster_snapshot(DBClusterIdentifier="of-snapshot", DBClusterSnapshotIdentifier="test-instance-snapshot")
    cloudformation.create_stack(StackName="my-stack", TemplateBody=json.dumps(TEMPLATE))
    advance(900)


def aws(line):
    """Runs a command line as the aws program would; gives back its exit code and what it said."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = create_clidriver().main(shlex.split(line)[1:])
        except SystemExit as exit_:
            code = exit_.code
    return code, out.getvalue(), err.getvalue()


def main(program):
    ran, skipped, used = 0, [], set()
    with tempfile.TemporaryDirectory() as state:
        env = environment(state)
        # The ARNs of the examples are of us-east-1. The client stays in its own Region: in that one awscli 1 does not heed
        # AWS_ENDPOINT_URL for RDS.
        bench = Bench(program, env, "us-east-1")
        # Nobody's settings; AWS_DATA_PATH is where awscli's own import found its data.
        data = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}
        os.environ.clear()
        os.environ.update(env | data | {"AWS_ENDPOINT_URL": bench.url, "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"})
        os.chdir(state)
        Path("sampletemplate.json").write_text(json.dumps(TEMPLATE))
        try:
            prepare(bench.clients["rds"], bench.clients["cloudformation"], bench.advance)
            for action, line in examples(bench.implemented()):
                why = next((part for part in SKIPPED if part in line), None)
                if why:
                    used.add(why)
                    skipped.append((line, SKIPPED[why]))
                    continue
                if action == "StartDBCluster":
                    bench.call("StopDBCluster", DBClusterIdentifier="mydbcluster")
                    bench.advance(900)
                if action == "DeleteStack":
                    # Another example has put it on.
                    bench.call(
                        "UpdateTerminationProtection", "cloudformation", StackName="my-stack", EnableTerminationProtection=False
                    )
                code, out, err = aws(line)
                assert code == 0, f"{line}: exit {code}\n{out}\n{err}"
                ran += 1
                bench.advance(900)
            assert used == set(SKIPPED), f"no example has {set(SKIPPED) - used}"
        finally:
            bench.process.terminate()
            bench.process.wait(10)
            os.chdir("/")
    for line, why in skipped:
        print(f"skipped ({why}): {line}")
    print(f"awscli: {ran} examples as they are, {len(skipped)} skipped: ok")


if __name__ == "__main__":
    main(sys.argv[1])
