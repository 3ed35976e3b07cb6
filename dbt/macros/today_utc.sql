{# Midnight in UTC, whatever zone the session is in. #}
{% macro today_utc() -%}
    date_trunc('day', make_timestamp(epoch_us(now())))
{%- endmacro %}
