// A world for a session without a browser: time that only moves when told to, one waker, and an ear.
import { Session } from "../../qlkit/timer/session.js";

export const EPOCH = 1795442700;

/** A plan of intervals `[seconds, ...cues]`; a cue is `[kind, at, anchor, text]`. */
export function planOf(...rows) {
  let end = 0;
  const intervals = rows.map(([seconds, ...cues], i) => ({
    kind: "hold",
    step: `step-${i}`,
    start: end,
    end: (end += seconds),
    cues: cues.map(([kind, at, anchor = "start", text = ""]) => ({ kind, at, anchor, text })),
  }));
  return { intervals };
}

export class World {
  /** `creep` is how far the clock moves each time it is read, as a real one does. */
  constructor(plan, { events = [], creep = 0, active = true } = {}) {
    this.time = EPOCH;
    this.gap = 0; // what the wall clock is ahead of the steady one: seconds slept
    this.wakes = 0;
    this.closed = false;
    this.tones = [];
    this.said = [];
    this.changes = [];
    const world = this;
    this.session = new Session({
      plan,
      events,
      now: () => (world.time += creep),
      wall: () => world.time + world.gap,
      waker: {
        at(seconds, callback) {
          world.alarm = { at: world.time + seconds, callback };
        },
        clear() {
          world.alarm = null;
        },
      },
      sound: {
        tone: (cue, seconds, index) =>
          world.tones.push({ kind: cue.kind, index, told: world.time, due: world.time + seconds }),
        say: (text) => world.said.push({ text, at: world.time }),
        // What was to sound from now on never does; what has begun is cut short.
        cancel: () => (world.tones = world.tones.filter((tone) => tone.due <= world.time)),
      },
      onChange: (state, what) => world.changes.push({ status: state.status, index: state.index, what, at: world.time }),
    });
    if (active) this.session.activate();
  }

  /** Let time pass, and wake the session when it asked to be, each time so many seconds late. */
  run(seconds, late = () => 0) {
    const end = this.time + seconds;
    while (this.alarm && this.alarm.at <= end) {
      const { at, callback } = this.alarm;
      this.alarm = null;
      this.time = Math.max(this.time, at + late());
      if ((this.wakes += 1) > 20_000) throw new Error("the session wakes without end");
      callback();
    }
    this.time = Math.max(this.time, end);
  }

  do(type, seconds) {
    this.session.do(type, seconds);
    return this;
  }

  get status() {
    return this.session.state().status;
  }

  get index() {
    return this.session.state().index;
  }

  get types() {
    return this.session.events.map((event) => event.type);
  }

  /** What was heard or is still to be, of one kind, in seconds since the world began. */
  times(kind) {
    return this.tones.filter((tone) => tone.kind === kind).map((tone) => Number((tone.due - EPOCH).toFixed(3)));
  }
}
