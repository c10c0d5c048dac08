// The legend below the map: what the symbols on the map mean. It names all kinds that the page has seen of the layers around
// the view, and not only those in view: otherwise each move of the map could change its height, and so the map.

import { element } from "./dom.js";
import { capitalised } from "./layer-data.js";
import { recall, remember } from "./memory.js";
import { OTHER_KINDS, symbolElement } from "./symbols.js";

const KEY = "wfs-proxy-legend";

/** A screen on which the legend would leave little of the map. */
const LOW = "(max-height: 30rem)";

export class Legend {
  constructor(container, { say, number }) {
    this.container = container;
    this.say = say;
    this.number = number;
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
    let before = box.open;
    box.addEventListener("toggle", () => {
      // opening it above causes the event too, and that is no choice of the reader
      if (box.open === before) return;
      before = box.open;
      remember(KEY, box.open ? "open" : "closed");
    });
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
        ...kinds.map(([name, shape]) =>
          element("li", {}, shape === null ? null : symbolElement(data.colour, shape, false), element("span", {}, name)),
        ),
      ),
    );
  }

  /** Whether the page has, or had, objects of a layer. Remembers of which kinds, and the most at a time of each. */
  #hasSeen(data) {
    const seen = this.seen.get(data.id) ?? new Map();
    for (const [kind, count] of data.counts) seen.set(kind, Math.max(seen.get(kind) ?? 0, count));
    this.seen.set(data.id, seen);
    return seen.size > 0 || data.groups.length > 0;
  }

  /**
   * Returns [name, shape] of the kinds that the page has, or had, objects of: the most frequent ones, and how many others
   * there are; their shape is null where it is not the same for all.
   */
  #kinds(data) {
    const seen = this.seen.get(data.id);
    if (data.settings.typeField === null || seen.size === 0) return [[data.title, 0]];
    const [own, shared] = [[], []];
    for (const kind of seen.keys()) (data.kinds.get(kind) < OTHER_KINDS ? own : shared).push(kind);
    own.sort((one, other) => seen.get(other) - seen.get(one));
    const others = [...own.splice(OTHER_KINDS), ...shared];
    own.sort((one, other) => data.kinds.get(one) - data.kinds.get(other));
    const named = own.map((kind) => [this.#nameOf(kind), data.kinds.get(kind)]);
    if (others.length === 0) return named;
    const shape = others.length === shared.length ? OTHER_KINDS : null;
    const count = this.number(others.length);
    return [...named, [others.length === 1 ? this.#nameOf(others[0]) : this.say("other_kinds", { count }), shape]];
  }

  #nameOf(kind) {
    return kind === "" ? this.say("no_kind") : capitalised(kind);
  }
}
