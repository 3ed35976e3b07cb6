select
    cast(delivery_id as integer) as delivery_id,
    cast(order_id as integer) as order_id,
    cast(dispatched_at as timestamp) as dispatched_at,
    cast(delivered_at as timestamp) as delivered_at,
    cast(delivered_at as date) as delivered_on,
    outcome
from {{ source('courier', 'deliveries') }}
