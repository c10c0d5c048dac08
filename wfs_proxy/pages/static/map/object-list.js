// The list beside the map: the objects in view, the nearest to the centre first. It has everything that the map shows.

import { element } from "./dom.js";
import { project } from "./layer-data.js";
import { symbolElement } from "./symbols.js";

const PAGE = 100;

export class ObjectList {
  /** `select` is called with {data, feature} when a row is chosen. */
  constructor(title, container, { say, number }, { select }) {
    this.title = title;
    this.container = container;
    this.say = say;
    this.number = number;
    this.select = select;
    this.limit = PAGE;
    this.items = new Map();
    this.revealing = false;
    this.list = element("ul", { class: "objects" });
    this.summary = element("p", { class: "range" });
    this.more = element("button", { type: "button", id: "list-more" });
    this.more.addEventListener("click", () => this.#showMore());
    this.container.replaceChildren();
  }

  /**
   * Shows the objects in view.
   *
   * @param {LayerData[]} layers that are on
   * @param {{box, centre: [number, number], loading: boolean, mustZoomIn: boolean}} view west, south, east and north in degrees
   * @param {{data, feature} | null} selected
   * @returns {string} what is in view, in a sentence
   */
  render(layers, view, selected) {
    this.last = [layers, view, selected];
    const { count: listed, reported: marked, nearest: shown } = objectsIn(layers, view, this.limit);
    const grouped = groupedIn(layers, view);
    const count = listed + grouped.count;
    const reported = marked + grouped.reported;
    this.title.textContent = this.say("object_list");
    this.summary.textContent = this.#summary(layers, count, reported, view.loading);
    this.more.hidden = shown.length === listed;
    this.more.textContent = this.say("more", { count: this.number(Math.min(PAGE, listed - shown.length)) });
    this.#update(shown, selected);
    if (this.revealing) this.#reveal();
    const hint = this.#hint(layers, count, grouped.count, view);
    const parts = [this.summary, hint, this.list, this.more].filter((part) => part !== null);
    if (
      parts.length !== this.container.children.length ||
      parts.some((part, number) => part !== this.container.children[number])
    ) {
      this.container.replaceChildren(...parts);
    }
    return this.summary.textContent;
  }

  #summary(layers, count, reported, loading) {
    if (layers.length === 0) return this.say("choose_layer");
    if (count === 0) return this.say(loading ? "loading" : "none_in_view");
    if (reported) return this.say("in_view_reported", { count: this.number(count), reported: this.number(reported) });
    return count === 1 ? this.say("in_view_one") : this.say("in_view", { count: this.number(count) });
  }

  /** Returns what to do to see objects, or more of them; null where the list has them all. */
  #hint(layers, count, grouped, { loading, mustZoomIn }) {
    if (grouped > 0 || (count === 0 && mustZoomIn)) return element("p", { class: "hint" }, this.say("grouped_in_view_hint"));
    const nothing = count === 0 && layers.length > 0 && !loading;
    return nothing ? element("p", { class: "hint" }, this.say("none_in_view_hint")) : null;
  }

  /** Reuses the rows that are there, and keeps the focus in the same row. */
  #update(shown, selected) {
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const items = new Map();
    for (const { data, row } of shown) {
      const feature = data.features[row];
      const key = `${feature.id} ${data.reported[row]} ${data.colour}/${data.kind[row]} ${data.labelOf(feature)}`;
      const item = this.items.get(key) ?? this.#item(data, feature, row);
      const isSelected = selected !== null && selected.feature.id === feature.id;
      item.firstChild.setAttribute("aria-pressed", isSelected);
      items.set(key, item);
    }
    this.items = items;
    this.list.hidden = items.size === 0;
    this.list.replaceChildren(...items.values());
    if (focused === null) return;
    const same = [...this.list.querySelectorAll("button")].find((button) => button.dataset.id === focused.dataset.id);
    (same ?? this.title.parentElement).focus({ preventScroll: true });
  }

  #item(data, feature, row) {
    const reported = data.reported[row] === 1;
    const button = element(
      "button",
      { type: "button", class: "item", "data-id": feature.id },
      symbolElement(data.colour, data.kind[row], reported),
      element("span", { class: "item-label" }, data.labelOf(feature)),
      reported ? element("span", { class: "badge" }, this.say("reported")) : null,
    );
    button.addEventListener("click", () => this.select({ data, feature: data.find(feature.id) ?? feature }));
    return element("li", {}, button);
  }

  /** Scrolls to the selected object at the next drawing, where the list scrolls by itself. */
  reveal() {
    this.revealing = true;
  }

  #reveal() {
    this.revealing = false;
    const row = this.list.querySelector("[aria-pressed=true]")?.parentElement;
    const box = this.title.parentElement;
    if (row === undefined || box.scrollHeight <= box.clientHeight) return;
    const [top, bottom] = [row.offsetTop - box.offsetTop, row.offsetTop - box.offsetTop + row.offsetHeight];
    if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
  }

  #showMore() {
    const first = this.limit;
    this.limit += PAGE;
    this.render(...this.last);
    this.list.children[first]?.firstChild.focus();
  }

  /** Shows the first rows only, as at the start. */
  reset() {
    this.limit = PAGE;
  }
}

/** Returns how many objects a box has and how many of them are reported, and the `limit` nearest to the centre. */
function objectsIn(layers, { box: [west, south, east, north], centre: [longitude, latitude] }, limit) {
  const [minX, maxY] = project(west, south);
  const [maxX, minY] = project(east, north);
  const [x, y] = project(longitude, latitude);
  const found = [];
  const distances = [];
  let reported = 0;
  for (const data of layers) {
    for (let row = 0; row < data.features.length; row += 1) {
      const mx = data.mx[row];
      const my = data.my[row];
      if (mx < minX || mx > maxX || my < minY || my > maxY) continue;
      found.push({ data, row });
      distances.push((mx - x) ** 2 + (my - y) ** 2);
      reported += data.reported[row];
    }
  }
  return { count: found.length, reported, nearest: nearestOf(found, distances, limit) };
}

/** Returns how many objects the proxy's groups in a box have, and how many of them are reported. */
function groupedIn(layers, { box: [west, south, east, north] }) {
  const [minX, maxY] = project(west, south);
  const [maxX, minY] = project(east, north);
  const found = layers
    .flatMap(({ groups }) => groups)
    .filter(({ mx, my }) => mx >= minX && mx <= maxX && my >= minY && my <= maxY);
  return {
    count: found.reduce((sum, { size }) => sum + size, 0),
    reported: found.reduce((sum, { reported }) => sum + reported, 0),
  };
}

/** Sorts only the `limit` nearest: numbers sort ten times faster than objects. */
function nearestOf(found, distances, limit) {
  const farthest = distances.length > limit ? Float64Array.from(distances).sort()[limit - 1] : Infinity;
  return found
    .map((item, number) => [distances[number], item])
    .filter(([distance]) => distance <= farthest)
    .sort(([one], [other]) => one - other)
    .slice(0, limit)
    .map(([, item]) => item);
}
