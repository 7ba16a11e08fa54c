// The anywidget module: a factory, so that each model has a session of its own, drawn by any number of views.
import { breathAt, clockText, wellFormed } from "./clock.js";
import { Session, browserNow, makeWaker } from "./session.js";
import { Sound } from "./sound.js";
import { CHANNELS, Stage, nameOf } from "./stage.js";

const STEP = 30; // seconds that one press of + or - changes
const KEPT_FOR = 3600; // seconds that an interrupted session is offered again
const MOST = 50; // sessions that may wait for a journal
const UNREADABLE = "What this browser kept of an earlier session can't be read, and is not used.";
const DAMAGED = "What this browser kept of an earlier session is damaged, and is not used.";

/** The browser's own memory of a session, for a page that comes back without its kernel. Each part may fail. */
function memory(plan, scope = globalThis) {
  const text = JSON.stringify([plan.routine, plan.intervals.map((i) => [i.step, i.start, i.end])]);
  const key = `qlkit:${[...text].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0, 7).toString(36)}`;
  const write = (name, value) => scope.localStorage.setItem(name, JSON.stringify(value));
  return {
    save: (kept) => write(key, kept),
    load: () => JSON.parse(scope.localStorage.getItem(key) ?? "null"),
    forget: () => scope.localStorage.removeItem(key),
    /** Sessions that are over and in no journal yet; null stands for what is damaged. */
    waiting: () => {
      const text = scope.localStorage.getItem(`${key}:over`) ?? "[]";
      try {
        return [].concat(JSON.parse(text)).map(whole);
      } catch {
        return [null];
      }
    },
    wait: (list) => (list.length ? write(`${key}:over`, list.slice(-MOST)) : scope.localStorage.removeItem(`${key}:over`)),
  };
}

/** What was kept of a session, if it is whole. */
function whole(found) {
  const events = wellFormed(found?.events);
  if (events[0]?.type !== "start" || events.length !== found.events.length || !Number.isFinite(found.until)) return null;
  return { events, until: found.until, log: Array.isArray(found.log) ? found.log : [] };
}

/** Words for a lead-in. */
const spell = (seconds) => (seconds < 60 ? `${seconds} seconds` : seconds < 90 ? "1 minute" : `${Math.round(seconds / 60)} minutes`);

/** @param {() => number} now the clock: steady in a notebook; the phone page, which a room may share, goes by the time of day */
export default (now = browserNow) => {
  let session, sound, waker, model, kept, channel, recoverable = null, lock = null;
  const stages = new Set();
  const notes = {};
  const id = Math.random();

  const get = (name) => model.get(name);
  const note = (name, text) => {
    if ((notes[name] ?? "") === text) return;
    notes[name] = text;
    refresh();
  };
  const refresh = (state = session.state()) => {
    for (const stage of stages) stage.update(state, session.lead(), get, Object.values(notes), recoverable);
  };
  /** Try what a browser may lack; what is missing is named, and the session goes on. */
  const attempt = (name, action, missing) => {
    try {
      return action();
    } catch {
      note(name, missing);
      return null;
    }
  };
  const keep = (state) => {
    const missing = "This browser keeps nothing: after a reload without its kernel, a session starts anew.";
    const begun = state.status === "running" || state.status === "paused";
    const record = { events: session.events, until: session.now(), log: session.log };
    attempt("memory", () => {
      if (begun) return kept.save(record);
      if (state.status !== "ready") wait(record);
      if (!recoverable) kept.forget();
    }, missing);
  };
  /** What is over is kept until a journal has it. */
  const wait = (record) => {
    if (!get("keeps") || get("written").includes(record.events.at(-1).at)) return;
    kept.wait([...kept.waiting().filter((other) => other && other.events[0].at !== record.events[0].at), record]);
  };
  /** Hand what waits to the kernel, and whether there was any. */
  const hand = () => {
    if (!get("keeps")) return false;
    const found = kept.waiting(), waiting = found.filter(Boolean);
    if (waiting.length < found.length) {
      notes.memory = DAMAGED;
      kept.wait(waiting);
    }
    model.set("waiting", waiting);
    return waiting.length > 0;
  };
  /** Whatever has become of the kernel, the session goes on. */
  const tell = () => attempt("kernel", () => (model.save_changes(), note("kernel", "")), "Python does not answer: the session goes on without it.");
  const going = (state) => state.status === "running" || session.lead() !== null;

  /** Keep the screen on while a session runs. A lock is lost with each hidden page, so it is asked for again. */
  const stayAwake = async (state) => {
    if (!going(state)) lock = lock?.release() && null;
    if (!going(state) || document.hidden || (lock && !lock.released)) return;
    try {
      const given = await navigator.wakeLock.request("screen");
      // It takes a moment: by now the session may be over, or another one may have come.
      if (!going(session.state()) || (lock && !lock.released)) given.release();
      else lock = given;
      note("lock", "");
    } catch {
      note("lock", "The screen may go dark by itself: this browser does not keep it on.");
    }
  };

  /** Of several sessions on one machine only the one used last is heard. */
  const claim = () => {
    if (!going(session.state())) return;
    channel?.postMessage(id);
    sound.muted = false;
    note("other", "");
  };

  /** One message to the kernel for a transition, none between. */
  const sync = (state, what) => {
    const interval = session.plan.intervals[state.index];
    const told = { events: session.events, status: state.status, step: interval.step, until: session.now(), log: [...session.log] };
    for (const [name, value] of Object.entries(told)) model.set(name, value);
    if (what !== "time") {
      notes.clock = what === "slept" ? "The machine slept: the session was paused." : "";
      notes.memory = null;
      // Who begins anew leaves the interrupted one as it is.
      if (what === "start") attempt("memory", () => (recoverable && wait(recoverable), hand()), UNREADABLE);
      recoverable = null;
    }
    tell();
    keep(state);
    if (["start", "resume"].includes(what)) claim();
    stayAwake(state);
    refresh(state);
    const said = { paused: "Paused.", finished: "The session is finished.", stopped: "Stopped.", ready: session.lead() === null ? "" : "Get into position." };
    // One view speaks for all: two would be read out twice.
    [...stages][0]?.set("live", said[state.status] ?? `${nameOf(interval)}, ${clockText(state.length)}.`);
  };

  const start = (lead) => {
    session.start(lead);
    if (lead >= 5) sound.say(`Get into position: ${session.plan.intervals[0].title}. We begin in ${spell(lead)}.`);
  };
  const press = (name, stage) => {
    const state = session.state();
    sound.unlock();
    claim();
    if (name === "toggle") {
      if (state.status === "running") session.do("pause");
      else if (state.status === "paused") session.do("resume");
      else start(session.lead() === null ? get("lead_in") ?? 0 : 0);
    } else if (name === "more") session.do("extend", STEP);
    else if (name === "less") session.do("extend", -STEP);
    else if (name === "room") toggleRoom(stage);
    else if (name === "recover") session.goOn(recoverable);
    else if (name === "check") {
      sound.tone({ kind: "chime" }, 0.05, 0);
      sound.say("This is the voice of the session.");
    } else session.do(name);
  };

  /** Fill the screen; where the browser refuses, at least the page. */
  const toggleRoom = ({ root }) => {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (root.classList.toggle("qlkit-room")) root.requestFullscreen?.().catch(() => {});
  };

  const obey = () => {
    const done = get("done");
    const commands = get("commands").filter((c) => c.id > done);
    if (!commands.length) return;
    model.set("done", commands.at(-1).id);
    for (const { type, seconds } of commands) {
      if (type === "start") sound.unlock(), start(seconds ?? 0);
      else if (type === "jump") session.jump(seconds);
      else session.do(type, seconds);
    }
    tell();
  };

  /** What the browser kept: newer than the kernel's list it is simply right; without one, it is offered. */
  const remember = () => {
    const found = attempt("memory", () => kept.load(), UNREADABLE);
    if (found === null) return;
    const record = whole(found);
    if (!record) notes.memory = DAMAGED;
    else if (session.events[0]?.at === record.events[0].at) {
      if (session.events.length < record.events.length) Object.assign(session, record, { seen: null });
    } else if (!session.events.length && Math.abs(now() - record.until) < KEPT_FOR) {
      recoverable = record;
      notes.memory = `A session begun at ${new Date(record.events[0].at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })} was interrupted.`;
    } else wait(record);
  };

  return {
    initialize({ model: given, signal }) {
      model = given;
      const plan = get("plan");
      const level = (name) => (get(name) ? get(`${name}_volume`) ?? 1 : 0);
      const slow = "No background worker here: keep this page in view, or cues may come late.";
      waker = makeWaker(() => note("waker", slow));
      kept = memory(plan);
      sound = new Sound({ level, note, intervals: plan.intervals, onAwake: () => session.tick() });
      const breath = () => (get("breath")?.length === 2 ? get("breath") : null);
      session = new Session({ plan, events: get("events"), log: get("log"), now, waker, sound, onChange: sync, onBeat: keep, breath });
      if (get("events")?.length !== session.events.length) notes.events = "Part of the list of events was damaged, and is left out.";
      notes.journal = get("trouble");
      attempt("memory", () => (remember(), hand() && tell()), UNREADABLE);
      channel = attempt("channel", () => new BroadcastChannel("qlkit"), "");
      if (channel) {
        channel.onmessage = () => {
          if (!going(session.state())) return;
          sound.muted = true;
          sound.cancel();
          note("other", "Another session is heard now. Press a button here to hear this one instead.");
        };
      }
      model.on("change:commands", obey);
      model.on("change:trouble", () => note("journal", get("trouble")));
      const unwritten = (record) => record && !get("written").includes(record.events.at(-1).at);
      model.on("change:written", () => attempt("memory", () => kept.wait(kept.waiting().filter(unwritten)), UNREADABLE));
      const heard = Object.keys(CHANNELS).flatMap((name) => [name, `${name}_volume`]);
      for (const name of heard) model.on(`change:${name}`, () => (session.refresh(name.replace("_volume", "")), refresh()));
      for (const name of ["breath", "lead_in"]) model.on(`change:${name}`, () => (session.refresh("bells"), refresh()));
      if (!waker.precise()) notes.waker = slow;
      const seen = () => stayAwake(session.state());
      document.addEventListener("visibilitychange", seen, { signal });
      signal?.addEventListener("abort", () => {
        session.close();
        waker.close();
        sound.close();
        channel?.close();
        lock?.release();
      });
    },

    render({ el: root, signal }) {
      if (signal?.aborted) return;
      const stage = new Stage(root, session.plan, get("poses"), {
        press,
        jump: (index) => (claim(), session.jump(index)),
        set: (name, value) => (sound.unlock(), model.set(name, value), tell()),
      });
      stages.add(stage);
      session.activate();
      if (going(session.state())) sound.unlock();
      stayAwake(session.state());
      obey();
      refresh();
      root.addEventListener("pointerdown", () => going(session.state()) && sound.unlock(), { signal });
      document.addEventListener("fullscreenchange", () => root.classList.toggle("qlkit-room", document.fullscreenElement === root), { signal });
      // Painted when a digit changes and a few times between; more often only while something moves.
      let frame, timer;
      const paint = () => {
        const state = session.state(), interval = session.plan.intervals[state.index];
        const breath = breathAt(state, interval, get("breath"));
        if (going(state)) stage.paint(state, session.lead(), breath);
        const moves = state.status === "running" && (breath || interval.kind === "move");
        const left = session.lead() ?? state.remaining;
        const wait = moves ? 50 : Math.min(250, (left % 1) * 1000 + 5);
        timer = setTimeout(() => (frame = requestAnimationFrame(paint)), wait);
      };
      paint();
      const leave = () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
        stages.delete(stage);
        if (stages.size) return;
        sound.cancel();
        // A view that is only moved comes back at once; if none does, nobody is looking any more.
        setTimeout(() => stages.size || session.close(), 250);
      };
      signal?.addEventListener("abort", leave);
      return signal ? undefined : leave;
    },
  };
};
