"""What the conformance scripts share: the program under test, and a client for an endpoint on this machine."""

import json
import os
import subprocess
import sys

import boto3
from botocore.config import Config

REGION = "eu-west-1"


def environment(state):
    """An environment without anybody's credentials or settings."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return keep | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AUREWIND_STATE_DIR": state,
        "XDG_CONFIG_HOME": state,
        "USER": "ana",
        "HOSTNAME": "laptop",
        "TERM": "xterm-256color",
    }


def client(url):
    """A boto3 client that gives up instead of hanging."""
    return boto3.client(
        "rds",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 2}),
    )


def aurewind(program, env, url, *words, code=0):
    """Runs a headless command; gives back its JSON object."""
    line = [program, *words, "--endpoint-url", url, "--json"]
    done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != code:
        sys.exit(f"{' '.join(words)}: exit {done.returncode} instead of {code}\n{done.stdout}\n{done.stderr}")
    answer = json.loads(done.stdout)
    assert answer["schema"] == 1, answer
    return answer
