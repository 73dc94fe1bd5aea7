// Keeps a page about a payment, or a run of the reconciliation, in step with it: a stream tells that it changed, and then
// the page fetches itself anew. Where no stream can be had, it looks by itself, ever less often.

const FIRST_MS = 2000;
const LAST_MS = 30000;
const AGAIN_MS = 500;
const REFUSALS_MAX = 2;
const GROWTH = 1.4;
const WATCHED_MS = 30 * 60 * 1000;
const began = Date.now();
const news = document.querySelector("[data-news]");
let wait = FIRST_MS;
let refusals = 0;

const region = () => document.querySelector("[data-live]");

// Returns whether there is anything more to wait for.
async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.status === 401) {
    location.reload();
    return false;
  }
  if (!answer.ok) return true;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = fresh.querySelector("[data-live]");
  const shown = region();
  if (next && next.dataset.version !== shown.dataset.version) {
    const held = shown.contains(document.activeElement);
    shown.replaceWith(next);
    document.title = fresh.title;
    const heading = next.querySelector("#outcome");
    news.textContent = heading.textContent;
    if (held) {
      heading.tabIndex = -1;
      heading.focus();
    }
    wait = FIRST_MS;
  }
  return "events" in region().dataset;
}

async function look() {
  try {
    if (!(await refresh())) return;
  } catch {
    // The network is away for a moment; the next round looks again.
  }
  if (Date.now() - began > WATCHED_MS) return;
  wait = Math.min(wait * GROWTH, LAST_MS);
  setTimeout(look, wait);
}

function watch() {
  const { events, version } = region().dataset;
  if (!events || Date.now() - began > WATCHED_MS) return;
  const stream = new EventSource(`${events}?seen=${version}`);
  stream.addEventListener("changed", async () => {
    stream.close();
    try {
      if (await refresh()) setTimeout(watch, AGAIN_MS);
    } catch {
      setTimeout(look, wait);
    }
  });
  stream.addEventListener("settled", () => stream.close());
  stream.addEventListener("open", () => { refusals = 0; });
  // A stream that ended is an error, too: the browser opens the next one by itself.
  stream.addEventListener("error", () => {
    refusals += 1;
    const over = Date.now() - began > WATCHED_MS;
    const refused = stream.readyState === EventSource.CLOSED || refusals > REFUSALS_MAX;
    if (over || refused) stream.close();
    if (refused && !over) setTimeout(look, wait);
  });
}

if (globalThis.EventSource) watch();
else setTimeout(look, wait);
document.getElementById("problem")?.focus();
