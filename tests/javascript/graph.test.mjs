// The walker, on a rulebase small enough to hold in your head. tests/test_browser_reading.py walks the real one.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Graph } from "../../service/web/static/graph.js";
import { doubtsOf } from "../../service/web/static/ways.js";

const fact = (id, answers, more = {}) => ({
  id,
  answers,
  concern: null,
  ofOrganisation: false,
  several: false,
  ...more,
});

// A leak goes to the plumber at once where the building has one, else to the owner; a burst pipe always to the plumber.
// A noise goes to the owner, and later to the judge unless it is new.
const rulebase = {
  edition: { id: "2026-01-01", digest: "sha256:0" },
  destinations: ["plumber", "owner", "judge"],
  facts: [
    fact("concerns", ["leak", "noise"], { several: true }),
    fact("pipe", ["burst", "drips"]),
    fact("since", ["new", "long"]),
    fact("has_plumber", ["yes", "no", "unknown"], { ofOrganisation: true }),
  ],
  rules: [
    { id: "plumber.1", refer: "plumber", as: "first", concern: "leak" },
    { id: "owner.1", refer: "owner", as: "first", concern: "leak" },
    { id: "owner.2", refer: "owner", as: "first", concern: "noise" },
    { id: "judge.1", refer: "judge", as: "later", concern: "noise" },
  ],
  graph: {
    //      0     1        2        3          4               5        6        7
    nodes: [[-1], [-1, 0], [-1, 1], [1, 1, 0], [3, 1, 3, 3], [1, 0, 2], [-1, 2], [-1, 3], [3, 0, 5, 5], [2, 0, 7]],
    roots: { leak: { plumber: 4, owner: 8 }, noise: { owner: 6, judge: 9 } },
  },
};
const graph = new Graph(rulebase);
const decide = (concerns, answers, known = "unknown") =>
  graph.decide({ concerns, answers: { has_plumber: known, ...answers } });
const referred = ({ referrals }) => referrals.map((one) => `${one.as} ${one.destination}: ${one.rules}`);

test("nothing is certain before the question that decides is answered", () => {
  const decision = decide(["leak"], {});
  assert.equal(decision.next, "pipe");
  assert.deepEqual(referred(decision), []);
  assert.deepEqual(decision.possible, ["plumber", "owner"]);
  assert.equal(decision.complete, false);
});

test("an answer decides, and the way it does", () => {
  assert.deepEqual(referred(decide(["leak"], { pipe: "burst" })), ["first plumber: plumber.1"]);
  assert.deepEqual(referred(decide(["leak"], { pipe: "drips" })), ["first owner: owner.1"]);
  assert.equal(decide(["leak"], { pipe: "drips" }).complete, true);
});

test("what the organisation settles is not asked, and an answer to it is ignored", () => {
  const decision = decide(["leak"], { pipe: "drips" }, "yes");
  assert.deepEqual(referred(decision), ["first plumber: plumber.1"]);
  assert.deepEqual(decision.ignored, ["pipe"]);
  assert.deepEqual(decision.answers, { has_plumber: "yes" });
});

test("another concern is decided by itself, with the first steps before the later ones", () => {
  assert.deepEqual(referred(decide(["noise"], { since: "long" })), ["first owner: owner.2", "later judge: judge.1"]);
  assert.deepEqual(referred(decide(["noise", "leak"], { since: "new", pipe: "burst" })), [
    "first plumber: plumber.1",
    "first owner: owner.2",
  ]);
  assert.deepEqual(referred(decide(["noise"], {})), ["first owner: owner.2"]);
});

test("an answer of another concern is left over", () => {
  assert.deepEqual(decide(["noise"], { pipe: "burst", since: "new" }).ignored, ["pipe"]);
});

test("with no concern named, that is the question, and all is possible", () => {
  const decision = decide([], {});
  assert.equal(decision.next, "concerns");
  assert.deepEqual(decision.possible, ["plumber", "owner", "judge"]);
});

test("where somebody stands follows from the answers alone", () => {
  const start = graph.progress({ concerns: [], answers: {} }, {});
  assert.deepEqual([start.next, start.path, start.most], ["concerns", [], 3]);
  const then = graph.progress({ concerns: ["leak"], answers: { since: "new" } }, {});
  assert.deepEqual([then.next, then.path, then.dropped, then.most], ["pipe", ["concerns"], ["since"], 3]);
  assert.equal(then.certain, false);
  const last = graph.progress({ concerns: ["leak"], answers: { pipe: "burst" } }, {});
  assert.deepEqual([last.next, last.path, last.certain], ["organisation", ["concerns", "pipe"], true]);
  const named = graph.progress(
    { concerns: ["leak"], answers: { pipe: "burst" }, organisation: "x" },
    { has_plumber: "yes" },
  );
  assert.deepEqual([named.next, named.path, named.dropped], [null, ["concerns", "organisation"], ["pipe"]]);
});

test("a doubt is read by whom it is for, and by whoever did not say", () => {
  const said = [
    {
      why: "",
      doubts: [{ says: "Ask.", whom: [{ reporter: ["applicant"] }, { regime: ["police"] }] }],
      sources: [],
      terms: [],
    },
  ];
  assert.deepEqual(doubtsOf(said, { reporter: "applicant" }), ["Ask."]);
  assert.deepEqual(doubtsOf(said, { reporter: "employee", regime: "rijk" }), []);
  assert.deepEqual(doubtsOf(said, {}), ["Ask."]);
});
