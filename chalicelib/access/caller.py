"""Who calls: what API Gateway says of a caller, and nothing that the caller says."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import msgspec

from chalicelib.errors import bad_request, clipped

Kind = Literal["user", "iamRole", "iamUser", "apiKey", "anonymous", "invoke"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_ROLE = re.compile(r"arn:aws[a-z-]*:sts::([0-9]{12}):assumed-role/([A-Za-z0-9_+=,.@-]+)/[A-Za-z0-9_+=,.@-]+")
_USER = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:user/[!-~]+")


class Caller(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A caller. `claims` are those that a rule can put into a key; one that is not a string matches nothing."""

    kind: Kind
    id: str
    groups: frozenset[str] = frozenset()
    claims: dict[str, Any] = {}


INVOKE = Caller("invoke", "invoke")

_read_header = msgspec.json.Decoder(Caller).decode


def caller_of(auth: str, context: Mapping[str, Any]) -> Caller | None:
    """The caller of an HTTP event, from its `requestContext` and the stage's `AUTH`.

    None where the context is not exactly what API Gateway gives for this `AUTH`.
    """
    identity, authorizer = _mapping(context, "identity"), _mapping(context, "authorizer")
    # A signature fills the one, every other authorizer the other. Another authorizer's caller is not the rules' caller.
    if (auth != "iam" and identity.get("userArn")) or (auth != "cognito" and any(authorizer.values())):
        return None
    return _CALLERS[auth](identity, authorizer)


def caller_in_header(header: str | None) -> Caller | None:
    """The caller that the header `X-Caller` names, for a developer's machine. Raises `ApiError` 400 for a bad one."""
    if header is None:
        return None
    try:
        caller = _read_header(header)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise bad_request(
            f"X-Caller: {clipped(error)}. "
            'Send a JSON object such as {"kind": "user", "id": "u1", "groups": [], "claims": {"sub": "u1"}}.'
        ) from None
    if not caller.id:
        raise bad_request("X-Caller: the id is empty.")
    return caller


def _mapping(context: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = context.get(name)
    return value if isinstance(value, dict) else {}


def _anonymous(identity: Mapping[str, Any], authorizer: Mapping[str, Any]) -> Caller | None:
    return Caller("anonymous", "anonymous")


def _key_holder(identity: Mapping[str, Any], authorizer: Mapping[str, Any]) -> Caller | None:
    key = identity.get("apiKeyId")
    return Caller("apiKey", key) if isinstance(key, str) and key else None


def _signer(identity: Mapping[str, Any], authorizer: Mapping[str, Any]) -> Caller | None:
    arn = identity.get("userArn")
    if not isinstance(arn, str):
        return None
    if _USER.fullmatch(arn):
        return Caller("iamUser", arn)
    if role := _ROLE.fullmatch(arn):
        cognito_identity = identity.get("cognitoIdentityId")
        claims = {"cognitoIdentityId": cognito_identity} if cognito_identity else {}
        # The session name, which follows the role's, is the caller's own choice.
        return Caller("iamRole", f"{role[1]}/{role[2]}", claims=claims)
    return None


def _signed_in(identity: Mapping[str, Any], authorizer: Mapping[str, Any]) -> Caller | None:
    claims = _mapping(authorizer, "claims")
    subject, groups = claims.get("sub"), _groups(claims.get("cognito:groups", []))
    if not isinstance(subject, str) or not subject or groups is None:
        return None
    return Caller("user", subject, groups, {name: claim for name, claim in claims.items() if isinstance(claim, str)})


def _groups(claim: object) -> frozenset[str] | None:
    """The groups in a token: `[a b]` behind an HTTP API, `a,b` behind a REST API, a list from `chalice local`."""
    if isinstance(claim, str):
        in_brackets = claim.startswith("[") and claim.endswith("]")
        claim = claim[1:-1].split(" ") if in_brackets else claim.split(",")
    if not isinstance(claim, list) or not all(isinstance(name, str) for name in claim):
        return None
    return frozenset(name for name in claim if name)


_CALLERS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Caller | None]] = {
    "none": _anonymous,
    "api-key": _key_holder,
    "iam": _signer,
    "cognito": _signed_in,
}
