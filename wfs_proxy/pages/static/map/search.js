// Searches objects by number or name: in those that the page has, in whole layers, and by id at the proxy.

import { element } from "./dom.js";
import { findObject } from "./find-object.js";
import { symbolElement } from "./symbols.js";

const MOST_RESULTS = 20;

/** The rank of an object that does not match. */
const NONE = 3;

export class Search {
  /** `loaders()` are those of the layers that are on; `select` is called with {data, feature}, `announce` with news. */
  constructor(form, results, { say, number }, { loaders, select, announce, root }) {
    this.form = form;
    this.results = results;
    this.say = say;
    this.number = number;
    this.loaders = loaders;
    this.select = select;
    this.announce = announce;
    this.root = root;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search(form.elements.q.value.trim());
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
  }

  async #search(text) {
    if (text === "") {
      this.#show([element("p", {}, this.say("search_empty"))]);
      return;
    }
    this.#show([element("p", {}, this.say("searching"))]);
    const loaders = this.loaders();
    const complete = await Promise.all(loaders.map((loader) => loader.loadWhole()));
    const found = loaders.flatMap(({ data }) => matches(data, text));
    // of a layer that the page has as a whole, everything has been searched
    const asked = loaders.filter((loader, number) => !complete[number] && loader.isReady).map(({ data }) => data);
    if (found.length === 0) found.push(...(await this.#byId(asked, text)));
    const partly = loaders.filter((_, number) => !complete[number]).map(({ data }) => data.title);
    this.#show(this.#report(text, found, partly));
    this.announce(this.#count(text, found));
    // a single exact result is what was meant
    if (found.length === 1 && found[0].rank === 0) this.select(found[0]);
  }

  /** Asks the proxy for an object with this id, for layers that the page does not have as a whole. */
  async #byId(layers, text) {
    const answers = layers.map(async (data) => {
      const feature = await findObject(this.root, data.id, text).catch(() => null);
      if (feature === null) return [];
      return [{ data, feature, rank: 0, match: placeOf("id", feature.id, text) }];
    });
    return (await Promise.all(answers)).flat();
  }

  #count(text, found) {
    return this.say(found.length ? "search_found" : "search_none", { text, count: this.number(found.length) });
  }

  #report(text, found, partly) {
    const parts = [element("p", {}, this.#count(text, found))];
    if (found.length)
      parts.push(element("ul", { class: "objects" }, ...found.slice(0, MOST_RESULTS).map((item) => this.#item(item))));
    if (partly.length)
      parts.push(element("p", { class: "hint" }, this.say("search_partly", { titles: partly.join(", ") })));
    const close = element("button", { type: "button" }, this.say("search_close"));
    close.addEventListener("click", () => this.#close());
    return [...parts, close];
  }

  #item({ data, feature, match }) {
    const reported = data.isReported(feature) === true;
    const button = element(
      "button",
      { type: "button", class: "item" },
      symbolElement(data.colour, data.kindOf(feature), reported),
      element(
        "span",
        { class: "item-label" },
        data.labelOf(feature),
        element("small", {}, data.title),
        element("small", { class: "match" }, ...emphasised(match)),
      ),
      reported ? element("span", { class: "badge" }, this.say("reported")) : null,
    );
    button.addEventListener("click", () => this.select({ data, feature }));
    return element("li", {}, button);
  }

  #show(parts) {
    this.results.replaceChildren(...parts);
    this.results.hidden = false;
  }

  #close() {
    this.results.hidden = true;
    this.form.elements.q.focus();
  }
}

/** Returns the objects whose name or id has the text, the exact ones first. */
function matches(data, text) {
  const found = [];
  for (const feature of data.features) {
    const match = matchOf(data, feature, text);
    if (match.rank < NONE) found.push({ data, feature, ...match });
  }
  return found.sort((one, other) => one.rank - other.rank);
}

/** Returns {rank, match}: which property of an object has the text, its value, and where the text is in it. */
function matchOf(data, feature, text) {
  const { nameField, idField } = data.settings;
  const key = String(feature.properties[idField] ?? feature.id.slice(data.id.length + 1));
  const candidates = [placeOf(nameField, data.nameOf(feature), text), placeOf(idField ?? "id", key, text)];
  const [best] = candidates.map((match) => ({ rank: rankOf(match), match })).sort((one, other) => one.rank - other.rank);
  return best;
}

/** Returns where a text is in the value of a property; `start` is -1 if it is not there. */
function placeOf(property, value, text) {
  return { property, value, start: value.toLowerCase().indexOf(text.toLowerCase()), length: text.length };
}

/** Returns 0 for the whole value, 1 for its beginning, 2 for a part of it. */
function rankOf({ value, start, length }) {
  if (start < 0) return NONE;
  if (value.length === length) return 0;
  return start === 0 ? 1 : 2;
}

/** Returns "property: value" with what was searched for emphasised, as parts of an element. */
function emphasised({ property, value, start, length }) {
  // the proxy may have found an object by another form of its id
  if (start < 0) return [`${property}: ${value}`];
  const end = start + length;
  return [`${property}: ${value.slice(0, start)}`, element("b", {}, value.slice(start, end)), value.slice(end)];
}
