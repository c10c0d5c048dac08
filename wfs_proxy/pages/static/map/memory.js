// What this browser remembers. A browser that blocks storage throws; then nothing is remembered.

/** Remembers a text, or forgets it for null. */
export function remember(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // not remembered
  }
}

/** Returns what is remembered; null if nothing is. */
export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
