// The sentences of the page, and numbers and times as people write them.

/** Of the municipalities; the same as on the server. */
const ZONE = "Europe/Amsterdam";

/** Returns functions that write in one language: `say(key, details)`, `number(value)` and `time(date)`. */
export function createTexts(sentences, language) {
  const numbers = new Intl.NumberFormat(language);
  const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "numeric", timeZone: ZONE });
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
  const months = sentences.months.split(" ");
  return {
    say(key, details = {}) {
      return sentences[key].replace(/\{(\w+)\}/g, (_, name) => String(details[name]));
    },
    number(value) {
      return numbers.format(value);
    },
    time(date) {
      const { day, month } = Object.fromEntries(days.formatToParts(date).map(({ type, value }) => [type, value]));
      return `${day} ${months[month - 1]} ${clock.format(date)}`;
    },
    clock(date) {
      return clock.format(date);
    },
  };
}
