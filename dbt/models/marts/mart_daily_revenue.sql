{{ config(post_hook="{{ say_row_count(this) }}") }}

with days as (

    select
        ordered_on,
        count(*) as orders,
        cast(coalesce(sum(bags) filter (where status in ('open', 'completed')), 0) as bigint) as bags,
        {{ euros("coalesce(sum(net_amount) filter (where status in ('open', 'completed')), 0)") }} as net_revenue,
        {{ euros("coalesce(sum(net_amount) filter (where status in ('cancelled', 'returned')), 0)") }} as lost_revenue,
        count(*) filter (where corrected_late) as late_corrections
    from {{ ref('int_orders') }}
    group by ordered_on

)

select
    *,
    {{ euros('avg(net_revenue) over (order by ordered_on rows between 6 preceding and current row)') }} as net_revenue_7d
from days
order by ordered_on
