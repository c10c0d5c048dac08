// The objects of one layer that the page has, in arrays, and what people see of each. Of a large layer, the page may have
// groups from the proxy instead.

import { OTHER_KINDS } from "./symbols.js";

const TILE = 256;

/** Returns the place in the web map's square, 0 to 1 from west to east and from north to south (EPSG:3857). */
export function project(longitude, latitude) {
  const sine = Math.sin((latitude * Math.PI) / 180);
  return [longitude / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

export function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export class LayerData {
  /** `settings` are those that the page has for the layer; `colour` is its number in the style sheet. */
  constructor(settings, colour) {
    this.settings = settings;
    this.colour = colour;
    this.features = [];
    this.groups = [];
    this.kinds = new Map(settings.kinds.map((kind, number) => [kind, Math.min(number, OTHER_KINDS)]));
    this.total = null;
    this.#index();
  }

  get id() {
    return this.settings.id;
  }

  get title() {
    return this.settings.title;
  }

  /** Replaces all objects and groups. Returns the marks that changed of objects that were there before. */
  replace(features) {
    const before = this.rows;
    const marksBefore = this.reported;
    const known = this.features.length > 0;
    this.features = features.filter((feature) => !isGroup(feature));
    this.groups = features.filter(isGroup).map(groupOf);
    this.#index();
    const changes = { reported: [], closed: [] };
    if (!known) return changes;
    for (const [id, row] of this.rows) {
      const old = before.get(id);
      if (old === undefined || marksBefore[old] === this.reported[row]) continue;
      (this.reported[row] ? changes.reported : changes.closed).push(this.features[row]);
    }
    return changes;
  }

  /** Replaces the objects inside a box [west, south, east, north]; the others stay. */
  merge(features, [west, south, east, north]) {
    const outside = this.features.filter(
      ({
        geometry: {
          coordinates: [x, y],
        },
      }) => x < west || x > east || y < south || y > north,
    );
    return this.replace([...outside, ...features]);
  }

  #index() {
    const count = this.features.length;
    this.rows = new Map();
    this.mx = new Float64Array(count);
    this.my = new Float64Array(count);
    this.reported = new Uint8Array(count);
    this.kind = new Uint8Array(count);
    /** Kind -> objects. */
    this.counts = new Map();
    for (let row = 0; row < count; row += 1) {
      const feature = this.features[row];
      const [longitude, latitude] = feature.geometry.coordinates;
      const [x, y] = project(longitude, latitude);
      this.mx[row] = x;
      this.my[row] = y;
      this.rows.set(feature.id, row);
      this.reported[row] = this.isReported(feature) ? 1 : 0;
      this.kind[row] = this.kindOf(feature);
      const kind = this.kindNameOf(feature);
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    }
    this.pixels = null;
  }

  /** Returns the places in pixels of the whole world at a zoom level; they are kept until it changes. */
  pixelsAt(zoom) {
    if (this.pixels?.zoom !== zoom) {
      const scale = TILE * 2 ** zoom;
      const count = this.features.length;
      const xs = new Float64Array(count);
      const ys = new Float64Array(count);
      for (let row = 0; row < count; row += 1) {
        xs[row] = this.mx[row] * scale;
        ys[row] = this.my[row] * scale;
      }
      this.pixels = { zoom, count, xs, ys, reported: this.reported };
    }
    return this.pixels;
  }

  /** Returns the places of the groups in the same way, with the number of objects in each. */
  groupPixelsAt(zoom) {
    const scale = TILE * 2 ** zoom;
    return {
      count: this.groups.length,
      xs: this.groups.map(({ mx }) => mx * scale),
      ys: this.groups.map(({ my }) => my * scale),
      sizes: this.groups.map(({ size }) => size),
      reported: this.groups.map(({ reported }) => reported),
    };
  }

  find(id) {
    const row = this.rows.get(id);
    return row === undefined ? null : this.features[row];
  }

  /** Whether the object has the mark; null where the layer has no marks. */
  isReported({ properties }) {
    const { mark } = this.settings;
    return mark === null ? null : properties[mark.property] === mark.value;
  }

  /** Returns the kind of an object; "" if it has none. */
  kindNameOf({ properties }) {
    const { typeField } = this.settings;
    return typeField === null ? "" : String(properties[typeField] ?? "");
  }

  /** Returns the number of the shape of an object's kind. */
  kindOf(feature) {
    if (this.settings.typeField === null) return 0;
    const kind = this.kindNameOf(feature);
    if (!this.kinds.has(kind)) this.kinds.set(kind, this.#shapeByName(kind));
    return this.kinds.get(kind);
  }

  /** Returns one of the shapes that the kinds in the settings leave, whichever objects the page has. */
  #shapeByName(kind) {
    const named = this.settings.kinds.length;
    if (named >= OTHER_KINDS) return OTHER_KINDS;
    const sum = [...kind].reduce((total, character) => (total * 31 + character.codePointAt(0)) % 65521, 0);
    return named + (sum % (OTHER_KINDS - named));
  }

  /** Returns the number or name that people know; "" without one. */
  nameOf({ properties }) {
    const { nameField } = this.settings;
    return nameField === null ? "" : String(properties[nameField] ?? "");
  }

  /** Returns what the page calls an object: "kind - name"; the server has the same rule. */
  labelOf(feature) {
    const { title } = this.settings;
    const kind = this.kindNameOf(feature);
    const shown = kind === "" ? title : capitalised(kind);
    const name = this.nameOf(feature);
    return name === "" ? shown : `${shown} - ${name}`;
  }

  /**
   * Returns what the list of the report form shows of an object, and its status there or null; null where the form
   * does not list it. The rules are those of Signalen's form (see question/signalen.py).
   */
  inForm({ properties }) {
    const { question } = this.settings;
    const entry = question?.featureTypes.find(({ typeField, typeValue }) => properties[typeField] === typeValue);
    if (!entry || !properties[entry.idField]) return null;
    const text = entry.description.replace(/\{\{(.+?) \}\}/g, (template, name) => properties[name.trim()] || template);
    const status = question.featureStatusTypes.find(({ statusField, statusValues }) => {
      const value = properties[statusField];
      return value && statusValues.includes(value);
    });
    return { text, status: status?.description ?? null };
  }
}

/** Whether the proxy has counted several objects instead of sending each. */
function isGroup({ properties }) {
  return properties.cluster === true && properties.point_count > 1;
}

function groupOf({ geometry: { coordinates }, properties }) {
  const [mx, my] = project(coordinates[0], coordinates[1]);
  return { mx, my, size: properties.point_count, reported: properties.reported_count ?? 0 };
}
