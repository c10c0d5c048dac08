// The state of the page in the fragment of its URL, which browsers do not send:
// #map=17/52.0685/4.3092&layers=masten,putten&object=masten/0042

/** Whether a fragment is a state, also an empty one, and not the name of a part of the page. */
export function isAddress(fragment) {
  return fragment.length <= 1 || fragment.includes("=");
}

/** Returns {map: {zoom, lat, lng} or null, layers: [ids] or null, object: {layer, id} or null}. */
export function readAddress(fragment) {
  const parameters = new URLSearchParams(fragment.replace(/^#/, "").replaceAll("+", "%2B"));
  const [zoom, lat, lng] = (parameters.get("map") ?? "").split("/").map(Number);
  const isPlace = Number.isFinite(zoom) && Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
  const [layer, ...id] = (parameters.get("object") ?? "").split("/");
  return {
    map: parameters.has("map") && isPlace ? { zoom, lat, lng } : null,
    layers: parameters.has("layers")
      ? parameters
          .get("layers")
          .split(",")
          .filter((name) => name !== "")
      : null,
    object: id.length > 0 ? { layer, id: id.join("/") } : null,
  };
}

/** Returns the fragment for a state. */
export function writeAddress({ map, layers, object }) {
  const parts = [];
  if (map) parts.push(`map=${Math.round(map.zoom * 100) / 100}/${map.lat.toFixed(5)}/${map.lng.toFixed(5)}`);
  if (layers) parts.push(`layers=${layers.map(encodeURIComponent).join(",")}`);
  if (object) parts.push(`object=${encodeURIComponent(object.layer)}/${readable(object.id)}`);
  return parts.length ? `#${parts.join("&")}` : "";
}

/** Encodes a part of the fragment, but for what may be there as it is (RFC 3986, section 3.5). */
function readable(text) {
  return encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%3A", ":");
}
