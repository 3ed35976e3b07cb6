{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='delivered_on',
    )
}}

select
    delivery_id,
    order_id,
    dispatched_at,
    delivered_at,
    delivered_on,
    outcome,
    cast(date_diff('hour', dispatched_at, delivered_at) as integer) as transit_hours
from {{ ref('stg_deliveries') }}
{% if is_incremental() %}
where delivered_on > (
    select coalesce(max(delivered_on), date '1970-01-01') - {{ var('delivery_reload_days') }} from {{ this }}
)
{% endif %}
