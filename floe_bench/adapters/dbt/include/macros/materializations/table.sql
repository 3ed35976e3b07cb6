{% materialization table, adapter='floe', supported_languages=['sql', 'python'] %}
  {% set work = floe__begin(this.incorporate(type='table')) %}
  {% do floe__build_all(work, compiled_code, model['language']) %}
  {{ return(floe__end(work)) }}
{% endmaterialization %}

{# The catalog holds no views: a view is a table that is written when it is built. #}
{% materialization view, adapter='floe', supported_languages=['sql'] %}
  {% set work = floe__begin(this.incorporate(type='table')) %}
  {% do floe__build_all(work, compiled_code) %}
  {{ return(floe__end(work)) }}
{% endmaterialization %}
