{{ config(severity='warn') }}

-- Allowed, but somebody should look: these lines were sold far below the price list.
select
    order_line_id,
    order_id,
    product_id,
    discount_pct
from {{ ref('stg_order_lines') }}
where discount_pct > {{ var('high_discount_pct') }}
