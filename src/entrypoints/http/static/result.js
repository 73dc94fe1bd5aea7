// Asks how the payment stands, ever less often, and shows the new page once something is known.

const FIRST_MS = 2000;
const LAST_MS = 30000;
const GROWTH = 1.4;
const section = document.querySelector("[data-transaction]");
const checked = document.querySelector("[data-checked]");
let wait = FIRST_MS;

async function ask() {
  try {
    const answer = await fetch(`/api/payment/status/${section.dataset.transaction}`);
    if (answer.status === 401) {
      location.reload();
      return;
    }
    if (answer.ok) {
      const { status } = await answer.json();
      if (status !== section.dataset.status) {
        location.reload();
        return;
      }
      checked.textContent = `Last checked at ${new Date().toLocaleTimeString("en-IN", { hour: "2-digit", minute: "2-digit" })}.`;
      checked.hidden = false;
    }
  } catch {
    // The network is away for a moment; the next round asks again.
  }
  wait = Math.min(wait * GROWTH, LAST_MS);
  setTimeout(ask, wait);
}

setTimeout(ask, wait);
