{# Relations of the lake are created, listed, renamed and dropped through the Iceberg catalog, others by dbt-duckdb. #}

{% macro floe__create_schema(relation) -%}
  {% if adapter.in_lake(relation) %}{% do adapter.lake_create_schema(relation) %}
  {% else %}{{ return(duckdb__create_schema(relation)) }}{% endif %}
{%- endmacro %}

{% macro floe__drop_schema(relation) -%}
  {% if adapter.in_lake(relation) %}{% do adapter.lake_drop_schema(relation) %}
  {% else %}{{ return(duckdb__drop_schema(relation)) }}{% endif %}
{%- endmacro %}

{% macro floe__drop_relation(relation) -%}
  {% if adapter.in_lake(relation) %}{% do adapter.lake_drop(relation) %}
  {% else %}{{ return(duckdb__drop_relation(relation)) }}{% endif %}
{%- endmacro %}

{% macro floe__rename_relation(from_relation, to_relation) -%}
  {% if adapter.in_lake(from_relation) %}{% do adapter.lake_rename(from_relation, to_relation) %}
  {% else %}{{ return(duckdb__rename_relation(from_relation, to_relation)) }}{% endif %}
{%- endmacro %}

{% macro floe__get_catalog(information_schema, schemas) -%}
  {% if adapter.in_lake(information_schema) %}{{ return(adapter.lake_catalog(schemas | list)) }}{% endif %}
  {{ return(duckdb__get_catalog(information_schema, schemas)) }}
{%- endmacro %}

{% macro floe__get_catalog_relations(information_schema, relations) -%}
  {% if not adapter.in_lake(information_schema) %}
    {{ return(duckdb__get_catalog_relations(information_schema, relations)) }}
  {% endif %}
  {% set schemas, names = [], [] %}
  {% for relation in relations %}
    {% if not relation.schema %}{% do exceptions.raise_compiler_error('a relation without a schema: ' ~ relation) %}{% endif %}
    {% do schemas.append(relation.schema) %}
    {% if relation.identifier %}{% do names.append((relation.schema | lower, relation.identifier | lower)) %}{% endif %}
  {% endfor %}
  {{ return(adapter.lake_catalog(schemas, names if names | length == schemas | length else none)) }}
{%- endmacro %}

{% macro floe__apply_grants(relation, grant_config, should_revoke=True) -%}
  {% if grant_config %}{% do adapter.warn_once('Grants are not supported: the catalog knows principals, not tables\' grants') %}{% endif %}
{%- endmacro %}

{# Comments are part of the commit. Only a relation outside the lake is left to dbt-duckdb. #}
{% macro floe__persist_docs(relation, model, for_relation=true, for_columns=true) -%}
  {% if not adapter.in_lake(relation) %}{{ return(default__persist_docs(relation, model, for_relation, for_columns)) }}{% endif %}
{%- endmacro %}

{% macro floe__create_indexes(relation) -%}
  {% if not adapter.in_lake(relation) %}{{ return(default__create_indexes(relation)) }}{% endif %}
{%- endmacro %}
