{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='order_id',
        on_schema_change='append_new_columns',
    )
}}

with amounts as (

    select
        order_id,
        cast(sum(bags) as integer) as bags,
        {{ euros('sum(gross_amount)') }} as gross_amount,
        {{ euros('sum(net_amount)') }} as net_amount
    from {{ ref('int_line_amounts') }}
    group by order_id

)

select
    orders.*,
    amounts.bags,
    amounts.gross_amount,
    amounts.net_amount
from {{ ref('stg_orders') }} as orders
inner join amounts on amounts.order_id = orders.order_id
{% if is_incremental() %}
where orders.updated_at > (select coalesce(max(updated_at), timestamp '1970-01-01') from {{ this }})
{% endif %}
