// Searches objects by number or name: in those that the page has, in whole layers, and by id at the proxy.

import { element } from "./dom.js";
import { symbolElement } from "./symbols.js";

const MOST_RESULTS = 20;

export class Search {
  /** `loaders()` are those of the layers that are on; `select` is called with {data, feature}. */
  constructor(form, results, { say, number }, { loaders, select, root }) {
    this.form = form;
    this.results = results;
    this.say = say;
    this.number = number;
    this.loaders = loaders;
    this.select = select;
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
    if (found.length === 0)
      found.push(
        ...(await this.#byId(
          loaders.map(({ data }) => data),
          text,
        )),
      );
    const partly = loaders.filter((_, number) => !complete[number]).map(({ data }) => data.title);
    this.#show(this.#report(text, found, partly));
    // a single exact result is what was meant
    if (found.length === 1 && found[0].rank === 0) this.select(found[0]);
  }

  /** Asks the proxy for an object with this id, for layers that the page does not have as a whole. */
  async #byId(layers, text) {
    const answers = layers.map(async (data) => {
      const url = `${this.root}layers/${encodeURIComponent(data.id)}/features/${encodeURIComponent(text)}`;
      const answer = await fetch(url).catch(() => null);
      return answer?.ok ? [{ data, feature: await answer.json(), rank: 0 }] : [];
    });
    return (await Promise.all(answers)).flat();
  }

  #report(text, found, partly) {
    const count = found.length;
    const parts = [
      element(
        "p",
        { class: "search-count" },
        this.say(count ? "search_found" : "search_none", { text, count: this.number(count) }),
      ),
    ];
    if (count)
      parts.push(element("ul", { class: "objects" }, ...found.slice(0, MOST_RESULTS).map((item) => this.#item(item))));
    if (partly.length)
      parts.push(element("p", { class: "hint" }, this.say("search_partly", { titles: partly.join(", ") })));
    const close = element("button", { type: "button" }, this.say("search_close"));
    close.addEventListener("click", () => this.#close());
    return [...parts, close];
  }

  #item({ data, feature }) {
    const reported = data.isReported(feature) === true;
    const button = element(
      "button",
      { type: "button", class: "item" },
      symbolElement(data.colour, data.kindOf(feature), reported),
      element("span", { class: "item-label" }, data.labelOf(feature), element("small", {}, data.title)),
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
  const wanted = text.toLowerCase();
  const found = [];
  for (const feature of data.features) {
    const name = data.nameOf(feature).toLowerCase();
    const key = String(feature.properties[data.settings.idField] ?? feature.id.slice(data.id.length + 1)).toLowerCase();
    if (name === wanted || key === wanted) found.push({ data, feature, rank: 0 });
    else if (name.startsWith(wanted) || key.startsWith(wanted)) found.push({ data, feature, rank: 1 });
    else if (name.includes(wanted) || key.includes(wanted)) found.push({ data, feature, rank: 2 });
  }
  return found.sort((one, other) => one.rank - other.rank);
}
