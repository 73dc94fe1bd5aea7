const clock = document.getElementById("left");
if (clock) {
  const end = Date.now() + Number(clock.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.classList.toggle("short", left < 120);
    if (left === 0) location.reload();
  };
  if (end > Date.now()) { tick(); setInterval(tick, 1000); }
}
for (const chip of document.querySelectorAll("[data-fill]")) {
  chip.addEventListener("click", () => {
    document.getElementById(`tab-${chip.dataset.tab}`).checked = true;
    for (const pair of chip.dataset.fill.split(";")) {
      const [name, value] = pair.split("=");
      document.querySelector(`#form-${chip.dataset.tab} [name=${name}]`).value = value;
    }
  });
}
