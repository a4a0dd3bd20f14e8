"""FastAPI behind Mangum, with one boto3 resource."""

from typing import Any

from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel

from perf.canned import Work
from perf.contenders.resource import OPERATIONS
from perf.event import Call, calling, request_body

app = FastAPI()


class Request(BaseModel):
    operation: str
    tableName: str
    payload: dict[str, Any]


@app.post("/DynamoDBManager")
def dynamodb_manager(request: Request) -> Any:
    return OPERATIONS[request.operation](request.tableName, request.payload)


handler = Mangum(app, lifespan="off")


def prepare(work: Work) -> Call:
    return calling(handler, request_body(work, work.plain))
