"""docs/deploy.md, command by command, in an empty account that is empty again after the last."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.deployed.aws import ENGINE, ROOT, Account, command, copy_project, emulated_account

GUIDE = (ROOT / "docs" / "deploy.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
# A user of whoever follows the guide, and a repository with a version that is not the one that ran before.
SETTING = """
aws iam create-user --user-name bob
git init --quiet --initial-branch main
git config user.name tests
git config user.email tests@example.com
git add --all && git commit --quiet --message before && git tag prod-2026-11-24
echo "# A change." >> app.py
"""


def test_after_the_last_command_nothing_is_left(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    install(tmp_path / "bin", aws=command(ENGINE, "awscli.clidriver"), chalice=command(sys.executable, "chalice.cli"))
    *removal, local, look = blocks(GUIDE, "Remove everything")
    commit, back, stack_back, data_back = blocks(GUIDE, "Roll back")
    with emulated_account(tmp_path) as account:
        run(account, project, SETTING)
        before = everything(account)
        environment, *_ = blocks(GUIDE, "Deploy")[1:]
        first = [
            environment,
            *blocks(GUIDE, "The table"),
            *blocks(GUIDE, "First way: chalice deploy"),
            *blocks(GUIDE, "HTTP API instead of REST API"),
            *blocks(GUIDE, "Who may call"),
            *blocks(GUIDE, "Only API Gateway may invoke the function"),
            blocks(GUIDE, "Call it")[-1],
            blocks(GUIDE, "Call it")[-1].replace("$FUNCTION", "LambdaFunctionOverHttps-dev"),
            *blocks(GUIDE, "Logs"),
            commit,
            back,
            data_back,
            blocks(OPERATIONS, "Watch and bound a stage")[0],
        ]
        once, each_time, url, canary = blocks(GUIDE, "Second way: one CloudFormation stack")
        newer = "sed -i 's/: 1024,$/: 1025,/' .chalice/config.json"
        around, of_first, *of_second_and_common = removal
        run(account, project, *first)
        assert all(
            everything(account)[kind] for kind in ("APIs", "HTTP APIs", "usage plans", "alarms", "policies", "topics")
        )
        run(account, project, environment, around, of_first)
        package = each_time.partition("aws cloudformation deploy")[0]
        run(account, project, environment, once, each_time, url, newer, package, canary, stack_back)
        assert all(everything(account)[kind] for kind in ("APIs", "stacks", "buckets", "account", "tables"))
        run(account, project, environment, *of_second_and_common, local)
        assert everything(account) == before
        shown = run(account, project, look)
        assert len(re.findall("^nothing in: aws", shown, re.MULTILINE)) == len(re.findall("^left ", look, re.MULTILINE))


def install(directory: Path, **commands: list[str]) -> None:
    directory.mkdir()
    for name, words in commands.items():
        path = directory / name
        path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        path.chmod(0o755)


def blocks(page: str, heading: str) -> list[str]:
    """The commands under a heading, one text for each block."""
    section = re.split(r"^#+ ", page.split(f"# {heading}\n")[1], flags=re.MULTILINE)[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def run(account: Account, project: Path, *commands: str) -> str:
    """Run commands as one shell would, up to the first that fails; what they printed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = f"{project.parent / 'bin'}:{os.environ['PATH']}"
    # The AWS CLI names a change by the second, and the emulator takes less than one.
    slowly = [each.replace("aws cloudformation deploy", "sleep 1; aws cloudformation deploy") for each in commands]
    script = "\n".join(["set -euxo pipefail", *slowly])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=project,
        env=inherited | account.environment | {"PATH": path, "AWS_PAGER": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-6000:]}"
    return done.stdout


def everything(account: Account) -> dict[str, Any]:
    """What an account holds, of all the kinds that a stack or a command of the guide makes."""

    def of(service: str, call: str, member: str, name: str | None) -> list[str]:
        answer = getattr(account.client(service), call)()[member]
        return sorted(each[name] if name else each for each in answer)

    stacks = account.client("cloudformation").describe_stacks()["Stacks"]
    return {
        "stacks": sorted(each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"),
        "functions": of("lambda", "list_functions", "Functions", "FunctionName"),
        "APIs": of("apigateway", "get_rest_apis", "items", "id"),
        "HTTP APIs": of("apigatewayv2", "get_apis", "Items", "ApiId"),
        "usage plans": of("apigateway", "get_usage_plans", "items", "id"),
        "keys": of("apigateway", "get_api_keys", "items", "id"),
        "account": account.client("apigateway").get_account().get("cloudwatchRoleArn") or None,
        "roles": of("iam", "list_roles", "Roles", "RoleName"),
        "policies": account.client("iam").list_user_policies(UserName="bob")["PolicyNames"],
        "logs": of("logs", "describe_log_groups", "logGroups", "logGroupName"),
        "alarms": of("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "dashboards": of("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
        "topics": of("sns", "list_topics", "Topics", "TopicArn"),
        "buckets": of("s3", "list_buckets", "Buckets", "Name"),
        "tables": of("dynamodb", "list_tables", "TableNames", None),
    }
