// A session being carried out: the browser's clock, what wakes it, and what happens at each moment.
import { BACK_GRACE, CHANNEL, LATE, LOOK_AHEAD, cuesAhead, replay, startsIn, wellFormed } from "./clock.js";

const LATE_BELL = 60; // the last bell lets people get up: it may come later than other cues, but not out of the blue
const NEAR = 0.25; // seconds before a tone at which its place on the audio clock is looked at again
const GAP = 2; // seconds by which the clocks may part before we say that the machine slept

/** The browser's clock: steady, in seconds since 1970. */
export const browserNow = () => (performance.timeOrigin + performance.now()) / 1000;

/**
 * Wakes one callback after so many seconds. A Worker, because hidden tabs slow the timers of the
 * page down to one a second and, later, one a minute; where none can be made, the page's own timer.
 */
export function makeWaker(onLost) {
  let timer, worker = null, wake = () => {}, due = null;
  const byPage = () => (timer = setTimeout(wake, Math.max(0, due - performance.now())));
  try {
    const code = "let t;onmessage=(e)=>{clearTimeout(t);if(e.data>=0)t=setTimeout(()=>postMessage(0),e.data)}";
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    worker = new Worker(url);
    URL.revokeObjectURL(url);
    worker.onmessage = () => wake();
    // That a page forbids workers comes out only after one was made.
    worker.onerror = () => {
      worker = null;
      if (due !== null) byPage();
      onLost?.();
    };
  } catch {
    worker = null;
  }
  return {
    precise: () => worker !== null,
    at(seconds, callback) {
      wake = callback;
      clearTimeout(timer);
      const ms = Math.max(0, seconds * 1000);
      due = performance.now() + ms;
      if (worker) worker.postMessage(ms);
      else byPage();
    },
    clear() {
      wake = () => {};
      due = null;
      clearTimeout(timer);
      worker?.postMessage(-1);
    },
    close() {
      this.clear();
      worker?.terminate();
    },
  };
}

/**
 * A session being carried out. Time, waker and sound are handed in, so that tests drive them.
 * `onChange(state, what)` is called at transitions only: never while nothing happens.
 */
export class Session {
  constructor({ plan, events = [], log = [], now = browserNow, wall = () => Date.now() / 1000, waker, sound, onChange, onBeat, breath }) {
    Object.assign(this, { plan, now, wall, waker, sound, onChange, onBeat, breath: breath ?? (() => null) });
    this.events = wellFormed(events);
    this.log = [...log]; // [key, kind, when it was due, when it came], both in seconds since 1970
    this.active = false;
    this.fired = new Set();
    this.planned = new Map();
    this.seen = this.mark(this.state());
  }

  state() {
    return replay(this.plan, this.events, this.now());
  }

  lead() {
    return startsIn(this.events, this.now());
  }

  ahead(state, horizon) {
    return cuesAhead(this.plan, state, horizon, this.lead(), this.breath());
  }

  mark(state) {
    return `${state.status}/${state.visits.length}`;
  }

  /** Go on from the events there are; with nobody to look at it a session stays silent. */
  activate() {
    if (this.active) return;
    this.active = true;
    this.drift = this.wall() - this.now();
    for (const { key } of this.ahead(this.state(), 0)) this.fired.add(key);
    this.tick();
  }

  /** Begin, now or after `lead` seconds; after the end, begin a new session. */
  start(lead = 0) {
    const { status } = this.state();
    if (status === "running" || status === "paused") return;
    this.events = [{ type: "start", at: this.now() + lead }];
    this.log = [];
    this.fired.clear();
    this.drift = this.wall() - this.now();
    this.hush();
    this.tick("start");
  }

  /** Go on with a session that was interrupted: the time since it was last seen counts as a pause. */
  goOn({ events, until, log = [] }) {
    Object.assign(this, { log, events: [...events, { type: "pause", at: until }] });
    this.do("resume");
  }

  /** Do what a person asked for. */
  do(type, seconds) {
    if (type === "start") return this.start(seconds);
    if (this.lead() !== null) {
      if (type === "stop") {
        this.events = [];
        this.hush();
        this.tick("stop");
      } else if (type === "next") this.start();
      return;
    }
    const event = { type, at: this.now(), ...(seconds ? { seconds } : {}) };
    const events = [...this.events, event];
    const before = replay(this.plan, this.events, event.at);
    const after = replay(this.plan, events, event.at);
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    this.events = events;
    if (before.status !== "running") this.drift = this.wall() - this.now();
    this.hush(after.visits.length === before.visits.length && type === "extend");
    // What lies ahead now is to be heard, also where it was heard before: an extended hold ends again.
    for (const { key, due } of cuesAhead(this.plan, after, Infinity)) if (due > 0) this.fired.delete(key);
    this.tick(type);
  }

  /** Go to an interval: as many times next or back, at one moment, as it takes. */
  jump(index) {
    const at = this.now();
    let state = replay(this.plan, this.events, at);
    if (state.status !== "running" && state.status !== "paused") return;
    if (index === state.index && state.elapsed <= BACK_GRACE) return;
    const type = index > state.index ? "next" : "back";
    const events = [...this.events];
    do {
      events.push({ type, at });
      state = replay(this.plan, events, at);
    } while (state.status !== "finished" && (type === "next" ? state.index < index : state.index > index));
    this.events = events.slice(0, -1);
    this.do(type);
  }

  /** What is to be heard on a channel has changed: hand it out anew. */
  refresh(channel) {
    this.sound?.cancel(channel);
    for (const [key, { cue }] of this.planned) if (CHANNEL[cue.kind] === channel) this.planned.delete(key);
    this.tick();
  }

  /** Take back what was to be heard; what is heard already stays if `later` is set. */
  hush(later = false) {
    this.sound?.cancel(null, later);
    this.planned.clear();
  }

  /** Look at the clock: hand out the cues that are near, tell of a transition, sleep until the next. */
  tick(what = "time") {
    if (!this.active) return;
    const parted = this.wall() - this.now() - this.drift;
    this.drift += parted;
    let state = this.state();
    if (Math.abs(parted) > GAP && state.status === "running") {
      this.events = [...this.events, { type: "pause", at: this.now() }];
      this.hush();
      state = this.state();
      what = "slept";
    }
    this.play(state);
    if (state.status === "finished" && this.events.at(-1)?.type !== "stop") {
      // The end by the clock is an event too: without it a record could not tell it from a page that died.
      this.events = [...this.events, { type: "stop", at: this.now() }];
      if (this.now() - state.started - state.time < LATE_BELL) this.bell(state);
    }
    const mark = this.mark(state);
    if (mark !== this.seen || what !== "time") {
      this.seen = mark;
      this.onChange?.(state, what);
    }
    this.onBeat?.(state);
    // Not `lead`: the start may have come since the clock was read, and then nothing would wake the session again.
    const leading = state.status === "ready" && this.events.some((e) => e.type === "start");
    if (state.status === "running" || leading) this.waker.at(this.wait(state), () => this.tick());
    else this.waker.clear();
  }

  /** Tones go to the audio clock a little ahead, speech at its moment, late ones nowhere. */
  play(state) {
    const now = this.now();
    for (const { key, cue, due, index } of this.ahead(state, LOOK_AHEAD)) {
      if (this.fired.has(key) || this.planned.has(key)) continue;
      if (cue.kind !== "voice") {
        const tone = this.sound?.tone(cue, Math.max(0, due), index);
        if (tone !== null) this.planned.set(key, { cue, due: now + due, tone, near: due <= NEAR });
      } else if (due <= 0.005) {
        this.fired.add(key);
        if (this.sound?.say(cue.text) !== false) this.keep(key, cue, now + due, now);
      }
    }
    for (const entry of this.planned.values()) {
      if (entry.near || entry.due - now > NEAR) continue;
      Object.assign(entry, { near: true, tone: this.sound?.shift?.(entry.tone, entry.due - now) ?? entry.tone });
    }
    for (const [key, { cue, due, tone }] of this.planned) {
      if (due > now + 0.005) continue;
      this.planned.delete(key);
      this.fired.add(key);
      // Tones are heard on the browser's clock, which may not be the session's.
      const heard = this.sound?.heardAt?.(tone);
      this.keep(key, cue, due, heard ? heard + this.now() - browserNow() : now);
    }
  }

  keep(key, cue, due, came) {
    this.log.push([key, cue.kind, ...[due, came].map((t) => Math.round(t * 1000) / 1000)]);
  }

  /** Ring the last bell, unless it rang on time. */
  bell(state) {
    if (this.log.some(([, kind]) => kind === "bell")) return;
    const cue = { kind: "bell" };
    const heard = this.sound?.tone(cue, 0, state.index) !== null;
    if (heard) this.keep("end", cue, state.started + state.time, this.now());
  }

  /** Seconds until something is to be done; at most one, so that a sleeping machine is noticed. */
  wait(state) {
    let wait = Math.min(1, state.status === "ready" ? this.lead() ?? 0 : state.remaining);
    for (const { key, cue, due } of this.ahead(state, LOOK_AHEAD + 1)) {
      if (this.fired.has(key) || this.planned.has(key)) continue;
      if (cue.kind === "voice") wait = Math.min(wait, due);
      else if (due > LOOK_AHEAD) wait = Math.min(wait, due - LOOK_AHEAD); // nearer, but without sound: it waits for sound
    }
    for (const { due, near } of this.planned.values()) wait = Math.min(wait, due - this.now() - (near ? 0 : NEAR));
    return Math.max(0.001, wait);
  }

  /** Fall silent for good; what runs is stopped, so that no orphan beeps. */
  close() {
    if (this.active) this.do("stop");
    this.active = false;
    this.waker.clear();
    this.hush();
  }
}
