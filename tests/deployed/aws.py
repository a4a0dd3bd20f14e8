"""One emulated AWS account: the engine's process, its clients, and the commands a user runs against it."""

import base64
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any, NamedTuple

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from local.process import HOST, free_port, guarded, wait_for

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / os.environ.get("ENGINE_VENV", ".venv-engine") / "bin" / "python"
REGION = "us-east-1"
# What a user has before the first deploy.
PROJECT = ("app.py", "chalicelib", "requirements.txt", "infrastructure", ".chalice")


class Account(NamedTuple):
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a user's shell holds, pointed at this account."""
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )


class Api(NamedTuple):
    """A deployed API, the function behind it and the function's role."""

    account: Account
    id: str
    stage: str
    function: str
    role: str

    def url(self, path: str = "/DynamoDBManager") -> str:
        return f"{self.account.url}/restapis/{self.id}/{self.stage}/_user_request_{path}"

    def call(
        self,
        request: Any,
        signer: Credentials | None = None,
        headers: dict[str, str] | None = None,
        method: str = "POST",
        path: str = "/DynamoDBManager",
    ) -> "Answer":
        http = AWSRequest(
            method,
            self.url(path),
            data=json.dumps(request).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        if signer:
            SigV4Auth(signer, "execute-api", REGION).add_auth(http)
        wire = urllib.request.Request(self.url(path), http.data, dict(http.headers), method=method)
        try:
            with urllib.request.urlopen(wire) as response:
                return Answer(response.status, dict(response.headers), json.loads(response.read() or "null"))
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), json.load(error))


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any


class Pool(NamedTuple):
    """A user pool, an app client of it, and the tokens of a user who signed in by it and by another client."""

    arn: str
    client: str
    token: str
    token_of_another_client: str

    @property
    def subject(self) -> str:
        claims = self.token.split(".")[1]
        subject: str = json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"]
        return subject

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{REGION}.amazonaws.com/{self.arn.rpartition('/')[2]}"


@contextmanager
def emulated_account(directory: Path) -> Iterator[Account]:
    """Run an empty account that enforces signatures and policies until the block ends."""
    port = free_port()
    # The functions inherit this environment: nothing of the caller's may leak into them.
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "AUTH": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    command = [str(ENGINE), str(Path(__file__).with_name("engine.py"))]
    with guarded("The emulated AWS", command, environ, cwd=directory, log=directory / "engine.log") as engine:
        wait_for(engine, port)
        yield Account(f"http://{HOST}:{port}")


def copy_project(directory: Path) -> Path:
    """The project as a user has it before the first deploy."""
    directory.mkdir()
    for name in PROJECT:
        source, target = ROOT / name, directory / name
        if source.is_dir():
            copytree(source, target, ignore=ignore_patterns("__pycache__", "deployed", "deployments"))
        else:
            target.write_bytes(source.read_bytes())
    return directory


def add_stage(project: Path, name: str, **environment: str) -> None:
    """Add a stage that is prod but for its name and some settings, where a user adds one."""
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    prod = config["stages"]["prod"]
    config["stages"][name] = {
        **prod,
        "api_gateway_stage": name,
        "environment_variables": prod["environment_variables"] | environment,
    }
    path.write_text(json.dumps(config))


def command(python: Path | str, module: str) -> list[str]:
    """The command whose `main` a module has, without its long waits: the emulator has done at once what it is told."""
    quick = "sleep = time.sleep; time.sleep = lambda seconds: sleep(min(seconds, 0.2))"
    return [str(python), "-c", f"import sys, time; {quick}; from {module} import main; sys.exit(main())"]


def chalice(account: Account, project: Path, *arguments: str) -> str:
    """Run the `chalice` command; its output."""
    done = subprocess.run(
        [*command(sys.executable, "chalice.cli"), *arguments],
        cwd=project,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | account.environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"chalice {' '.join(arguments)} exited {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def deploy(account: Account, project: Path, stage: str = "prod") -> Api:
    chalice(account, project, "deploy", "--stage", stage)
    deployed = json.loads((project / ".chalice" / "deployed" / f"{stage}.json").read_text())
    resources = {each["name"]: each for each in deployed["resources"]}
    return Api(
        account,
        id=resources["rest_api"]["rest_api_id"],
        stage=resources["rest_api"]["rest_api_url"].strip("/").rpartition("/")[2],
        function=resources["api_handler"]["lambda_arn"].rpartition(":")[2],
        role=resources["api_handler_role"]["role_name"],
    )


def create_stack(account: Account, name: str, template: Path, **parameters: str) -> dict[str, str]:
    """Create a CloudFormation stack; its outputs."""
    return _change_stack(account, "create", name, template, parameters)


def update_stack(account: Account, name: str, template: Path, **parameters: str) -> dict[str, str]:
    """Update a CloudFormation stack; its outputs. A parameter that is not given has its default again."""
    return _change_stack(account, "update", name, template, parameters)


def _change_stack(account: Account, verb: str, name: str, template: Path, parameters: dict[str, str]) -> dict[str, str]:
    cloudformation = account.client("cloudformation")
    getattr(cloudformation, f"{verb}_stack")(
        StackName=name,
        TemplateBody=template.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter(f"stack_{verb}_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def create_user(account: Account, name: str, *allowed_calls: str) -> Credentials:
    """Create an IAM user that may invoke the given execute-api ARNs, and nothing else."""
    iam = account.client("iam")
    iam.create_user(UserName=name)
    if allowed_calls:
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": allowed_calls}
        iam.put_user_policy(
            UserName=name,
            PolicyName="invoke",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def create_pool(account: Account) -> Pool:
    cognito = account.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="callers")["UserPool"]
    cognito.admin_create_user(UserPoolId=pool["Id"], Username="bob")
    cognito.admin_set_user_password(UserPoolId=pool["Id"], Username="bob", Password="Secret-123", Permanent=True)

    def sign_in(client_name: str) -> tuple[str, str]:
        client = cognito.create_user_pool_client(
            UserPoolId=pool["Id"], ClientName=client_name, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        session = cognito.admin_initiate_auth(
            UserPoolId=pool["Id"],
            ClientId=client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "bob", "PASSWORD": "Secret-123"},
        )
        return client, session["AuthenticationResult"]["IdToken"]

    client, token = sign_in("tests")
    _, other = sign_in("another")
    return Pool(pool["Arn"], client, token, other)


def package(account: Account, project: Path) -> Path:
    """Package the merged template, upload the code as `aws cloudformation package` does; the template to deploy."""
    merge = ["--merge-template", "infrastructure/stack.yaml", "--template-format", "yaml"]
    chalice(account, project, "package", "--stage", "prod", *merge, "packaged")
    s3 = account.client("s3")
    s3.create_bucket(Bucket="deployments")
    s3.upload_file(str(project / "packaged" / "deployment.zip"), "deployments", "deployment.zip")
    template = project / "packaged" / "sam.yaml"
    template.write_text(template.read_text().replace("./deployment.zip", "s3://deployments/deployment.zip"))
    return template
