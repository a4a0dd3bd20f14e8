import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from tests.deployed.aws import (
    ENGINE,
    ROOT,
    Account,
    Api,
    Pool,
    add_stage,
    copy_project,
    create_pool,
    create_stack,
    create_user,
    deploy,
    emulated_account,
    package,
)


@pytest.fixture(scope="session", autouse=True)
def engine_is_installed() -> None:
    if not ENGINE.exists():
        pytest.fail(f"{ENGINE} is missing: make the environment and install requirements-engine.txt into it")


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account that has the tables of both stages."""
    with emulated_account(tmp_path_factory.mktemp("account")) as account:
        template = ROOT / "infrastructure" / "table.yaml"
        create_stack(account, "lambda-apigateway-table", template)
        create_stack(account, "lambda-apigateway-dev-table", template, TableName="lambda-apigateway-dev")
        yield account


# Who signs may read the one item, who has a token an item that bears the token's subject.
RULES = {
    "tables": {"lambda-apigateway": {"key": ["id"]}},
    "rules": [
        {"id": "signed", "effect": "allow", "who": {"kind": "iamUser"}, "do": ["read"], "where": {"id": "signed"}},
        {"id": "own", "effect": "allow", "who": {"kind": "user"}, "do": ["read"], "where": {"id": "user#${sub}"}},
    ],
}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, and a file of access rules for the stages that want them."""
    project = copy_project(tmp_path_factory.mktemp("user") / "project")
    (project / "chalicelib" / "access" / "deployed.json").write_text(json.dumps(RULES))
    return project


@pytest.fixture(scope="session")
def prod(account: Account, project: Path) -> Api:
    return deploy(account, project)


@pytest.fixture(scope="session")
def stack_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that `stack` is deployed from; packaged/sam.yaml in it is the template."""
    return copy_project(tmp_path_factory.mktemp("user") / "stack")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, stack_project: Path) -> Iterator[Api]:
    """The API as one CloudFormation stack, in an account of its own because both ways use the same names."""
    with emulated_account(tmp_path_factory.mktemp("stack")) as account:
        create_stack(account, "lambda-apigateway-table", ROOT / "infrastructure" / "table.yaml")
        create_stack(account, "api-gateway-logs", ROOT / "infrastructure" / "account.yaml")
        outputs = create_stack(account, "lambda-apigateway", package(account, stack_project))
        yield Api(account, outputs["RestAPIId"], "Prod", outputs["APIHandlerName"], "lambda-apigateway-role")


@pytest.fixture(scope="session", params=["prod", "stack"], ids=["chalice deploy", "cloudformation"])
def api(request: pytest.FixtureRequest) -> Api:
    """The API, deployed in each of the two ways."""
    deployed: Api = request.getfixturevalue(request.param)
    return deployed


@pytest.fixture(scope="session")
def caller(api: Api) -> Credentials:
    """A user that may call the one resource."""
    return create_user(api.account, "caller", f"arn:aws:execute-api:*:*:{api.id}/{api.stage}/POST/DynamoDBManager")


@pytest.fixture(scope="session")
def pool(account: Account) -> Pool:
    return create_pool(account)


@pytest.fixture(scope="session")
def pooled(account: Account, project: Path, pool: Pool) -> Api:
    """A stage that demands a token of the pool, has access rules, and is open for health checks."""
    tokens = {"AUTH": "cognito", "COGNITO_USER_POOL_ARNS": pool.arn}
    add_stage(project, "pooled", **tokens, ACCESS_RULES="deployed.json", HEALTH_CHECK="on", OPENAPI="on")
    return deploy(account, project, "pooled")
