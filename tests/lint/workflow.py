#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Check workflows of GitHub: their keys, and what they refer to.

usage: tests/lint/workflow.py FILE...

The schema says which keys there are and what they may be, after "Workflow
syntax for GitHub Actions" in GitHub's documentation; more strictly where this
project wants it: jobs end in time, and actions are named by their commits.  What
a schema can't say follows here: names must be those of something.  Each finding
is a line "FILE:LINE: TEXT".
"""

import os
import re
import subprocess
import sys

import jsonschema
import yaml

NAME = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"}
TEXT = {"type": "string", "minLength": 1}
SCALAR = {"type": ["string", "number", "boolean"]}
NAMES = {"oneOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
ACCESS = {"enum": ["read", "write", "none"]}
MINUTES = {"type": "integer", "minimum": 1, "maximum": 360}


def record(required=(), **keys):
    return {
        "type": "object",
        "required": list(required),
        "properties": {key.replace("_", "-"): what for key, what in keys.items()},
        "additionalProperties": False,
    }


def named(what):
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": NAME,
        "additionalProperties": what,
    }


VARIABLES = named(SCALAR)
PERMISSIONS = record(
    actions=ACCESS,
    attestations=ACCESS,
    checks=ACCESS,
    contents=ACCESS,
    deployments=ACCESS,
    discussions=ACCESS,
    id_token=ACCESS,
    issues=ACCESS,
    packages=ACCESS,
    pages=ACCESS,
    pull_requests=ACCESS,
    security_events=ACCESS,
    statuses=ACCESS,
)
DEFAULTS = record(["run"], run=record(shell=TEXT, working_directory=TEXT))
COMMON = {
    "id": NAME,
    "name": TEXT,
    "if": TEXT,
    "env": VARIABLES,
    "continue_on_error": {"type": "boolean"},
    "timeout_minutes": MINUTES,
}
STEP = {
    "oneOf": [
        record(["run"], run=TEXT, shell=TEXT, working_directory=TEXT, **COMMON),
        record(
            ["uses"],
            uses={"type": "string", "pattern": "^[\\w.-]+/[\\w./-]+@[0-9a-f]{40}$"},
            **{"with": VARIABLES},
            **COMMON,
        ),
    ]
}
FILTER = {
    "type": ["object", "null"],
    "properties": {
        key: {"type": "array", "items": TEXT, "minItems": 1}
        for key in ("branches", "branches-ignore", "tags", "paths", "types")
    },
    "additionalProperties": False,
}
JOB = record(
    ["runs-on", "timeout-minutes", "steps"],
    name=TEXT,
    needs=NAMES,
    permissions=PERMISSIONS,
    runs_on=NAMES,
    env=VARIABLES,
    defaults=DEFAULTS,
    steps={"type": "array", "items": STEP, "minItems": 1},
    timeout_minutes=MINUTES,
    strategy=record(
        ["matrix"],
        matrix=named({"type": "array", "items": SCALAR, "minItems": 1}),
        fail_fast={"type": "boolean"},
        max_parallel={"type": "integer", "minimum": 1},
    ),
    container=record(["image"], image=TEXT, options=TEXT, env=VARIABLES),
    **{"if": TEXT},
)
SCHEMA = record(
    ["on", "permissions", "jobs"],
    name=TEXT,
    on={
        "type": "object",
        "minProperties": 1,
        "propertyNames": {
            "enum": ["push", "pull_request", "schedule", "workflow_dispatch"]
        },
        "additionalProperties": FILTER,
    },
    permissions=PERMISSIONS,
    env=VARIABLES,
    defaults=DEFAULTS,
    jobs=named(JOB),
)

RUNNERS = {"ubuntu-latest", "windows-2022", "windows-2025"}
SHELLS = {"sh", "bash", "pwsh", "cmd", "msys2 {0}"}
CONTEXTS = {"env", "github", "matrix", "needs", "runner", "steps"}


class Loader(yaml.SafeLoader):
    """The dates and the booleans of YAML 1.2: "on" is a word."""

    yaml_implicit_resolvers = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        for key, _ in node.value:
            if keys.count(key.value) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} is there twice", key.start_mark
                )
        return super().construct_mapping(node, deep=deep)


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), "tf"
)


def line_of(node, path):
    """The line of what lies at that path."""
    for part in path:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[part]
            continue
        found = [(k, v) for k, v in node.value if k.value == part]
        if not found:
            break
        key, node = found[0]
    return node.start_mark.line + 1


def deepest(error):
    """Of a choice, what is wrong with the alternative that was meant."""
    while error.context:
        error = max(error.context, key=lambda e: (len(e.absolute_path), -len(e.message)))
    return error


def values_of(job, name):
    """What a name may be: with ${{ matrix.KEY }} replaced by each value."""
    found = re.search(r"\$\{\{ *matrix\.([\w-]+) *\}\}", name)
    if found is None:
        return [name]
    values = job.get("strategy", {}).get("matrix", {}).get(found[1], [])
    return [
        result
        for value in values
        for result in values_of(job, name.replace(found[0], str(value)))
    ]


def files_of(command):
    """The files of this repository that a command begins with, or names."""
    for word in re.findall(r"^\s*(\S+)", command, re.MULTILINE):
        word = word.replace("\\", "/")
        if re.match(r"(\./|\.ci/|tests/)[\w./-]+$", word):
            yield word


class Findings:
    def __init__(self, workflow):
        self.workflow = workflow
        self.list = []

    def add(self, path, text):
        self.list.append((path, text))

    def job(self, key, job):
        path = ["jobs", key]
        for needed in [job["needs"]] if isinstance(
            job.get("needs"), str
        ) else job.get("needs", []):
            if needed not in self.workflow["jobs"]:
                self.add([*path, "needs"], f"needs {needed}, which is no job")
        for runner in values_of(job, job["runs-on"]):
            if runner not in RUNNERS:
                self.add([*path, "runs-on"], f"there is no runner {runner}")
        names = set()
        for i, step in enumerate(job["steps"]):
            self.step(job, [*path, "steps", i], step)
            if step.get("id", i) in names:
                self.add([*path, "steps", i], f"id {step['id']} is there twice")
            names.add(step.get("id", i))
        self.expressions(job, path)

    def step(self, job, path, step):
        default = job.get("defaults", {}).get("run", {}).get("shell", "bash")
        if "run" in step:
            shell = step.get("shell", default)
            if shell not in SHELLS:
                self.add([*path, "shell"], f"there is no shell {shell}")
            self.command(job, [*path, "run"], shell, step["run"])
            return
        action = step["uses"].split("@")[0]
        if action == "actions/download-artifact":
            self.artifact(job, path, step["with"]["name"])

    def command(self, job, path, shell, command):
        for expanded in values_of(job, command):
            for file in files_of(expanded):
                # What a build makes is not there yet.
                built = file == "./configure" or file.endswith(".exe")
                if not built and not os.access(file, os.R_OK):
                    self.add(path, f"there is no {file}")
        if shell not in ("cmd", "pwsh"):
            plain = re.sub(r"\$\{\{.*?\}\}", "x", command)
            result = subprocess.run(
                ["bash", "-n"], input=plain, text=True, capture_output=True, check=False
            )
            if result.returncode != 0:
                self.add(path, result.stderr.splitlines()[0])

    def artifact(self, job, path, name):
        needs = job.get("needs", [])
        for key in [needs] if isinstance(needs, str) else needs:
            other = self.workflow["jobs"].get(key, {"steps": []})
            for step in other["steps"]:
                if step.get("uses", "").startswith(
                    "actions/upload-artifact@"
                ) and name in values_of(other, step["with"]["name"]):
                    return
        self.add(path, f"no job that this one needs uploads {name}")

    def expressions(self, job, path):
        matrix = job.get("strategy", {}).get("matrix", {})
        for text in re.findall(r"\$\{\{(.*?)\}\}", yaml.safe_dump(job, width=10000)):
            for context, name in re.findall(r"\b([a-z]+)\.([\w-]+)", text):
                if context not in CONTEXTS:
                    self.add(path, f"there is no context {context}")
                if context == "matrix" and name not in matrix:
                    self.add(path, f"its matrix has no {name}")


def check(file):
    with open(file, encoding="utf-8") as stream:
        text = stream.read()
    try:
        node = yaml.compose(text, Loader)
        workflow = yaml.load(text, Loader)
    except yaml.MarkedYAMLError as error:
        print(f"{file}:{error.problem_mark.line + 1}: {error.problem}")
        return
    validator = jsonschema.Draft7Validator(SCHEMA)
    errors = [deepest(error) for error in validator.iter_errors(workflow)]
    findings = Findings(workflow)
    for error in errors:
        findings.add(list(error.absolute_path), error.message)
    if not errors:
        for key, job in workflow["jobs"].items():
            findings.job(key, job)
    for path, message in findings.list:
        print(f"{file}:{line_of(node, path)}: {message}")


for argument in sys.argv[1:]:
    check(argument)
