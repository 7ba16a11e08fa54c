// The body on the stage: outlines from qlkit.body, blended from one to the next during a move.

const SVG = "http://www.w3.org/2000/svg";

/** The path of a ring whose points pull a curve: from the middle of one side to the middle of the next. */
function curve(points) {
  const middle = (a, b) => `${(a[0] + b[0]) / 2} ${(a[1] + b[1]) / 2}`;
  const last = points.at(-1);
  return points.reduce((d, p, i) => `${d}Q${p[0]} ${p[1]} ${middle(p, points[(i + 1) % points.length])}`, `M${middle(last, points[0])}`) + "Z";
}

/** The x and y of an outline, in turn, from the text that poses.py packed it into. */
export function unpack(text) {
  const numbers = [0, 0];
  for (const character of text) {
    const code = character.codePointAt(0) - 63;
    numbers.push(numbers.at(-2) + (code % 2 ? -(code + 1) / 2 : code / 2));
  }
  return numbers.slice(2);
}

/** Draws the figure of one interval at a time. */
export class Figure {
  /** @param {{shapes: object, outlines: string[], intervals: object[]}} poses what timer/poses.py gives */
  constructor(poses) {
    this.poses = poses;
    this.outlines = []; // unpacked when they are first drawn
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("class", "qlkit-pose");
    this.svg.setAttribute("role", "img");
    this.shown = "";
  }

  /** Show an interval, at a share of it from 0 to 1. */
  show(index, share) {
    const { view, words, box, outlines } = this.poses.intervals[index];
    if (this.index !== index) {
      this.index = index;
      this.build(this.poses.shapes[view], box);
      this.svg.setAttribute("aria-label", words);
    }
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const place = calm ? outlines.length - 1 : Math.min(1, Math.max(0, share)) * (outlines.length - 1);
    const shown = `${index}/${place.toFixed(2)}`;
    if (shown === this.shown) return;
    this.shown = shown;
    const [from, to] = [Math.floor(place), Math.ceil(place)].map((i) => this.outline(outlines[i])), part = place % 1;
    const at = (i) => Math.round(from[i] + (to[i] - from[i]) * part);
    let i = 0;
    for (const { paths, count } of this.rings) {
      const points = Array.from({ length: count }, () => [at(i++), -at(i++)]);
      const d = curve(points);
      for (const path of paths) path.setAttribute("d", d);
    }
  }

  outline(number) {
    return (this.outlines[number] ??= unpack(this.poses.outlines[number]));
  }

  /** Make the paths of a view: a limb with a halo is first outlined in the colour of the background. */
  build(limbs, [x0, y0, x1, y1]) {
    const floor = document.createElementNS(SVG, "path");
    floor.setAttribute("class", "qlkit-floor");
    floor.setAttribute("d", `M${x0} 0H${x1}`);
    this.svg.setAttribute("viewBox", `${x0 - 20} ${-y1 - 20} ${x1 - x0 + 40} ${y1 - y0 + 40}`);
    this.svg.replaceChildren(floor);
    this.rings = [];
    for (const { far, halo, rings } of limbs) {
      const paths = (className) => rings.map(([role]) => {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("class", className(role));
        this.svg.append(path);
        return path;
      });
      const halos = halo ? paths(() => "qlkit-halo") : [];
      const fills = paths((role) => `qlkit-${role}${far ? " qlkit-far" : ""}`);
      rings.forEach(([, count], i) => this.rings.push({ count, paths: halo ? [halos[i], fills[i]] : [fills[i]] }));
    }
  }
}
