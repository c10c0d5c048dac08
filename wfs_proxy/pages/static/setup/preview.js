// The map of the objects as the proxy would serve them, drawn by the same code as the map page.

import { addBackground } from "../map/background.js";
import { element } from "../map/dom.js";
import { LayerData } from "../map/layer-data.js";
import { createTexts } from "../map/texts.js";

/** Shows the map, if the page has a place for it. */
export async function showPreview() {
  const container = document.getElementById("preview-map");
  if (container === null) return;
  // Leaflet is only there on this page, so these modules are too
  const { createMap, showAttributions } = await import("../map/map.js");
  const { PointsLayer } = await import("../map/points-layer.js");
  const settings = JSON.parse(document.getElementById("settings").textContent);
  const texts = createTexts(settings.texts, settings.language);
  const data = new LayerData(settings.layer, 0);
  const { features } = await (await fetch(container.dataset.objects)).json();
  data.replace(features);
  let selected = null;
  const map = createMap(container, texts);
  const points = new PointsLayer({
    padding: 0.2,
    layers: () => [data],
    selected: () => selected,
    number: texts.number,
  });
  map.fitBounds(around(features), { animate: false, maxZoom: 18, padding: [24, 24] });
  points.addTo(map);
  showAttributions(map, [data]);
  addBackground(map, settings.tiles, texts, () => {});
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => points.recolour());
  const choose = (item) => {
    if (item === null) return;
    if (item.count > 1) {
      map.setView(map.layerPointToLatLng([item.x, item.y]), map.getZoom() + 2);
      return;
    }
    selected = { data, feature: data.features[item.row] };
    points.draw();
    describe(selected, texts);
  };
  map.on("click", ({ layerPoint }) => choose(points.at(layerPoint)));
  container.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== container) return;
    event.preventDefault();
    choose(points.nearest(map.latLngToLayerPoint(map.getCenter())));
  });
  performance.mark("objects-drawn");
}

/** Returns the corners of the box around objects; the Netherlands without any. */
function around(features) {
  if (features.length === 0) return [[50.7, 3.3], [53.6, 7.3]];
  const box = { south: 90, west: 180, north: -90, east: -180 };
  for (const { geometry } of features) {
    const [longitude, latitude] = geometry.coordinates;
    box.south = Math.min(box.south, latitude);
    box.north = Math.max(box.north, latitude);
    box.west = Math.min(box.west, longitude);
    box.east = Math.max(box.east, longitude);
  }
  return [[box.south, box.west], [box.north, box.east]];
}

/** Shows the properties of an object below the map. */
function describe({ data, feature }, { say }) {
  const place = document.getElementById("preview-object");
  const rows = Object.entries(feature.properties).flatMap(([name, value]) => [
    element("dt", {}, name),
    element("dd", {}, value === null ? say("empty_value") : typeof value === "object" ? JSON.stringify(value) : String(value)),
  ]);
  place.replaceChildren(element("h2", {}, data.labelOf(feature)), element("dl", {}, ...rows));
  place.hidden = false;
}
