{{
    config(
        materialized='incremental',
        incremental_strategy='microbatch',
        event_time='read_at',
        batch_size='day',
        begin=(run_started_at - modules.datetime.timedelta(days=2)).strftime('%Y-%m-%d'),
        lookback=1,
        concurrent_batches=false,
    )
}}

select
    reading_id,
    oven,
    read_at,
    drum_c,
    gas_pct,
    cast(drum_c - 205 as decimal(5, 1)) as off_target_c
from {{ ref('stg_oven_readings') }}
