"""The log of a stack's process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from floe_bench.adapters.stacks.log_file import last_lines, parsed, rotate


def stamp(moment: datetime) -> str:
    return moment.astimezone().strftime("%m%d %H:%M:%S.%f")


def test_levels_times_and_texts_are_read() -> None:
    now = datetime.now(UTC)
    earlier = now - timedelta(minutes=5)
    lines = [f"I{stamp(earlier)} s3.go:1 hello", "  goes on", f"W{stamp(now)} a.go:2 hm", f"F{stamp(now)} b.go:3 over"]
    found = parsed(lines)
    assert [(line.level, line.text) for line in found] == [
        ("info", "s3.go:1 hello"),
        ("info", "goes on"),
        ("warn", "a.go:2 hm"),
        ("error", "b.go:3 over"),
    ]
    assert [line.at for line in found] == [earlier, earlier, now, now]


def test_a_line_from_december_read_in_january_is_of_last_year() -> None:
    ahead = datetime.now(UTC) + timedelta(days=40)
    (line,) = parsed([f"I{stamp(ahead)} s3.go:1 hello"])
    assert line.at < datetime.now(UTC)


def test_drawn_rules_are_left_out_and_lines_stand_in_order() -> None:
    now = datetime.now(UTC)
    lines = ["╔════╗", f"I{stamp(now)} a.go:1 second", f"I{stamp(now - timedelta(seconds=1))} a.go:1 first", "╚════╝"]
    assert [line.text for line in parsed(lines)] == ["a.go:1 first", "a.go:1 second"]


def test_only_the_last_lines_of_this_start_and_no_noise(tmp_path: Path) -> None:
    file = tmp_path / "weed.log"
    file.write_text("old\n")
    since = file.stat().st_size
    with file.open("a") as stream:
        stream.write("one\nnoise\ntwo\nthree\n")
    assert last_lines(file, 2, since=since, without=("noise",)) == ["two", "three"]
    assert last_lines(file, 10, since=since) == ["one", "noise", "two", "three"]
    assert last_lines(file, 0) == []


def test_a_long_log_is_moved_aside_while_its_writer_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "weed.log"
    with file.open("ab") as writer:
        writer.write(b"x" * (6 * 1024 * 1024))
        writer.flush()
        rotate(file)
        writer.write(b"fresh\n")
    assert file.read_bytes() == b"fresh\n"
    assert (tmp_path / "weed.log.1").stat().st_size == 6 * 1024 * 1024


def test_a_short_log_stays(tmp_path: Path) -> None:
    file = tmp_path / "weed.log"
    file.write_text("short\n")
    rotate(file)
    assert file.read_text() == "short\n"
    assert not (tmp_path / "weed.log.1").exists()
