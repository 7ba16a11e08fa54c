// How a session ends: by the clock, by Next, by hand, or while nobody looked.
import assert from "node:assert/strict";
import test from "node:test";

import { EPOCH, World, planOf } from "./world.mjs";

const plan = planOf([30, ["chime", 0]], [30, ["chime", 0]], [30, ["chime", 0], ["voice", 0, "start", "Three."], ["bell", 0, "end"]]);

test("the end by the clock appends one stop event and rings one bell", () => {
  for (const late of [() => 0, () => 0.12, () => 3]) {
    const world = new World(plan);
    world.do("start");
    world.run(300, late);
    assert.equal(world.status, "finished");
    assert.deepEqual(world.types, ["start", "stop"]);
    assert.equal(world.times("bell").length, 1);
    assert.equal(world.alarm, null, "it still wants to be woken");
    world.do("stop").do("next");
    world.run(60);
    assert.deepEqual([world.types, world.times("bell").length], [["start", "stop"], 1]);
    assert.equal(world.changes.filter(({ status }) => status === "finished").length, 1);
  }
});

test("Next past the last interval ends the session the same way", () => {
  const world = new World(plan);
  world.do("start").do("next").do("next").do("next").do("next");
  assert.equal(world.status, "finished");
  assert.deepEqual(world.types, ["start", "next", "next", "next", "stop"]);
  assert.equal(world.times("bell").length, 1);
});

test("Next in the last second rings the bell once, at once", () => {
  const world = new World(plan);
  world.do("start");
  world.run(89.2);
  world.do("next");
  world.run(10);
  assert.deepEqual(world.times("bell"), [89.2]);
});

test("a stop by hand in the last interval takes the bell back and finishes nothing", () => {
  const world = new World(plan);
  world.do("start");
  world.run(89.5);
  assert.deepEqual(world.times("bell"), [90]);
  world.do("stop");
  world.run(10);
  assert.deepEqual([world.status, world.types, world.times("bell")], ["stopped", ["start", "stop"], []]);
});

test("a session that ended while nobody looked rings no bell long after", () => {
  const world = new World(plan, { events: [{ type: "start", at: EPOCH - 600 }] });
  world.run(5);
  assert.equal(world.status, "finished");
  assert.deepEqual([world.tones, world.said], [[], []]);
});
