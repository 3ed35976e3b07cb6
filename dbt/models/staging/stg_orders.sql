select
    *,
    cast(ordered_at as date) as ordered_on,
    updated_at > ordered_at + interval '{{ var("late_after_days") }}' day as corrected_late
from {{ ref('raw_orders') }}
