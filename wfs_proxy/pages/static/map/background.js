// The background map of another server, only after a click, which this browser remembers.

import { recall, remember } from "./memory.js";

const L = window.L;
const KEY = "wfs-proxy-background";

/** Adds the button to a map; `tiles` are {url, attribution, source}, or null without a background. */
export function addBackground(map, tiles, { say }, announce) {
  const button = document.getElementById("background");
  if (tiles === null || button === null) return;
  const hint = document.getElementById("background-hint");
  const layer = L.tileLayer(tiles.url, {
    attribution: tiles.attribution,
    maxZoom: 22,
    maxNativeZoom: 19,
    referrerPolicy: "no-referrer",
  });
  let failed = false;
  layer.on("tileerror", () => {
    if (!failed) announce(say("background_failed", { source: tiles.source }));
    failed = true;
  });
  layer.on("tileload", () => {
    failed = false;
  });
  const show = (on) => {
    if (on) layer.addTo(map);
    else layer.remove();
    map.getContainer().classList.toggle("with-background", on);
    button.textContent = on ? say("background_hide") : say("background_show", { source: tiles.source });
    hint.hidden = on;
    if (on) button.removeAttribute("aria-describedby");
    else button.setAttribute("aria-describedby", hint.id);
  };
  button.addEventListener("click", () => {
    const on = !map.hasLayer(layer);
    show(on);
    remember(KEY, on ? "on" : null);
  });
  show(recall(KEY) === "on");
}
