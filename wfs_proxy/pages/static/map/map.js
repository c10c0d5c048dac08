// The map without objects: zoom buttons, scale and attribution in the reader's language.

const L = window.L;

const MAX_ZOOM = 22;

/** Returns the map in a container. */
export function createMap(container, { say }) {
  container.replaceChildren();
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(container, {
    zoomControl: false,
    minZoom: 3,
    maxZoom: MAX_ZOOM,
    maxBoundsViscosity: 1,
    zoomAnimation: !reduced,
    fadeAnimation: !reduced,
    inertia: !reduced,
  });
  L.control
    .zoom({ position: "topleft", zoomInTitle: say("zoom_in_title"), zoomOutTitle: say("zoom_out_title") })
    .addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
  drawForPaper(map);
  // the legend below the map changes its size too, not only the window
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(container);
  return map;
}

/** Gives the map its size on paper before the browser prints it, with the same centre. */
function drawForPaper(map) {
  const resize = (printing) => {
    map.getContainer().classList.toggle("printing", printing);
    map.invalidateSize({ animate: false });
  };
  window.addEventListener("beforeprint", () => resize(true));
  window.addEventListener("afterprint", () => resize(false));
}

/** Shows whose data the map has: the attribution of each of these layers, once. */
export function showAttributions(map, layers) {
  const control = map.attributionControl;
  const wanted = new Set(layers.map(({ settings }) => asHtml(settings.attribution)).filter((text) => text !== ""));
  const shown = control.layerAttributions ?? new Set();
  for (const text of shown) if (!wanted.has(text)) control.removeAttribution(text);
  for (const text of wanted) if (!shown.has(text)) control.addAttribution(text);
  control.layerAttributions = wanted;
}

/** Returns text as the HTML that Leaflet's attribution takes. */
function asHtml(text) {
  const place = document.createElement("span");
  place.textContent = text;
  return place.innerHTML;
}
