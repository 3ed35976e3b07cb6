{{ config(materialized='incremental', incremental_strategy='append') }}

select
    roast_id,
    product_id,
    roasted_at,
    green_kg,
    roasted_kg,
    cast((green_kg - roasted_kg) * 100 / green_kg as decimal(5, 2)) as loss_pct
from {{ ref('raw_roasts') }}
{% if is_incremental() %}
where roast_id > (select coalesce(max(roast_id), 0) from {{ this }})
{% endif %}
