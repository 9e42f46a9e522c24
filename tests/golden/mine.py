"""Reads the exports of cases with pm4py, as a person does who mines processes, and says as JSON what it found: mine.py CASES.xes CASES.jsonocel"""

import collections
import json
import sys
import warnings

warnings.filterwarnings("ignore")
import pm4py


def counts(column):
    return dict(collections.Counter(column))


def mined(path, process):
    log = pm4py.read_xes(path, show_progress_bar=False)
    done = log[(log["lifecycle:transition"] == "complete") & (log["case:process"] == process)]
    net, begin, end = pm4py.discover_petri_net_inductive(done)
    return {
        "cases": log["case:concept:name"].nunique(),
        "events": counts(log["lifecycle:transition"]),
        "activities": sorted(set(log["concept:name"])),
        "resources": log["org:resource"].nunique(),
        "instants": sorted(log["time:timestamp"].map(lambda time: time.value // 1_000).tolist()),
        "steps": sorted(t.label for t in net.transitions if t.label),
        "fits": pm4py.fitness_token_based_replay(done, net, begin, end)["log_fitness"] if len(done) else 1.0,
    }


def objects(path):
    log = pm4py.read_ocel2(path)
    graph = pm4py.discover_ocdfg(log)
    return {
        "objects": counts(log.objects["ocel:type"]),
        "events": counts(log.events["ocel:activity"]),
        "relations": counts(log.relations["ocel:qualifier"]),
        "between": counts(log.o2o["ocel:qualifier"]),
        "activities": sorted(graph["activities"]),
    }


answer = {"version": pm4py.__version__, "xes": mined(sys.argv[1], "svc.refund"), "ocel": objects(sys.argv[2])}
print(json.dumps(answer))
