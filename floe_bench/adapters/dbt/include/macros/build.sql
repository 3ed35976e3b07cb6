{# Steps that every materialization shares. #}

{% macro floe__begin(target_relation) -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {{ return(adapter.start_work(target_relation, model, graph, invocation_id)) }}
{%- endmacro %}

{% macro floe__end(work) -%}
  {% do apply_grants(work.target, config.get('grants'), should_revoke=False) %}
  {% if config.persist_column_docs() and model.columns %}
    {# Column docs are in the table already; this one warns about columns that are not. #}
    {% do validate_doc_columns(work.target, model.columns, adapter.get_columns_in_relation(work.target) | map(attribute='name') | list) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {% do adapter.commit() %}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {% do store_result('main', response=adapter.finish_work(work, post_hooks | length > 0)) %}
  {{ return({'relations': [work.target]}) }}
{%- endmacro %}

{# The whole result, built with dbt-duckdb's own DDL: an enforced contract is held by DuckDB before anything is committed. #}
{% macro floe__build_all(work, sql) -%}
  {% call statement('main', auto_begin=False) -%}
    {{ duckdb__create_table_as(False, work.stage, sql) }}
  {%- endcall %}
  {% do adapter.replace(work, work.stage) %}
{%- endmacro %}

{# For materializations that are not ours: `create table as` on a relation of the lake is a commit. #}
{% macro floe__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {% if temporary or language != 'sql' or not adapter.in_lake(relation) %}
    {{ return(duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
  {% endif %}
  {% set work = adapter.start_work(relation, model, graph, invocation_id) %}
  {% do floe__build_all(work, compiled_code) %}
  {{ return("select '" ~ adapter.finish_work(work) ~ "' as committed") }}
{%- endmacro %}

{% macro floe__create_view_as(relation, sql) -%}
  {% if adapter.in_lake(relation) %}{{ return(floe__create_table_as(False, relation, sql)) }}{% endif %}
  {{ return(duckdb__create_view_as(relation, sql)) }}
{%- endmacro %}
