"""Creations of one table take turns."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from floe_bench.adapters.iceberg.creating import alone
from floe_bench.errors import TableError
from floe_bench.model.table import TableName

ORDERS = TableName(("shop",), "orders")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_a_creation_waits_for_the_one_that_began_before_it() -> None:
    begun = threading.Event()

    def second() -> None:
        with alone("http://127.0.0.1:1", ORDERS):
            begun.set()

    waiting = threading.Thread(target=second)
    with alone("http://127.0.0.1:1", ORDERS):
        waiting.start()
        assert not begun.wait(0.2)
    assert begun.wait(10)
    waiting.join(10)


def test_one_that_failed_gives_its_turn_back() -> None:
    with pytest.raises(RuntimeError), alone("http://127.0.0.1:1", ORDERS):
        raise RuntimeError("no space left")
    with alone("http://127.0.0.1:1", ORDERS):
        pass


def test_who_waits_for_a_creation_that_hangs_is_told_which_process_it_is() -> None:
    def second() -> None:
        with alone("http://127.0.0.1:1", ORDERS, wait_s=0.1):
            raise AssertionError("it had its turn")

    with alone("http://127.0.0.1:1", ORDERS), pytest.raises(TableError) as told:
        second()
    assert str(ORDERS) in told.value.message
    assert f"process {os.getpid()} " in told.value.message
    assert f"wait for process {os.getpid()}" in told.value.remedy


def test_a_turn_that_was_waited_for_in_vain_is_free_again_when_it_is_given_back() -> None:
    with alone("http://127.0.0.1:1", ORDERS), suppress(TableError), alone("http://127.0.0.1:1", ORDERS, wait_s=0.05):
        raise AssertionError("it had its turn")
    with alone("http://127.0.0.1:1", ORDERS, wait_s=0.05):
        pass
