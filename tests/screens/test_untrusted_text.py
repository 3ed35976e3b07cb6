"""Whatever data, names, logs and errors contain: every renderer shows it, in its width, and interprets none of it."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
import shop
import table_stage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floe_bench.events import CarryProgressed, ProblemFound
from floe_bench.model.anatomy import Bounds, MetadataFile, Ref, SchemaVersion, Spec
from floe_bench.model.answer import LogLine, QueryAnswer
from floe_bench.model.asset import AssetStatus
from floe_bench.model.bisection import Bisection, Culprit, Evaluation, Outcome, Trail, Verdict
from floe_bench.model.carry import Carried
from floe_bench.model.code import Code
from floe_bench.model.drift import MEASURES, Figures, Reading
from floe_bench.model.finding import FindingState
from floe_bench.model.health import Health, Symptom
from floe_bench.model.profile import ColumnProfile, Profile, TopValue
from floe_bench.model.query import AskedQuery, Written
from floe_bench.model.rehearsal import Rehearsal, RehearsalState, Rehearsed, RehearsedDiff
from floe_bench.model.run import Ending, Means, NodeRun, NodeStatus, RunRequest, RunStatus
from floe_bench.model.saving import ModelPlan
from floe_bench.model.snapshot import Diff, RowChange, Sample, SchemaChange
from floe_bench.model.stack import Service, StackOffer, StackState, StackStatus
from floe_bench.model.step import (
    Breakpoint,
    Condition,
    Effect,
    Input,
    Outlook,
    Place,
    Step,
    StepCheck,
    StepNode,
    StepState,
    Stop,
    StopKind,
    Usual,
)
from floe_bench.model.table import Column
from floe_bench.model.undo import HeadMove, TableHead, TakeBack, UndoKind, UndoPlan
from floe_bench.model.view import LakeView, ViewDefinition, ViewVersion, Wording
from floe_bench.state import BenchState, Phase
from floe_bench.tui import render
from floe_bench.tui.asking import Result, SqlView
from floe_bench.tui.attempt import Try
from floe_bench.tui.completion import Candidate
from floe_bench.tui.glance import Comparison, Failing, Glance, GlanceOf
from floe_bench.tui.lineage import lineage_of
from floe_bench.tui.looking import Branch, LookOf, TableLook, TableView
from floe_bench.tui.panes.paint import content_of
from floe_bench.tui.past.moment import Moment
from floe_bench.tui.plan import plans
from floe_bench.tui.plotting import Bars, Curve, Points
from floe_bench.tui.render import (
    asset,
    bar,
    bisection,
    boot,
    chrome,
    code,
    definition,
    diff,
    drift,
    face,
    grid,
    key_row,
    lineage,
    meta,
    metadata_log,
    model_file,
    moment,
    plan,
    plot,
    profile,
    rehearsal,
    run,
    schema_history,
    service,
    snapshot,
    sql,
    sql_chrome,
    stack_chrome,
    step,
    step_chrome,
    table,
    table_chrome,
    timeline,
    undo,
)
from floe_bench.tui.render.text import Line, Span, Tone, cell, clean, cut, fit, width_of, wrap
from floe_bench.tui.services import ServiceLook, StackView
from floe_bench.tui.stack_actions import STACK_ACTIONS
from floe_bench.tui.theme import Palette
from floe_bench.tui.view import AsOf, Link, Notice, Question, Selection, Since, Trouble, View

_NASTY = [
    "[bold red]", "[/]", "[@click=app.quit]x[/]", "\\[",
    "\x1b[31m", "\x1b]0;t\x07", "\x1b]8;;http://x\x1b\\", "\x9b31m",
    "\x00", "\r", "\n", "\t", "\u202e", "\u2066", "\u200b", "\ufeff", "\u0301",
    "数据", "ｗｉｄｅ", "👩‍👩‍👧", "🏳️", "e\u0301", "\ud800",
    "a" * 300, " ", "", "ß", "مرحبا", "\u2028", "\u00ad", "\u061c",
]  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(_NASTY), st.text(max_size=12)), max_size=6).map("".join)
widths = st.integers(16, 160)
SHOP = BenchState(assets={each.asset: each for each in shop.assets()})


def inert(lines: Sequence[Line], width: int) -> None:
    for line in lines:
        spans = fit(line, width)
        assert width_of(spans) == width
        for char in "".join(span.text for span in spans):
            assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"), repr(char)
        assert content_of(spans, ansi=Palette.DARK).plain == "".join(span.text for span in spans)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_assets_and_their_lineage(text: str, width: int) -> None:
    odd = replace(
        shop.asset("staging/x", AssetStatus.STALE), asset=f"staging/{text}", group=text, kind=text, why_stale=(text,),
        checks_total=3, table=f"a.{text}",
    )  # fmt: skip
    inert([asset.asset_line(odd, width, shop.NOW), asset.group_line(text, {AssetStatus.STALE: 3}, shut=False)], width)
    inert(asset.asset_detail(odd, width), width)
    child = replace(shop.asset("x/child"), upstream=(odd.asset,))
    found = lineage_of({odd.asset: odd, child.asset: child}, odd.asset)
    rows = lineage.graph_rows(found)
    graph = lineage.graph_width(rows)
    inert([lineage.lineage_line(row, width, graph, shop.NOW, focus=odd.asset) for row in rows], width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths, st.sampled_from(RunStatus), st.sampled_from(NodeStatus))
def test_runs_and_their_nodes(text: str, width: int, status: RunStatus, how: NodeStatus) -> None:
    node = replace(shop.node("x", 9, 1, key="raw/x"), name=text, message=text, status=how)
    odd = replace(
        shop.run_7f3a(over=True), run_id=text, selection=text, exclude=text, launched_by=text, error=text, status=status
    )
    scale = run.scale_of(odd, (node,), shop.NOW)
    row = run.NodeRow(odd, node)
    lines = [
        run.run_line(odd, (1, 3), width, shop.NOW, None, shut=False, place=3),
        run.run_line(odd, (0, 0), width, shop.NOW, None, shut=True, waits=ProblemFound("storage", text, at=shop.NOW)),
        run.node_line(row, scale, width, shop.NOW, usual_s=1.0, critical=True),
        run.checks_line(run.ChecksRow(odd, text, (node,)), scale, width),
        run.attempt_line(run.AttemptRow(odd, odd, 2), width, shop.NOW, None),
        run.tries_line((Try(odd, node), Try(odd, node))),
    ]
    lines += [run.ending_line(Ending(means, shop.ago(3), shop.NOW), shop.NOW) for means in Means]
    inert([*lines, *run.node_detail(row, width), *run.run_detail(odd, width, shop.NOW)], width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_snapshots_and_differences(text: str, width: int) -> None:
    odd = replace(shop.snapshots()[-1], operation=text, run_id=text, asset=text, refs=(text,), written_by=text)
    foreign = replace(odd, run_id=None)
    lines = [snapshot.snapshot_line(each, width, shop.NOW, None, current=True) for each in (odd, foreign)]
    lines += [snapshot.later_line(each, width, shop.NOW, None) for each in (odd, foreign)]
    lines += [snapshot.here_line(each) for each in (0, 7)]
    lines += [snapshot.refs_line((text,), width, snapshot.Growth((1, 2), (3, 4))), snapshot.foreign_line(foreign)]
    inert([*lines, *snapshot.snapshot_detail(odd, width), *snapshot.snapshot_detail(foreign, width)], width)
    column = Column(1, text, text)
    made = shop.diff()
    samples = (Sample("changed", {text: text}, {text: "before"}), Sample(text, {text: None}))
    schema = replace(made.schema, added=(column,), removed=(column,), changed=((column, column),))
    inert(diff.diff_lines(replace(made, samples=samples, schema=schema), odd, width), width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_chrome_faces_and_the_start(text: str, width: int) -> None:
    trouble = Trouble(text, text, text)
    services = (Service(text, StackState.FAILED),)
    state = BenchState(
        project=shop.booting()[0].__class__(text, text, text),
        phases=(Phase(text, text, shop.ago(3), 1.0, text, text, text), Phase(text, text, shop.ago(3))),
        stack=StackStatus(text, StackState.READY, services),
        problems=(ProblemFound(text, text, text, text),),
        booted=shop.filled()[-1],
    )
    for view in (
        View(Link.LIVE), View(Link.BROKEN, trouble), View(notice=Notice(text, "bad")),
        View(question=Question("quit", text, text)), View(Link.LIVE, as_of=AsOf(shop.NOW, 3)),
    ):  # fmt: skip
        shown = [
            chrome.header(state, view, width),
            chrome.footer(state, view, width),
            *boot.boot_lines(state, view, width, shop.NOW),
        ]
        problem = chrome.problem_line(state, view, width)
        inert([*shown, *([problem] if problem else [])], width)
    inert([*face.loading(text), *face.empty(text, width=width), *face.broken(trouble, width, retry="again")], width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_plans_and_their_options(text: str, width: int) -> None:
    odd = replace(
        shop.asset("marts/x", AssetStatus.STALE), asset=f"marts/{text}", node_id=f"model.shop.{text}", why_stale=(text,)
    )
    state = replace(SHOP, assets={**(SHOP.assets or {}), odd.asset: odd})
    for made in plans(state, View(selection=Selection(assets=(odd.asset,)))):
        for chosen in (plan.Options(), plan.Options(True, text, text)):
            title = Line((Span(clean(plan.title_of(made, chosen))),))
            inert([plan.plan_line(made, width), title, *plan.options_lines(made, chosen, width)], width)
        inert([plan.planned_line(each, width, shop.NOW, left_out=True) for each in made.assets], width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, hostile, widths, st.sampled_from(["", "sql", "python", "yaml"]))
def test_code_and_what_changed_in_it(text: str, said: str, width: int, language: str) -> None:
    inert(code.code_lines(f"select 1\n{text}\n{text}", language, width, 2, said), width)
    inert(code.change_lines(f"a\n{text}", f"{text}\nb", width), width)
    inert([Line((*bar.progress(0.4, 8), *bar.lane(0.2, 0.5, 8, Tone.OK)))], width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_rows_of_a_table_and_their_heads(text: str, width: int) -> None:
    values = (text, None, {text: [text]}, 12)
    answer = QueryAnswer((text, "b", text, "d"), (text, "string", "struct", "int"), (values, values))
    cells = grid.widths_of(answer)
    shown = grid.shown_columns(cells, 0, 1, width)
    inert([grid.head_line(answer, cells, shown, 1), grid.row_line(answer, values, cells, shown, 1)], width)
    inert(grid.record_lines(answer, values, width), width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_facts_relatives_and_tabs(text: str, width: int) -> None:
    odd = replace(
        shop.asset("staging/x", AssetStatus.STALE), asset=f"staging/{text}", description=text, owners=(text,),
        tags=(text,), path=text, kind=text, group=text, checksum=text, unique_key=(text,), why_stale=(text,),
        inputs={text: 1},
    )  # fmt: skip
    made = replace(shop.snapshots()[-1], operation=text, asset=text, node_id=text, refs=(text,), code_hash=text)
    foreign = replace(made, run_id=None, written_by=text)
    facts = meta.asset_facts(odd, width, shop.NOW, None)
    others = [*meta.snapshot_facts(made, shop.NOW, None), *meta.snapshot_facts(foreign, shop.NOW, None)]
    facts += meta.message_facts(NodeRun(text, text, text, NodeStatus.FAILED, message=text), width)
    inert(meta.beside([*facts, meta.fact(text, Span(text))], others, width), width)
    inert([meta.parent_line(each, text, 1, 2, width) for each in (odd, None)], width)
    inert([meta.child_line(odd, width), chrome.tab_line(SHOP, View(), [("x", text)])], width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_plans_of_undo(text: str, width: int) -> None:
    foreign = replace(shop.snapshots()[1], operation=text, written_by=text)
    column = Column(1, text, text)
    heads = TableHead("u", 1, 0, 0, 0), TableHead("u", 2, 0, 0, 0, empty=True)
    schema = SchemaChange((column,), (column,), ((column, column),))
    table = TakeBack(f"a/{text}", HeadMove(f"a.{text}", *heads), 3, 0, 3, 0, schema, (foreign,) * 6, (text,))
    made = UndoPlan(UndoKind.UNDO, text, (table,), together=False)
    lines = [undo.head_line(width), undo.table_line(table, width)]
    inert([*lines, *undo.about_lines(made, width), *undo.notes(made, width)], width)


@given(hostile, widths, st.booleans())
def test_a_rehearsal(text: str, width: int, behind: bool) -> None:
    table = Rehearsed(f"a.{text}", f"a/{text}", 1, 2, behind=behind, new=not behind)
    change = RowChange(changed=1, key=(text,), columns={text: 1})
    made = Diff(f"a.{text}", 1, 2, SchemaChange(), change, (Sample("changed", {text: text}, {text: 1}),))
    found = Rehearsal(text, text, shop.ago(1), RunRequest(text), RehearsalState.READY, (table,))
    lines = rehearsal.rehearsal_lines(found, (RehearsedDiff(table, made),), width)
    inert([*lines, *rehearsal.notes(found)], width)


@given(hostile, hostile, widths, st.sampled_from(Outcome), st.sampled_from(Verdict))
def test_a_bisection(text: str, other: str, width: int, outcome: Outcome, verdict: Verdict) -> None:
    made = replace(shop.snapshots()[1], asset=text, written_by=other)
    culprits = tuple(
        Culprit(text, replace(made, run_id=run_id), 3, text, other, text, (Input(text, 2, 1),))
        for run_id in (None, text)
    )
    looked = (Evaluation(1, shop.NOW, verdict, 2, text), Evaluation(2, shop.NOW, Verdict.FAILED, 2, other))
    found = Bisection(text, text, outcome, (Trail(text, 3, expired=True),), 5, looked, 2, culprits)
    asked = Since(text, text, shop.NOW, looked, 5)
    shown = [bisection.culprit_line(each, shop.NOW, UTC) for each in culprits]
    for since in (asked, replace(asked, found=found), replace(asked, trouble=Trouble(text, other, text))):
        lines = bisection.since_lines(since, width, shop.NOW, UTC)
        shown += [each for each in lines if not isinstance(each, Culprit)]
    inert(shown, width)


def hostile_step(text: str, place: Place, kind: StopKind) -> tuple[Step, StepNode]:
    """A stepped run of one node, every word of which somebody else wrote."""
    input_ = Input(f"a.{text}", 4001, 7001)
    effect = Effect(1, 2, RowChange(added=1, changed=2), schema_changes=1)
    node = StepNode(
        f"a/{text}", f"model.a.{text}", text, "table", f"a.{text}", (f"a/{text}",), (StepCheck(text, text),), place, 2,
        rows=3, duration_s=0.1, checks_failed=1, inputs=(input_,), message=text,
        effect=effect if place is Place.DONE else None,
    )  # fmt: skip
    stop = Stop(kind, node.asset, False, text)
    return Step(text, text, StepState.STOPPED, RunRequest(text), (node,), stop), node


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, hostile, widths, st.sampled_from(Place), st.sampled_from(StopKind))
def test_a_stepped_run(text: str, other: str, width: int, place: Place, kind: StopKind) -> None:
    stepped, node = hostile_step(text, place, kind)
    state = replace(SHOP, project=shop.booting()[0].__class__(text, text, text), steps=(stepped,))
    points = (Breakpoint(node.asset, Condition.ROWS, 3), Breakpoint("*"))
    shown = [step.step_header(state, stepped, width), step.order_lines(stepped, node, 1, width, points)]
    shown += [step.step_header(state, None, width), step_chrome.footer(state, View(), width)]
    run = {text: NodeRun(text, text, "test", NodeStatus.FAILED)}
    for checks in (node.checks, (), tuple(StepCheck(text, text, duration_s=0.1) for _ in range(4))):
        shown += step.check_lines(replace(node, checks=checks), run, width, 2)
    answer = QueryAnswer((text, "b"), (text, "int"), ((text, None), (other, {text: text})) * 4, truncated=True)
    of = GlanceOf(text, node.asset, place, 2)
    made = shop.diff()
    after = Glance(
        of, code=Code(node.node_id, "model", text, text, text, f"select 1\n{text}", text, other, text),
        failing=(Failing(text, f"{other}\n{text}", answer),),
    )  # fmt: skip
    for error in ("", text):
        ahead = Outlook(node.asset, f"{text}\n{other}", other, text, text, text, node.inputs, Usual(3, 0.1), error)
        shown += step.sql_lines(node, Glance(of, outlook=ahead), Usual(3, 0.1), width)
    changed = replace(made, table=text, samples=(Sample("changed", {text: text}, {text: other}),))
    given_up = Comparison(of, None, changed, trouble=Trouble(text, other, text), given_up=True)
    for glance in (None, after):
        for comparison in (None, Comparison(of, shop.NOW), Comparison(of, shop.NOW, changed), given_up):
            compared = step.compared_lines(comparison, width, spent_s=2, percent=12)
            shown += step.effect_lines(node, glance, compared, width)
        shown += step.sql_lines(node, glance, Usual(), width)
    shown += diff.comparing_lines(text, 2, 12)
    inert(shown, width)
    assert clean(step.sql_title(node, after)) == step.sql_title(node, after)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, hostile, widths, st.sampled_from(["", "sql", "python"]))
def test_code_merged_with_what_it_was(text: str, other: str, width: int, language: str) -> None:
    for before in (None, f"select 1\n{other}\n{text}", text):
        inert(code.merged_lines(before, f"{text}\nselect 1\n{other}", language, width), width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths, st.sampled_from(["soft", "ok", "warn", "bad"]))
def test_what_is_said_in_the_footer(text: str, width: int, tone: str) -> None:
    for view in (View(notice=Notice(text, tone)), View(question=Question("quit", text, text)), View()):
        said = chrome.said_line(view, width)
        inert([said] if said is not None else [], width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_tables_and_what_they_are_made_of(text: str, width: int) -> None:
    column, spec, ref = Column(1, text, text, True, text), Spec(1, (text,), True), Ref(text, text, 1, 60)
    version = SchemaVersion(0, (column,), True, 1, shop.NOW)
    odd = replace(
        table_stage.anatomy(None), table=text, location=text, metadata_location=text, schema=version, spec=spec,
        specs=(spec, replace(spec, current=False)),
        sort_order=spec, sort_orders=(replace(spec, current=False),), refs=(ref,), properties={text: text},
        faults=(text,),
    )  # fmt: skip
    later = replace(version, schema_id=1, columns=(replace(column, name=f"{text}2"),))
    made = table_stage.files(None)
    bounds = (Bounds(text, 1, text, text), Bounds(text, None, text))
    file = replace(made.files[0], path=text, partition=text, format=text, bounds=bounds)
    parts = (replace(made.partitions[0], partition=text),)
    page = replace(made, table=text, files=(file,), partitions=parts, faults=(text,))
    ill = Health(text, tuple(Symptom(text, state, text, text, text) for state in FindingState))
    listed = replace(shop.table("a.b"), table=f"{text}.{text}", namespace=text)
    lines = [
        table.namespace_line(Branch(text, (listed,), open=True)),
        table.table_line(listed, text),
        *table.overview_lines(odd, width, shop.NOW, None),
        *table.schema_lines(version, (version, replace(version, schema_id=1)), width, shop.NOW, None),
        *table.file_lines(page, width),
        *table.file_lines(page, width, bounds=True),
        *schema_history.history_lines((version, later), shop.NOW, None),
        *(schema_history.version_line(version, width, shop.NOW, None, old=old) for old in (True, False)),
        *schema_history.change_lines(version, later, width),
        *schema_history.change_lines(version, replace(version, columns=(replace(column, type=f"{text}2"),)), width),
        *(
            metadata_log.metadata_line(MetadataFile(text, shop.NOW, 1, gone), width, shop.NOW, None, current=gone)
            for gone in (True, False)
        ),
        *metadata_log.location_lines(MetadataFile(text, shop.NOW), width),
        *table.partition_lines(page, width),
        *table.property_lines(odd.properties),
        *table.health_lines(ill, width),
    ]
    inert(lines, width)
    said = {"engine-name": text, "engine-version": text}
    told = ViewVersion(
        1, shop.NOW, 0, (Wording(text, text),) * 2, (text,), default_namespace=text, default_catalog=text, summary=said
    )
    odd_view = ViewDefinition(
        text, text, 1, text, (version,), (told, replace(told, current=True, version_id=2)), {text: text}, (text,)
    )
    lines = [
        definition.view_line(LakeView(f"{text}.{text}", text), text),
        *definition.no_timeline(),
        table.fact(text),
        *definition.definition_lines(odd_view, shop.NOW, None),
        *definition.fault_lines(odd_view),
        *definition.wording_lines(odd_view, width),
        *definition.version_lines(odd_view, shop.NOW, None),
    ]
    inert(lines, width)
    held = ColumnProfile(text, text, 1, 2, False, text, text, top=(TopValue(text, 2),))
    shapes = (held, replace(held, bins=(0, 1, 2), top=()), replace(held, lower=None, distinct=None, top=()))
    inert(tuple(profile.profile_lines(Profile(text, 1, 3, shapes), width)), width)
    snapshots = [replace(each, operation=text, refs=(text,)) for each in table_stage.snapshots()]
    inert(timeline.timeline_lines(snapshots, None, width, shop.NOW, None), width)
    view = TableView(table=f"a.{text}", snapshot_id=1, look=TableLook(LookOf(f"a.{text}", 1), anatomy=odd))
    known = BenchState(tables={f"a.{text}": replace(listed, table=f"a.{text}")})
    said = View(looking=view, notice=Notice(text, "bad"))
    inert([table_chrome.header(known, view, width, shop.NOW, None), table_chrome.footer(known, said, width)], width)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile, widths)
def test_services_and_their_logs(text: str, width: int) -> None:
    odd = Service(text, StackState.FAILED, 1, (1, 2, 3, 4), shop.NOW, text, text, text, text, 1)
    for each in (odd, replace(odd, state=StackState.READY, detail=""), Service(text, StackState.STOPPED)):
        inert([service.service_line(each, width, shop.NOW), *service.fact_lines(each, shop.NOW, None)], width)
    offers = [service.offer_line(StackOffer(text, text, text, (), False), dead) for dead in ("", text)]
    came = [line for fault in ("", text) for line in service.carried_lines(Carried(text, 1, 1, fault=fault), width)]
    on_its_way = [
        line
        for at in (None, CarryProgressed(text, text, 1, 2, 3), CarryProgressed(text, text, 2, 2, 0))
        for line in service.carrying_lines(at, text, width)
    ]
    inert([*offers, *came, *on_its_way], width)
    said = LogLine(shop.NOW, text, text, text)
    inert([service.log_line(said, None, narrow=narrow) for narrow in (False, True)], width)
    view = View(tending=StackView(text, look=ServiceLook(StackStatus(text, StackState.READY, (odd,), text), text)))
    keys = tuple(replace(each, label=text) for each in STACK_ACTIONS)
    inert([stack_chrome.header(SHOP, view.tending, width), stack_chrome.footer(SHOP, view, width)], width)
    inert([Line(key_row.key_row(keys, dead, width)) for dead in ((), [each.name for each in keys])], width)


@given(hostile, widths)
def test_statements_and_what_came_of_them(text: str, width: int) -> None:
    answer = QueryAnswer((text,), (text,), ((text,),))
    wrote = Result(1, text, text, answer=answer, written=(Written(text, None, 1), Written(text, 1, None)))
    asked = SqlView(text, text, results=(wrote, replace(wrote, number=2, trouble=Trouble(text))), shown=1)
    for each in (asked, replace(asked, at="", unlocked=True), SqlView()):
        spans = sql.tab_spans(each, lit=True), sql.foot_spans(wrote)
        heads = [sql_chrome.header(each, width), sql_chrome.footer(SHOP, View(asking=each), width)]
        inert([*heads, *map(Line, spans)], width)
    offered = tuple(Candidate(text, kind, 1) for kind in ("column", "table", "function", "word"))
    inert([sql.candidate_line(offered, width), sql.written_line(wrote), *sql.plan_lines(text)], width)
    snapshot = replace(shop.snapshots()[0], operation=text, refs=(text,))
    before = AskedQuery(shop.NOW, text, text, error=text)
    inert([sql.moment_line(text, snapshot, shop.NOW, None), sql.asked_line(before, width, shop.NOW, None)], width)
    inert(model_file.plan_lines(ModelPlan(text, text, text, text, text, text, notes=(text,)), width), width)


@given(hostile, hostile, widths)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_plots(text: str, other: str, width: int) -> None:
    inert(plot.plot_lines(Bars((text, other), (3.0, -4.5), 0), width, 10), width)
    inert(plot.plot_lines(Points((0.0, 1e9), (3.0, -4.5), timed=True, left_out=0), width, 10), width)


@given(hostile, widths)
def test_the_drift_of_a_column(text: str, width: int) -> None:
    held = Reading(1, shop.NOW, text, text, text, Figures(1, 0, lower=text, upper=text), unusual=("rows", "distinct"))
    for each in (
        held,
        replace(held, fault=text),
        replace(held, absent=text),
        replace(held, same_rows=True),
        replace(held, half=True),
    ):
        for measure in MEASURES:
            inert([drift.reading_line(each, 3.0, measure, "other", width, shop.NOW, None)], width)
    inert([Line(drift.measure_spans((text, "rows"), "rows"))], width)
    curve = Curve((((0.0, 1.0), (2.0, 3.0)),), ((1.0, 3.0),), ((0.0, "12:00"),), ((2.0, "2"),), (0.0, 1.0))
    inert(plot.curve_lines(curve, width, 10), width)


@given(hostile, widths)
def test_what_moments_tell_of_tables_and_runs_is_inert(text: str, width: int) -> None:
    snapshot = replace(shop.snapshots()[0], operation=text, run_id=text)
    commit, run = Moment(shop.NOW, text, snapshot), Moment(shop.NOW, run=replace(shop.runs()[0], run_id=text))
    inert([moment.moment_line(each, shop.NOW, None) for each in (commit, run, Moment(shop.NOW, text))], width)


def test_no_renderer_is_left_out_of_this_file() -> None:
    here = ast.parse(Path(__file__).read_text())
    tried = {f"{each.value.id}.{each.attr}" for each in ast.walk(here)
             if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)}  # fmt: skip
    tried |= {f"text.{each.id}" for each in ast.walk(here) if isinstance(each, ast.Name)}
    found = {
        f"{file.stem}.{made.name}"
        for file in Path(render.__path__[0]).glob("*.py")
        for made in ast.parse(file.read_text()).body
        if isinstance(made, ast.FunctionDef) and not made.name.startswith("_") and made.returns is not None
        if {"Line", "Span"} & {each.id for each in ast.walk(made.returns) if isinstance(each, ast.Name)}
    }
    assert len(found) > 30
    assert not found - tried - {"text.inert"}, "these draw text that nobody tries with hostile input"


@given(hostile, st.integers(0, 60))
def test_a_cell_is_exactly_its_width_and_a_cut_is_never_wider(text: str, width: int) -> None:
    assert width_of((cell(text, width),)) == width
    assert width_of((Span(cut(clean(text), width)),)) <= width
    assert all(width_of((Span(each),)) <= max(width, 2) for each in wrap(text, max(width, 2)))


@given(hostile)
def test_clean_is_done_once_and_for_all(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("char", ["\u061c", "\u00ad", "\u180e", "\U000e0041", "\u2028", "\u0085", "\ufff9"])
def test_what_cannot_be_seen_is_left_out(char: str) -> None:
    assert clean(f"a{char}b") == "ab"
