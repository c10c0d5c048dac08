// The symbols of objects: a shape per kind and a colour per layer, so that neither depends on the colour alone.

const SVG = "http://www.w3.org/2000/svg";

/** Shapes in a square of 24 by 24. */
const SHAPES = [
  "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16z",
  "M5 5h14v14h-14z",
  "M12 3.5l9 16h-18z",
  "M12 2.5l9.5 9.5l-9.5 9.5l-9.5-9.5z",
  "M9 3.5h6v5.5h5.5v6h-5.5v5.5h-6v-5.5h-5.5v-6h5.5z",
  "M12 2.5l8.3 4.75v9.5l-8.3 4.75l-8.3-4.75v-9.5z",
  "M12 20.5l-9-16h18z",
];

/** For the kinds after the first seven: a ring. */
const OTHER = "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM12 9a3 3 0 1 1 0 6a3 3 0 1 1 0-6z";

/** The number of the shape that all further kinds share. */
export const OTHER_KINDS = SHAPES.length;

/** Colours in the style sheet. */
export const COLOURS = 6;

const EXCLAMATION = "M10.6 5.5h2.8l-.5 8h-1.8zM12 15a1.6 1.6 0 1 0 0 3.2a1.6 1.6 0 1 0 0-3.2z";
const DISC = "M12 1.5a10.5 10.5 0 1 0 0 21a10.5 10.5 0 1 0 0-21z";

const shapeOf = (kind) => SHAPES[kind] ?? OTHER;

/** Returns a symbol as an SVG element, which screen readers skip: the text beside it says the same. */
export function symbolElement(colour, kind, reported) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `symbol symbol-colour-${colour}`);
  svg.setAttribute("aria-hidden", "true");
  const parts = reported
    ? [
        ["symbol-disc", DISC],
        ["symbol-exclamation", EXCLAMATION],
      ]
    : [["symbol-shape", shapeOf(kind)]];
  for (const [name, shape] of parts) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", shape);
    path.setAttribute("class", name);
    path.setAttribute("fill-rule", "evenodd");
    svg.append(path);
  }
  return svg;
}

/** Draws symbols on canvases, each once, in the colours of the style sheet. */
export class Sprites {
  constructor(colours) {
    this.colours = colours;
    this.size = 24;
    this.made = new Map();
  }

  /** Returns the picture of a symbol, `size` pixels of the page wide. */
  sprite(colour, kind, reported) {
    const key = reported ? "reported" : `${colour}/${kind}`;
    if (!this.made.has(key)) this.made.set(key, this.#draw(colour, kind, reported));
    return this.made.get(key);
  }

  #draw(colour, kind, reported) {
    const ratio = window.devicePixelRatio || 1;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(this.size * ratio);
    const context = canvas.getContext("2d");
    const scale = (this.size * ratio) / 24;
    // an ordinary symbol is smaller than the mark of a reported one
    const factor = reported ? 0.88 : 0.62;
    context.setTransform(scale * factor, 0, 0, scale * factor, 12 * scale * (1 - factor), 12 * scale * (1 - factor));
    context.lineJoin = "round";
    context.lineWidth = reported ? 2.5 : 4;
    context.strokeStyle = this.colours.halo;
    const outline = new Path2D(reported ? DISC : shapeOf(kind));
    context.stroke(outline);
    context.fillStyle = reported ? this.colours.reported : this.colours.layers[colour];
    context.fill(outline, "evenodd");
    if (reported) {
      context.fillStyle = this.colours.reportedInk;
      context.fill(new Path2D(EXCLAMATION));
    }
    return canvas;
  }
}

/** Returns the colours that the style sheet has for this reader. */
export function readColours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    layers: Array.from({ length: COLOURS }, (_, number) => colour(`--layer-${number}`)),
    halo: colour("--halo"),
    reported: colour("--reported"),
    reportedInk: colour("--reported-ink"),
    cluster: colour("--cluster"),
    clusterInk: colour("--cluster-ink"),
    accent: colour("--accent"),
    grid: colour("--map-grid"),
    footprint: colour("--muted"),
    font: style.fontFamily,
  };
}
