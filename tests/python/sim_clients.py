"""boto3 and the aws command line against `aurewind sim`: paging, waiters, the life of a clone.

usage: python sim_clients.py PATH-OF-AUREWIND
"""

import datetime
import json
import subprocess
import sys
import tempfile
import time

from botocore.exceptions import ClientError

from common import client, environment

FLEET = 250


def start(program, env):
    """Starts the simulator on a free port; its first line names the address."""
    line = [program, "sim", "--listen", "127.0.0.1:0", "--fleet", str(FLEET), "--speed", "2000"]
    process = subprocess.Popen(line, env=env, stdout=subprocess.PIPE, text=True)
    first = process.stdout.readline()
    url = next(word for word in first.split() if word.startswith("http://"))
    return process, url


def paging(rds):
    pages = list(rds.get_paginator("describe_db_clusters").paginate(PaginationConfig={"PageSize": 20}))
    ids = [cluster["DBClusterIdentifier"] for page in pages for cluster in page["DBClusters"]]
    assert len(ids) == len(set(ids)) == FLEET, len(ids)
    assert all(len(page["DBClusters"]) <= 20 for page in pages)
    instances = [
        instance["DBInstanceIdentifier"]
        for page in rds.get_paginator("describe_db_instances").paginate()
        for instance in page["DBInstances"]
    ]
    assert len(instances) == len(set(instances)) > 0
    for bad in (19, 101):
        refused(rds.describe_db_clusters, "InvalidParameterValue", MaxRecords=bad)
    refused(rds.describe_db_clusters, "InvalidParameterValue", Marker="no-such-marker")
    return [cluster for page in pages for cluster in page["DBClusters"]]


def refused(call, code, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["ResponseMetadata"]["RequestId"], error
        return
    raise AssertionError(f"{parameters} was not refused")


def life(rds, source):
    """restore → create instance → backtrack → describe backtracks → delete, waiters included."""
    fast = {"Delay": 1, "MaxAttempts": 60}
    restored = rds.restore_db_cluster_to_point_in_time(
        DBClusterIdentifier="Clone-Of-Boto",
        SourceDBClusterIdentifier=source["DBClusterIdentifier"],
        RestoreType="copy-on-write",
        UseLatestRestorableTime=True,
        BacktrackWindow=3600,
        Tags=[{"Key": "made-by", "Value": "boto3"}],
    )["DBCluster"]
    assert restored["DBClusterIdentifier"] == "clone-of-boto" and restored["Status"] == "creating", restored
    assert restored["CloneGroupId"] and not restored["DBClusterMembers"]
    rds.get_waiter("db_cluster_available").wait(DBClusterIdentifier="clone-of-boto", WaiterConfig=fast)
    rds.create_db_instance(
        DBInstanceIdentifier="clone-of-boto-1",
        DBClusterIdentifier="clone-of-boto",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
    )
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="clone-of-boto-1", WaiterConfig=fast)
    time.sleep(3)
    to = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1)
    asked = rds.backtrack_db_cluster(DBClusterIdentifier="clone-of-boto", BacktrackTo=to)
    for _ in range(60):
        records = rds.describe_db_cluster_backtracks(DBClusterIdentifier="clone-of-boto")["DBClusterBacktracks"]
        if records and records[0]["Status"].lower() == "completed":
            break
        time.sleep(0.5)
    assert records[0]["BacktrackIdentifier"] == asked["BacktrackIdentifier"], records
    rds.get_waiter("db_cluster_available").wait(DBClusterIdentifier="clone-of-boto", WaiterConfig=fast)
    refused(rds.delete_db_cluster, "InvalidDBClusterStateFault", DBClusterIdentifier="clone-of-boto", SkipFinalSnapshot=True)
    rds.delete_db_instance(DBInstanceIdentifier="clone-of-boto-1", SkipFinalSnapshot=True)
    rds.delete_db_cluster(DBClusterIdentifier="clone-of-boto", SkipFinalSnapshot=True)
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="clone-of-boto-1", WaiterConfig=fast)
    rds.get_waiter("db_cluster_deleted").wait(DBClusterIdentifier="clone-of-boto", WaiterConfig=fast)
    refused(rds.describe_db_clusters, "DBClusterNotFoundFault", DBClusterIdentifier="clone-of-boto")


def command_line(env, url, source):
    """The aws command line: the same life by its own words."""

    def aws(*words):
        line = [sys.executable, "-m", "awscli", "rds", *words, "--endpoint-url", url, "--output", "json"]
        done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == 0, (words, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    listed = aws("describe-db-clusters", "--page-size", "50")["DBClusters"]
    assert len(listed) == FLEET, len(listed)
    name = "clone-of-cli"
    aws(
        "restore-db-cluster-to-point-in-time",
        *("--db-cluster-identifier", name, "--source-db-cluster-identifier", source["DBClusterIdentifier"]),
        *("--restore-type", "copy-on-write", "--use-latest-restorable-time"),
    )
    aws("wait", "db-cluster-available", "--db-cluster-identifier", name)
    tags = aws("list-tags-for-resource", "--resource-name", aws("describe-db-clusters", "--db-cluster-identifier", name)["DBClusters"][0]["DBClusterArn"])
    assert "TagList" in tags
    aws("delete-db-cluster", "--db-cluster-identifier", name, "--skip-final-snapshot")
    aws("wait", "db-cluster-deleted", "--db-cluster-identifier", name)


def main(program):
    with tempfile.TemporaryDirectory() as state:
        env = environment(state)
        process, url = start(program, env)
        try:
            rds = client(url)
            clusters = paging(rds)
            source = next(
                cluster
                for cluster in clusters
                if cluster.get("BacktrackWindow") and cluster["Status"] == "available" and cluster["DBClusterMembers"]
            )
            life(rds, source)
            command_line(env, url, source)
            process.terminate()
            assert process.wait(10) in (0, 143), process.returncode
        finally:
            process.kill()
    print(f"sim: boto3 and the aws command line over {FLEET} clusters: ok")


if __name__ == "__main__":
    main(sys.argv[1])
