{# Names: a custom schema is taken as it is, and whatever the catalog cannot hold gets a stand-in. #}

{% macro floe__generate_schema_name(custom_schema_name, node) -%}
  {{ return(adapter.safe_name(custom_schema_name or target.schema)) }}
{%- endmacro %}

{% macro floe__generate_alias_name(custom_alias_name=none, node=none) -%}
  {{ return(adapter.safe_name(default__generate_alias_name(custom_alias_name, node) | trim)) }}
{%- endmacro %}
