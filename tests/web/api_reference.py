"""Write the reference in docs/api.md anew from the OpenAPI document: ``python -m tests.web.api_reference``."""

import tempfile
from pathlib import Path

from monitor.config import Settings
from monitor.db import Database, make_engine
from web import create_app
from web.ids import LARGEST_ID

PATH = Path(__file__).parents[2] / "docs/api.md"
BEGIN = "<!-- From here on written by python -m tests.web.api_reference -->\n"


def document():
    """The OpenAPI document, as the application serves it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), secret_key="k")
        app = create_app(settings, Database(make_engine("sqlite://")), is_local=True)
        return app.test_client().get("/api/v1/openapi.json").json


def reference(api):
    lines = ["## Addresses"]
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                lines += ["", *_operation(api, method, path, operation)]
    lines += ["", "## What comes back"]
    for name, schema in api["components"]["schemas"].items():
        if not name.endswith("Body") and schema["properties"].keys() != {"items", "next"}:
            lines += ["", f"### {name}", "", *_fields(schema)]
    return "\n".join(lines) + "\n"


def _operation(api, method, path, operation):
    yield f"### `{method.upper()} {path}`"
    yield f"{operation['summary']} Scope `{operation['x-scope']}`. Gives {_answer(operation)}."
    rows = [
        (each["name"], each["schema"], each.get("description", ""), False) for each in operation.get("parameters", [])
    ]
    if "requestBody" in operation:
        body = api["components"]["schemas"][_name(operation["requestBody"]["content"]["application/json"]["schema"])]
        wanted = body.get("required", [])
        rows += [(name, each, each.get("description", ""), name in wanted) for name, each in body["properties"].items()]
    if rows:
        yield ""
        yield "| name | what it may be | |"
        yield "|---|---|---|"
        for name, schema, about, required in rows:
            yield f"| `{name}` | {_kind(schema)} | {'Needed. ' if required else ''}{about} |"


def _answer(operation):
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    if schema.get("type") == "array":
        return f"a list of [{_name(schema['items'])}](#{_name(schema['items']).lower()})"
    name = _name(schema)
    if name.endswith("Page") and name != "SearchPage":
        return f"a page of [{name.removesuffix('Page')}](#{name.removesuffix('Page').lower()})"
    return f"[{name}](#{name.lower()})"


def _name(schema):
    return schema["$ref"].rpartition("/")[2]


def _fields(schema):
    yield "| field | what it may be | |"
    yield "|---|---|---|"
    for name, each in schema["properties"].items():
        yield f"| `{name}` | {_kind(each)} | {each.get('description', '')} |"


def _kind(schema):
    if "$ref" in schema:
        return f"[{_name(schema)}](#{_name(schema).lower()})"
    if "enum" in schema:
        return " · ".join("null" if value is None else f"`{value}`" for value in schema["enum"] if value != "")
    kinds = schema.get("type", "object")
    kind, *others = kinds if isinstance(kinds, list) else [kinds]
    if kind == "array":
        kind = f"list of {_kind(schema['items'])}"
    elif schema.get("format") == "date-time":
        kind = "time"
    elif kind == "string":
        kind = "text"
    if "maxLength" in schema:
        kind += f", at most {schema['maxLength']} letters"
    if "default" in schema and schema["default"] != "":
        kind += f", {schema['default']} without it" if schema["default"] is not False else ""
    if schema.get("maximum", LARGEST_ID) < LARGEST_ID:
        kind += f", at most {schema['maximum']}"
    return " or ".join([kind, *others])


if __name__ == "__main__":
    written = PATH.read_text(encoding="utf-8").partition(BEGIN)[0]
    PATH.write_text(written + BEGIN + "\n" + reference(document()), encoding="utf-8")
