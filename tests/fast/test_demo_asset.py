"""The demo's Python asset, called as a function."""

from __future__ import annotations

import runpy
import subprocess
import sys
from decimal import Decimal
from typing import Any

from floe_bench.config.bundled import bundled


def roast_plan(**product: Any) -> dict[str, Any]:
    import pyarrow as pa

    defaults = {
        "product_id": 1,
        "product_name": "pilot",
        "bag_g": 500,
        "bags_sold_14d": 28,
        "kg_on_hand": Decimal("5.0"),
    }
    module = runpy.run_path(str(bundled("demo") / "python_assets" / "roast_plan.py"))
    rows = module["roast_plan"](pa.Table.from_pylist([defaults | product])).to_pylist()
    assert len(rows) == 1
    return dict(rows[0])


def test_stock_is_filled_up_to_three_weeks() -> None:
    plan = roast_plan(bags_sold_14d=28, bag_g=500, kg_on_hand=Decimal("5.0"))
    assert plan["kg_per_day"] == 1.0
    assert plan["kg_to_roast"] == 16.0


def test_a_full_shelf_needs_no_roast() -> None:
    assert roast_plan(kg_on_hand=Decimal("500.0"))["kg_to_roast"] == 0.0


def test_the_asset_needs_neither_numpy_nor_pandas() -> None:
    code = (
        "import runpy, sys\n"
        "sys.modules['numpy'] = sys.modules['pandas'] = None\n"
        f"runpy.run_path({str(bundled('demo') / 'python_assets' / 'roast_plan.py')!r})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, capture_output=True)


def test_the_asset_is_the_module_that_the_settings_name() -> None:
    from floe_bench.config.settings import load_settings

    module = load_settings(bundled("demo"), environ={}).dagster_module
    assert module is not None
    assert (bundled("demo") / (module.replace(".", "/") + ".py")).is_file()


def test_the_asset_lands_in_a_namespace_of_its_own_and_reads_a_mart() -> None:
    asset = runpy.run_path(str(bundled("demo") / "python_assets" / "roast_plan.py"))["roast_plan"]
    assert asset.key.path == ["python", "roast_plan"]
    assert [key.path for key in asset.dependency_keys] == [["marts", "mart_products"]]
    assert asset.required_resource_keys == {"iceberg"}
