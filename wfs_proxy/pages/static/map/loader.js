// Asks the proxy for objects: the whole of a layer when the map shows a large area, else the box around the view.

/** The most objects in one answer of the proxy. */
export const MOST = 50000;

/** From this zoom level only the objects around the view are requested. */
const BOX_ZOOM = 15;

const LEAST_SECONDS = 2;
const RETRY_SECONDS = 5;

/** What is known of the data of one layer. */
class Scope {
  constructor(url, box) {
    this.url = url;
    this.box = box;
    this.etag = null;
    this.due = 0;
  }
}

export class Loader {
  /**
   * @param {LayerData} data of the layer
   * @param {string} root of the proxy
   * @param {{changed, state, answered, away}} events functions that are called: with the marks that changed when there
   *   are other objects; with the state of the layer; when the proxy answered; when it did not
   */
  constructor(data, root, events) {
    this.data = data;
    this.base = `${root}layers/${encodeURIComponent(data.id)}/features`;
    this.events = events;
    this.whole = null;
    this.box = null;
    this.loading = null;
    this.waitUntil = 0;
    this.cut = null;
    this.mustZoomIn = false;
  }

  /** Whether the proxy has answered with objects, be it none. */
  get hasObjects() {
    return [this.whole, this.box].some((scope) => scope !== null && scope.etag !== null);
  }

  /** Whether the page has all objects of the layer. */
  get complete() {
    return this.whole !== null && this.whole.etag !== null && this.data.features.length === this.data.total;
  }

  get fitsWhole() {
    const { cells, count } = this.data.settings;
    return !cells && (count ?? 0) <= MOST;
  }

  /** Loads what the view needs, if the page does not have it or if it may have changed. */
  async update(view) {
    const now = Date.now();
    const scope = this.#scopeFor(view, now);
    if (scope === null || scope.due > now || this.waitUntil > now) return;
    if (this.loading !== null) {
      if (this.loading.scope.url === scope.url) return;
      this.loading.abort.abort();
    }
    await this.#load(scope);
  }

  /** Loads the whole layer; returns whether the page has it then. */
  async loadWhole() {
    if (!this.fitsWhole) return false;
    if (!this.complete) await this.#load(this.#wholeScope());
    return this.complete;
  }

  #wholeScope() {
    this.whole ??= new Scope(`${this.base}?limit=${MOST}`, null);
    return this.whole;
  }

  #scopeFor(view, now) {
    if (view.zoom < BOX_ZOOM && this.fitsWhole) return this.#wholeScope();
    if (view.zoom < BOX_ZOOM && this.data.settings.cells) {
      this.events.state(this, "layer_zoom_in");
      return null;
    }
    if (this.whole !== null && this.whole.etag !== null && this.whole.due > now) return this.whole;
    if (this.box === null || !contains(this.box.box, view.box)) {
      const box = padded(view.box);
      this.box = new Scope(`${this.base}?bbox=${box.map((side) => side.toFixed(6)).join(",")}&limit=${MOST}`, box);
    }
    return this.box;
  }

  async #load(scope) {
    const abort = new AbortController();
    const loading = { scope, abort };
    this.loading = loading;
    try {
      const headers = {
        Accept: "application/geo+json",
        ...(scope.etag === null ? {} : { "If-None-Match": scope.etag }),
      };
      const answer = await fetch(scope.url, { headers, signal: abort.signal });
      await this.#use(scope, answer);
    } catch (error) {
      if (error.name === "AbortError") return;
      scope.due = Date.now() + RETRY_SECONDS * 1000;
      this.events.away();
    } finally {
      if (this.loading === loading) this.loading = null;
    }
  }

  async #use(scope, answer) {
    const isProblem = (answer.headers.get("Content-Type") ?? "").startsWith("application/problem+json");
    if (answer.status >= 500 && !isProblem) throw new Error(`status ${answer.status}`);
    if (answer.ok) await this.#useFeatures(scope, answer);
    this.events.answered();
    if (answer.ok || answer.status === 304) {
      scope.due = Date.now() + Math.max(maxAge(answer), LEAST_SECONDS) * 1000;
      this.events.state(this, null);
      return;
    }
    const seconds = Number(answer.headers.get("Retry-After")) || RETRY_SECONDS;
    this.waitUntil = Date.now() + Math.max(seconds, LEAST_SECONDS) * 1000;
    this.events.state(
      this,
      { 400: "layer_zoom_in", 404: "layer_gone", 503: "layer_not_ready" }[answer.status] ?? "layer_refused",
      answer.status,
    );
  }

  async #useFeatures(scope, answer) {
    const { features, numberMatched } = await answer.json();
    scope.etag = answer.headers.get("ETag");
    const merged = scope.box !== null && this.whole !== null && this.whole.etag !== null;
    const changes = merged ? this.data.merge(features, scope.box) : this.data.replace(features);
    if (scope === this.whole) this.data.total = numberMatched;
    // a 304 for the box would now be about older objects than those of the whole layer
    if (scope !== this.box && this.box !== null) this.box = null;
    this.cut = features.length < numberMatched ? { shown: features.length, total: numberMatched } : null;
    this.events.changed(this, changes);
  }
}

function maxAge(answer) {
  return Number(/max-age=(\d+)/.exec(answer.headers.get("Cache-Control") ?? "")?.[1] ?? 0);
}

function contains([west, south, east, north], [w, s, e, n]) {
  return west <= w && south <= s && east >= e && north >= n;
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
