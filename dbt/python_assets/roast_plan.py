"""What to roast next: a Python asset beside the dbt project, written through the Iceberg IO manager."""

import dagster as dg
import pyarrow as pa

DAYS_OF_STOCK = 21


@dg.asset(
    key_prefix=["python"],
    group_name="roastery",
    kinds={"python", "iceberg"},
    owners=["team:roastery"],
    io_manager_key="iceberg",
    ins={"products": dg.AssetIn(key=["marts", "mart_products"], input_manager_key="iceberg")},
)
def roast_plan(products: pa.Table) -> pa.Table:
    """Kilograms to roast of each coffee, so that stock lasts three weeks at the pace of the last two."""
    return pa.Table.from_pylist([_plan(product) for product in products.to_pylist()], schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        ("product_id", pa.int32()),
        ("product_name", pa.string()),
        ("kg_on_hand", pa.float64()),
        ("kg_per_day", pa.float64()),
        ("kg_to_roast", pa.float64()),
    ]
)


def _plan(product: dict[str, object]) -> dict[str, object]:
    kg_on_hand = float(product["kg_on_hand"])
    kg_per_day = product["bags_sold_14d"] * product["bag_g"] / 1000 / 14
    return {
        "product_id": product["product_id"],
        "product_name": product["product_name"],
        "kg_on_hand": kg_on_hand,
        "kg_per_day": round(kg_per_day, 3),
        "kg_to_roast": round(max(0.0, kg_per_day * DAYS_OF_STOCK - kg_on_hand), 1),
    }
