// The pure parts of the clock: which cues are near, a time in figures, which events are well-formed.
import assert from "node:assert/strict";
import test from "node:test";

import { clockText, cuesAhead, replay, wellFormed } from "../../qlkit/timer/clock.js";
import { planOf } from "./world.mjs";

const begin = [{ type: "start", at: 0 }];
const ahead = (plan, now, horizon, events = begin) =>
  cuesAhead(plan, replay(plan, events, now), horizon).map(({ cue, due, index }) => [cue.kind, Number(due.toFixed(6)), index]);

const ticks = [5, 4, 3, 2, 1].map((n) => ["tick", n, "end"]);

test("cues count from the start, or before the end", () => {
  const plan = planOf([20, ["chime", 0], ["voice", 8, "start", "Breathe."], ["tick", 5, "end"]], [10, ["chime", 0], ["bell", 0, "end"]]);
  assert.deepEqual(ahead(plan, 0, 60), [["chime", 0, 0], ["voice", 8, 0], ["tick", 15, 0], ["chime", 20, 1], ["bell", 30, 1]]);
  assert.deepEqual(ahead(plan, 12, 5), [["tick", 3, 0]]);
  assert.deepEqual(ahead(plan, 12, 8), [["tick", 3, 0], ["chime", 8, 1]]);
});

test("an extension moves the cues before the end, and what comes after it", () => {
  const plan = planOf([20, ["chime", 0], ["tick", 5, "end"]], [10, ["chime", 0]]);
  const longer = [...begin, { type: "extend", at: 10, seconds: 30 }];
  assert.deepEqual(ahead(plan, 10, 60, longer), [["tick", 35, 0], ["chime", 40, 1]]);
  const shorter = [...begin, { type: "extend", at: 10, seconds: -5 }];
  assert.deepEqual(ahead(plan, 10, 60, shorter), [["tick", 0, 0], ["chime", 5, 1]]);
});

test("a cue that would lie before its interval, or after it, is none", () => {
  const plan = planOf([3, ["chime", 0], ...ticks, ["voice", 3, "start", "Too late."]], [10, ["chime", 0]]);
  assert.deepEqual(ahead(plan, 0, 60), [["chime", 0, 0], ["tick", 0, 0], ["tick", 1, 0], ["tick", 2, 0], ["chime", 3, 1]]);
});

test("intervals of no length have no cues and shift none", () => {
  const plan = planOf([10, ["chime", 0]], [0, ["chime", 0], ["voice", 0, "start", "Never."]], [10, ["chime", 0]]);
  assert.deepEqual(ahead(plan, 0, 60), [["chime", 0, 0], ["chime", 10, 2]]);
});

test("a bell at the end is heard, even that of an interval of no length", () => {
  const plan = planOf([10, ["chime", 0]], [0, ["bell", 0, "end"]]);
  assert.deepEqual(ahead(plan, 5, 60), [["bell", 5, 1]]);
});

test("a cue is late for less than a second, then it is dropped", () => {
  const plan = planOf([20, ["chime", 0], ["voice", 8, "start", "Breathe."]]);
  assert.deepEqual(ahead(plan, 8.9, 1), [["voice", -0.9, 0]]);
  assert.deepEqual(ahead(plan, 9, 1), []);
  assert.deepEqual(ahead(plan, 19, 1), []);
});

test("keys are one for each cue, and stay while the session only runs", () => {
  const plan = planOf([10, ["chime", 0], ...ticks], [0, ["chime", 0]], [10, ["chime", 0], ["bell", 0, "end"]], [10, ["chime", 0]]);
  const keysAt = (now) => new Map(cuesAhead(plan, replay(plan, begin, now), 100).map((c) => [c.key, now + c.due]));
  const first = keysAt(0);
  assert.equal(first.size, 9);
  for (const now of [0.5, 5, 9.99, 10, 10.5, 19, 20.5, 29.9]) {
    for (const [key, due] of keysAt(now)) assert.ok(Math.abs(first.get(key) - due) < 1e-6, `${key} at ${now} s`);
  }
});

test("a session that does not run has no cues", () => {
  const plan = planOf([10, ["chime", 0], ["bell", 0, "end"]]);
  assert.deepEqual(ahead(plan, 0, 60, []), []);
  assert.deepEqual(ahead(plan, 5, 60, [...begin, { type: "pause", at: 1 }]), []);
  assert.deepEqual(ahead(plan, 5, 60, [...begin, { type: "stop", at: 1 }]), []);
  assert.deepEqual(ahead(plan, 10, 60), []);
});

test("a remaining time rounds up, so that 0:00 means the end", () => {
  const rows = [[0, "0:00"], [0.001, "0:01"], [1, "0:01"], [1.001, "0:02"], [59.2, "1:00"], [60, "1:00"], [600, "10:00"],
    [3599, "59:59"], [3599.5, "1:00:00"], [3600, "1:00:00"], [14_400, "4:00:00"], [-3, "0:00"], [1e-9, "0:00"], [300 + 2e-7, "5:00"]];
  for (const [seconds, text] of rows) assert.equal(clockText(seconds), text, `${seconds} s`);
  assert.equal(clockText(59.9, Math.floor), "0:59");
  assert.equal(clockText(59.6, Math.round), "1:00");
});

test("only well-formed events are kept", () => {
  const good = [{ type: "start", at: 0 }, { type: "extend", at: 2.5, seconds: -10 }, { type: "pause", at: 3, seconds: null }];
  const bad = [null, undefined, 3, "start", [], {}, { type: "start" }, { at: 1 }, { type: "start", at: "1" }, { type: "start", at: NaN },
    { type: "start", at: null }, { type: "Start", at: 1 }, { type: "toString", at: 1 }, { type: "extend", at: 1, seconds: "30" },
    { type: "extend", at: 1, seconds: Infinity }];
  assert.deepEqual(wellFormed([...bad, ...good]), good);
  for (const nothing of [null, undefined, {}, "events", 5]) assert.deepEqual(wellFormed(nothing), []);
});
