// Keeps the breakdown in step with what is filled in; without this script the Apply button does it.

const WAIT_MS = 350;
const form = document.querySelector("form.checkout");
const one = (selector) => form.querySelector(selector);
const breakdown = one(".breakdown");
const refusal = one("[data-refusal]");
const waiting = one("[data-waiting]");
const pay = one("[data-pay]");
const rupees = new Intl.NumberFormat("en-IN", { minimumFractionDigits: 2 });
const ALWAYS = ["list_price", "taxable", "payable"];

let timer = 0;
let asked = null;

function field(name) {
  return form.elements.namedItem(name).value.trim();
}

function wanted() {
  return {
    course_id: form.dataset.course,
    billing: {
      name: field("name") || "Student",
      state_code: field("state_code"),
      gstin: field("gstin") || null,
      address: field("address") || null,
      special_economic_zone: form.elements.namedItem("special_economic_zone").checked,
    },
    discount_code: field("discount_code") || null,
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
  pay.textContent = price.payable === "0.00" ? "Enrol for free" : `Pay ${one('[data-amount="payable"]').textContent}`;
  one("[data-free]").hidden = price.payable !== "0.00";
  one("[data-by-bank]").hidden = price.payable === "0.00";
  remember(price.payable, said.fingerprint);
  waiting.hidden = true;
  refusal.hidden = true;
}

function refuse(problem) {
  for (const name of ["discount", "taxable", "cgst", "sgst", "igst", "payable"]) {
    one(`[data-row="${name}"]`).hidden = true;
  }
  pay.textContent = "Pay";
  remember(form.elements.namedItem("expected_payable").dataset.listPrice, "");
  waiting.hidden = true;
  refusal.textContent = problem.detail ?? "The price cannot be worked out at the moment.";
  refusal.hidden = false;
  if (problem.errors?.some((each) => each.field === "billing.address")) one(".business").open = true;
}

async function ask() {
  if (!field("state_code")) return;
  asked?.abort();
  asked = new AbortController();
  breakdown.dataset.stale = "";
  try {
    const answer = await fetch("/api/payment/quote", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": field("csrf_token") },
      body: JSON.stringify(wanted()),
      signal: asked.signal,
    });
    const said = await answer.json();
    if (answer.ok) show(said);
    else refuse(said);
  } catch (error) {
    if (error.name === "AbortError") return;
    refuse({});
  }
  delete breakdown.dataset.stale;
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT_MS);
}

for (const name of ["state_code", "gstin", "address", "special_economic_zone", "discount_code"]) {
  const input = form.elements.namedItem(name);
  input.addEventListener("change", soon);
  if (input.tagName === "INPUT") input.addEventListener("input", soon);
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.formAction.endsWith("/price")) {
    event.preventDefault();
    ask();
    return;
  }
  const button = one(".pay");
  // Disabled after the form has been read, so that a second click sends nothing.
  setTimeout(() => { button.disabled = true; }, 0);
  pay.textContent = "One moment…";
});

addEventListener("pageshow", () => { one(".pay").disabled = false; ask(); });
document.getElementById("problem")?.focus();
