select
    customers.city,
    cast(date_trunc('week', deliveries.delivered_on) as date) as week_start,
    count(*) as parcels,
    count(*) filter (where deliveries.outcome = 'returned to sender') as returned_parcels,
    cast(median(deliveries.transit_hours) as decimal(6, 1)) as median_hours,
    max(deliveries.transit_hours) as slowest_hours
from {{ ref('int_deliveries') }} as deliveries
inner join {{ ref('int_orders') }} as orders on orders.order_id = deliveries.order_id
inner join {{ ref('stg_customers') }} as customers on customers.customer_id = orders.customer_id
group by all
order by all
