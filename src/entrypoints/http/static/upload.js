// Keeps the file that was chosen while its preview is shown, so that nobody has to choose it twice. Without this, the
// page asks for it once more.

const WORKING = "It is being read. A large file takes a while.";
const main = document.getElementById("main");

function work(form) {
  form.querySelector("button[type=submit]").disabled = true;
  form.querySelector("[data-working]").textContent = WORKING;
}

// Shows the page that was answered in the place of this one, with the same file in its form.
function show(fresh, files) {
  const next = fresh.getElementById("main");
  document.title = fresh.title;
  main.replaceChildren(...next.childNodes);
  const field = main.querySelector("form[data-take] [data-choose], form[data-preview] [data-choose]");
  field.querySelector("input").files = files;
  field.hidden = field.closest("form").matches("[data-take]");
  main.querySelector("[autofocus]")?.focus();
  scrollTo(0, 0);
}

async function preview(form) {
  const { files } = form.querySelector("input[type=file]");
  const body = new FormData(form);
  work(form);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.redirected && fresh.querySelector("form[data-take], form[data-preview]")) show(fresh, files);
    else form.submit();
  } catch {
    form.submit();
  }
}

main.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("form[data-preview]")) {
    event.preventDefault();
    preview(form);
  } else if (form.matches("form[data-take]")) {
    work(form);
  }
});
