// The audio clock may slip between the moment a tone is put on it and the moment it is due.
import assert from "node:assert/strict";
import test from "node:test";

import { Sound } from "../../qlkit/timer/sound.js";
import { EPOCH, World, planOf } from "./world.mjs";

test("each tone that was handed out early is looked at once more, shortly before it is due", () => {
  const world = new World(planOf([60, ["chime", 0], ["tick", 30]], [30, ["chime", 0], ["bell", 0, "end"]]));
  const looked = [];
  world.session.sound.shift = (tone, seconds) => {
    looked.push([Math.round(world.time + seconds - EPOCH), Number(seconds.toFixed(3))]);
    return tone + 1000;
  };
  world.session.sound.heardAt = (tone) => (tone > 1000 ? 77 : null);
  world.do("start");
  world.run(100);
  assert.deepEqual(looked, [[30, 0.25], [60, 0.25], [90, 0.25]]);
  const moved = world.session.log.filter(([, , due, came]) => Math.abs(came - due) > 1).length;
  assert.equal(moved, 3, "the log tells where a tone went at last");
});

/** A sound before an audio clock that a test moves; what comes out lags 20 ms behind it. */
function soundAt(currentTime) {
  const made = [];
  const param = () => ({ value: 0, setValueAtTime() {}, exponentialRampToValueAtTime() {}, cancelScheduledValues() {} });
  const node = () => ({ frequency: param(), gain: param(), connect: (next) => next, start(at) { this.at = at; made.push(this); }, stop(at) { this.silenced = at === undefined; } });
  const sound = new Sound({ level: () => 1, note() {}, intervals: [{ kind: "hold" }], scope: {} });
  sound.context = {
    state: "running", currentTime, destination: {}, createOscillator: node, createGain: node,
    getOutputTimestamp() { return { contextTime: this.currentTime - 0.02, performanceTime: performance.now() }; },
  };
  return { sound, made };
}

test("a tone whose place has slipped is put anew, all its notes alike, and one in its place stays", () => {
  const { sound, made } = soundAt(10);
  const begin = sound.tone({ kind: "chime" }, 2, 0);
  assert.equal(made.length, 2, "a chime has two notes");
  sound.context.currentTime = 11.5; // as it should be half a second before
  assert.ok(Math.abs(sound.shift(begin, 0.5) - begin) < 0.004);
  assert.equal(made.length, 2);
  sound.context.currentTime = 11.45; // 50 ms behind: what lies at 12 would come that much late
  const place = sound.shift(begin, 0.5);
  assert.ok(Math.abs(place - begin + 0.05) < 0.004, `moved by ${place - begin}`);
  assert.deepEqual(made.slice(0, 2).map((tone) => tone.silenced), [true, true]);
  const [first, second] = made.slice(2);
  assert.deepEqual([first.silenced, second.silenced], [false, false]);
  assert.ok(Math.abs(second.at - first.at - 0.22) < 1e-9 && first.at === place);
  assert.equal(sound.playing.size, 2);
});
