// A session being carried out, in a world where a test moves the time: what is done when, and what is heard.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { replay } from "../../qlkit/timer/clock.js";
import { Session } from "../../qlkit/timer/session.js";
import { EPOCH, World, planOf } from "./world.mjs";

// The real plan as Python makes it; tests/timer/test_widget.py holds the file to it.
const labor = JSON.parse(readFileSync(new URL("labor_plan.json", import.meta.url), "utf8"));
const TOTAL = labor.intervals.at(-1).end;

const ticks = [5, 4, 3, 2, 1].map((n) => ["tick", n, "end"]);
const hold = (seconds, text) => [seconds, ["chime", 0], ["voice", 0, "start", text], ...ticks];
const plan = planOf(hold(30, "One."), hold(30, "Two."), [30, ["chime", 0], ["voice", 0, "start", "Three."], ["bell", 0, "end"]]);

/** A number in [0, 1) that looks random and is the same in every run. */
function dice(seed = 7) {
  return () => (seed = (seed * 48271) % 2147483647) / 2147483647;
}

const countKinds = (cues) => {
  const count = {};
  for (const { kind } of cues) count[kind] = (count[kind] ?? 0) + 1;
  return count;
};

test("start, pause, resume, next, back, extend, stop do what they say", () => {
  const world = new World(plan);
  const seen = [world.status];
  for (const [type, seconds] of [["start"], ["pause"], ["resume"], ["next"], ["back"], ["extend", 30], ["stop"]]) {
    world.run(10);
    world.do(type, seconds);
    seen.push(`${world.status} ${world.index}`);
  }
  // "Back" comes 10 s into the second interval, so it returns to that one's own start.
  const [last] = world.changes.slice(-1);
  assert.deepEqual(seen, ["ready", "running 0", "paused 0", "running 0", "running 1", "running 1", "running 1", "stopped 1"]);
  assert.deepEqual(world.types, ["start", "pause", "resume", "next", "back", "extend", "stop"]);
  assert.deepEqual(world.session.events.map((e) => e.at - EPOCH), [10, 20, 30, 40, 50, 60, 70]);
  assert.equal(world.session.events[5].seconds, 30);
  assert.equal(last.status, "stopped");
});

test("an event that changes nothing is not kept, is not told, and cuts nothing off", () => {
  const world = new World(plan, { creep: 1e-5 });
  world.do("pause").do("resume").do("next").do("back").do("extend", 30).do("stop");
  assert.deepEqual([world.types, world.changes.length], [[], 0]);
  world.do("start");
  let cuts = 0;
  world.session.sound.cancel = () => (cuts += 1);
  world.run(10);
  world.do("start").do("resume");
  assert.deepEqual([world.types, cuts, world.changes.length], [["start"], 0, 1]);
});

test("tones reach the audio clock at most 1.5 s ahead, once, and sound on time", () => {
  const world = new World(plan);
  world.do("start");
  world.run(90);
  assert.deepEqual(world.times("chime"), [0, 30, 60]);
  assert.deepEqual(world.times("tick"), [25, 26, 27, 28, 29, 55, 56, 57, 58, 59]);
  assert.deepEqual(world.times("bell"), [90]);
  for (const { kind, told, due } of world.tones) assert.ok(due - told <= 1.5 + 1e-9, `${kind} was told ${due - told} s ahead`);
  assert.deepEqual(world.said.map(({ text, at }) => [text, Math.round(at - EPOCH)]), [["One.", 0], ["Two.", 30], ["Three.", 60]]);
});

test("a pause takes back what was scheduled, and it is scheduled again after it", () => {
  const world = new World(plan);
  world.do("start");
  world.run(24.6);
  assert.ok(world.tones.some((tone) => tone.due > world.time), "nothing was scheduled, so nothing can be taken back");
  world.do("pause");
  assert.deepEqual(world.times("tick"), []);
  world.run(100);
  assert.deepEqual(world.times("tick"), []);
  world.do("resume");
  world.run(5.3);
  assert.deepEqual(world.times("tick"), [125, 126, 127, 128, 129]);
  assert.deepEqual(world.times("chime"), [0, 130], "the chime at 0 is repeated, or the next one missing");
});

test("what was heard in an interval is heard again after going back to it", () => {
  const world = new World(plan);
  world.do("start");
  world.run(32);
  world.do("back");
  world.run(30);
  assert.deepEqual(world.times("chime"), [0, 30, 32, 62]);
  assert.deepEqual(world.said.map(({ text }) => text), ["One.", "Two.", "One.", "Two."]);
});

test("the last seconds tick at the new end, however late the interval is extended", () => {
  for (const moment of [10, 24.2, 27.5, 29.9]) {
    const world = new World(plan);
    world.do("start");
    world.run(moment);
    world.do("extend", 30);
    world.run(59.9 - moment);
    assert.deepEqual(world.times("tick").slice(-5), [55, 56, 57, 58, 59], `extended at ${moment} s`);
    assert.deepEqual(world.times("chime").filter((at) => at < 59), [0], "no change at the old end");
  }
});

test("no burst when ten minutes pass at once", () => {
  const world = new World(labor);
  world.do("start");
  world.run(30);
  const before = world.time;
  world.run(600, () => 600);
  assert.equal(world.index, replay(labor, world.session.events, world.time).index);
  const late = world.tones.filter((tone) => tone.told > before);
  assert.ok(late.every((tone) => tone.due >= tone.told), "a tone was to sound in the past");
  assert.ok(late.length <= 2, `${late.length} tones at once`);
  assert.ok(world.said.filter(({ at }) => at > before).length <= 1);
  assert.equal(world.changes.at(-1).index, world.index);
});

test("nothing is told while nothing happens", () => {
  const world = new World(labor);
  world.do("start");
  world.run(TOTAL + 60);
  assert.deepEqual(
    world.changes.map(({ status, index }) => `${status} ${index}`),
    [...labor.intervals.map((_, i) => `running ${i}`), `finished ${labor.intervals.length - 1}`],
  );
  const starts = [...labor.intervals.map(({ start }) => start), TOTAL];
  world.changes.forEach(({ at }, i) => assert.ok(Math.abs(at - EPOCH - starts[i]) < 0.05, `change ${i} came at ${at - EPOCH} s`));
});

test("a machine that slept is paused, and says so once", () => {
  for (const slept of [100, -100]) {
    const world = new World(plan);
    world.do("start");
    world.run(10);
    world.gap += slept;
    world.run(5);
    assert.equal(world.status, "paused");
    assert.deepEqual(world.types, ["start", "pause"]);
    assert.deepEqual(world.changes.map(({ what }) => what), ["start", "slept"]);
    assert.ok(world.session.state().elapsed <= 11.001, "the sleep was noticed late");
    world.run(60);
    world.do("resume");
    world.run(5);
    assert.equal(world.status, "running", "it pauses again for the same sleep");
  }
});

test("sleep before the start, or during a pause, takes nothing from the session", () => {
  const world = new World(plan);
  world.gap += 36_000;
  world.do("start");
  world.run(5);
  assert.deepEqual([world.status, world.types], ["running", ["start"]], "a night before the start");
  world.do("pause");
  world.gap += 100;
  world.run(5);
  world.do("resume");
  world.run(5);
  assert.deepEqual([world.status, world.types], ["running", ["start", "pause", "resume"]]);
});

test("clocks that drift slowly apart are no sleep", () => {
  const world = new World(plan);
  world.do("start");
  for (let i = 0; i < 20; i++) {
    world.gap += 0.2;
    world.run(1);
  }
  assert.deepEqual([world.status, world.types], ["running", ["start"]]);
});

test("intervals of no length are passed over without a sound", () => {
  const short = planOf([0, ["chime", 0], ["voice", 0, "start", "Never."]], hold(30, "One."), [0, ["chime", 0]], hold(30, "Two."));
  const world = new World(short);
  world.do("start");
  world.run(70);
  assert.deepEqual([world.times("chime"), world.status], [[0, 30], "finished"]);
  assert.deepEqual(world.said.map(({ text }) => text), ["One.", "Two."]);
  assert.deepEqual(world.changes.map(({ status, index }) => `${status} ${index}`), ["running 1", "running 3", "finished 3"]);
});

test("close falls silent and stops", () => {
  const world = new World(plan);
  world.do("start");
  world.run(24.8);
  world.session.close();
  assert.deepEqual([world.status, world.types.at(-1), world.alarm, world.times("tick")], ["stopped", "stop", null, []]);
  assert.equal(world.changes.at(-1).status, "stopped");
  const told = world.tones.length + world.said.length;
  world.run(120);
  assert.equal(world.tones.length + world.said.length, told);
  world.session.close();
  assert.equal(world.types.filter((type) => type === "stop").length, 1);
});

test("start after the end begins a new session, with everything to be heard again", () => {
  for (const end of ["stop", "clock"]) {
    const world = new World(plan);
    world.do("start");
    world.run(end === "clock" ? 95 : 10);
    if (end === "stop") world.do("stop");
    const begin = world.time;
    world.do("start");
    assert.deepEqual([world.status, world.types], ["running", ["start"]]);
    world.run(90);
    const heard = countKinds(world.tones.filter((tone) => tone.due >= begin));
    assert.deepEqual(heard, { chime: 3, tick: 10, bell: 1 }, `after an end by ${end}`);
  }
});

test("a session goes on from its events without repeating what was heard, or had been due", () => {
  const world = new World(plan, { events: [{ type: "start", at: EPOCH - 30.5 }], active: false });
  world.run(0.2);
  world.session.activate();
  assert.deepEqual([world.index, world.tones, world.said, world.changes.length], [1, [], [], 0]);
  world.run(30);
  assert.deepEqual(countKinds(world.tones), { tick: 5, chime: 1 });
  assert.deepEqual(world.said.map(({ text }) => text), ["Three."]);
});

test("damaged events lose only what is damaged", () => {
  const events = [null, { type: "dance", at: EPOCH }, { type: "start", at: EPOCH - 10 }, { type: "pause", at: "soon" }];
  const world = new World(plan, { events });
  assert.deepEqual([world.status, world.types, world.session.state().elapsed], ["running", ["start"], 10]);
  for (const damaged of [null, undefined, "start", 7, {}]) assert.equal(new World(plan, { events: damaged ?? null }).status, "ready");
});

test("a session without sound, or without anybody told, still runs", () => {
  let alarm;
  let time = 0;
  const waker = { at: (_, callback) => (alarm = callback), clear: () => (alarm = null) };
  const session = new Session({ plan, now: () => time, wall: () => time, waker });
  session.activate();
  session.do("start");
  for (; alarm && time < 200; time += 0.5) alarm();
  assert.equal(session.state().status, "finished");
});

for (const [name, late, slack] of [
  ["at the moments asked for", () => () => 0, 0.01],
  ["up to 120 ms late", () => { const roll = dice(); return () => 0.12 * roll(); }, 0.13],
]) {
  test(`every cue of the labor plan is heard once, with wakes ${name}`, () => {
    const world = new World(labor);
    world.do("start");
    world.run(TOTAL + 5, late());
    const cues = labor.intervals.flatMap((interval, index) =>
      interval.cues.map((cue) => ({ ...cue, index, due: cue.anchor === "end" ? interval.end - cue.at : interval.start + cue.at })));
    const tones = cues.filter(({ kind }) => kind !== "voice");
    assert.deepEqual(countKinds(world.tones), countKinds(tones));
    for (const { kind, index, due } of tones) {
      const heard = world.tones.filter((tone) => tone.kind === kind && tone.index === index && Math.abs(tone.due - EPOCH - due) < 0.01);
      assert.equal(heard.length, 1, `${kind} of interval ${index} at ${due} s`);
    }
    const spoken = cues.filter(({ kind }) => kind === "voice").sort((a, b) => a.due - b.due);
    assert.deepEqual(world.said.map(({ text }) => text), spoken.map(({ text }) => text));
    spoken.forEach(({ text, due }, i) => assert.ok(Math.abs(world.said[i].at - EPOCH - due) <= slack, `"${text}" at ${world.said[i].at - EPOCH} s`));
    assert.ok(world.wakes < 2 * TOTAL, `${world.wakes} wakes in ${TOTAL} s`);
  });
}
