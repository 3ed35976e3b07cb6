select
    customer_id,
    code as customer_code,
    segment,
    city,
    joined_on,
    updated_at
from {{ ref('raw_customers') }}
