select
    reading_id,
    oven,
    {{ today_utc() }} - age_days * interval '1' day + minute * interval '1' minute as read_at,
    drum_c,
    gas_pct
from {{ ref('raw_oven_readings') }}
