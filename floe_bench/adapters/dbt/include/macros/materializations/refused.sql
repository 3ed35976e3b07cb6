{# Materializations of a DuckDB file that an Iceberg catalog has no place for. #}

{% materialization external, adapter='floe', supported_languages=['sql', 'python'] %}
  {% do exceptions.raise_compiler_error("'external' writes a file beside the catalog: use 'table', and a post-hook with `copy (select * from " ~ this ~ ") to '…'` if a file is wanted too") %}
{% endmaterialization %}

{% materialization table_function, adapter='floe' %}
  {% do exceptions.raise_compiler_error("'table_function' lives in a DuckDB file: use 'ephemeral', or a macro with arguments") %}
{% endmaterialization %}
