// Keeps the breakdown in step with what is filled in; without this script the Apply button does it.

const form = document.querySelector("form.checkout");
const one = (selector) => form.querySelector(selector);
const breakdown = one(".breakdown");
const refusal = one("[data-refusal]");
const waiting = one("[data-waiting]");
const pay = one("[data-pay]");
// The words of the page's own language.
const saidHere = form.dataset;
const rupees = new Intl.NumberFormat("en-IN", { minimumFractionDigits: 2 });
const ALWAYS = ["list_price", "taxable", "payable"];
const PRICED_BY = ["state_code", "gstin", "address", "special_economic_zone", "discount_code"];
const left = new Set();

let asked = null;

function field(name) {
  return form.elements.namedItem(name).value.trim();
}

// The price depends on none of what is left out or stands in here.
function wanted(without = []) {
  const given = (name) => (without.includes(name) ? null : field(name) || null);
  return {
    course_id: form.dataset.course,
    billing: {
      name: "Student",
      state_code: field("state_code"),
      gstin: given("gstin"),
      address: given("address") ?? (without.includes("address") ? "To follow" : null),
      special_economic_zone: form.elements.namedItem("special_economic_zone").checked,
    },
    discount_code: given("discount_code"),
  };
}

// What the form says the student saw: the server opens a payment for exactly this, or none.
function remember(payable, quote) {
  form.elements.namedItem("expected_payable").value = payable;
  form.elements.namedItem("expected_quote").value = quote;
}

function show(said) {
  const price = said.breakdown;
  for (const [name, amount] of Object.entries(price)) {
    const row = one(`[data-row="${name}"]`);
    if (!row) continue;
    one(`[data-amount="${name}"]`).textContent =
      `${name === "discount" ? "−" : ""}₹${rupees.format(Number(amount))}`;
    row.hidden = amount === "0.00" && !ALWAYS.includes(name);
  }
  one('[data-label="sgst"]').textContent = price.second_tax ?? "SGST";
  pay.textContent = price.payable === "0.00"
    ? saidHere.wordsFree
    : saidHere.wordsPayAmount.replace("{amount}", one('[data-amount="payable"]').textContent);
  one("[data-free]").hidden = price.payable !== "0.00";
  one("[data-by-bank]").hidden = price.payable === "0.00";
  remember(price.payable, said.fingerprint);
  waiting.hidden = true;
}

function hide() {
  for (const name of ["discount", "taxable", "cgst", "sgst", "igst", "payable"]) {
    one(`[data-row="${name}"]`).hidden = true;
  }
  pay.textContent = saidHere.wordsPay;
  remember(form.elements.namedItem("expected_payable").dataset.listPrice, "");
  waiting.hidden = true;
}

function mark(name, words) {
  const input = form.elements.namedItem(name);
  let fault = document.getElementById(`${name}-fault`);
  const hint = document.getElementById(`${name}-hint`);
  if (words && !fault) {
    fault = document.createElement("p");
    fault.id = `${name}-fault`;
    fault.className = "fault";
    fault.setAttribute("role", "alert");
    input.closest(".field").append(fault);
  }
  if (fault) {
    fault.textContent = words ? `${words[0].toUpperCase()}${words.slice(1)}` : "";
    fault.hidden = !words;
  }
  if (words) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  const described = [hint?.id, words && fault.id].filter(Boolean).join(" ");
  if (described) input.setAttribute("aria-describedby", described);
  else input.removeAttribute("aria-describedby");
}

// Returns which fields were refused; each says so itself once it was left, and where none is named the box does.
function refuse(problem) {
  const named = (problem.errors ?? [])
    .map((each) => ({ name: each.field.replace("billing.", ""), words: each.detail }))
    .filter((each) => PRICED_BY.includes(each.name));
  for (const { name, words } of named) {
    const input = form.elements.namedItem(name);
    const business = input.closest("details");
    if (business) business.open = true;
    if (left.has(name)) mark(name, words);
  }
  if (!named.length) {
    refusal.textContent = problem.detail ?? saidHere.wordsUnpriced;
    refusal.hidden = false;
  }
  return named.map((each) => each.name);
}

async function quoted(without, signal) {
  const answer = await fetch("/api/payment/quote", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Accept-Language": document.documentElement.lang,
      "X-CSRF-Token": field("csrf_token"),
    },
    body: JSON.stringify(wanted(without)),
    signal,
  });
  return { fine: answer.ok, said: await answer.json() };
}

async function ask() {
  if (!field("state_code")) return;
  asked?.abort();
  asked = new AbortController();
  breakdown.dataset.stale = "";
  try {
    let answer = await quoted([], asked.signal);
    for (const name of PRICED_BY) mark(name, "");
    refusal.hidden = true;
    if (!answer.fine) {
      const refused = refuse(answer.said);
      if (refused.length) answer = await quoted(refused, asked.signal);
    }
    if (answer.fine) show(answer.said);
    else hide();
  } catch (error) {
    if (error.name === "AbortError") return;
    refuse({});
    hide();
  }
  delete breakdown.dataset.stale;
}

for (const name of PRICED_BY) {
  // When the field is left, not while it is still being typed.
  form.elements.namedItem(name).addEventListener("change", () => {
    left.add(name);
    ask();
  });
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.formAction.endsWith("/price")) {
    event.preventDefault();
    left.add("discount_code");
    ask();
    return;
  }
  const button = event.submitter ?? one(".pay");
  // Disabled after the form has been read, so that a second click sends nothing.
  setTimeout(() => { button.disabled = true; }, 0);
  if (button.contains(pay)) pay.textContent = saidHere.wordsWorking;
});

addEventListener("pageshow", (event) => {
  for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
  // What the server has refused stands at its field already.
  if (event.persisted || !document.getElementById("problem")) ask();
});
document.getElementById("problem")?.focus();
