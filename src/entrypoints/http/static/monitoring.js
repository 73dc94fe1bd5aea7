// Keeps the list of the latest payments in step: the page fetches itself every ten seconds while it is looked at.

const EVERY_MS = 10000;
const WATCHED_MS = 30 * 60 * 1000;
const began = Date.now();

async function refresh() {
  const shown = document.querySelector("[data-live]");
  // Whoever is at work in the list is not disturbed.
  if (document.hidden || shown.contains(document.activeElement)) return true;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.status === 401 || answer.redirected) return false;
  if (!answer.ok) return true;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = fresh.querySelector("[data-live]");
  if (next) shown.replaceWith(next);
  return Boolean(next);
}

async function look() {
  let more = true;
  try {
    more = await refresh();
  } catch {
    // The network is away for a moment; the next round looks again.
  }
  if (more && Date.now() - began < WATCHED_MS) setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
