// Says when the proxy does not answer, and when it does again.

const SECONDS = 6;

export class Connection {
  constructor(place, { say, clock }) {
    this.place = place;
    this.say = say;
    this.clock = clock;
    this.isAway = false;
    this.lastAnswer = new Date();
    this.timer = 0;
  }

  answered() {
    this.lastAnswer = new Date();
    if (!this.isAway) return;
    this.isAway = false;
    this.#show(this.say("back"), "back");
    this.timer = setTimeout(() => {
      this.place.hidden = true;
    }, SECONDS * 1000);
  }

  away() {
    if (this.isAway) return;
    this.isAway = true;
    clearTimeout(this.timer);
    this.#show(this.say("away", { time: this.clock(this.lastAnswer) }), "away");
  }

  #show(text, state) {
    this.place.textContent = text;
    this.place.className = `connection ${state}`;
    this.place.hidden = false;
  }
}
