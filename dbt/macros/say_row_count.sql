{# A post-hook that changes nothing: it says in the log how many rows there are now. #}
{% macro say_row_count(relation) %}
    {% if execute %}
        {% set counted = run_query('select count(*) from ' ~ relation) %}
        {% do log(relation.identifier ~ ' has ' ~ counted.columns[0].values()[0] ~ ' rows', info=true) %}
    {% endif %}
{% endmacro %}
