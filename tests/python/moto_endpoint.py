"""aurewind against moto, an RDS endpoint that we did not write: list, dashboard, clone, delete.

moto has neither Backtrack nor clone groups; the program must say so and go on.
usage: python moto_endpoint.py PATH-OF-AUREWIND
"""

import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time

from moto.server import ThreadedMotoServer

from common import aurewind, client, environment


def seed(rds):
    rds.create_db_cluster(
        DBClusterIdentifier="orders-staging",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="correct-horse",
        BacktrackWindow=86400,
        Port=3307,
    )
    rds.create_db_instance(
        DBInstanceIdentifier="orders-staging-1",
        DBClusterIdentifier="orders-staging",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
    )
    rds.create_db_cluster(
        DBClusterIdentifier="graph", Engine="neptune", MasterUsername="admin", MasterUserPassword="correct-horse"
    )


def dashboard(program, env, url):
    """Opens the dashboard in a pseudo-terminal until the cluster is on the screen, then quits it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(program, [program, "--endpoint-url", url], env)
    os.set_blocking(terminal, False)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    seen, deadline, asked = b"", time.monotonic() + 30, False
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
        if b"orders-staging" in seen and not asked:
            asked = True
            os.write(terminal, b"q")
    assert b"orders-staging" in seen, seen[-2000:]
    assert b"panicked" not in seen, seen[-2000:]
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, status


def main(program):
    server = ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '') else host}:{port}"
        rds = client(url)
        seed(rds)
        with tempfile.TemporaryDirectory() as state:
            walk(program, environment(state), url, rds)
    finally:
        server.stop()
    print("moto: list, dashboard, clone, rewind refused, delete: ok")


def walk(program, env, url, rds):
    clusters = aurewind(program, env, url, "list")["clusters"]
    assert [cluster["id"] for cluster in clusters] == ["orders-staging"], clusters
    assert clusters[0]["clone_group_id"] is None
    assert clusters[0]["instances"][0]["class"] == "db.r6g.large"

    dashboard(program, env, url)

    task = aurewind(program, env, url, "clone", "orders-staging", "--name", "clone-one", "--ttl", "1h", "--yes")["task"]
    assert task["state"] == "done", task
    held = rds.describe_db_clusters(DBClusterIdentifier="clone-one")["DBClusters"][0]
    assert held["Port"] == 3307, held
    tags = {tag["Key"]: tag["Value"] for tag in held["TagList"]}
    assert tags["aurewind:clone"] == held["DbClusterResourceId"], tags
    assert tags["aurewind:owner"] == "ana@laptop", tags
    instance = rds.describe_db_instances(DBInstanceIdentifier="clone-one-1")["DBInstances"][0]
    assert instance["DBClusterIdentifier"] == "clone-one"

    shown = aurewind(program, env, url, "show", "clone-one")["cluster"]
    assert shown["owned"] and shown["parent"] == "orders-staging", shown
    # The endpoint does not know past rewinds; that is said, and the rest is there.
    assert any("past rewinds" in line for line in shown["missing"]), shown["missing"]

    refused = aurewind(program, env, url, "rewind", "clone-one", "--to", "earliest", "--yes", code=5)
    assert "DescribeDBClusterBacktracks" in refused["error"]["message"], refused

    task = aurewind(program, env, url, "delete", "clone-one", "--yes")["task"]
    assert task["state"] == "done", task
    left = [cluster["DBClusterIdentifier"] for cluster in rds.describe_db_clusters()["DBClusters"]]
    assert "clone-one" not in left and "orders-staging" in left, left
    instances = [instance["DBInstanceIdentifier"] for instance in rds.describe_db_instances()["DBInstances"]]
    assert instances == ["orders-staging-1"], instances

    foreign = aurewind(program, env, url, "delete", "orders-staging", "--yes", code=3)
    assert "--confirm orders-staging" in " ".join(foreign["error"]["next_steps"]), foreign


if __name__ == "__main__":
    main(sys.argv[1])
