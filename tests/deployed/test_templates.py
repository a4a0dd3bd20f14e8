"""What the two templates make of an account."""

from tests.deployed.aws import Account, Api


def test_the_table_has_the_founding_key_and_is_paid_for_on_demand(account: Account) -> None:
    table = account.client("dynamodb").describe_table(TableName="lambda-apigateway")["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_the_stack_throttles_the_stage(stack: Api) -> None:
    stage = stack.account.client("apigateway").get_stage(restApiId=stack.id, stageName="Prod")
    everything = stage["methodSettings"]["*/*"]
    assert (everything["throttlingRateLimit"], everything["throttlingBurstLimit"]) == (100, 200)


def test_the_stack_keeps_logs_for_a_month(stack: Api) -> None:
    groups = stack.account.client("logs").describe_log_groups()["logGroups"]
    assert {each["logGroupName"]: each.get("retentionInDays") for each in groups} == {
        "/aws/lambda/LambdaFunctionOverHttps-prod": 30,
        "/aws/apigateway/LambdaFunctionOverHttps-prod": 30,
    }
