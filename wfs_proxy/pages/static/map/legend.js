// The legend below the map: what the symbols on the map mean. It names all kinds that the page has seen of the layers that
// are on, and not only those in view: otherwise each move of the map could change its height, and so the map.

import { element } from "./dom.js";
import { capitalised } from "./layer-data.js";
import { recall, remember } from "./memory.js";
import { OTHER_KINDS, symbolElement } from "./symbols.js";

const KEY = "wfs-proxy-legend";

/** A screen on which the legend would leave little of the map. */
const LOW = "(max-height: 30rem)";

export class Legend {
  constructor(container, { say }) {
    this.container = container;
    this.say = say;
    this.shown = "";
    this.seen = new Map();
    this.#keepOpenOrClosed();
    new ResizeObserver(() => this.#letKeyboardScroll()).observe(container);
  }

  /** Opens the legend as this browser had it; at first it is open, unless the screen is low. */
  #keepOpenOrClosed() {
    const box = this.container.parentElement;
    const known = recall(KEY);
    box.open = known === null ? !window.matchMedia(LOW).matches : known === "open";
    box.addEventListener("toggle", () => remember(KEY, box.open ? "open" : "closed"));
  }

  /** Lets the arrow keys scroll a legend that is too long for the screen. */
  #letKeyboardScroll() {
    if (this.container.scrollHeight > this.container.clientHeight) this.container.tabIndex = 0;
    else this.container.removeAttribute("tabindex");
  }

  /** Shows the kinds of layers, and the marks if one of them has marks. */
  render(layers, { groups }) {
    const seen = layers.filter((data) => this.#hasSeen(data));
    const state = seen.map((data) => [data.id, this.#kinds(data), data.settings.mark !== null]);
    const key = JSON.stringify([state, groups]);
    if (key === this.shown) return;
    this.shown = key;
    this.container.parentElement.hidden = seen.length === 0;
    const marks = seen.some((data) => data.settings.mark !== null);
    this.container.replaceChildren(
      ...seen.map((data) => this.#layer(data)),
      element(
        "ul",
        { class: "legend-list" },
        marks ? element("li", {}, symbolElement(0, 0, true), this.say("reported")) : null,
        groups
          ? element(
              "li",
              {},
              element("span", { class: "legend-group", "aria-hidden": "true" }, "12"),
              this.say("cluster_legend"),
            )
          : null,
        groups && marks
          ? element(
              "li",
              {},
              element("span", { class: "legend-group with-reports", "aria-hidden": "true" }, "12"),
              this.say("cluster_reported_legend"),
            )
          : null,
      ),
    );
  }

  #layer(data) {
    const kinds = this.#kinds(data);
    const owner = data.settings.organisation;
    return element(
      "div",
      { class: "legend-layer" },
      element("h3", {}, data.title, owner ? element("small", {}, ` ${owner}`) : null),
      element(
        "ul",
        { class: "legend-list" },
        ...kinds.map(([name, shape]) => element("li", {}, symbolElement(data.colour, shape, false), name)),
      ),
    );
  }

  /** Whether the page has, or had, objects of a layer. Remembers of which kinds. */
  #hasSeen(data) {
    const kinds = this.seen.get(data.id) ?? new Set();
    for (const kind of new Set(data.kind)) kinds.add(kind);
    this.seen.set(data.id, kinds);
    return kinds.size > 0 || data.groups.length > 0;
  }

  /** Returns [name, shape] of the kinds that the page has, or had, objects of. */
  #kinds(data) {
    const present = this.seen.get(data.id);
    const kinds = [...data.kinds]
      .filter(([, shape]) => shape < OTHER_KINDS && present.has(shape))
      .sort(([, one], [, other]) => one - other)
      .map(([value, shape]) => [value === "" ? this.say("no_kind") : capitalised(value), shape]);
    if (present.has(OTHER_KINDS)) kinds.push([this.say("other_kinds"), OTHER_KINDS]);
    return kinds.length ? kinds : [[data.title, 0]];
  }
}
