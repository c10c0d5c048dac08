// Asks the proxy for objects: the whole of a layer when the map shows a large area, else the box around the view. Of a layer
// that is too large to load as a whole, it asks for tiles when the map shows a large area; these have groups.

import { patientFetch } from "./patient-fetch.js";
import { countOfTiles, tilesIn } from "./tiles.js";

/** The most objects in one answer of the proxy. */
export const MOST = 50000;

/** From this zoom level only the objects around the view are requested. */
const BOX_ZOOM = 15;

const LEAST_SECONDS = 2;
const RETRY_SECONDS = 5;

/** One answer of the proxy, and until when it is fresh. */
class Part {
  constructor(url) {
    this.url = url;
    this.etag = null;
    this.due = 0;
    this.features = [];
    this.total = null;
  }
}

/** What is known of the data of one layer: the answers that are shown together. */
class Scope {
  constructor(parts, box) {
    this.parts = parts;
    this.box = box;
    this.key = parts.map(({ url }) => url).join(" ");
  }

  /** Whether the proxy has answered. */
  get answered() {
    return this.parts.every(({ etag }) => etag !== null);
  }

  get due() {
    return Math.min(...this.parts.map(({ due }) => due));
  }

  get features() {
    return this.parts.length === 1 ? this.parts[0].features : this.parts.flatMap(({ features }) => features);
  }
}

export class Loader {
  /**
   * @param {LayerData} data of the layer
   * @param {string} root of the proxy
   * @param {{changed, state, answered, away}} events functions that are called: with the marks that changed when there
   *   are other objects; when `obstacle` is known, with the status of a refusal, or null; when the proxy answered; when it
   *   did not
   */
  constructor(data, root, events) {
    this.data = data;
    this.base = `${root}layers/${encodeURIComponent(data.id)}`;
    this.events = events;
    this.whole = null;
    this.box = null;
    this.tiles = null;
    this.loading = null;
    this.waitUntil = 0;
    this.cut = null;
    /** Key of the sentence about what keeps objects from being shown; null if nothing does. */
    this.obstacle = null;
  }

  /** Whether the map shows too large an area for the objects to be asked for. */
  get mustZoomIn() {
    return this.obstacle === "layer_zoom_in";
  }

  /** Whether the proxy is fetching the cells that were asked for; a failure of that is in the settings. */
  get isWaiting() {
    return this.obstacle === "layer_not_ready" && this.data.settings.cells !== null;
  }

  /** Whether the proxy has answered with objects, be it none. */
  get hasObjects() {
    return [this.whole, this.box, this.tiles].some((scope) => scope !== null && scope.answered);
  }

  /** Whether the page has all objects of the layer. */
  get complete() {
    return this.whole !== null && this.whole.answered && this.data.features.length === this.data.total;
  }

  get fitsWhole() {
    const { cells, count } = this.data.settings;
    return cells === null && (count ?? 0) <= MOST;
  }

  /** Whether the proxy has data of the layer, as far as is known. It fetches cells only when they are asked for. */
  get isReady() {
    const { cells, freshness } = this.data.settings;
    return cells !== null || (freshness !== "absent" && freshness !== "expired");
  }

  /** Loads what the view needs, if the page does not have it or if it may have changed. */
  async update(view) {
    const now = Date.now();
    if (!this.isReady) {
      this.#tell("layer_not_ready");
      return;
    }
    const scope = this.#scopeFor(view, now);
    if (scope === null || scope.due > now || this.waitUntil > now) return;
    if (this.loading !== null) {
      if (this.loading.scope.key === scope.key) return;
      this.loading.abort.abort();
    }
    await this.#load(scope);
  }

  /** Loads the whole layer; returns whether the page has it then. */
  async loadWhole() {
    if (!this.fitsWhole || !this.isReady) return false;
    if (!this.complete) await this.#load(this.#wholeScope());
    return this.complete;
  }

  #wholeScope() {
    this.whole ??= new Scope([new Part(`${this.base}/features?limit=${MOST}`)], null);
    return this.whole;
  }

  /** Returns the tiles of the view; those that the page has already are not loaded again. */
  #tilesScope(view) {
    const known = new Map((this.tiles?.parts ?? []).map((part) => [part.url, part]));
    const urls = tilesIn(view).map(({ zoom, x, y }) => `${this.base}/tiles/${zoom}/${x}/${y}?f=json`);
    const scope = new Scope(
      urls.map((url) => known.get(url) ?? new Part(url)),
      null,
    );
    if (this.tiles?.key !== scope.key) {
      this.tiles = scope;
      // what was loaded before is not what is shown now
      if (scope.answered) this.#show(scope);
    }
    return this.tiles;
  }

  #scopeFor(view, now) {
    if (view.zoom < BOX_ZOOM && this.fitsWhole) return this.#wholeScope();
    const isInCells = this.data.settings.cells !== null;
    if (view.zoom < BOX_ZOOM && !isInCells) return this.#tilesScope(view);
    if (view.zoom < BOX_ZOOM || !this.#mayAsk(view.box)) {
      this.#tell("layer_zoom_in");
      return null;
    }
    if (this.whole !== null && this.whole.answered && this.whole.due > now) return this.whole;
    if (this.box === null || !contains(this.box.box, view.box)) {
      const around = padded(view.box);
      const box = this.#mayAsk(around) ? around : view.box;
      const sides = box.map((side) => side.toFixed(6)).join(",");
      this.box = new Scope([new Part(`${this.base}/features?bbox=${sides}&limit=${MOST}`)], box);
    }
    return this.box;
  }

  /** Whether a box touches few enough cells of the layer; the proxy refuses others. */
  #mayAsk(box) {
    const { cells } = this.data.settings;
    return cells === null || countOfTiles(cells.zoom, common(box, cells.extent ?? box)) <= cells.most;
  }

  async #load(scope) {
    const abort = new AbortController();
    const loading = { scope, abort };
    this.loading = loading;
    const due = scope.parts.filter((part) => part.due <= Date.now());
    try {
      const answers = await Promise.all(due.map((part) => this.#ask(part, abort.signal)));
      this.#use(scope, answers);
    } catch (error) {
      if (error.name === "AbortError") return;
      for (const part of due) part.due = Date.now() + RETRY_SECONDS * 1000;
      this.events.away();
    } finally {
      if (this.loading === loading) this.loading = null;
    }
  }

  /** Asks for a part. Returns the answer; a part has its objects then, if there are others. */
  async #ask(part, signal) {
    const headers = {
      Accept: "application/geo+json",
      ...(part.etag === null ? {} : { "If-None-Match": part.etag }),
    };
    const answer = await patientFetch(part.url, { headers, signal });
    const isProblem = (answer.headers.get("Content-Type") ?? "").startsWith("application/problem+json");
    if (answer.status >= 500 && !isProblem) throw new Error(`status ${answer.status}`);
    if (answer.ok) {
      const { features, numberMatched } = await answer.json();
      part.features = features;
      part.total = numberMatched ?? features.length;
      part.etag = answer.headers.get("ETag");
    }
    if (isFine(answer)) part.due = Date.now() + Math.max(maxAge(answer), LEAST_SECONDS) * 1000;
    return answer;
  }

  #use(scope, answers) {
    if (scope.answered && answers.some((answer) => answer.ok)) this.#show(scope);
    this.events.answered();
    const refused = answers.find((answer) => !isFine(answer));
    if (refused === undefined) {
      this.#tell(null);
      return;
    }
    // the state of the layer says when it has data again
    if (refused.status === 503) this.data.settings.freshness = "absent";
    const seconds = Number(refused.headers.get("Retry-After")) || RETRY_SECONDS;
    this.waitUntil = Date.now() + Math.max(seconds, LEAST_SECONDS) * 1000;
    this.#tell(
      { 400: "layer_zoom_in", 404: "layer_gone", 503: "layer_not_ready" }[refused.status] ?? "layer_refused",
      refused.status,
    );
  }

  /** Remembers and tells what keeps objects from being shown; `status` is that of a refusal. */
  #tell(obstacle, status = null) {
    this.obstacle = obstacle;
    this.events.state(this, status);
  }

  #show(scope) {
    const { features } = scope;
    const merged = scope.box !== null && this.whole !== null && this.whole.answered;
    const changes = merged ? this.data.merge(features, scope.box) : this.data.replace(features);
    const total = scope.parts.reduce((sum, part) => sum + part.total, 0);
    if (scope === this.whole) this.data.total = total;
    // a 304 for the box would now be about older objects than those that are shown
    if (scope !== this.box && this.box !== null) this.box = null;
    if (scope !== this.tiles && this.tiles !== null) this.tiles = null;
    this.cut = features.length < total ? { shown: features.length, total } : null;
    this.events.changed(this, changes);
  }
}

/** Whether an answer has objects, or says that they are the same as before. */
function isFine(answer) {
  return answer.ok || answer.status === 304;
}

function maxAge(answer) {
  return Number(/max-age=(\d+)/.exec(answer.headers.get("Cache-Control") ?? "")?.[1] ?? 0);
}

function contains([west, south, east, north], [w, s, e, n]) {
  return west <= w && south <= s && east >= e && north >= n;
}

/** Returns the part of a box that is in another; west of its west or south of its south if there is none. */
function common([west, south, east, north], [w, s, e, n]) {
  return [Math.max(west, w), Math.max(south, s), Math.min(east, e), Math.min(north, n)];
}

/** Returns the box with half of its width and height on each side, so that a small move needs no request. */
function padded([west, south, east, north]) {
  const width = (east - west) / 2;
  const height = (north - south) / 2;
  return [
    Math.max(west - width, -180),
    Math.max(south - height, -90),
    Math.min(east + width, 180),
    Math.min(north + height, 90),
  ];
}
