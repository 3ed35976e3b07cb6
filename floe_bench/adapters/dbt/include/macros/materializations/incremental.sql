{# A table whose first materialization was undone is there and empty: the model makes it as if for the first time. #}
{% macro is_incremental() %}
  {% if not execute %}
    {{ return(False) }}
  {% endif %}
  {% set there = adapter.get_relation(this.database, this.schema, this.table) %}
  {{ return(
    there is not none
    and there.type == 'table'
    and model.config.materialized == 'incremental'
    and not should_full_refresh()
    and not adapter.is_taken_back(there)
  ) }}
{% endmacro %}

{# dbt-duckdb's own strategy SQL runs on a copy of the table inside DuckDB, and the copy becomes one snapshot. #}
{% materialization incremental, adapter='floe', supported_languages=['sql', 'python'] %}
  {% set existing = load_cached_relation(this) %}
  {% set work = floe__begin(this.incorporate(type='table')) %}
  {% set whole = existing is none or should_full_refresh() %}
  {% set built = work.stage if whole else work.temp %}
  {% for turn in work.turns() %}
    {# dbt lets Python models be submitted from here only, not from a macro further down. #}
    {% call statement('main', language=model['language'], auto_begin=False) -%}
      {{ duckdb__create_table_as(False, built, compiled_code, model['language']) }}
    {%- endcall %}
    {% if whole %}
      {% do adapter.replace(work, work.stage) %}
    {% else %}
      {% do floe__build_changes(work) %}
    {% endif %}
  {% endfor %}
  {{ return(floe__end(work)) }}
{% endmaterialization %}

{# From the new rows in `work.temp` to a commit. #}
{% macro floe__build_changes(work) -%}
  {% set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') %}
  {% set strategy = config.get('incremental_strategy') or 'default' %}
  {% set strategy_sql = adapter.get_incremental_strategy_macro(context, strategy) %}
  {% do adapter.conform(work.temp) %}
  {% set only_adds = floe__only_adds(work, strategy, on_schema_change) %}
  {% do adapter.copy_target(work, with_rows=not only_adds) %}
  {% set columns = process_schema_changes(on_schema_change, work.temp, work.stage) %}
  {% set arguments = {
    'target_relation': work.stage,
    'temp_relation': work.temp,
    'unique_key': config.get('unique_key'),
    'dest_columns': columns or adapter.get_columns_in_relation(work.stage),
    'incremental_predicates': config.get('predicates') or config.get('incremental_predicates'),
  } %}
  {% call statement('main', auto_begin=False) -%}{{ strategy_sql(arguments) }}{%- endcall %}

  {% if only_adds %}
    {% do adapter.append(work, work.stage) %}
  {% else %}
    {% do adapter.change(work, floe__held_to_contract(work)) %}
  {% endif %}
{%- endmacro %}

{# True if the strategy leaves every present row as it is, so that the new rows alone are worth writing. #}
{% macro floe__only_adds(work, strategy, on_schema_change) -%}
  {% if on_schema_change == 'sync_all_columns' %}{{ return(false) }}{% endif %}
  {# Whether a row is unique is seen in the whole table only. #}
  {% set constraints = enforced_constraint_types() %}
  {% if 'unique' in constraints or 'primary_key' in constraints %}{{ return(false) }}{% endif %}
  {% if strategy == 'append' %}{{ return(true) }}{% endif %}
  {% if strategy in ('default', 'delete+insert') %}{{ return(not config.get('unique_key')) }}{% endif %}
  {% set batch = model.get('batch') or {} %}
  {% if strategy == 'microbatch' and batch.get('event_time_start') and batch.get('event_time_end') and config.get('event_time') %}
    {% set period = config.get('event_time') ~ " >= '" ~ batch.event_time_start ~ "' and " ~ config.get('event_time') ~ " < '" ~ batch.event_time_end ~ "'" %}
    {{ return(run_query('select 1 from ' ~ work.target ~ ' where ' ~ period ~ ' limit 1') | length == 0) }}
  {% endif %}
  {{ return(false) }}
{%- endmacro %}

{# The strategies change a table without constraints; what they made is held to them as a whole. #}
{% macro floe__held_to_contract(work) -%}
  {% if not config.get('contract').enforced %}{{ return(work.stage) }}{% endif %}
  {% call statement('held_to_contract', auto_begin=False) -%}
    create table {{ work.checked }} {{ get_table_columns_and_constraints() }};
    insert into {{ work.checked }} by name select * from {{ work.stage }}
  {%- endcall %}
  {{ return(work.checked) }}
{%- endmacro %}
