"""Decision models: DMN 1.1 to 1.6 documents, run as DMN 1.5 says.

    model = parse(xml)
    result = model.evaluate("罰鍰", {"逾期日數": 20})
    result.value, result.tables[0].rules[0].row

Every element and attribute of the DMN namespace is either run, on the list of what only people
read (`document.IGNORED`), or a DmnError. Extensions in other namespaces, and the drawing, are
passed over.
"""

from feel.dmn.errors import DmnError
from feel.dmn.model import DecisionResult, Model
from feel.dmn.parse import parse
from feel.dmn.work import MatchedRule, TableUse

__all__ = ["DecisionResult", "DmnError", "MatchedRule", "Model", "TableUse", "parse"]
