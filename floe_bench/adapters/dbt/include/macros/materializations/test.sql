{# A test. Only one that stores its failures writes: they replace those of the last time, which stay in the table's history. #}
{% materialization test, adapter='floe' %}
  {% set header = config.get('sql_header') if flags.REQUIRE_SQL_HEADER_IN_TEST_CONFIGS else none %}
  {% set failing = get_limit_subquery_sql(sql, config.get('limit')) %}
  {% set relations = [] %}
  {% if should_store_failures() %}
    {% set stored_as = config.get('store_failures_as') or 'table' %}
    {% if stored_as not in ['table', 'view'] %}
      {% do exceptions.raise_compiler_error("'" ~ stored_as ~ "' is not a valid value for `store_failures_as`. Accepted values are: ['ephemeral', 'table', 'view']") %}
    {% endif %}
    {% set work = adapter.start_work(this.incorporate(type='table'), model, graph, invocation_id) %}
    {% if header %}{% do run_query(header) %}{% endif %}
    {% do floe__build_all(work, failing) %}
    {% do relations.append(work.target) %}
    {% set failing = 'select * from ' ~ work.target %}
  {% endif %}
  {% call statement('main', fetch_result=True) -%}
    {{ header if header }}
    {{ get_test_sql(failing, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none) }}
  {%- endcall %}
  {{ return({'relations': relations}) }}
{% endmaterialization %}
