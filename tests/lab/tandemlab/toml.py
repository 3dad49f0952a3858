# SPDX-License-Identifier: Apache-2.0
"""Writes a configuration: plain dictionaries in, TOML out. Python reads TOML by itself but does not write it."""
import json


def _value(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    raise TypeError(f"no TOML for {value!r}")


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() else json.dumps(key)


def _is_table_list(value) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _plain(table: dict) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_table_list(value)]


def dumps(document: dict, path: str = "") -> str:
    """Top level: `{"node": {…}, "service": [{…, "backend": [{…}]}]}` becomes [node], [[service]], [[service.backend]]."""
    lines = []
    for key, value in document.items():
        name = f"{path}{key}"
        for table, header in ([(one, f"[[{name}]]") for one in value] if _is_table_list(value)
                              else [(value, f"[{name}]")] if isinstance(value, dict) and not path else []):
            lines += ["", header, *_plain(table)]
            nested = {inner: tables for inner, tables in table.items() if _is_table_list(tables)}
            if nested:
                lines.append(dumps(nested, f"{name}."))
    return "\n".join(lines).strip("\n") + "\n"
