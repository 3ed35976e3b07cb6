"""The wire between clients and the engine."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from inspect import signature
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from floe_bench import errors, events
from floe_bench.engine import protocol
from floe_bench.engine.remote import RemoteVerbs
from floe_bench.errors import BenchError, CommitConflict, NoSuchTable, ParseFailed, UsageError
from floe_bench.model.run import RunRequest
from tests.builders import NOON

EVENTS = get_args(events.Event)


def some(kind: Any) -> Any:
    """A value of that type with every field filled: nothing may get lost by being a default."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return some(next(each for each in args if each is not type(None)))
    if origin is tuple:
        return (some(args[0]),) * 2 if args[-1] is ... else tuple(some(each) for each in args)
    if origin is Mapping:
        return {some(args[0]): some(args[1])}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{field.name: some(hints[field.name]) for field in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[-1]
    plain = {str: "é\n\"'", int: 8841000000000000001, float: 1.5, bool: True, datetime: NOON, object: "anything"}
    return plain[kind]


def received(line: bytes) -> dict[str, msgspec.Raw]:
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    return msgspec.json.decode(line, type=dict[str, msgspec.Raw])


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_comes_out_as_it_went_in(kind: type[Any]) -> None:
    event = some(kind)
    line = received(protocol.event_line(event))
    assert protocol.read_event(msgspec.json.decode(line["event"], type=str), line["data"]) == event


def test_an_event_of_a_newer_engine_is_passed_over() -> None:
    assert protocol.read_event("TeaServed", msgspec.Raw(b'{"sugar": 2}')) is None


def test_a_field_of_a_newer_engine_is_passed_over() -> None:
    found = protocol.read_event("ProblemSolved", msgspec.Raw(b'{"about": "catalog", "since": 3}'))
    assert found == events.ProblemSolved("catalog")


@pytest.mark.parametrize("verb", protocol.VERBS)
def test_every_verbs_arguments_and_answer_come_out_as_they_went_in(verb: str) -> None:
    hints = get_type_hints(protocol.VERBS[verb])
    answer = hints.pop("return")
    arguments = {name: some(kind) for name, kind in hints.items()}
    request = msgspec.json.decode(protocol.request_line(verb, arguments), type=protocol.Request)
    assert protocol.arguments(request.verb, request.args) == arguments
    result = None if answer is type(None) else some(answer)
    line = received(protocol.line(result=result))
    assert msgspec.json.decode(line["result"], type=protocol.answer_type(verb)) == result


def test_there_is_a_verb_for_everything_a_bench_does() -> None:
    assert {"submit", "cancel", "query", "shutdown", "diff"} <= set(protocol.VERBS)
    assert not any(name.startswith("_") for name in protocol.VERBS)


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        ("run", {"run": "r1"}),
        ("runs", {"limit": "many"}),
        ("submit", {"request": {"select": 3}}),
        ("diff", {"key": "id"}),
        ("run", {"run_id": None}),
    ],
)
def test_arguments_of_another_kind_are_a_usage_error_that_names_the_verb(verb: str, args: dict[str, Any]) -> None:
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in args.items()}
    with pytest.raises(UsageError, match=f"^{verb} does not take"):
        protocol.arguments(verb, raw)


@pytest.mark.parametrize(("verb", "missing"), [("run", "run_id"), ("submit", "request"), ("keep", "kept")])
def test_a_missing_argument_is_a_usage_error(verb: str, missing: str) -> None:
    assert missing in signature(protocol.VERBS[verb]).parameters
    with pytest.raises(UsageError, match=missing):
        protocol.arguments(verb, {})


def test_what_has_a_default_may_be_left_out() -> None:
    assert protocol.arguments("diff", {"table": msgspec.Raw(b'"shop.orders"')}) == {"table": "shop.orders"}
    raw = {"request": msgspec.Raw(b'{"select": "orders"}')}
    assert protocol.arguments("submit", raw) == {"request": RunRequest(select="orders")}


def every_error(cls: type[BenchError] = BenchError) -> list[type[BenchError]]:
    return [cls, *(each for child in cls.__subclasses__() for each in every_error(child))]


@pytest.mark.parametrize("kind", [each for each in every_error() if each.__module__ == errors.__name__])
def test_every_error_comes_out_as_it_went_in(kind: type[BenchError]) -> None:
    error = kind("no\nluck", remedy="try again", where="models/a.sql:3")
    line = received(protocol.error_line(error))
    found = protocol.raised(msgspec.json.decode(line["error"], type=dict[str, str]))
    assert type(found) is kind
    assert (found.message, found.remedy, found.where) == ("no\nluck", "try again", "models/a.sql:3")
    assert (found.exit_code, found.retryable) == (error.exit_code, error.retryable)


def test_an_error_of_a_newer_engine_is_an_error_still() -> None:
    found = protocol.raised({"kind": "TeaCold", "message": "the tea is cold", "remedy": "", "where": ""})
    assert type(found) is BenchError
    assert found.message == "the tea is cold"
    assert not found.retryable
    assert (CommitConflict.retryable, NoSuchTable.retryable, ParseFailed.exit_code) == (True, False, 4)


class Tea(Protocol):
    def brew(self, cups: int, sugar: bool = False) -> str: ...


class House(Protocol):
    def open(self) -> None: ...

    @property
    def tea(self) -> Tea: ...


def test_a_group_of_verbs_is_named_by_its_property() -> None:
    assert list(protocol.verbs_of(House)) == ["open", "tea.brew"]


def test_a_remote_group_takes_what_its_protocol_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "VERBS", protocol.verbs_of(House))
    said: list[Any] = []
    tea = RemoteVerbs("tea", lambda verb, cancelled, /, **args: said.append((verb, cancelled, args)))
    never = lambda: False  # noqa: E731
    tea.brew(2, sugar=True, cancelled=never)
    assert said == [("tea.brew", never, {"cups": 2, "sugar": True})]
    with pytest.raises(TypeError):
        tea.brew(lumps=3)
    with pytest.raises(AttributeError):
        tea.pour()
