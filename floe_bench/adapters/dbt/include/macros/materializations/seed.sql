{% materialization seed, adapter='floe' %}
  {% set rows = load_agate_table() %}
  {# dbt's runner looks this one up to show the table. #}
  {% do store_result('agate_table', response='OK', agate_table=rows) %}
  {% set work = floe__begin(this.incorporate(type='table')) %}
  {% call statement('main', auto_begin=False) -%}{{ floe__seed_table_sql(work.stage, rows) }}{%- endcall %}
  {% do floe__seed_rows(work.stage, rows) %}
  {% do adapter.replace(work, work.stage) %}
  {{ return(floe__end(work)) }}
{% endmaterialization %}

{% macro floe__seed_table_sql(relation, rows) -%}
  {%- set types = config.get('column_types', {}) -%}
  create table {{ relation }} (
    {%- for name in rows.column_names %}
    {{ adapter.quote_seed_column(name | string, config.get('quote_columns')) }} {{ types.get(name, adapter.convert_type(rows, loop.index0)) }}{{ ',' if not loop.last }}
    {%- endfor %}
  )
{%- endmacro %}

{% macro floe__seed_rows(relation, rows) -%}
  {% if config.get('fast', true) %}
    {% set path = adapter.get_seed_file_path(model) | replace("'", "''") %}
    {% set delimiter = config.get('delimiter', ',') | replace("'", "''") %}
    {% do adapter.add_query("copy " ~ relation ~ " from '" ~ path ~ "' (format csv, header true, delimiter '" ~ delimiter ~ "')", auto_begin=False, abridge_sql_log=True) %}
    {{ return('') }}
  {% endif %}
  {% set marks = ['?'] * (rows.column_names | length) %}
  {% for row in adapter.convert_datetimes_to_strs(rows).rows %}
    {% do adapter.add_query("insert into " ~ relation ~ " values (" ~ marks | join(', ') ~ ")", auto_begin=False, bindings=row.values() | list, abridge_sql_log=True) %}
  {% endfor %}
{%- endmacro %}
