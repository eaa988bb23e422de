"""BPMN without I/O: diagrams are compiled once, at deployment, into definitions that run."""

from engine.bpmn.compile_process import compile_definition, lint
from engine.bpmn.definition import Definition
from engine.bpmn.findings import DefinitionRefused, Finding, Severity
from engine.bpmn.interpreter import advance, start
from engine.bpmn.library import Library

__all__ = [
    "Definition",
    "DefinitionRefused",
    "Finding",
    "Library",
    "Severity",
    "advance",
    "compile_definition",
    "lint",
    "start",
]
