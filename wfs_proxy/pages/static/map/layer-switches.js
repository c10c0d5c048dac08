// The rows of the layers: a switch each, and count, freshness and problems, which stay up to date.

import { element } from "./dom.js";
import { symbolElement } from "./symbols.js";

export class LayerSwitches {
  /** `toggle` is called with the id and whether the layer is on; `visit` with the id of a layer to go to. */
  constructor(list, layers, { say, number, time }, { toggle, visit }) {
    this.say = say;
    this.number = number;
    this.time = time;
    this.rows = new Map([...list.children].map((row) => [row.dataset.layer, row]));
    for (const data of layers) {
      const row = this.rows.get(data.id);
      const box = row.querySelector("input");
      box.addEventListener("change", () => toggle(data.id, box.checked));
      box.after(symbolElement(data.colour, 0, false));
      row.querySelector(".zoom-to").addEventListener("click", (event) => {
        event.preventDefault();
        visit(data.id);
      });
    }
  }

  /** Shows which layers are on. */
  setOn(ids) {
    for (const [id, row] of this.rows) row.querySelector("input").checked = ids.includes(id);
  }

  /** Shows a summary as `/layers` has it, or a description as `/layers/{id}` has it. */
  describe(layer, { cells, failed }) {
    const row = this.rows.get(layer.id);
    if (row === undefined) return;
    const { count, freshness, held, reported } = layer;
    row.querySelector(".layer-count").textContent =
      count === null
        ? this.say("count_unknown")
        : this.say(cells === null ? "count" : "count_in_cells", { count: this.number(count) });
    const badge = row.querySelector(".freshness");
    const state = cells !== null && freshness === "absent" && !failed ? "on_demand" : freshness;
    badge.textContent = this.say(state);
    badge.className = `freshness ${state}`;
    if (held)
      row.querySelector(".layer-fetched").textContent =
        `, ${this.say("fetched", { time: this.time(new Date(held.fetched_at)) })}`;
    if (reported !== undefined) {
      row.querySelector(".layer-reported").textContent = reported?.count
        ? this.say("reported_count", { count: this.number(reported.count) })
        : "";
    }
  }

  /** Shows a problem of the layer, or none for null. */
  problem(id, text) {
    const place = this.rows.get(id)?.querySelector(".layer-problem");
    if (!place) return;
    place.hidden = text === null;
    place.replaceChildren(...(text === null ? [] : [element("span", {}, text)]));
  }
}
