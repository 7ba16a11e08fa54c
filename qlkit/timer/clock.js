// Where a session stands: State = f(plan, events, now). Nothing here counts ticks; only the events are kept.
// `replay` is the twin of qlkit/session.py: the same arithmetic in the same order.

/** @typedef {{type: string, at: number, seconds?: number}} Event  `at` in seconds since 1970 UTC */
/** @typedef {{kind: string, at: number, anchor: string, text: string}} Cue */
/** @typedef {{index: number, start: number, end: number, paused: number, extended: number}} Visit */

export const BACK_GRACE = 3; // later than this many seconds, "back" returns to the interval's own start
export const LOOK_AHEAD = 1.5; // seconds that tones are handed to the audio clock before they are due
const LEAD_TICKS = 3; // that many ticks count down to the start
export const BREATH_AFTER = 15; // seconds into a hold, when the instructions are over, the breath pacer begins
export const LATE = 1; // a cue later than this is dropped: a burst of stale cues helps nobody

/** The switch and the volume that each kind of cue belongs to. */
export const CHANNEL = { voice: "voice", chime: "bells", bell: "bells", breath: "bells", tick: "ticks" };

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

/** Seconds until a start that lies ahead (the lead-in, or a moment agreed on); null where there is none. */
export function startsIn(events, now) {
  const start = events.find((e) => e.type === "start");
  return start && start.at > now ? start.at - now : null;
}

/**
 * The cues of a session from a second ago to `horizon` seconds ahead, in order: how soon each is
 * due, and a key that stays the same for as long as no event changes the course. `lead` are the
 * seconds until a start that lies ahead, and `breath` the seconds of a breath in and out, or null.
 */
export function cuesAhead(plan, state, horizon, lead = null, breath = null) {
  if (state.status !== "running" && lead === null) return [];
  const found = [];
  const add = (key, cue, due, index) => due > -LATE && due <= horizon && found.push({ key, cue, due, index });
  let begin = lead ?? -state.elapsed;
  let visit = Math.max(0, state.visits.length - 1);
  for (let n = LEAD_TICKS; lead !== null && n > 0; n--) add(`lead/${n}`, { kind: "tick" }, lead - n, 0);
  for (let i = state.index; i < plan.intervals.length && begin <= horizon; i++, visit++) {
    const length = state.lengths[i];
    plan.intervals[i].cues.forEach((cue, c) => {
      const place = cue.anchor === "end" ? length - cue.at : cue.at;
      const due = begin + place;
      const heard = cue.kind === "bell" ? place <= length : place >= 0 && place < length;
      if (heard) add(`${visit}/${c}`, cue, due, i);
    });
    if (breath && plan.intervals[i].kind === "hold") {
      const [inward, outward] = breath;
      const first = Math.max(0, Math.floor((-LATE - begin - BREATH_AFTER) / (inward + outward)));
      for (let n = first; ; n++) {
        const at = BREATH_AFTER + n * (inward + outward);
        if (at + inward + outward > length || begin + at > horizon) break;
        add(`${visit}/in${n}`, { kind: "breath", phase: "in", seconds: inward }, begin + at, i);
        add(`${visit}/out${n}`, { kind: "breath", phase: "out", seconds: outward }, begin + at + inward, i);
      }
    }
    begin += length;
  }
  return found.sort((a, b) => a.due - b.due);
}

/** Where the breath pacer stands in a running hold: the phase, and how full the lungs are. */
export function breathAt(state, interval, breath) {
  if (breath?.length !== 2 || state.status !== "running" || interval.kind !== "hold") return null;
  const [inward, outward] = breath, round = inward + outward, at = state.elapsed - BREATH_AFTER;
  if (at < 0 || (Math.floor(at / round) + 1) * round + BREATH_AFTER > state.length) return null;
  const t = at % round;
  return t < inward ? { phase: "in", share: t / inward } : { phase: "out", share: 1 - (t - inward) / outward };
}

/** Seconds as m:ss (h:mm:ss from an hour on); a remaining time rounds up, so that 0:00 means the end. */
export function clockText(seconds, round = Math.ceil) {
  const whole = Math.max(0, round(seconds - (round === Math.ceil ? 1e-6 : 0)));
  const two = (n) => String(n).padStart(2, "0");
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
  return h ? `${h}:${two(m)}:${two(whole % 60)}` : `${m}:${two(whole % 60)}`;
}
