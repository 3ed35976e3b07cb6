with bought as (

    select
        customer_id,
        count(*) as orders,
        {{ euros('sum(net_amount)') }} as net_revenue,
        min(ordered_on) as first_order_on,
        max(ordered_on) as last_order_on
    from {{ ref('int_orders') }}
    where status in ('open', 'completed')
    group by customer_id

),

moves as (

    select customer_id, count(*) - 1 as moves
    from {{ ref('customers_history') }}
    group by customer_id

),

ranked as (

    select *, ntile(4) over (order by net_revenue desc, customer_id) as quarter
    from bought

)

select
    customers.customer_id,
    customers.customer_code,
    customers.segment,
    customers.city,
    customers.joined_on,
    coalesce(ranked.orders, 0) as orders,
    coalesce(ranked.net_revenue, 0) as net_revenue,
    ranked.first_order_on,
    ranked.last_order_on,
    coalesce(moves.moves, 0) as moves,
    case ranked.quarter
        when 1 then 'gold'
        when 2 then 'silver'
        when 3 then 'bronze'
        when 4 then 'new'
        else 'none'
    end as tier
from {{ ref('stg_customers') }} as customers
left join ranked on ranked.customer_id = customers.customer_id
left join moves on moves.customer_id = customers.customer_id
order by customers.customer_id
