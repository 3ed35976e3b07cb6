{{ config(materialized='ephemeral') }}

select
    order_line_id,
    order_id,
    product_id,
    bags,
    {{ euros('bags * unit_price') }} as gross_amount,
    {{ euros('bags * unit_price * (100 - discount_pct) / 100') }} as net_amount
from {{ ref('stg_order_lines') }}
