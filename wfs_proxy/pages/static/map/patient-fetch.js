// Requests to the proxy that fail when it is silent: one that hangs is like one that is away.

/** Longer than the proxy lets a request wait for a vendor. */
const MOST_SECONDS = 30;

/**
 * Fetches as `fetch` does.
 *
 * @throws as `fetch` does, and an Error if no answer has begun in time
 */
export async function patientFetch(url, { signal, ...options } = {}) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(() => controller.abort(new Error("no answer in time")), MOST_SECONDS * 1000);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await fetch(url, { ...options, signal: controller.signal });
  } finally {
    clearTimeout(timer);
  }
}
