// Starts the map page with the settings and sentences that the server wrote into it.

import { MapPage } from "./map-page.js";
import { createTexts } from "./texts.js";

const settings = JSON.parse(document.getElementById("settings").textContent);

new MapPage(settings, createTexts(settings.texts, settings.language)).start();
