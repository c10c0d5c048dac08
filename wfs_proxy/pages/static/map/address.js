// The state of the page in the fragment of its URL, which browsers do not send:
// #map=17/52.0685/4.3092&layers=masten,putten&object=masten/0042

/** Returns {map: {zoom, lat, lng} or null, layers: [ids] or null, object: {layer, id} or null}. */
export function readAddress(fragment) {
  const parameters = new URLSearchParams(fragment.replace(/^#/, "").replaceAll("+", "%2B"));
  const [zoom, lat, lng] = (parameters.get("map") ?? "").split("/").map(Number);
  const isPlace = Number.isFinite(zoom) && Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
  const [layer, ...id] = (parameters.get("object") ?? "").split("/");
  return {
    map: parameters.has("map") && isPlace ? { zoom, lat, lng } : null,
    layers: parameters.has("layers") ? parameters.get("layers").split(",").filter((name) => name !== "") : null,
    object: id.length > 0 ? { layer, id: id.join("/") } : null,
  };
}

/** Returns the fragment for a state. */
export function writeAddress({ map, layers, object }) {
  const parts = [];
  if (map) parts.push(`map=${Math.round(map.zoom * 100) / 100}/${map.lat.toFixed(5)}/${map.lng.toFixed(5)}`);
  if (layers) parts.push(`layers=${layers.map(encodeURIComponent).join(",")}`);
  if (object) parts.push(`object=${encodeURIComponent(object.layer)}/${encodeURIComponent(object.id).replaceAll("%2F", "/").replaceAll("%3A", ":")}`);
  return parts.length ? `#${parts.join("&")}` : "";
}
