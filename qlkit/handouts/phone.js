// The page around the timer: it plays Python's part, takes the start from the address, and saves records.
import timer from "../timer/timer.js";

const part = (name) => document.getElementById(`qlkit-${name}`);
const traits = JSON.parse(part("traits").textContent);
const heeded = {}; // what the timer wants to be told of
const records = new Map(); // those to save, by their start
const FIELDS = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
const moment = (seconds) => new Date(seconds * 1000).toLocaleString("en-GB", FIELDS);

const model = {
  get: (name) => traits[name],
  set(name, value) {
    if (JSON.stringify(traits[name]) === JSON.stringify(value)) return;
    traits[name] = value;
    heeded[name]?.forEach((listener) => listener());
  },
  on: (name, listener) => (heeded[name.replace("change:", "")] ??= []).push(listener),
  save_changes() {
    const { events, until, log, status, waiting } = traits;
    for (const record of waiting) offer(record);
    if (["finished", "stopped"].includes(status)) offer({ events, until, log });
    for (const [begun, button] of records) button.textContent = `Save the record${begun === events[0]?.at ? "" : ` of ${moment(begun)}`}`;
  },
};

/** A button that saves a record as a file, in the shape that a journal takes. */
function offer({ events, until, log }) {
  const begun = events[0].at, text = JSON.stringify({ plan: traits.plan, events, until, log });
  const button = records.get(begun) ?? document.createElement("button");
  button.onclick = () => {
    const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const name = `${traits.plan.routine} ${new Date(begun * 1000).toISOString().slice(0, 16)}`.replace(/[^\w]+/g, "-");
    Object.assign(document.createElement("a"), { href, download: `${name}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    // The button stays, in case the file went nowhere; only a page opened anew does not offer it again.
    model.set("written", [...traits.written, events.at(-1).at]);
  };
  records.set(begun, button);
  part("records").prepend(button);
}

/** The start in the address, in seconds since 1970: null where there is none, NaN where it can't be read. */
function startIn(hash) {
  if (!/^#start\b/.test(hash)) return null;
  // Some programs make a space of the "+"; ISO 8601 leaves out what it can, and allows a true minus.
  const iso = /^#start=(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d(?:[.,]\d+)?))?(?:Z|([ +−-])(\d\d)(?::?(\d\d))?)$/i;
  const [, y, m, d, hour, minute, second = "00", sign, h = "00", min = "00"] = hash.match(iso) ?? [];
  if (new Date(Date.UTC(y, m - 1, d)).getUTCDate() !== Number(d)) return NaN;
  return Date.parse(`${y}-${m}-${d}T${hour}:${minute}:${second.replace(",", ".")}${/[−-]/.test(sign) ? "-" : "+"}${h}:${min}`) / 1000;
}

let address = location.hash;
try {
  address = decodeURIComponent(address);
} catch {
  // A lone "%": shown as it is.
}
const start = startIn(address), ends = start + traits.plan.intervals.at(-1).end, now = Date.now() / 1000;
if (Number.isNaN(start)) {
  part("start").textContent = `The start in the address can't be read: “${address.slice(1, 60)}”. It should look like start=2026-11-23T14:05:00+01:00, with the offset from UTC at its end. Press Start to begin by hand.`;
} else if (start !== null) {
  const when = moment(start);
  part("start").textContent = now >= ends ? `The session of ${when} is over. Press Start to begin one now.` : `All ${now < start ? "begin" : "began"} together on ${when}, by the clock of this device.`;
  if (now < ends) traits.events = [{ type: "start", at: start }];
}
// A tap lets the browser give sound; the sound check shows that it does.
const root = part("timer"), tap = part("tap");
tap.hidden = !traits.events.length;
tap.onclick = () => root.querySelector(".qlkit-check").click();
// Not as soon as something is touched: what moves up then would slip away under the finger.
root.addEventListener("click", () => (tap.hidden = true));
addEventListener("hashchange", () => location.reload());

// By the time of day: so a phone that slept is where the room is when it wakes.
const { initialize, render } = timer(() => Date.now() / 1000);
initialize({ model });
render({ model, el: root });
