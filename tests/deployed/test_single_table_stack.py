"""infrastructure/single-table.yaml as a stack: the table that docs/single-table.md is built on."""

from tests.deployed.aws import ROOT, Account, create_stack


def test_the_stack_has_the_keys_and_the_index(account: Account) -> None:
    outputs = create_stack(account, "shop-table", ROOT / "infrastructure" / "single-table.yaml")
    table = account.client("dynamodb").describe_table(TableName=outputs["TableName"])["Table"]
    assert outputs["TableArn"] == table["TableArn"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "inverted"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["sk", "pk"]
