// What the page has with JavaScript: the map, the file while somebody types, and the progress.

import { showPreview } from "./preview.js";

/** Milliseconds between two questions how far an inspection is. */
const PROGRESS = 400;

/** Milliseconds after the last change of a form. */
const QUIET = 200;

followProgress();
showFileWhileTyping();
foldFileOnPhone();
showPreview();
document.getElementById("error-summary")?.focus();

/** Shows how far the inspection is, and opens the next page when it has ended. */
function followProgress() {
  const place = document.getElementById("wait");
  if (place === null) return;
  const parts = JSON.parse(place.dataset.parts);
  const bar = document.getElementById("wait-bar");
  const said = document.getElementById("wait-part");
  const look = async () => {
    try {
      const { done, part, value, total } = await (await fetch("progress")).json();
      if (done) {
        // the page for the wait says what went wrong, or redirects
        location.replace(`wait${location.search}`);
        return;
      }
      bar.max = total;
      bar.value = value;
      if (part !== null && said.textContent !== parts[part]) said.textContent = parts[part];
    } catch {
      // the command has ended; the page stays as it is
      return;
    }
    setTimeout(look, PROGRESS);
  };
  look();
}

/** Shows the file that the form would make, with the lines that it changes. */
function showFileWhileTyping() {
  const form = document.querySelector("form[data-live]");
  const place = document.querySelector("#file-text code");
  if (form === null || place === null) return;
  let timer = 0;
  let newest = 0;
  const before = new Set(place.textContent.split("\n"));
  const show = async () => {
    newest += 1;
    const mine = newest;
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(location.href, { method: "POST", body, headers: { Accept: "text/plain" } });
    const text = await answer.text();
    if (!answer.ok || mine !== newest) return;
    place.replaceChildren(...marked(text, before));
    const changed = place.querySelector("mark");
    const box = place.parentElement;
    if (changed !== null) box.scrollTop = changed.offsetTop - box.offsetTop - box.clientHeight / 3;
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show().catch(() => {}), QUIET);
  });
}

/** On a phone the file follows the form, so it is folded. */
function foldFileOnPhone() {
  const file = document.querySelector(".file details");
  if (file !== null && window.matchMedia("(max-width: 40rem)").matches) file.open = false;
}

/** Returns the lines of a text; those that are new are marked. */
function marked(text, before) {
  return text.split(/(?<=\n)/).map((line) => {
    if (line.trim() === "" || before.has(line.replace(/\n$/, ""))) return document.createTextNode(line);
    const mark = document.createElement("mark");
    mark.textContent = line;
    return mark;
  });
}
