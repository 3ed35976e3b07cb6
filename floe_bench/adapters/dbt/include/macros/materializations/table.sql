{% materialization table, adapter='floe', supported_languages=['sql', 'python'] %}
  {% set work = floe__begin(this.incorporate(type='table')) %}
  {# dbt lets Python models be submitted from here only, not from a macro further down. #}
  {% call statement('main', language=model['language'], auto_begin=False) -%}
    {{ duckdb__create_table_as(False, work.stage, compiled_code, model['language']) }}
  {%- endcall %}
  {% do adapter.replace(work, work.stage) %}
  {{ return(floe__end(work)) }}
{% endmaterialization %}

{# The catalog holds no views: a view is a table that is written when it is built. #}
{% materialization view, adapter='floe', supported_languages=['sql'] %}
  {% set work = floe__begin(this.incorporate(type='table')) %}
  {% do floe__build_all(work, compiled_code) %}
  {{ return(floe__end(work)) }}
{% endmaterialization %}
