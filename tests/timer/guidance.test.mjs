// What leads a person: the lead-in, going to a step, the breath pacer, an interrupted session, the log of cues.
import assert from "node:assert/strict";
import test from "node:test";

import { BREATH_AFTER, breathAt, cuesAhead, replay, startsIn } from "../../qlkit/timer/clock.js";
import { EPOCH, World, planOf } from "./world.mjs";

const plan = planOf([60, ["chime", 0], ["voice", 0, "start", "One."]], [30, ["chime", 0]], [0], [60, ["chime", 0], ["bell", 0, "end"]]);

test("a start that lies ahead leaves the session ready, and counts down", () => {
  const events = [{ type: "start", at: 110 }];
  assert.equal(startsIn(events, 100), 10);
  assert.equal(startsIn(events, 110), null);
  assert.equal(startsIn([], 100), null);
  assert.equal(replay(plan, events, 109.9).status, "ready");
  assert.deepEqual([replay(plan, events, 112).status, replay(plan, events, 112).elapsed], ["running", 2]);
});

test("the lead-in ticks three times, and then the session begins on time", () => {
  const world = new World(plan);
  world.session.start(10);
  assert.equal(world.status, "ready");
  world.run(12);
  assert.equal(world.status, "running");
  assert.deepEqual(world.times("tick"), [7, 8, 9]);
  assert.equal(world.times("chime")[0], 10);
  assert.deepEqual(world.said.map(({ text, at }) => [text, Math.round(at - EPOCH)]), [["One.", 10]]);
  assert.deepEqual(world.types, ["start"]);
  assert.equal(world.changes.length, 2, "told at the press and at the start, not between");
});

test("during the lead-in: stop takes it back, next begins at once, the rest does nothing", () => {
  const world = new World(plan);
  world.session.start(60);
  for (const type of ["pause", "resume", "back"]) world.do(type);
  world.session.do("extend", 30);
  assert.deepEqual([world.types, world.session.lead() > 59], [["start"], true]);
  world.do("stop");
  assert.deepEqual([world.types, world.session.lead(), world.status], [[], null, "ready"]);
  world.session.start(60);
  world.do("next");
  assert.deepEqual([world.types, world.status], [["start"], "running"]);
});

test("going to a step leaves what lies between as stays of no time", () => {
  const world = new World(plan);
  world.do("start");
  world.run(20);
  world.session.jump(3);
  let state = world.session.state();
  assert.deepEqual([state.index, state.elapsed], [3, 0]);
  assert.deepEqual(state.visits.map((v) => [v.index, v.start, v.end]), [[0, 0, 20], [1, 20, 20], [2, 20, 20], [3, 20, 20]]);
  world.run(10);
  world.session.jump(0);
  state = world.session.state();
  assert.deepEqual([state.index, state.elapsed], [0, 0]);
  world.session.jump(0);
  assert.equal(world.session.state().visits.length, state.visits.length, "it is there already");
  world.run(20);
  world.session.jump(0);
  assert.deepEqual([world.session.state().index, world.session.state().elapsed], [0, 0], "back to its start");
  assert.deepEqual(new World(plan).session.jump(2), undefined);
});

test("the breath pacer breathes in holds only, after the instructions, in whole breaths", () => {
  const hold = planOf([60]);
  hold.intervals.push({ ...hold.intervals[0], kind: "move", start: 60, end: 120 });
  const state = replay(hold, [{ type: "start", at: 0 }], 0);
  const breaths = cuesAhead(hold, state, Infinity, null, [4, 6]).filter(({ cue }) => cue.kind === "breath");
  assert.deepEqual(breaths.map(({ due }) => due), [15, 19, 25, 29, 35, 39, 45, 49]);
  assert.deepEqual(breaths.slice(0, 2).map(({ cue }) => [cue.phase, cue.seconds]), [["in", 4], ["out", 6]]);
  const at = (elapsed) => breathAt({ ...state, elapsed }, hold.intervals[0], [4, 6]);
  assert.equal(at(BREATH_AFTER - 1), null);
  assert.deepEqual(at(17), { phase: "in", share: 0.5 });
  assert.deepEqual(at(22), { phase: "out", share: 0.5 });
  assert.equal(at(56), null, "no breath that the hold has no time for");
  assert.equal(breathAt(state, hold.intervals[1], [4, 6]), null);
  assert.equal(breathAt(state, hold.intervals[0], []), null);
});

test("an interrupted session goes on where it was last seen", () => {
  const world = new World(plan);
  world.time += 600;
  world.session.goOn({ events: [{ type: "start", at: EPOCH }], until: EPOCH + 25 });
  const state = world.session.state();
  assert.deepEqual([state.status, state.index, state.elapsed], ["running", 0, 25]);
  assert.deepEqual(state.pauses, [[25, 600]]);
  assert.deepEqual(world.said, [], "what was said before is not said again");
});

test("each cue logs when it was due and when it came", () => {
  const world = new World(plan);
  world.do("start");
  world.run(200, () => 0.04);
  const log = world.session.log;
  assert.deepEqual(log.map(([, kind]) => kind).sort(), ["bell", "chime", "chime", "chime", "voice"]);
  for (const [, , due, came] of log) assert.ok(came >= due - 0.006 && came < due + 1.1, `${due} ${came}`);
  assert.deepEqual(log.map(([, , due]) => Math.round(due - EPOCH)), [0, 0, 60, 90, 150]);
  world.do("start");
  assert.ok(world.session.log.length <= 2, "a new session has a log of its own");
});

test("cues that a pause took back are logged once, when they came", () => {
  const world = new World(plan);
  world.do("start");
  world.run(59);
  world.do("pause");
  world.run(100);
  world.do("resume");
  world.run(5);
  assert.deepEqual(world.session.log.filter(([, kind]) => kind === "chime").map(([, , due]) => Math.round(due - EPOCH)), [0, 160]);
});

test("a wake that comes a hair early still begins the session", () => {
  // The clock moves between two looks at it: the start moment may lie before one and after the other.
  for (const early of [0, 0.00002, 0.00005, 0.00008, 0.00012, 0.0002]) {
    const world = new World(plan, { creep: 0.0001 });
    world.session.start(10);
    world.run(12, () => -early);
    assert.equal(world.status, "running", `woken ${early} s early`);
    assert.ok(world.changes.at(-1).at - world.session.events[0].at < 0.1);
  }
});

test("what was switched off is not logged as having come", () => {
  const world = new World(plan);
  world.session.sound.tone = () => null;
  world.session.sound.say = () => false;
  world.do("start");
  world.run(200);
  assert.deepEqual([world.status, world.session.log], ["finished", []]);
});
