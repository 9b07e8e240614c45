// Filtering, and details that open when they are linked to. The page is whole without it.
(() => {
  document.documentElement.classList.add("scripted");
  const all = [...document.querySelectorAll(".techniques > details")];
  const cells = [...document.querySelectorAll(".matrix td a")];
  const search = document.getElementById("search");
  const state = document.getElementById("state");
  const maturity = document.getElementById("maturity");
  const found = document.getElementById("found");
  const texts = new Map(all.map((one) => [one, one.textContent.toLowerCase()]));

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const counts = new Map();
    const seen = new Map();
    let shown = 0;
    for (const one of all) {
      const text = texts.get(one);
      const fits = words.every((word) => text.includes(word)) &&
        (!state.value || one.dataset.state === state.value) &&
        (!maturity.value || one.dataset.maturity === maturity.value);
      one.hidden = !fits;
      document.querySelectorAll('.cell a[href="#' + CSS.escape(one.id) + '"], .cell a[href="#' + one.id + '"]')
        .forEach((link) => { link.parentElement.hidden = !fits; });
      if (!fits) continue;
      shown += 1;
      for (const cell of one.dataset.cells.split(" ")) {
        counts.set(cell, (counts.get(cell) || 0) + 1);
        if (one.dataset.maturity === "realized") seen.set(cell, (seen.get(cell) || 0) + 1);
      }
    }
    for (const cell of cells) {
      const key = cell.hash.slice(3);
      const count = counts.get(key) || 0;
      cell.querySelector("b").textContent = count;
      cell.querySelector("small").textContent = (seen.get(key) || 0) + " seen";
      cell.className = count === 0 ? "h0" : count < 3 ? "h1" : count < 6 ? "h2" : count < 10 ? "h3" : "h4";
    }
    found.textContent = shown + " of " + all.length + " techniques";
  };

  const follow = () => {
    for (const cell of cells) {
      if (cell.hash === location.hash) cell.setAttribute("aria-current", "true");
      else cell.removeAttribute("aria-current");
    }
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.tagName === "DETAILS") {
      target.hidden = false;
      target.open = true;
      target.querySelector("summary").focus({ preventScroll: true });
      target.scrollIntoView({ block: "start" });
    } else if (target.classList.contains("cell")) {
      target.querySelector("h3").focus({ preventScroll: true });
      target.scrollIntoView({ block: "nearest" });
    }
  };

  // Arrow keys walk the matrix.
  document.querySelector(".matrix")?.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const step = steps[event.key];
    const here = event.target.closest("td");
    if (!step || !here) return;
    const rows = [...here.closest("table").querySelectorAll("tbody tr")].filter((row) => row.querySelector("td"));
    let row = rows.indexOf(here.parentElement);
    let column = here.cellIndex;
    for (;;) {
      row += step[0];
      column += step[1];
      const cell = rows[row]?.cells[column];
      if (!cell || column < 1) return;
      const link = cell.querySelector("a");
      if (!link) continue;
      event.preventDefault();
      link.focus();
      return;
    }
  });

  for (const control of [search, state, maturity]) control?.addEventListener("input", filter);
  document.getElementById("clear")?.addEventListener("click", () => {
    search.value = state.value = maturity.value = "";
    filter();
    search.focus();
  });
  addEventListener("hashchange", follow);
  if (found) filter();
  follow();
})();
