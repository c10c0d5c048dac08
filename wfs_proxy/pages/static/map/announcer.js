// Says to screen readers what changed on the map.

/** Milliseconds without movement before the objects in view are announced. */
const QUIET = 900;

/** Milliseconds in which nothing else is announced after news. */
const AFTER_NEWS = 4000;

export class Announcer {
  /** `place` is a live region of the page. */
  constructor(place) {
    this.place = place;
    this.quietUntil = 0;
    this.announced = "";
    this.timer = 0;
  }

  /** Announces news at once. */
  news(text) {
    this.place.textContent = text;
    this.quietUntil = Date.now() + AFTER_NEWS;
  }

  /** Announces what is in view, once the map is still and if it is something else. */
  view(text) {
    clearTimeout(this.timer);
    if (text === this.announced) return;
    this.timer = setTimeout(() => {
      if (Date.now() < this.quietUntil) return;
      this.announced = text;
      this.place.textContent = text;
    }, QUIET);
  }
}
