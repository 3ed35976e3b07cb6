select
    oven,
    cast(read_at as date) as read_on,
    count(*) as readings,
    max(drum_c) as hottest_c,
    cast(avg(abs(off_target_c)) as decimal(5, 2)) as mean_off_target_c,
    cast(avg(gas_pct) as decimal(5, 2)) as mean_gas_pct
from {{ ref('int_oven_readings') }}
group by all
order by all
