// The legend: what the symbols on the map mean.

import { element } from "./dom.js";
import { capitalised } from "./layer-data.js";
import { OTHER_KINDS, symbolElement } from "./symbols.js";

export class Legend {
  constructor(container, { say }) {
    this.container = container;
    this.say = say;
    this.shown = "";
  }

  /** Shows the kinds of layers, and the marks if one of them has marks. */
  render(layers, { groups }) {
    const state = layers.map((data) => [data.id, this.#kinds(data), data.settings.mark !== null]);
    const key = JSON.stringify([state, groups]);
    if (key === this.shown) return;
    this.shown = key;
    this.container.parentElement.hidden = layers.length === 0;
    const marks = layers.some((data) => data.settings.mark !== null);
    this.container.replaceChildren(
      ...layers.map((data) => this.#layer(data)),
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
      {},
      element("h3", {}, data.title, owner ? element("small", {}, ` ${owner}`) : null),
      element(
        "ul",
        { class: "legend-list" },
        ...kinds.map(([name, shape]) => element("li", {}, symbolElement(data.colour, shape, false), name)),
      ),
    );
  }

  /** Returns [name, shape] of the kinds that the page has objects of. */
  #kinds(data) {
    const present = new Set(data.kind);
    const kinds = [...data.kinds]
      .filter(([, shape]) => shape < OTHER_KINDS && present.has(shape))
      .sort(([, one], [, other]) => one - other)
      .map(([value, shape]) => [value === "" ? this.say("no_kind") : capitalised(value), shape]);
    if (present.has(OTHER_KINDS)) kinds.push([this.say("other_kinds"), OTHER_KINDS]);
    return kinds.length ? kinds : [[data.title, 0]];
  }
}
