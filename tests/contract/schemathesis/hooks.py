"""What the tester has to know of the server: how to log in, what there is, and which refusals are about the shape."""

import itertools
import json
import os
import threading
import uuid
from collections import defaultdict

import requests
import schemathesis

with open(os.environ["KITELINE_ACCOUNTS"], encoding="utf-8") as file:
    DEMO = json.load(file)
ROLE = os.environ["KITELINE_ROLE"]
ACCOUNT = next(one for one in DEMO["accounts"] if one["login"] == ROLE)

# Faults that the contract's schemas rule out: whoever keeps to the contract is never told them.
OF_SHAPE = {
    "unknown_field",
    "unknown_parameter",
    "wrong_type",
    "not_in_list",
    "malformed",
    "too_short",
    "too_long",
    "too_small",
    "too_big",
}
# Where lists of real things are, for addresses that begin so.
LISTS = {
    "/v1/members/": "/v1/members",
    "/v1/kite/journeys/": "/v1/kite/journeys",
    "/v1/kite/transfers/": "/v1/kite/transfers",
    "/v1/magnet/stays/": "/v1/magnet/stays",
    "/v1/handovers/": "/v1/handovers?direction=incoming",
    "/v1/organisations/": "/v1/organisations",
    "/v1/requests/": "/v1/requests",
    "/v1/wishes/": "/v1/wishes",
    "/v1/service-requests/": "/v1/service-requests",
    "/v1/gifts/": "/v1/gifts",
    "/v1/me/wishes/": "/v1/me/wishes",
    "/v1/me/published-wishes/": "/v1/me/published-wishes",
    "/v1/me/service-requests/": "/v1/me/service-requests",
    "/v1/campaigns/": "/v1/campaigns",
    "/v1/gatherings/": "/v1/gatherings",
    "/v1/me/gatherings/": "/v1/me/gatherings",
    "/v1/lecturers/": "/v1/lecturers",
    "/v1/accounts/": "/v1/accounts",
    "/v1/webhooks/": "/v1/webhooks",
    "/v1/me/inbox/": "/v1/me/inbox",
}


def dies(failure):
    """A thread of the tester that dies takes it along: what it did not come to ask would pass for right."""
    threading.__excepthook__(failure)
    os._exit(1)


threading.excepthook = dies


def log_in():
    credentials = {"login": ACCOUNT["login"], "password": ACCOUNT["password"]}
    answer = requests.post(DEMO["base_url"] + "/v1/auth/login", json=credentials, timeout=30)
    answer.raise_for_status()
    return answer.json()["access_token"]


def things(path):
    """The ids of what this role sees; none where it may not look."""
    headers = {"Authorization": "Bearer " + log_in()}
    answer = requests.get(DEMO["base_url"] + path, headers=headers, timeout=30)
    items = answer.json().get("items", []) if answer.ok else []
    return [item["id"] for item in items if "id" in item]


REAL = {prefix: things(path) for prefix, path in LISTS.items()}
TURNS = defaultdict(itertools.count)


@schemathesis.auth()
class Token:
    def get(self, case, context):
        return log_in()

    def set(self, case, data, context):
        ends = case.operation.path in ("/v1/auth/logout", "/v1/auth/password")
        case.headers = case.headers or {}
        case.headers["Authorization"] = "Bearer " + (log_in() if ends else data)


def is_positive(case):
    return case.meta is None or case.meta.generation.mode.is_positive


def is_uuid(text):
    try:
        return str(uuid.UUID(str(text))) == str(text).lower()
    except ValueError:
        return False


def whole(value):
    """53.0 is a whole number to the contract; a JSON library writes 53."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@schemathesis.hook
def before_call(context, case, kwargs):
    """Three of four ids are real, each request has a key of its own, and no page but the first is asked for, since
    cursors are signed."""
    prefix = next((one for one in REAL if case.operation.path.startswith(one)), None)
    there = REAL.get(prefix)
    if there and is_uuid((case.path_parameters or {}).get("id")):
        turn = next(TURNS[case.operation.label])
        if turn % 4:
            case.path_parameters["id"] = there[turn % len(there)]
    if not is_positive(case):
        return
    if case.headers and case.headers.get("Idempotency-Key"):
        case.headers["Idempotency-Key"] = str(uuid.UUID(int=next(TURNS["key"]), version=4))
    if case.query:
        case.query.pop("cursor", None)
    if isinstance(case.body, dict):
        case.body = {name: whole(value) for name, value in case.body.items()}


@schemathesis.check
def shape_is_in_the_contract(context, response, case):
    """Data that keep to the contract are never refused for their shape."""
    if not is_positive(case) or response.status_code not in (400, 422):
        return
    problem = response.json()
    codes = {fault["code"] for fault in problem.get("errors", [])} or {problem["code"]}
    wrong = codes & (OF_SHAPE | {"unreadable"})
    assert not wrong, f"refused for its shape: {problem}"
