{# A dbt snapshot (history rows in a table). Like an incremental: dbt's own SQL on a copy, then one Iceberg snapshot. #}
{% materialization snapshot, adapter='floe' %}
  {% set existing = load_cached_relation(this) %}
  {% set work = floe__begin(this.incorporate(type='table')) %}
  {% if existing is none %}
    {% set strategy = floe__history_strategy(False) %}
    {% set first = build_snapshot_table(strategy, model['compiled_code']) %}
    {% do check_time_data_types(first) %}
    {% do floe__build_all(work, first) %}
  {% else %}
    {% for turn in work.turns() %}
      {# Each turn anew: which columns are compared is read from the table. #}
      {% do floe__build_history(work, floe__history_strategy(True)) %}
    {% endfor %}
  {% endif %}
  {{ return(floe__end(work)) }}
{% endmaterialization %}

{% macro floe__history_strategy(table_exists) -%}
  {% set made = strategy_dispatch(config.get('strategy')) %}
  {{ return(made(model, 'snapshotted_data', 'source_data', model['config'], table_exists)) }}
{%- endmacro %}

{% macro floe__build_history(work, strategy) -%}
  {% do adapter.copy_target(work) %}
  {% set names = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() %}
  {% do adapter.assert_valid_snapshot_target_given_strategy(work.stage, names, strategy) %}
  {% set changes = snapshot_staging_table(strategy, sql, work.stage) %}
  {% do check_time_data_types(changes) %}
  {% call statement('changes', auto_begin=False) -%}
    create table {{ work.temp }} as ({{ changes }})
  {%- endcall %}
  {% do adapter.conform(work.temp) %}

  {% set internal = ['dbt_change_type', 'dbt_unique_key'] %}
  {% if strategy.unique_key | is_list %}
    {% for key in strategy.unique_key %}{% do internal.append('dbt_unique_key_' ~ loop.index) %}{% endfor %}
  {% endif %}
  {% set added = [] %}
  {% for column in adapter.get_missing_columns(work.temp, work.stage) if column.name | lower not in internal %}
    {% do added.append(column) %}
  {% endfor %}
  {% do create_columns(work.stage, added) %}
  {% set inserted = [] %}
  {% for column in adapter.get_columns_in_relation(work.temp) if column.name | lower not in internal %}
    {% do inserted.append(adapter.quote(column.name)) %}
  {% endfor %}
  {% call statement('main', auto_begin=False) -%}
    {{ snapshot_merge_sql(target=work.stage, source=work.temp, insert_cols=inserted) }}
  {%- endcall %}
  {% do adapter.change(work, work.stage) %}
{%- endmacro %}
