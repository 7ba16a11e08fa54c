// The vectors of tests/vectors/session.json, which qlkit/session.py passes too, run through its twin in the browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { replay } from "../../qlkit/timer/clock.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/session.json", import.meta.url), "utf8"));

/** A plan with intervals of these lengths, one after the other. */
function planOf(lengths) {
  let end = 0;
  return { intervals: lengths.map((seconds) => ({ start: end, end: (end += seconds) })) };
}

const eventsOf = (rows) => rows.map(([type, at, seconds]) => (seconds === undefined ? { type, at } : { type, at, seconds }));

test("there are vectors", () => assert.ok(vectors.length >= 45));

for (const { name, lengths, events, now, expect } of vectors) {
  test(name, () => {
    const state = replay(planOf(lengths), eventsOf(events), now);
    const found = {
      status: state.status,
      index: state.index,
      elapsed: state.elapsed,
      length: state.length,
      remaining: state.remaining,
      total_remaining: state.totalRemaining,
      time: state.time,
      visits: state.visits.map((v) => [v.index, v.start, v.end, v.paused, v.extended]),
      pauses: state.pauses,
    };
    // Strict: every number is the very same double, and a missing field is no match for a present one.
    assert.deepStrictEqual(found, expect);
  });
}

test("the plan and the events given are left as they were", () => {
  const plan = planOf([10, 20]);
  const events = eventsOf([["extend", 4, 30], ["start", 0]]);
  const before = structuredClone({ plan, events });
  replay(plan, events, 20);
  assert.deepStrictEqual({ plan, events }, before);
});

test("started is the moment of the first start, and null before it", () => {
  const events = eventsOf([["start", 100], ["start", 105]]);
  assert.equal(replay(planOf([10]), events, 99).started, null);
  assert.equal(replay(planOf([10]), events, 107).started, 100);
});
