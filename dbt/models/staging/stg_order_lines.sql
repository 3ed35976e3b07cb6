select
    order_line_id,
    order_id,
    product_id,
    bags,
    unit_price,
    discount_pct
from {{ ref('raw_order_lines') }}
