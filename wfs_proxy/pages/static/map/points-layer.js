// Draws objects on one canvas: groups with counts when zoomed out, and symbols when zoomed in.

import { groupPoints } from "./clusters.js";
import { readColours, Sprites } from "./symbols.js";

const L = window.L;

/** From this zoom level every object has its own symbol. */
export const SYMBOL_ZOOM = 16;

/** From this zoom level the outlines of areas are drawn. */
const OUTLINE_ZOOM = 18;

/** Pixels; the side of a square whose objects form a group. */
const GROUP_SIZE = 72;

/** A group of fewer objects is drawn as symbols. */
const SMALLEST_GROUP = 4;

/** Pixels around a symbol in which a click selects it; a finger needs 24 by 24 (WCAG 2.2, 2.5.8). */
const REACH = 14;

/**
 * A renderer of Leaflet, which moves and scales the canvas while the map moves or zooms, and calls `_update` after it.
 * Its options: `layers()` returns the data of the layers that are on, `selected()` the selected object as
 * {data, feature}, or null, and `number()` a number as people write it.
 */
export const PointsLayer = L.Renderer.extend({
  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
    this._context = this._container.getContext("2d");
    this._items = [];
  },

  _destroyContainer() {
    this._container.remove();
  },

  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const ratio = window.devicePixelRatio || 1;
    const size = this._bounds.getSize();
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = size.x * ratio;
    this._container.height = size.y * ratio;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    this._context.setTransform(ratio, 0, 0, ratio, -this._bounds.min.x * ratio, -this._bounds.min.y * ratio);
    this.draw();
  },

  /** Draws everything again in the colours of the style sheet. */
  recolour() {
    this._sprites = null;
    this.draw();
  },

  /** Draws everything; does nothing during the animation of a zoom, which ends with an update. */
  draw() {
    if (!this._map || !this._bounds || this._map._animatingZoom) return;
    this._colours = readColours();
    this._sprites ??= new Sprites(this._colours);
    const { min, max } = this._bounds;
    this._context.clearRect(min.x, min.y, max.x - min.x, max.y - min.y);
    this._drawGrid();
    this._place();
    this._items.forEach((item) => (item.count > 1 ? this._drawGroup(item) : this._drawSymbol(item)));
    this._drawSelected();
  },

  /** Decides what is where: `_items` are symbols and groups in pixels of the map's pane, the reported ones last. */
  _place() {
    const origin = this._map.getPixelOrigin();
    const zoom = this._map.getZoom();
    const layers = this.options.layers();
    const sets = layers.map((data) => data.pixelsAt(zoom));
    const { min, max } = this._bounds;
    const area = { minX: min.x + origin.x, minY: min.y + origin.y, maxX: max.x + origin.x, maxY: max.y + origin.y };
    const symbols = [];
    const groups = [];
    const add = (number, row) =>
      symbols.push({
        x: sets[number].xs[row] - origin.x,
        y: sets[number].ys[row] - origin.y,
        count: 1,
        data: layers[number],
        row,
      });
    if (zoom >= SYMBOL_ZOOM) {
      sets.forEach((set, number) => {
        for (let row = 0; row < set.count; row += 1) {
          const x = set.xs[row];
          const y = set.ys[row];
          if (x >= area.minX && x <= area.maxX && y >= area.minY && y <= area.maxY) add(number, row);
        }
      });
    } else {
      const groupSets = layers.map((data) => data.groupPixelsAt(zoom));
      for (const group of groupPoints([...sets, ...groupSets], area, GROUP_SIZE)) {
        const single = group.members.length === group.count;
        if (single && group.count < SMALLEST_GROUP) group.members.forEach(([number, row]) => add(number, row));
        else groups.push({ ...group, x: group.x - origin.x, y: group.y - origin.y });
      }
    }
    symbols.sort((one, other) => one.data.reported[one.row] - other.data.reported[other.row]);
    this._items = [...symbols, ...groups];
  },

  /** Draws lines of a round number of metres, so that a map without background shows where it is moved to. */
  _drawGrid() {
    const { min, max } = this._bounds;
    const origin = this._map.getPixelOrigin();
    const world = 256 * 2 ** this._map.getZoom();
    let step = world / 2 ** 25;
    while (step < 90) step *= 2;
    const context = this._context;
    context.strokeStyle = this._colours.grid;
    context.lineWidth = 1;
    context.beginPath();
    for (let x = Math.ceil((min.x + origin.x) / step) * step - origin.x; x < max.x; x += step) {
      context.moveTo(Math.round(x) + 0.5, min.y);
      context.lineTo(Math.round(x) + 0.5, max.y);
    }
    for (let y = Math.ceil((min.y + origin.y) / step) * step - origin.y; y < max.y; y += step) {
      context.moveTo(min.x, Math.round(y) + 0.5);
      context.lineTo(max.x, Math.round(y) + 0.5);
    }
    context.stroke();
  },

  _drawSymbol({ x, y, data, row }) {
    if (this._map.getZoom() >= OUTLINE_ZOOM) this._drawOutline(data.features[row], this._colours.footprint, 1);
    const sprite = this._sprites.sprite(data.colour, data.kind[row], data.reported[row] === 1);
    const { size } = this._sprites;
    this._context.drawImage(sprite, x - size / 2, y - size / 2, size, size);
  },

  _drawGroup({ x, y, count, reported }) {
    const context = this._context;
    const radius = radiusOf(count);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = this._colours.cluster;
    context.fill();
    context.lineWidth = reported ? 4 : 2;
    context.strokeStyle = reported ? this._colours.reported : this._colours.halo;
    context.stroke();
    context.fillStyle = this._colours.clusterInk;
    context.font = `600 13px ${this._colours.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(this.options.number(count), x, y + 0.5);
    if (reported) this._drawBadge(x + radius * 0.75, y - radius * 0.75);
  },

  _drawBadge(x, y) {
    const size = 18;
    this._context.drawImage(this._sprites.sprite(0, 0, true), x - size / 2, y - size / 2, size, size);
  },

  _drawSelected() {
    const selected = this.options.selected();
    if (selected === null) return;
    const { data, feature } = selected;
    this._drawOutline(feature, this._colours.accent, 3);
    const [longitude, latitude] = feature.geometry.coordinates;
    const { x, y } = this._map.latLngToLayerPoint([latitude, longitude]);
    const context = this._context;
    const sprite = this._sprites.sprite(data.colour, data.kindOf(feature), data.isReported(feature) === true);
    context.drawImage(sprite, x - 15, y - 15, 30, 30);
    for (const [width, colour] of [
      [7, this._colours.halo],
      [4, this._colours.accent],
    ]) {
      context.beginPath();
      context.arc(x, y, 18, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
  },

  /** Draws the area that an object stands for (GeoJSON, RFC 7946), if it has one. */
  _drawOutline(feature, colour, width) {
    const { footprint } = feature.properties;
    if (!footprint?.coordinates) return;
    const polygons = { Polygon: [footprint.coordinates], MultiPolygon: footprint.coordinates }[footprint.type] ?? [];
    const context = this._context;
    context.beginPath();
    for (const ring of polygons.flat()) {
      ring.forEach(([longitude, latitude], number) => {
        const { x, y } = this._map.latLngToLayerPoint([latitude, longitude]);
        if (number === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      });
      context.closePath();
    }
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  },

  /** Returns the symbol or group at a place of the map's pane, or null; of several the nearest. */
  at(point) {
    let best = null;
    let least = Infinity;
    for (const item of this._items) {
      const reach = item.count > 1 ? radiusOf(item.count) : REACH;
      const distance = Math.hypot(item.x - point.x, item.y - point.y);
      // a group covers symbols below it, so its distance counts from its edge
      const counted = item.count > 1 ? distance - reach : distance;
      if (distance <= reach && counted < least) {
        best = item;
        least = counted;
      }
    }
    return best;
  },

  /** Returns the symbol or group nearest to a place, however far. */
  nearest(point) {
    const bounds = L.bounds([0, 0], this._map.getSize());
    let best = null;
    let least = Infinity;
    for (const item of this._items) {
      const distance = Math.hypot(item.x - point.x, item.y - point.y);
      if (distance < least && bounds.contains(this._map.layerPointToContainerPoint([item.x, item.y]))) {
        best = item;
        least = distance;
      }
    }
    return best;
  },
});

function radiusOf(count) {
  return 14 + 4 * Math.log10(count);
}
