// Tables that can be sorted and filtered, and two models side by side.  Everything is readable without it.
"use strict";
(() => {
  const text = (cell) => cell.textContent.trim();
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const dated = (value) => {
    const [, day, month, year] = /^(\d+) (\w{3}) (\d{4})$/.exec(value) ?? [];
    return months.includes(month) ? `${year}-${String(months.indexOf(month) + 1).padStart(2, "0")}-${day.padStart(2, "0")}` : value;
  };
  const key = (cell) => {
    const value = cell.dataset.sort ?? dated(text(cell));
    const number = Number(value);
    return value !== "" && Number.isFinite(number) ? number : value.toLowerCase();
  };
  const missing = (cell) => text(cell) === "–" && cell.dataset.sort === undefined;

  function sortable(table) {
    if (table.tBodies[0].rows.length < 6) return;
    const head = [...table.tHead.rows[0].cells];
    head.forEach((cell, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        const down = cell.getAttribute("aria-sort") === "ascending";
        head.forEach((other) => other.removeAttribute("aria-sort"));
        cell.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => {
          const [one, two] = [a.cells[at], b.cells[at]];
          if (missing(one) !== missing(two)) return missing(one) ? 1 : -1;
          const [x, y] = [key(one), key(two)];
          const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? -1 : 1;
          return down ? -order : order;
        });
        table.tBodies[0].append(...rows);
      });
    });
  }

  function labelled(name, input) {
    const label = document.createElement("label");
    label.append(name, input);
    return label;
  }

  function filtered(box, table) {
    const bar = document.createElement("div");
    bar.className = "filters";
    const tests = [];
    const rows = [...table.tBodies[0].rows];
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.firstChild.textContent.trim());
    const search = document.createElement("input");
    search.type = "search";
    tests.push((row) => row.textContent.toLowerCase().includes(search.value.trim().toLowerCase()));
    bar.append(labelled("Search", search));
    const columns = (value) => (value || "").split(",").filter(Boolean).map(Number);
    for (const at of columns(box.dataset.facets)) {
      const select = document.createElement("select");
      const values = [...new Set(rows.map((row) => text(row.cells[at])))].sort((a, b) => a.localeCompare(b));
      select.add(new Option("all", ""));
      values.forEach((value) => select.add(new Option(value.length > 50 ? value.slice(0, 49) + "…" : value, value)));
      if (box.dataset.chosen && values.includes(box.dataset.chosen)) {
        select.value = box.dataset.chosen;
        delete box.dataset.chosen;
      }
      tests.push((row) => !select.value || text(row.cells[at]) === select.value);
      bar.append(labelled(names[at], select));
    }
    for (const at of columns(box.dataset.limits)) {
      const input = document.createElement("input");
      input.type = "number";
      input.min = "0";
      input.step = "any";
      tests.push((row) => input.value === "" || (typeof key(row.cells[at]) === "number" && key(row.cells[at]) <= Number(input.value)));
      bar.append(labelled(`${names[at]} at most`, input));
    }
    const count = document.createElement("output");
    bar.append(count);
    const apply = () => {
      let shown = 0;
      for (const row of rows) {
        row.hidden = !tests.every((test) => test(row));
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = `${shown} of ${rows.length}`;
    };
    bar.addEventListener("input", apply);
    apply();
    box.querySelector(".caption").after(bar);
  }

  function compare(box, data) {
    const bytes = Uint8Array.from(atob(data.probability), (letter) => letter.charCodeAt(0));
    const models = data.models;
    const choose = (preferred) => {
      const select = document.createElement("select");
      models.forEach((model, at) => select.add(new Option(`${model.title} (${model.side || "unknown"})`, String(at))));
      select.value = String(Math.max(0, preferred));
      return select;
    };
    const one = choose(models.findIndex((model) => model.side === "open"));
    const two = choose(models.findIndex((model) => model.side === "closed"));
    const bar = document.createElement("div");
    bar.className = "filters";
    bar.append(labelled("One model", one), labelled("The other", two));
    const answer = document.createElement("p");
    answer.className = "lead";
    answer.setAttribute("role", "status");
    const table = document.createElement("table");
    const draw = () => {
      const [a, b] = [models[one.value], models[two.value]];
      const share = bytes[one.value * models.length + Number(two.value)] / 200;
      const [abler, other, probability] = share >= 0.5 ? [a, b, share] : [b, a, 1 - share];
      answer.textContent = a === b ? "Choose two different models."
        : `${abler.title} is more capable than ${other.title} with probability ${probability > 0.99 ? "above 0.99" : probability.toFixed(2)}.`;
      table.replaceChildren();
      const head = table.createTHead().insertRow();
      for (const title of ["", a.title, b.title]) {
        const cell = document.createElement("th");
        cell.scope = "col";
        cell.textContent = title;
        head.append(cell);
      }
      const body = table.createTBody();
      for (const [name, field] of [["Ability, index points", "ability"], ["90 % interval", "interval"], ["Side", "side"], ["Lab", "lab"], ["Counts from", "date"], ["Licence", "licence"], ["Price, USD per million tokens", "price"], ["Parameters", "parameters"]]) {
        const row = body.insertRow();
        for (const value of [name, a[field], b[field]]) row.insertCell().textContent = value;
      }
    };
    bar.addEventListener("input", draw);
    box.replaceChildren(bar, answer, table);
    draw();
  }

  document.querySelectorAll(".table").forEach((box) => {
    const table = box.querySelector("table");
    if ("filter" in box.dataset) filtered(box, table);
    if (table.tBodies[0].rows.length > 3) sortable(table);
  });
  const box = document.getElementById("compare");
  if (box) {
    const start = () => compare(box, window.gapindexModels);
    if (window.gapindexModels) start();
    else window.addEventListener("load", start);
  }
})();
