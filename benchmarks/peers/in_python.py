"""How somebody would write our rows for each engine of others in Python: one function that builds and one that decides.

A `build` takes facts (id -> answers) and rules (id, {fact: answers that meet it}) of one concern, and returns what
takes an answer per fact and returns the ids of the rules that fire. The environment of `scripts/setup peers` runs this;
nothing of ours but the measuring is beside it. It does not know what is measured.
"""

from __future__ import annotations

import json
import os
import shutil
from itertools import pairwise
from pathlib import Path


def business_rules(facts, rules):
    from business_rules import run_all
    from business_rules.actions import BaseActions, rule_action
    from business_rules.variables import BaseVariables, string_rule_variable

    class Actions(BaseActions):
        @rule_action(params={"rule": "text"})
        def fire(self, rule):
            self.fired.append(rule)

    def asked(fact):
        return string_rule_variable()(lambda self: self.answers[fact])

    Variables = type("Variables", (BaseVariables,), {fact: asked(fact) for fact in facts})  # noqa: N806

    def one_of(fact, answers):
        return {"any": [{"name": fact, "operator": "equal_to", "value": answer} for answer in answers]}

    def row(id_, when):
        conditions = [one_of(*item) for item in when.items()] or [one_of(*item) for item in facts.items()]
        return {"conditions": {"all": conditions}, "actions": [{"name": "fire", "params": {"rule": id_}}]}

    rows, variables, actions = [row(*rule) for rule in rules], Variables(), Actions()

    def decide(answers):
        variables.answers, actions.fired = answers, []
        run_all(rows, variables, actions)
        return actions.fired

    return decide


def _text(when, join, one_of, always="true"):
    return join.join(one_of(fact, answers) for fact, answers in when.items()) or always


def _in_list(fact, answers):
    return f"{fact} in {json.dumps(answers)}"


def _cel_list(rules):
    """All rules as one expression, whose value is a list: one call and not one a rule."""
    return "[" + ",".join(f"({_text(when, ' && ', _in_list)}) ? '{id_}' : ''" for id_, when in rules) + "]"


def cel_expr_python(facts, rules):
    from cel_expr_python import cel

    env = cel.NewEnv(variables=dict.fromkeys(facts, cel.Type.STRING))
    programs = [(id_, env.compile(_text(when, " && ", _in_list))) for id_, when in rules]

    def decide(answers):
        activation = env.Activation(answers)
        return [id_ for id_, program in programs if program.eval(activation).plain_value()]

    return decide


def cel_python(facts, rules):
    import celpy

    env = celpy.Environment(
        annotations=dict.fromkeys(facts, celpy.celtypes.StringType), runner_class=celpy.CompiledRunner
    )
    programs = [(id_, env.program(env.compile(_text(when, " && ", _in_list)))) for id_, when in rules]

    def decide(answers):
        known = {fact: celpy.celtypes.StringType(answer) for fact, answer in answers.items()}
        return [id_ for id_, program in programs if program.evaluate(known)]

    return decide


def common_expression_language(facts, rules):
    import cel

    program = cel.compile(_cel_list(rules))
    return lambda answers: [*filter(None, program.execute(answers))]


def clipspy(facts, rules):
    import clips

    env = clips.Environment()
    env.build(f"(deftemplate situation {' '.join(f'(slot {fact} (type SYMBOL))' for fact in facts)})")
    fired = []
    env.define_function(lambda rule: fired.append(str(rule)), name="fire")
    for id_, when in rules:
        slots = " ".join(f"({fact} {'|'.join(answers)})" for fact, answers in when.items())
        env.build(f'(defrule r{id_} (situation {slots}) => (fire "{id_}"))')
    template = env.find_template("situation")

    def decide(answers):
        fired.clear()
        fact = template.assert_fact(**{name: clips.Symbol(answer) for name, answer in answers.items()})
        env.run()
        fact.retract()
        return [*fired]

    return decide


def _json_logic(when):
    return {"and": [{"in": [{"var": fact}, answers]} for fact, answers in when.items()]} if when else True


def datalogic_py(facts, rules):
    from datalogic_py import Engine

    compiled = Engine().compile([{"if": [_json_logic(when), id_, ""]} for id_, when in rules])
    return lambda answers: [*filter(None, compiled.evaluate(answers))]


def datalogic_py_one_by_one(facts, rules):
    from datalogic_py import DataHandle, Engine

    engine = Engine()
    session = engine.session()
    ids, compiled = [id_ for id_, _ in rules], [engine.compile(_json_logic(when)) for _, when in rules]

    def decide(answers):
        data = DataHandle(answers)
        return [id_ for id_, rule in zip(ids, compiled, strict=True) if session.evaluate_truthy(rule, data)]

    return decide


def drools(facts, rules):
    java = Path(shutil.which("java") or "java").resolve()
    os.environ |= {"DROOLS_JPY_JVM_MAXMEM": "4G", "DROOLS_JPY_JVM_LOG": "logFile=System.err,defaultLogLevel=error"}
    os.environ.setdefault("JAVA_HOME", str(java.parents[1]))
    from drools.ruleset import _make_jpy_instance

    def one_of(fact, answers):
        listed = [{"String": answer} for answer in answers]
        return {"ItemInListExpression": {"lhs": {"Fact": fact}, "rhs": listed}}

    def condition(when):
        first, *rest = [one_of(*item) for item in when.items()] or [
            {"IsDefinedExpression": {"Fact": next(iter(facts))}}
        ]
        for more in rest:
            first = {"AndExpression": {"lhs": first, "rhs": more}}
        return {"AllCondition": [first]}

    rows = [{"Rule": {"name": id_, "condition": condition(when), "action": {}, "enabled": True}} for id_, when in rules]
    java = _make_jpy_instance()
    session = java.createRuleset(json.dumps({"name": "peers", "hosts": ["all"], "sources": [], "rules": rows}))

    def decide(answers):
        fact = json.dumps(answers)
        fired = json.loads(java.assertFact(session, fact))
        java.retractFact(session, fact)
        return [rule for match in fired for rule in match]

    return decide


def experta(facts, rules):
    import experta as e

    class Situation(e.Fact):
        pass

    def one(id_, when):
        tests = {fact: e.MATCH.x & e.P(frozenset(answers).__contains__) for fact, answers in when.items()}
        return e.Rule(Situation(**tests))(lambda self: self.fired.append(id_))

    engine = type("Rules", (e.KnowledgeEngine,), {f"r{id_}": one(id_, when) for id_, when in rules})()

    def decide(answers):
        engine.reset()
        engine.fired = []
        engine.declare(Situation(**answers))
        engine.run()
        return engine.fired

    return decide


def json_logic_qubit(facts, rules):
    from json_logic import jsonLogic

    rows = [(id_, _json_logic(when)) for id_, when in rules]
    return lambda answers: [id_ for id_, row in rows if jsonLogic(row, answers)]


def rego(facts, rules):
    from regopy import Input, Interpreter

    interpreter = Interpreter()
    rows = (
        f'fired contains "{id_}" if {{ {_text(when, "; ", lambda f, a: f"input.{_in_list(f, a)}")} }}'
        for id_, when in rules
    )
    interpreter.add_module("peers", "\n".join(["package peers", "import rego.v1", *rows]))
    bundle = interpreter.build("x = data.peers.fired")

    def decide(answers):
        interpreter.set_input(Input(answers))
        output = interpreter.query_bundle(bundle)  # must outlive its nodes, or the library reads what is freed
        return json.loads(output.binding("x").json())

    return decide


def rule_engine(facts, rules):
    import rule_engine as r

    context = r.Context(type_resolver=r.type_resolver_from_dict(dict.fromkeys(facts, r.DataType.STRING)))
    rows = [(id_, r.Rule(_text(when, " and ", _in_list), context=context)) for id_, when in rules]
    return lambda answers: [id_ for id_, rule in rows if rule.matches(answers)]


def spiffworkflow(facts, rules):
    from types import SimpleNamespace

    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
    from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
    from SpiffWorkflow.dmn.specs import model as m

    columns = {fact: m.Input(fact, fact, fact, fact, "string") for fact in facts}
    said, table = m.Output("rule", "rule", "rule", "string"), m.DecisionTable("peers", "peers", "COLLECT")
    for id_, when in rules:
        row = m.Rule(id_)
        for fact, answers in when.items():
            cell = m.InputEntry(fact, columns[fact])
            cell.lhs.append(f"? in {answers}")
            row.inputEntries.append(cell)
        cell = m.OutputEntry(id_, said)
        cell.text, cell.parsedRef = repr(id_), id_
        row.outputEntries.append(cell)
        table.rules.append(row)
    engine, workflow = DMNEngine(table), SimpleNamespace(script_engine=PythonScriptEngine())
    return lambda answers: engine.result(SimpleNamespace(data=answers, workflow=workflow)).get("rule", [])


def zen(facts, rules):
    from zen import ZenEngine

    row = dict.fromkeys(facts, "")
    rows = [
        {
            "_id": id_,
            **row,
            **{fact: ",".join(map(json.dumps, answers)) for fact, answers in when.items()},
            "rule": f"'{id_}'",
        }
        for id_, when in rules
    ]
    columns = [{"id": fact, "name": fact, "field": fact} for fact in facts]
    said = [{"id": "rule", "name": "rule", "field": "rule"}]
    table = {"hitPolicy": "collect", "inputs": columns, "outputs": said, "rules": rows}
    kinds = ("inputNode", "decisionTableNode", "outputNode")
    nodes = [{"id": kind, "name": kind, "type": kind, "content": table if kind == kinds[1] else {}} for kind in kinds]
    edges = [{"id": a + b, "type": "edge", "sourceId": a, "targetId": b} for a, b in pairwise(kinds)]
    decision = ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda answers: [one["rule"] for one in decision.evaluate(answers)["result"]]


ENGINES = {
    "zen-engine": zen,
    "datalogic-py": datalogic_py,
    "datalogic-py, a call per rule": datalogic_py_one_by_one,
    "json-logic-qubit": json_logic_qubit,
    "business-rules": business_rules,
    "rule-engine": rule_engine,
    "clipspy": clipspy,
    "experta": experta,
    "regopy": rego,
    "cel-python": cel_python,
    "cel-expr-python": cel_expr_python,
    "common-expression-language": common_expression_language,
    "SpiffWorkflow": spiffworkflow,
    "drools-jpy": drools,
}
