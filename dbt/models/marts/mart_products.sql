with sold as (

    select
        lines.product_id,
        sum(lines.bags) as bags,
        sum(lines.net_amount) as net_revenue,
        sum(lines.bags) filter (
            where orders.ordered_on > (select max(ordered_on) - 14 from {{ ref('int_orders') }})
        ) as bags_14d
    from {{ ref('int_line_amounts') }} as lines
    inner join {{ ref('int_orders') }} as orders on orders.order_id = lines.order_id
    where orders.status in ('open', 'completed')
    group by lines.product_id

),

roasted as (

    select product_id, sum(roasted_kg) as kg, max(roasted_at) as last_roasted_at
    from {{ ref('int_roasts') }}
    group by product_id

)

select
    products.product_id,
    products.product_name,
    products.origin,
    products.roast,
    products.bag_g,
    cast(coalesce(sold.bags, 0) as bigint) as bags_sold,
    cast(coalesce(sold.bags_14d, 0) as bigint) as bags_sold_14d,
    {{ euros('coalesce(sold.net_revenue, 0)') }} as net_revenue,
    {{ euros('coalesce(sold.net_revenue - sold.bags * products.cost, 0)') }} as profit,
    cast(coalesce(roasted.kg, 0) as decimal(10, 1)) as kg_roasted,
    cast(coalesce(roasted.kg, 0) - coalesce(sold.bags, 0) * products.bag_g / 1000.0 as decimal(10, 1)) as kg_on_hand,
    roasted.last_roasted_at
from {{ ref('stg_products') }} as products
left join sold on sold.product_id = products.product_id
left join roasted on roasted.product_id = products.product_id
order by products.product_id
