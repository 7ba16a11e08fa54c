// The session: State = f(plan, events, now). Nothing here counts ticks; only the events are kept.
// `replay` is the twin of qlkit/session.py: the same arithmetic in the same order.

/** @typedef {{type: string, at: number, seconds?: number}} Event  `at` in seconds since 1970 UTC */
/** @typedef {{kind: string, at: number, anchor: string, text: string}} Cue */
/** @typedef {{index: number, start: number, end: number, paused: number, extended: number}} Visit */

export const BACK_GRACE = 3; // later than this many seconds, "back" returns to the interval's own start
const LOOK_AHEAD = 1.5; // seconds that tones are handed to the audio clock before they are due
const LATE = 1; // a cue later than this is dropped: a burst of stale cues helps nobody
const LATE_BELL = 60; // the last bell lets people get up: it may come later than that, but not out of the blue
const GAP = 2; // seconds by which the clocks may part before we say that the machine slept

/** Where a session stands at `now`; see `replay` in session.py. */
export function replay(plan, events, now) {
  const lengths = plan.intervals.map((i) => i.end - i.start);
  let status = "ready", index = 0, elapsed = 0, time = 0, started = null;
  /** @type {Visit[]} */ const visits = [];
  /** @type {number[][]} */ const pauses = [];

  const enter = (i) => {
    if (visits.length) visits.at(-1).end = time;
    elapsed = 0;
    for (; i < lengths.length; i++) {
      index = i;
      visits.push({ index, start: time, end: time, paused: 0, extended: 0 });
      if (lengths[i] > 0) return;
    }
    elapsed = lengths[index];
    status = "finished";
  };
  const advance = (to) => {
    while (status === "running") {
      const room = lengths[index] - elapsed;
      if (to - time < room) {
        elapsed += to - time;
        break;
      }
      time = Math.min(time + room, to);
      enter(index + 1);
    }
    if (status === "paused") {
      visits.at(-1).paused += to - time;
      pauses.at(-1)[1] = to;
    }
    if (status === "running" || status === "paused") {
      time = to;
      visits.at(-1).end = to;
    }
  };
  const apply = ({ type, at, seconds = 0 }) => {
    if (status === "ready") {
      if (type !== "start") return;
      started = at;
      status = "running";
      enter(0);
      return;
    }
    advance(at - started);
    if (status !== "running" && status !== "paused") return;
    if (type === "pause" && status === "running") {
      status = "paused";
      pauses.push([time, time]);
    } else if (type === "resume") {
      status = "running";
    } else if (type === "next") {
      enter(index + 1);
    } else if (type === "back") {
      let earlier = index - 1;
      while (earlier >= 0 && lengths[earlier] <= 0) earlier--;
      enter(earlier >= 0 && elapsed <= BACK_GRACE ? earlier : index);
    } else if (type === "extend") {
      const length = Math.max(elapsed, lengths[index] + seconds);
      visits.at(-1).extended += length - lengths[index];
      lengths[index] = length;
      if (elapsed >= length) enter(index + 1);
    } else if (type === "stop") {
      status = "stopped";
    }
  };

  for (const event of [...events].sort((a, b) => a.at - b.at)) if (event.at <= now) apply(event);
  if (started !== null) advance(now - started);
  const remaining = lengths[index] - elapsed;
  const later = lengths.slice(index + 1).reduce((a, b) => a + b, 0);
  return {
    status, index, elapsed, length: lengths[index], remaining, totalRemaining: remaining + later,
    started, time, visits, pauses, lengths,
  };
}

/** The events of a list that are well-formed; a damaged list loses only what is damaged. */
export function wellFormed(events) {
  const types = ["start", "pause", "resume", "next", "back", "extend", "stop"];
  return (Array.isArray(events) ? events : []).filter(
    (e) => e && types.includes(e.type) && Number.isFinite(e.at) && Number.isFinite(e.seconds ?? 0),
  );
}

/**
 * The cues of a running session from a second ago to `horizon` seconds ahead, in order: how soon
 * each is due, and a key that stays the same for as long as no event changes the course.
 */
export function cuesAhead(plan, state, horizon) {
  if (state.status !== "running") return [];
  const found = [];
  let begin = -state.elapsed;
  let visit = state.visits.length - 1;
  for (let i = state.index; i < plan.intervals.length && begin <= horizon; i++, visit++) {
    const length = state.lengths[i];
    plan.intervals[i].cues.forEach((cue, c) => {
      const place = cue.anchor === "end" ? length - cue.at : cue.at;
      const due = begin + place;
      const heard = cue.kind === "bell" ? place <= length : place >= 0 && place < length;
      if (heard && due > -LATE && due <= horizon) found.push({ key: `${visit}/${c}`, cue, due, index: i });
    });
    begin += length;
  }
  return found.sort((a, b) => a.due - b.due);
}

/** Seconds as m:ss (h:mm:ss from an hour on); a remaining time rounds up, so that 0:00 means the end. */
export function clockText(seconds, round = Math.ceil) {
  const whole = Math.max(0, round(seconds - (round === Math.ceil ? 1e-6 : 0)));
  const two = (n) => String(n).padStart(2, "0");
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
  return h ? `${h}:${two(m)}:${two(whole % 60)}` : `${m}:${two(whole % 60)}`;
}

/** The browser's clock: steady, in seconds since 1970. */
export const browserNow = () => (performance.timeOrigin + performance.now()) / 1000;

/**
 * Wakes one callback after so many seconds. A Worker, because hidden tabs slow the timers of the
 * page down to one a second and, later, one a minute; where none can be made, the page's own timer.
 */
export function makeWaker() {
  let timer, worker = null, wake = () => {};
  try {
    const code = "let t;onmessage=(e)=>{clearTimeout(t);if(e.data>=0)t=setTimeout(()=>postMessage(0),e.data)}";
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    worker = new Worker(url);
    URL.revokeObjectURL(url);
    worker.onmessage = () => wake();
    worker.onerror = () => (worker = null);
  } catch {
    worker = null;
  }
  return {
    precise: () => worker !== null,
    at(seconds, callback) {
      wake = callback;
      clearTimeout(timer);
      const ms = Math.max(0, seconds * 1000);
      if (worker) worker.postMessage(ms);
      else timer = setTimeout(callback, ms);
    },
    clear() {
      wake = () => {};
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
  constructor({ plan, events = [], now = browserNow, wall = () => Date.now() / 1000, waker, sound, onChange }) {
    Object.assign(this, { plan, now, wall, waker, sound, onChange });
    this.events = wellFormed(events);
    this.active = false;
    this.fired = new Set();
    this.planned = new Map();
    this.seen = this.mark(this.state());
  }

  state() {
    return replay(this.plan, this.events, this.now());
  }

  mark(state) {
    return `${state.status}/${state.visits.length}`;
  }

  /** Go on from the events there are; with nobody to look at it a session stays silent. */
  activate() {
    if (this.active) return;
    this.active = true;
    this.drift = this.wall() - this.now();
    const late = cuesAhead(this.plan, this.state(), 0);
    for (const { key } of late) this.fired.add(key);
    this.tick();
  }

  /** Do what a person asked for. Starting after the end begins a new session. */
  do(type, seconds) {
    if (type === "start" && ["finished", "stopped"].includes(this.state().status)) {
      this.events = [];
      this.fired.clear();
    }
    const event = { type, at: this.now(), ...(seconds ? { seconds } : {}) };
    const events = [...this.events, event];
    const before = replay(this.plan, this.events, event.at);
    const after = replay(this.plan, events, event.at);
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    this.events = events;
    if (before.status !== "running") this.drift = this.wall() - this.now();
    this.hush();
    // What lies ahead now is to be heard, also where it was heard before: an extended hold ends again.
    for (const { key, due } of cuesAhead(this.plan, after, Infinity)) if (due > 0) this.fired.delete(key);
    this.tick(type);
  }

  hush() {
    this.sound?.cancel();
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
      if (this.now() - state.started - state.time < LATE_BELL) this.bell();
    }
    const mark = this.mark(state);
    if (mark !== this.seen || what !== "time") {
      this.seen = mark;
      this.onChange?.(state, what);
    }
    if (state.status === "running") this.waker.at(this.wait(state), () => this.tick());
    else this.waker.clear();
  }

  /** Tones go to the audio clock a little ahead, speech at its moment, late ones nowhere. */
  play(state) {
    for (const { key, cue, due, index } of cuesAhead(this.plan, state, LOOK_AHEAD)) {
      if (this.fired.has(key)) continue;
      const spoken = cue.kind === "voice";
      if (!spoken && !this.planned.has(key)) {
        this.planned.set(key, cue);
        this.sound?.tone(cue, Math.max(0, due), index);
      }
      if (due <= 0.005) {
        this.fired.add(key);
        if (spoken) this.sound?.say(cue.text);
      }
    }
  }

  bell() {
    const last = this.plan.intervals.length - 1;
    const planned = [...this.planned.values()].some((cue) => cue.kind === "bell");
    if (!planned) this.sound?.tone({ kind: "bell" }, 0, last);
  }

  /** Seconds until something is to be done; at most one, so that a sleeping machine is noticed. */
  wait(state) {
    let wait = Math.min(1, state.remaining);
    for (const { key, cue, due } of cuesAhead(this.plan, state, LOOK_AHEAD + 1)) {
      if (this.fired.has(key)) continue;
      const ahead = cue.kind === "voice" || this.planned.has(key) ? 0 : LOOK_AHEAD;
      wait = Math.min(wait, due - ahead);
    }
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
