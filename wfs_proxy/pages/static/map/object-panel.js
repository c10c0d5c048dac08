// The selected object: its mark, what the report form shows of it, and its properties.

import { element } from "./dom.js";
import { symbolElement } from "./symbols.js";

export class ObjectPanel {
  /** `container` is the section of the page; `close` and `show` are called for the two buttons. */
  constructor(container, { say }, { root, close, show }) {
    this.container = container;
    this.say = say;
    this.root = root;
    this.close = close;
    this.show = show;
    this.shown = "";
  }

  /** Shows an object, or nothing for null. Leaves the panel as it is if that is what it shows. */
  render(selected) {
    const key =
      selected === null
        ? ""
        : JSON.stringify([selected.data.id, selected.data.kindOf(selected.feature), selected.feature]);
    if (key === this.shown) return;
    const focused = this.container.contains(document.activeElement) ? document.activeElement.id : null;
    this.shown = key;
    this.container.hidden = selected === null;
    this.container.replaceChildren(...(selected === null ? [] : this.#content(selected)));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  /** Moves the focus to the heading, and the page to it. */
  focus() {
    document.getElementById("object-title")?.focus({ preventScroll: true });
    this.reveal();
  }

  /**
   * Moves the page, if it must, so that the name, the mark and the button that closes the panel are in view. At once: the
   * map and the list change at the same time, and a smooth movement would end elsewhere.
   */
  reveal() {
    this.container.scrollTop = 0;
    this.container.firstChild?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  #content({ data, feature }) {
    const close = element(
      "button",
      { type: "button", id: "object-close", class: "close", "aria-label": this.say("close") },
      "×",
    );
    close.addEventListener("click", this.close);
    const show = element("button", { type: "button", id: "object-show" }, this.say("show_here"));
    show.addEventListener("click", this.show);
    const url = `${this.root}layers/${encodeURIComponent(data.id)}/features/${encodeURIComponent(feature.id)}`;
    const title = element(
      "h2",
      { id: "object-title", tabindex: "-1" },
      element("span", { class: "visually-hidden" }, `${this.say("selected_object")}: `),
      data.labelOf(feature),
    );
    return [
      element(
        "div",
        { class: "object-beginning" },
        element("div", { class: "object-head" }, title, close),
        this.#mark(data, feature),
      ),
      this.#form(data, feature),
      element("h3", {}, this.say("properties")),
      this.#properties(data, feature),
      element("p", { class: "object-links" }, show, element("a", { href: url }, this.say("as_json"))),
    ];
  }

  #mark(data, feature) {
    const reported = data.isReported(feature);
    const { word, age } = data.settings;
    const details = [word, age].map((name) => (name === null ? null : feature.properties[name])).filter(Boolean);
    const text = this.say(reported === null ? "no_marks" : reported ? "is_reported" : "is_not_reported");
    return element(
      "p",
      { class: `mark ${reported ? "mark-reported" : ""}` },
      symbolElement(data.colour, data.kindOf(feature), reported === true),
      element("span", {}, details.length && reported ? `${text}: ${details.join(", ")}` : text),
    );
  }

  /** Shows the row of the report form's list, with the mark as it is there. */
  #form(data, feature) {
    const heading = element("h3", {}, this.say("in_form"));
    const shown = data.inForm(feature);
    if (shown === null) {
      return element("div", { class: "form" }, heading, element("p", { class: "notice" }, this.say("form_hidden")));
    }
    return element(
      "div",
      { class: "form" },
      heading,
      element(
        "div",
        { class: "form-row", id: "form-row" },
        element("span", { class: "form-box", "aria-hidden": "true" }),
        symbolElement(data.colour, data.kindOf(feature), data.isReported(feature) === true),
        element(
          "span",
          {},
          element("span", { class: "form-label" }, shown.text),
          shown.status === null ? null : element("span", { class: "form-status" }, shown.status),
        ),
      ),
      element("p", { class: "hint" }, this.say("form_hint")),
    );
  }

  #properties(data, feature) {
    const [longitude, latitude] = feature.geometry.coordinates;
    const rows = Object.entries(feature.properties)
      .filter(([name]) => name !== "footprint")
      .map(([name, value]) => [name, this.#value(value)]);
    rows.push([this.say("place"), `${latitude}, ${longitude}`]);
    rows.push([this.say("layer"), [data.settings.title, data.settings.organisation].filter(Boolean).join(", ")]);
    const list = element("dl", { class: "properties" });
    for (const [name, value] of rows)
      list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
    if (feature.properties.footprint)
      list.append(element("div", {}, element("dt", {}, "footprint"), element("dd", {}, this.say("has_footprint"))));
    return list;
  }

  #value(value) {
    if (value === null || value === undefined || value === "")
      return element("span", { class: "empty" }, this.say("empty_value"));
    if (typeof value === "boolean") return this.say(value ? "yes" : "no");
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}
