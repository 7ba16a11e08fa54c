/** A slider: the browser's own, so that its name, keys and a screen reader come with it. */

/** @param {number} value @param {string} unit @returns {string} such as "6 min 30 s" or "12.5 kg" */
function say(value, unit) {
  if (unit !== "min") return `${Number(value.toFixed(2))} ${unit}`.replace(" °", "°");
  const seconds = Math.round(value * 60);
  return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ""}`;
}

function render({ model, el }) {
  const label = document.createElement("label");
  const [name, input, readout] = ["span", "input", "output"].map((tag) => label.appendChild(document.createElement(tag)));
  label.className = "qlkit-slider";
  input.type = "range";
  readout.ariaHidden = "true"; // it is said as the value
  const show = (value) => {
    readout.textContent = say(value, model.get("unit"));
    input.setAttribute("aria-valuetext", readout.textContent);
  };
  const update = () => {
    name.textContent = input.ariaLabel = model.get("label");
    input.disabled = model.get("disabled");
    // The value comes last: what lies outside the limits would be moved to them.
    for (const key of ["min", "max", "step", "value"]) input[key] = model.get(key);
    show(model.get("value"));
  };
  const tell = (held) => {
    model.set("value", input.valueAsNumber);
    model.set("held", held);
    model.save_changes();
  };
  input.addEventListener("input", () => {
    show(input.valueAsNumber);
    tell(true);
  });
  let loose;
  const release = () => {
    if (!model.get("held")) return;
    // A timer may now be made anew: until it is there the page keeps its height, so that nothing beneath jumps.
    const { style, offsetHeight } = el.closest(".qlkit-app") ?? el;
    style.minHeight = `${offsetHeight}px`;
    clearTimeout(loose);
    loose = setTimeout(() => (style.minHeight = ""), 1000);
    tell(false);
  };
  input.addEventListener("change", release);
  const ends = ["pointerup", "pointercancel"]; // who drags it back to where it was changes nothing
  for (const end of ends) document.addEventListener(end, release);
  // JupyterLab takes the keys of a control for commands of the notebook, unless the control itself says no.
  const keep = ({ target }) => {
    if (target.closest(".qlkit-app")) target.dataset.lmSuppressShortcuts = "true";
  };
  document.addEventListener("focusin", keep);
  model.on("change", update);
  el.append(label);
  update();
  return () => {
    for (const end of ends) document.removeEventListener(end, release);
    document.removeEventListener("focusin", keep);
  };
}

export default { render };
