// Buttons that copy a text of the page. Without script they are hidden, and the text can be selected by hand.

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copy(text, element) {
  // the clipboard exists on https and on this machine only; the older way works everywhere
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // the reader or the browser refused; try the older way
    }
  }
  select(element);
  return document.execCommand("copy");
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const element = document.getElementById(button.dataset.copy);
  const status = button.parentElement.querySelector("[role=status]");
  button.parentElement.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = "";
    const copied = await copy(element.textContent, element);
    status.textContent = copied ? button.dataset.copied : button.dataset.failed;
  });
}
