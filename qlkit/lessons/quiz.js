// A self-check as seen: it draws a question, hands the answer to Python and shows what comes back. It holds no answer.
const PATIENCE = 3000; // milliseconds

/** An element; text is always set as text, so markup in a question is shown as typed. */
function el(tag, name, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  if (name) node.className = `qlkit-quiz-${name}`;
  node.append(...children);
  return node;
}

const button = (name, textContent, onclick, more) => el("button", name, { textContent, onclick, type: "button", ...more });

/** Each kind of question as its controls and `show`, which brings an answer that Python knows into them. */
const KINDS = {
  choice({ choices }, send) {
    const controls = choices.map((text) => button("option", text, () => send(text)));
    return { controls, show: (answer) => controls.forEach((option, i) => { option.ariaPressed = choices[i] === answer; }) };
  },

  order({ choices }, send, changed) {
    const list = el("ol", "items");
    const order = () => [...list.children].map((row) => row.firstChild.textContent);
    const mark = () => [...list.children].forEach((row, i, all) => {
      row.children[1].ariaDisabled = i === 0;
      row.children[2].ariaDisabled = i === all.length - 1;
    });
    const move = (row, text, step) => {
      const other = step < 0 ? row.previousSibling : row.nextSibling;
      // The neighbour is what moves: an element that is moved itself would lose the focus.
      if (other) row[step < 0 ? "after" : "before"](other);
      mark();
      changed(`${text}: ${order().indexOf(text) + 1} of ${choices.length}.`);
    };
    const rows = new Map(choices.map((text) => {
      const row = el("li", "item", {}, el("span", "", { textContent: text }));
      row.append(button("mover", "↑", () => move(row, text, -1), { ariaLabel: `Move up: ${text}` }));
      row.append(button("mover", "↓", () => move(row, text, 1), { ariaLabel: `Move down: ${text}` }));
      return [text, row];
    }));
    const show = (answer) => (list.append(...(answer ?? choices).map((text) => rows.get(text) ?? "")), mark());
    return { controls: [list, button("check", "Check", () => send(order()))], show };
  },

  number({ unit }, send, changed) {
    const input = el("input", "", { inputMode: "decimal", autocomplete: "off", oninput: () => changed("") });
    const label = el("label", "label", {}, "Your answer", input, unit);
    const form = el("form", "entry", { onsubmit: (event) => (event.preventDefault(), send(input.value)) }, label);
    form.append(button("check", "Check", null, { type: "submit" }));
    return { controls: [form], show: (answer) => { input.value = answer ?? ""; } };
  },
};

export default {
  render({ model, el: host, signal }) {
    const { kind, ask, hint, ...question } = model.get("question");
    const told = el("div", "told", { role: "status" });
    const live = el("p", "live", { ariaLive: "polite" });
    let waiting;
    const tell = (verdict, lines, right = "") => {
      root.dataset.right = right;
      const said = lines.length < 2 ? lines : [el("ul", "", {}, ...lines.map((textContent) => el("li", "", { textContent })))];
      told.replaceChildren(...(verdict ? [el("strong", "", { textContent: `${verdict} ` })] : []), ...said);
    };
    const send = (answer) => {
      clearTimeout(waiting);
      waiting = setTimeout(tell, PATIENCE, "No answer yet.", ["Python is busy, or this cell wants to be run again."]);
      model.send({ answer });
    };
    const changed = (words) => {
      tell("", []); // what was said is about an answer that is no longer there
      live.textContent = words;
    };
    const { controls = [], show } = KINDS[kind]?.(question, send, changed) ?? {};
    const root = el("fieldset", "", { className: "qlkit-quiz" }, el("legend", "ask", { textContent: ask }));
    root.append(...controls, told, live);
    const update = () => {
      clearTimeout(waiting);
      const right = model.get("right");
      // What a hand is on stays as it is; another view of the same question follows.
      if (kind === "choice" || !root.contains(root.getRootNode().activeElement)) show?.(model.get("answer"));
      if (right === null) tell("", hint ? [hint] : []);
      else tell(right ? "Right." : "Not yet.", model.get("words").split("\n"), right);
    };
    root.addEventListener("keydown", (event) => event.stopPropagation()); // its keys are not the notebook's
    signal?.addEventListener("abort", () => clearTimeout(waiting));
    model.on("change:tries", update);
    host.append(root);
    update();
  },
};
