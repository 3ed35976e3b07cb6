-- Every euro of the orders is in exactly one day, earned or lost.
with orders as (

    select sum(net_amount) as total from {{ ref('int_orders') }}

),

days as (

    select sum(net_revenue + lost_revenue) as total from {{ ref('mart_daily_revenue') }}

)

select orders.total as orders_total, days.total as days_total
from orders, days
where orders.total <> days.total
