"""The tests that each module's mutants meet: its own first, then those that also speak of it."""

from pathlib import Path

_TESTS = {
    "operations": "stages readme operations",
    "formats": "formats",
    "plain_json": "formats entry_points fence",
    "typed_json": "formats entry_points fence",
    "errors": "errors request limits entry_points dynamodb",
    "tables": "tables",
    "once": "once",
    "settings": "settings readme stages",
    "auth": "auth",
    "health": "health",
    "log": "log request_id",
    "start": "start",
    "service_model": "service_model request operations",
    "shapes": "shapes request formats operations fence",
    "access/request_token": "access/caller access/stage",
    "access/declared_keys": "access/declared_keys access/stage",
    "access/authorization": "access/decision access/stage",
    "access/visibility": "access/visibility access/stage tables",
    "access/known": "access/known access/decision access/expressions access/accesses",
    "access/decision": "access/decision access/accesses access/stage",
    "access/caller": "access/caller access/stage",
    "access/expressions": "access/expressions access/decision access/accesses access/stage",
    "access/rules": "access/rules access/decision access/stage",
    "access/accesses": "access/accesses access/decision access/stage",
    "request": "request request_id entry_points once access/stage fence limits",
    "gateway": "gateway operations errors request request_id log limits entry_points once dynamodb access/stage",
    "entry_points": "entry_points request_id limits log auth request access/caller access/stage start",
    "openapi": "openapi",
    "dynamodb": "dynamodb entry_points log",
    "sdk": "sdk dynamodb connections log once",
    "connections": "connections dynamodb",
}


def _file(name: str) -> str:
    folder, _, stem = name.rpartition("/")
    return str(Path("tests", folder, f"test_{stem}.py"))


MODULES = {f"chalicelib/{module}.py": tuple(map(_file, names.split())) for module, names in _TESTS.items()}
