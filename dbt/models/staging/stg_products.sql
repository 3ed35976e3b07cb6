select
    product_id,
    name as product_name,
    origin,
    roast,
    bag_g,
    price,
    cost,
    {{ euros('price - cost') }} as margin
from {{ ref('raw_products') }}
