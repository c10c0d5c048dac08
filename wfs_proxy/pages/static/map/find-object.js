// Asks the proxy for one object by its id.

import { patientFetch } from "./patient-fetch.js";

/** Characters; no id is longer, and an address must not be too long. */
const LONGEST = 500;

/**
 * Returns the object of a layer with an id, with or without the layer's prefix; null if there is none. It is asked for with
 * a filter: an answer without objects is no error, which browsers would write to their console.
 *
 * @throws if the proxy does not answer
 */
export async function findObject(root, layer, id) {
  if (id.length > LONGEST) return null;
  const filter = encodeURIComponent(`HASID('${id.replaceAll("'", "''")}')`);
  const answer = await patientFetch(`${root}layers/${encodeURIComponent(layer)}/features?filter=${filter}&limit=1`);
  return answer.ok ? ((await answer.json()).features[0] ?? null) : null;
}
