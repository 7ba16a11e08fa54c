// What is seen: one view of the session. It builds its elements once, then only changes what differs.
import { clockText } from "./clock.js";
import { Figure } from "./figure.js";

export const CHANNELS = { voice: "Voice", bells: "Bells", ticks: "Ticks" };
const KEYS = { " ": "toggle", ArrowRight: "next", ArrowLeft: "back", "+": "more", "-": "less", Escape: "stop" };
const BREATHS = { "": "off", "4/6": "4 s in, 6 s out (teaching choice)", "3/7": "3 s in, 7 s out (as studied)" };
const LEADS = { 0: "at once", 10: "10 seconds", 30: "30 seconds", 60: "1 minute", 300: "5 minutes" };

/** An element; text is always set as text, so markup in a routine is shown as typed. */
function el(tag, className, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  if (className) node.className = className.split(" ").map((c) => `qlkit-${c}`).join(" ");
  node.append(...children);
  return node;
}

export const nameOf = (interval) => [interval.part, interval.title].filter(Boolean).join(" ");

function kindOf(interval) {
  if (interval.kind === "move") return interval.step.startsWith("rise-") ? "Getting up" : "Move";
  return interval.optional ? "Hold, optional" : "Hold";
}

/** A labelled list to choose from; `value` may be one that the list does not have yet. */
function select(label, choices, onchange) {
  const box = el("select", "", { onchange: () => onchange(box.value) });
  for (const [value, textContent] of Object.entries(choices)) box.append(el("option", "", { value, textContent }));
  const show = (value, name) => {
    if (![...box.options].some((o) => o.value === value)) box.append(el("option", "", { value, textContent: name }));
    box.value = value;
  };
  return { label: el("label", "choice", {}, el("span", "", { textContent: label }), box), box, show };
}

export class Stage {
  constructor(root, plan, poses, actions) {
    Object.assign(this, { root, plan, shown: {} });
    const button = (name, textContent, title) =>
      el("button", `button ${name}`, { type: "button", textContent, title, onclick: (event) => {
        // The second click of a double one is meant for the first: it would pause what has just begun.
        if (name !== "toggle" || event.detail < 2) actions.press(name, this);
      } });
    this.figure = poses?.intervals?.length === plan.intervals.length ? new Figure(poses) : null;
    const p = (this.parts = {
      kind: el("p", "kind"),
      title: el("p", "title"),
      clock: el("div", "clock", { role: "timer" }),
      text: el("p", "text"),
      focus: el("p", "focus"),
      options: el("p", "options"),
      warnings: el("ul", "warnings"),
      next: el("p", "next"),
      left: el("p", "left"),
      breath: el("p", "breath", { ariaHidden: "true" }),
      live: el("p", "live", { ariaLive: "polite" }),
      note: el("p", "note", { role: "status" }),
    });
    this.buttons = {
      toggle: button("toggle", "Start", "Start, pause or resume (space)"),
      back: button("back", "Back", "Back (left arrow)"),
      next: button("next", "Next", "Next (right arrow)"),
      less: button("less", "−30 s", "30 seconds less here (-)"),
      more: button("more", "+30 s", "30 seconds more here (+)"),
      stop: button("stop", "Stop", "Stop and keep the record (Esc)"),
    };
    this.recover = button("recover", "Go on with it", "Go on with the session that was interrupted");
    this.bar = el("div", "bar", { ariaHidden: "true" });
    this.segments = plan.intervals.map((interval, i) => {
      const fill = el("span", "fill");
      const segment = el("span", `segment ${interval.kind}`, { title: nameOf(interval), onclick: () => actions.jump(i) }, fill);
      this.bar.append(segment);
      return { segment, fill };
    });
    this.channels = Object.entries(CHANNELS).map(([name, label]) => {
      const box = el("input", "", { type: "checkbox", onchange: () => actions.set(name, box.checked) });
      const range = el("input", "", { type: "range", min: 0, max: 1, step: 0.05, ariaLabel: `${label}: volume` });
      range.onchange = () => actions.set(`${name}_volume`, Number(range.value));
      return { name, box, range, row: el("div", "channel", {}, el("label", "", {}, box, label), range) };
    });
    const places = Object.fromEntries(plan.intervals.map((interval, i) => [i, nameOf(interval)]));
    this.goto = select("Go to", places, (value) => actions.jump(Number(value)));
    this.breath = select("Breath pacer", BREATHS, (value) => actions.set("breath", value ? value.split("/").map(Number) : []));
    this.lead = select("Begin after", LEADS, (value) => actions.set("lead_in", Number(value)));
    root.className = "qlkit-timer";
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", `Guided session: ${plan.title}`);
    root.tabIndex = 0;
    root.dataset.lmSuppressShortcuts = "true"; // keys pressed in here are not JupyterLab's
    root.replaceChildren(
      el("div", "frame", {},
        el("div", "head", {}, el("p", "name", { textContent: plan.title }), p.left),
        el("ul", "cautions", {}, ...plan.cautions.map((text) => el("li", "", { textContent: text }))),
        el("div", "now", {},
          el("div", "what", {}, p.kind, p.title, p.next), ...(this.figure ? [this.figure.svg] : []), p.clock),
        p.breath,
        this.bar,
        // What changes its height stands below the buttons, so that they stay under the hand.
        el("div", "buttons", {}, ...Object.values(this.buttons)),
        el("div", "notes", {}, p.note, this.recover),
        el("div", "words", {}, p.text, p.focus, p.options, p.warnings),
        el("div", "foot", {},
          el("div", "group", { role: "group", ariaLabel: "Sound" }, ...this.channels.map((c) => c.row)),
          el("div", "group", {}, this.goto.label, this.breath.label, this.lead.label),
          el("div", "group", {}, button("check", "Sound check", "Hear the bell and the voice"), button("room", "Full screen", "Large type for a room"))),
        p.live),
    );
    root.addEventListener("keydown", (event) => this.key(event, actions));
  }

  key(event, actions) {
    const name = event.ctrlKey || event.metaKey || event.altKey ? null : KEYS[event.key];
    // A control that has the focus keeps the keys that it uses itself.
    const own = event.target.matches("input, select") || (event.key === " " && event.target !== this.root);
    if (!name || own) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return;
    // Esc leaves a full page first, as it leaves a full screen.
    actions.press(name === "stop" && this.root.classList.contains("qlkit-room") ? "room" : name, this);
  }

  set(name, text) {
    if (this.shown[name] === text) return;
    this.shown[name] = text;
    this.parts[name].textContent = text;
    this.parts[name].hidden = !text && name !== "live" && name !== "note";
  }

  /** What only changes with the state; `paint` does what changes with time. */
  update(state, lead, get, notes, recoverable) {
    const { plan, parts, buttons } = this;
    const interval = plan.intervals[state.index];
    const over = state.status === "finished" || state.status === "stopped";
    const begun = state.status === "running" || state.status === "paused";
    const held = state.visits.filter((v) => plan.intervals[v.index].kind === "hold").reduce((sum, v) => sum + v.end - v.start - v.paused, 0);
    this.root.dataset.status = lead === null ? state.status : "leading";
    const kinds = { finished: "Finished", stopped: "Stopped", ready: lead === null ? "To begin with" : "Get into position" };
    this.set("kind", kinds[state.status] ?? kindOf(interval));
    this.set("title", over ? `${clockText(state.time, Math.round)} in all, ${clockText(held, Math.round)} of it held` : nameOf(interval));
    this.set("text", over ? "" : interval.text);
    this.set("focus", over || interval.focus === interval.text ? "" : interval.focus);
    this.set("options", over || !interval.options.length ? "" : `Ways to do it: ${interval.options.join(" · ")}.`);
    this.set("breath", get("breath")?.length === 2 ? "Breathe" : "");
    if (this.shown.warned !== interval) {
      this.shown.warned = interval;
      parts.warnings.replaceChildren(...interval.cautions.map((text) => el("li", "", { textContent: text })));
    }
    parts.warnings.hidden = over || !interval.cautions.length;
    const next = plan.intervals[state.index + 1];
    this.set("next", over ? "" : next ? `Next: ${nameOf(next)}, ${clockText(state.lengths[state.index + 1])}` : "Next: the end");
    const toggles = { ready: lead === null ? "Start" : "Begin now", running: "Pause", paused: "Resume" };
    buttons.toggle.textContent = toggles[state.status] ?? "Start again";
    for (const name of ["back", "less", "more", "next", "stop"]) {
      const off = !begun && (lead === null || !["next", "stop"].includes(name));
      // A button that is switched off loses the focus, and the keys would go to the page.
      if (off && buttons[name] === document.activeElement) buttons.toggle.focus();
      buttons[name].disabled = off;
    }
    for (const { name, box, range } of this.channels) {
      box.checked = get(name);
      range.value = get(`${name}_volume`) ?? 1;
      range.disabled = !box.checked;
    }
    this.goto.box.disabled = !begun;
    this.goto.show(String(state.index), "");
    const [inward, outward] = get("breath") ?? [];
    this.breath.show(inward ? `${inward}/${outward}` : "", `${inward} s in, ${outward} s out`);
    this.lead.show(String(get("lead_in") ?? 0), `${get("lead_in")} seconds`);
    this.lead.box.disabled = begun || lead !== null;
    this.set("note", notes.filter(Boolean).join(" "));
    this.recover.hidden = !recoverable;
    const total = state.lengths.reduce((a, b) => a + b, 0);
    this.segments.forEach(({ segment }, i) => {
      segment.style.flexGrow = String(state.lengths[i] / total);
      segment.classList.toggle("qlkit-current", begun && i === state.index);
    });
    this.paint(state, lead);
  }

  /** @param {{phase: string, share: number} | null} breath where the breath pacer stands */
  paint(state, lead, breath = null) {
    const ready = state.status === "ready";
    const left = clockText(state.totalRemaining);
    const clock = clockText(lead ?? (ready ? state.totalRemaining : state.remaining));
    this.set("clock", clock);
    this.parts.clock.dataset.long = clock.length > 5;
    const lefts = { ready: lead === null ? `${left} in all` : "Begins in", running: `${left} left`, paused: `Paused, ${left} left` };
    this.set("left", lefts[state.status] ?? "");
    this.segments.forEach(({ fill }, i) => {
      const done = i < state.index ? 1 : i > state.index || ready ? 0 : state.elapsed / (state.length || 1);
      const scale = `scaleX(${done.toFixed(3)})`;
      if (this.shown[i] !== scale) fill.style.transform = this.shown[i] = scale;
    });
    this.figure?.show(state.index, ready ? 0 : state.elapsed / (state.length || 1));
    if (breath) {
      this.set("breath", breath.phase === "in" ? "Breathe in" : "Breathe out");
      this.parts.breath.style.setProperty("--qlkit-breath", breath.share.toFixed(2));
    }
  }
}
