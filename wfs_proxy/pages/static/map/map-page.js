// The page as a whole: which layers are on, what is selected, where the map is, and what follows when one changes.

import { isAddress, readAddress, writeAddress } from "./address.js";
import { Announcer } from "./announcer.js";
import { addBackground } from "./background.js";
import { Connection } from "./connection.js";
import { findObject } from "./find-object.js";
import { LayerData } from "./layer-data.js";
import { LayerSwitches } from "./layer-switches.js";
import { Legend } from "./legend.js";
import { Loader, MOST } from "./loader.js";
import { createMap, showAttributions } from "./map.js";
import { ObjectList } from "./object-list.js";
import { ObjectPanel } from "./object-panel.js";
import { patientFetch } from "./patient-fetch.js";
import { PointsLayer, SYMBOL_ZOOM } from "./points-layer.js";
import { Search } from "./search.js";
import { COLOURS } from "./symbols.js";

const NETHERLANDS = [3.3, 50.7, 7.3, 53.6];

/** Milliseconds between two looks at what is due; the proxy's answers say when that is. */
const TICK = 1000;

/** Milliseconds between two requests for the state of all layers. */
const SUMMARIES = 60000;

/** The same, while a layer that is on has no data. */
const SUMMARIES_WHILE_WAITING = 3000;

/** At most this many objects are named when marks change. */
const NAMED = 3;

/** As in the style sheet: then the parts of the page follow each other. */
const PHONE = "(max-width: 48rem)";

/** Pixels between the panel and an object beside it. */
const MARGIN = 32;

const byId = (id) => document.getElementById(id);

export class MapPage {
  constructor(settings, texts) {
    this.settings = settings;
    this.texts = texts;
    this.layers = settings.layers.map((layer, number) => new LayerData(layer, number % COLOURS));
    const events = {
      changed: (loader, changes) => this.#changed(loader, changes),
      state: (loader, status) => this.#state(loader, status),
      answered: () => this.connection.answered(),
      away: () => this.connection.away(),
    };
    this.loaders = new Map(this.layers.map((data) => [data.id, new Loader(data, settings.root, events)]));
    this.on = [];
    this.selected = null;
    /** {layer, id} of the object in the address while the proxy is asked for it. */
    this.wanted = null;
    this.opener = null;
    this.applying = false;
    this.rendering = false;
    this.drawn = false;
    this.fitted = null;
    this.summariesDue = Date.now() + SUMMARIES;
  }

  start() {
    // on a phone the map comes first, and the layers are one tap away
    if (window.matchMedia(PHONE).matches) byId("layers-box").open = false;
    this.announcer = new Announcer(byId("status"));
    this.connection = new Connection(byId("connection"), this.texts);
    this.map = createMap(byId("map"), this.texts);
    this.points = new PointsLayer({
      padding: 0.2,
      layers: () => this.#layersOn(),
      selected: () => this.selected,
      number: this.texts.number,
    });
    this.#createParts();
    this.#applyAddress({ first: true });
    this.points.addTo(this.map);
    addBackground(this.map, this.settings.tiles, this.texts, (text) => this.announcer.news(text));
    if (this.settings.layer !== null && !this.loaders.has(this.settings.layer)) {
      this.#notice(this.texts.say("layer_gone"));
    }
    this.#listen();
    this.#refresh();
    setInterval(() => this.#refresh(), TICK);
  }

  #createParts() {
    const { texts, settings } = this;
    const select = (selected) => this.#select(selected, { move: true });
    this.switches = new LayerSwitches(byId("layers"), this.layers, texts, {
      toggle: (id, on) => this.#toggle(id, on),
      visit: (id) => this.#visit(id),
    });
    this.list = new ObjectList(byId("list-title"), byId("list-content"), texts, { select });
    this.panel = new ObjectPanel(byId("object"), texts, {
      root: settings.root,
      close: () => this.#close(),
      show: () => this.#moveTo(this.selected.feature),
    });
    this.legend = new Legend(byId("legend-content"), texts);
    this.search = new Search(byId("search"), byId("search-results"), texts, {
      root: settings.root,
      select,
      announce: (text) => this.announcer.news(text),
      loaders: () => this.on.map((id) => this.loaders.get(id)),
    });
  }

  #listen() {
    this.map.on("moveend", () => {
      this.list.reset();
      this.#writeAddress("replaceState");
      this.#refresh();
      this.#render();
    });
    this.map.on("click", ({ layerPoint }) => this.#pick(this.points.at(layerPoint)));
    this.map.on("mousemove", ({ layerPoint }) => {
      this.map.getContainer().classList.toggle("on-object", this.points.at(layerPoint) !== null);
    });
    this.map.getContainer().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== event.currentTarget) return;
      this.#pick(this.points.nearest(this.map.latLngToLayerPoint(this.map.getCenter())));
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && byId("object").contains(document.activeElement)) this.#close();
    });
    document.addEventListener("visibilitychange", () => this.#refresh());
    window.addEventListener("popstate", () => {
      // a skip link puts the name of a part of the page there
      if (isAddress(window.location.hash)) this.#applyAddress({ first: false });
      else this.#writeAddress("replaceState");
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.points.recolour());
    for (const link of document.querySelectorAll(".languages a")) {
      link.addEventListener("click", () => {
        link.hash = window.location.hash;
      });
    }
  }

  // -- the address

  #applyAddress({ first }) {
    const address = readAddress(window.location.hash);
    const known = (ids) => ids.filter((id) => this.loaders.has(id));
    this.on = known(address.layers ?? this.#defaultLayers());
    if (address.object !== null && this.loaders.has(address.object.layer) && !this.on.includes(address.object.layer)) {
      this.on.push(address.object.layer);
    }
    this.switches.setOn(this.on);
    // the move is not written to the address, which has an object that is not selected yet
    this.applying = true;
    if (address.map !== null)
      this.map.setView([address.map.lat, address.map.lng], address.map.zoom, { animate: false });
    else if (first) this.#fit(this.#firstBox());
    this.applying = false;
    this.#selectFromAddress(address, { move: address.map === null });
    if (!first) this.#refresh();
    this.#render();
  }

  /**
   * Returns the layer of the URL; else as many layers as the page can load as a whole, and those of which it only loads what
   * is in view.
   */
  #defaultLayers() {
    if (this.loaders.has(this.settings.layer)) return [this.settings.layer];
    let total = 0;
    const isLight = ({ id, settings: { count } }) => {
      const objects = this.loaders.get(id).fitsWhole ? (count ?? 0) : 0;
      if (total + objects > MOST) return false;
      total += objects;
      return true;
    };
    return this.layers.filter(isLight).map(({ id }) => id);
  }

  /** Shows a box, and remembers it until the map is moved otherwise. */
  #fit(box) {
    this.map.fitBounds(latLngBounds(box), { animate: false });
    this.fitted = { box, centre: this.map.getCenter(), zoom: this.map.getZoom() };
  }

  /** Shows the first box as a whole again: meanwhile the legend got its rows, and so the map its size. */
  #fitAgain() {
    const { fitted, map } = this;
    if (fitted === null || map.getZoom() !== fitted.zoom || map.distance(map.getCenter(), fitted.centre) > 1) return;
    map.invalidateSize({ animate: false });
    this.#fit(fitted.box);
  }

  #firstBox() {
    const boxes = this.#layersOn().map(({ settings }) => settings.bbox);
    return (
      boxes.find((box) => box !== null) ??
      this.layers.find(({ settings }) => settings.bbox !== null)?.settings.bbox ??
      NETHERLANDS
    );
  }

  async #selectFromAddress({ object }, { move }) {
    this.wanted = object;
    const data = object === null ? null : (this.loaders.get(object.layer)?.data ?? null);
    if (data === null) {
      this.selected = this.wanted = null;
      if (object !== null) this.#notice(this.texts.say("object_gone"));
      return;
    }
    // when the layer has data, it is looked for again
    if (!this.loaders.get(object.layer).isReady) return;
    const id = `${data.id}.${object.id}`;
    const feature = data.find(id) ?? (await this.#fetchFeature(data, id));
    this.wanted = null;
    if (feature === null || readAddress(window.location.hash).object?.id !== object.id) return;
    this.selected = { data, feature };
    if (move) this.#moveTo(feature);
    // on a phone the panel is below the map
    this.panel.render(this.selected);
    this.panel.reveal();
    this.#render();
  }

  async #fetchFeature(data, id) {
    try {
      const feature = await findObject(this.settings.root, data.id, id);
      if (feature === null) this.#notice(this.texts.say("object_gone"));
      return feature;
    } catch {
      this.connection.away();
    }
    return null;
  }

  #writeAddress(method) {
    if (this.applying) return;
    if (method === "pushState") byId("address-notice").hidden = true;
    const { lat, lng } = this.map.getCenter();
    const object =
      this.selected === null
        ? this.wanted
        : { layer: this.selected.data.id, id: this.selected.feature.id.slice(this.selected.data.id.length + 1) };
    const fragment = writeAddress({ map: { zoom: this.map.getZoom(), lat, lng }, layers: this.on, object });
    window.history[method](null, "", `${window.location.pathname}${window.location.search}${fragment}`);
  }

  // -- what the reader does

  #toggle(id, on) {
    this.on = on ? [...this.on, id] : this.on.filter((other) => other !== id);
    if (!on && this.selected?.data.id === id) this.selected = null;
    if (!on) this.switches.problem(id, null);
    this.switches.setOn(this.on);
    this.#writeAddress("pushState");
    this.#refresh();
    this.#render();
  }

  #visit(id) {
    if (!this.on.includes(id)) this.#toggle(id, true);
    const { bbox } = this.loaders.get(id).data.settings;
    if (bbox !== null) this.map.fitBounds(latLngBounds(bbox));
    this.map.getContainer().focus({ preventScroll: false });
  }

  #pick(item) {
    if (item === null) return;
    if (item.count > 1)
      this.map.setView(
        this.map.layerPointToLatLng([item.x, item.y]),
        Math.min(this.map.getZoom() + 2, SYMBOL_ZOOM + 1),
      );
    else this.#select({ data: item.data, feature: item.data.features[item.row] }, { move: false });
  }

  #select(selected, { move }) {
    this.opener = document.activeElement;
    this.selected = selected;
    if (!this.on.includes(selected.data.id)) {
      this.on.push(selected.data.id);
      this.switches.setOn(this.on);
    }
    this.#writeAddress("pushState");
    // at once, because the focus moves to it
    this.panel.render(this.selected);
    this.#render();
    this.list.reveal();
    // a move puts the rows in another order
    this.map.once("moveend", () => this.list.reveal());
    if (move) this.#moveTo(selected.feature);
    else this.#uncover(selected.feature);
    this.panel.focus();
  }

  #close() {
    this.selected = null;
    this.#writeAddress("pushState");
    this.#render();
    const place = this.opener?.isConnected && this.opener !== document.body ? this.opener : this.map.getContainer();
    place.focus({ preventScroll: true });
  }

  /** Moves the map so that an object is in the middle of the part that the panel leaves free. */
  #moveTo({ geometry: { coordinates } }) {
    const zoom = this.map.getZoom() < SYMBOL_ZOOM ? SYMBOL_ZOOM + 2 : this.map.getZoom();
    const place = this.map.project([coordinates[1], coordinates[0]], zoom).add([this.#covered() / 2, 0]);
    this.map.setView(this.map.unproject(place, zoom), zoom);
  }

  /** Moves the map if the panel covers an object. */
  #uncover(feature) {
    const [longitude, latitude] = feature.geometry.coordinates;
    const { x } = this.map.latLngToContainerPoint([latitude, longitude]);
    if (x > this.map.getSize().x - this.#covered() - MARGIN) this.#moveTo(feature);
  }

  /** Returns how many pixels of the map, from the right, the panel covers; on a phone it is below the map. */
  #covered() {
    const wide = !window.matchMedia(PHONE).matches;
    return wide && this.selected !== null ? byId("object").offsetWidth : 0;
  }

  // -- what the proxy answers

  #refresh() {
    if (document.hidden) return;
    const view = this.#view();
    for (const id of this.on) this.loaders.get(id).update(view);
    if (this.on.some((id) => !this.loaders.get(id).isReady))
      this.summariesDue = Math.min(this.summariesDue, Date.now() + SUMMARIES_WHILE_WAITING);
    if (Date.now() >= this.summariesDue) this.#updateSummaries();
  }

  async #updateSummaries() {
    this.summariesDue = Date.now() + SUMMARIES;
    try {
      const answer = await patientFetch(`${this.settings.root}layers`);
      for (const layer of (await answer.json()).layers) this.#describe(layer);
      this.connection.answered();
    } catch {
      this.connection.away();
    }
  }

  async #updateDescription(id) {
    const answer = await patientFetch(`${this.settings.root}layers/${encodeURIComponent(id)}`).catch(() => null);
    if (answer?.ok) this.#describe(await answer.json());
  }

  #describe(layer) {
    const loader = this.loaders.get(layer.id);
    if (loader === undefined) return;
    const { data } = loader;
    const wasReady = loader.isReady;
    data.settings.freshness = layer.freshness;
    data.settings.count = layer.count;
    data.settings.bbox = layer.bbox ?? data.settings.bbox;
    if (layer.failure !== undefined) data.settings.failed = layer.failure !== null;
    this.switches.describe(layer, data.settings);
    if (wasReady || !loader.isReady) return;
    if (this.wanted?.layer === layer.id) this.#selectFromAddress({ object: this.wanted }, { move: true });
    this.#refresh();
  }

  #changed(loader, changes) {
    const { data } = loader;
    const news = [
      ["new_marks", changes.reported],
      ["gone_marks", changes.closed],
    ].filter(([, features]) => features.length > 0);
    if (news.length)
      this.announcer.news(
        news.map(([key, features]) => this.texts.say(key, { labels: this.#labels(data, features) })).join(" "),
      );
    if (this.selected?.data === data)
      this.selected = { data, feature: data.find(this.selected.feature.id) ?? this.selected.feature };
    this.#updateDescription(data.id);
    this.#render();
  }

  #labels(data, features) {
    const labels = features
      .slice(0, NAMED)
      .map((feature) => data.labelOf(feature))
      .join(", ");
    const more = features.length - NAMED;
    return more > 0 ? this.texts.say("and_more", { labels, count: this.texts.number(more) }) : labels;
  }

  #state({ data: { id, settings }, obstacle, mustZoomIn, isWaiting }, status) {
    // cells are fetched when they are asked for, which takes a while; the description says whether it fails
    if (isWaiting) this.#updateDescription(id);
    const isProblem = obstacle !== null && !mustZoomIn && !(isWaiting && !settings.failed);
    this.switches.problem(id, isProblem ? this.texts.say(obstacle, { status }) : null);
    this.#render();
  }

  // -- what the page shows

  #layersOn() {
    return this.on.map((id) => this.loaders.get(id).data);
  }

  #view() {
    const bounds = this.map.getBounds();
    const size = this.map.getSize();
    const { lat, lng } = this.map.containerPointToLatLng([(size.x - this.#covered()) / 2, size.y / 2]);
    return {
      zoom: this.map.getZoom(),
      box: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()],
      centre: [lng, lat],
      loading: this.on.some((id) => this.loaders.get(id).loading !== null || this.loaders.get(id).isWaiting),
      mustZoomIn: this.on.some((id) => this.loaders.get(id).mustZoomIn),
    };
  }

  /** Shows the state of the page, once per frame. */
  #render() {
    if (this.rendering) return;
    this.rendering = true;
    requestAnimationFrame(() => {
      this.rendering = false;
      const layers = this.#layersOn();
      this.points.draw();
      const view = this.#view();
      const summary = this.list.render(layers, view, this.selected);
      this.panel.render(this.selected);
      const around = layers.filter((data) => mayBeIn(data, view.box));
      this.legend.render(around, { groups: this.map.getZoom() < SYMBOL_ZOOM });
      showAttributions(this.map, around);
      this.#showNotices();
      this.announcer.view(summary);
      this.#markDrawn();
    });
  }

  #showNotices() {
    const { say, number } = this.texts;
    const notices = this.on.flatMap((id) => {
      const { data, cut, mustZoomIn, isWaiting } = this.loaders.get(id);
      if (mustZoomIn) return [say("zoom_in_for", { title: data.title })];
      if (isWaiting && !data.settings.failed) return [say("being_fetched", { title: data.title })];
      return cut ? [say("layer_cut", { title: data.title, shown: number(cut.shown), total: number(cut.total) })] : [];
    });
    const place = byId("map-notice");
    place.textContent = notices.join(" ");
    place.hidden = notices.length === 0;
  }

  /** Shows a sentence about the address above the map, until the reader does something else, and announces it. */
  #notice(text) {
    this.announcer.news(text);
    const place = byId("address-notice");
    place.textContent = text;
    place.hidden = false;
  }

  /** Leaves a mark for measurements: the objects of all layers that are on have been drawn once. */
  #markDrawn() {
    if (this.drawn || this.on.some((id) => !this.loaders.get(id).hasObjects)) return;
    this.drawn = true;
    this.#fitAgain();
    performance.mark("objects-drawn");
  }
}

/** Whether a layer may have objects in a box. Of a layer in cells nobody knows where its objects end. */
function mayBeIn({ settings: { bbox, cells } }, [west, south, east, north]) {
  if (bbox === null || cells !== null) return true;
  return bbox[0] <= east && bbox[2] >= west && bbox[1] <= north && bbox[3] >= south;
}

function latLngBounds([west, south, east, north]) {
  return [
    [south, west],
    [north, east],
  ];
}
