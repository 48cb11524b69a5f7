// SQL over the site's Parquet files with DuckDB-Wasm.  Loaded by one page, and the engine at the first question.
"use strict";
(() => {
  const box = document.getElementById("sql");
  const form = document.createElement("div");
  const area = document.createElement("textarea");
  const run = document.createElement("button");
  const status = document.createElement("p");
  const result = document.createElement("div");
  const tables = box.dataset.tables.split(",");
  const most = 1000;
  const here = new URL(".", location.href);

  const script = (name) => new Promise((done, failed) => {
    const tag = document.createElement("script");
    tag.src = new URL(`engine/${name}`, here).href;
    tag.onload = done;
    tag.onerror = () => failed(new Error(`${name} could not be loaded`));
    document.head.append(tag);
  });

  let engine = null;
  async function started() {
    await script("arrow.js");
    window.module = { exports: {} };
    window.exports = window.module.exports;
    window.require = () => window.Arrow; // its one import
    await script("duckdb-browser.js");
    const { AsyncDuckDB, VoidLogger } = window.module.exports;
    // A worker from a blob has the policy of this page: it can ask this site and nobody else.
    const code = await (await fetch(new URL("engine/duckdb-browser-eh.worker.js", here))).blob();
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    const db = new AsyncDuckDB(new VoidLogger(), worker);
    await db.instantiate(new URL("engine/duckdb-eh.wasm", here).href);
    await db.open({ query: { castDecimalToDouble: true } });
    const connection = await db.connect();
    await connection.query("set autoinstall_known_extensions = false; set autoload_known_extensions = false");
    return { db, connection, read: new Set() };
  }

  // The tables a question names are read whole, once: they are small, and not every host answers for parts of a file.
  async function prepared(text) {
    engine ??= started();
    const { db, connection, read } = await engine;
    for (const table of tables) {
      if (read.has(table) || !new RegExp(`\\b${table}\\b`, "i").test(text)) continue;
      const answer = await fetch(new URL(`../data/${table}.parquet`, here));
      if (!answer.ok) throw new Error(`${table}.parquet: ${answer.status}`);
      await db.registerFileBuffer(`${table}.parquet`, new Uint8Array(await answer.arrayBuffer()));
      await connection.query(`create view "${table}" as select * from read_parquet('${table}.parquet')`);
      read.add(table);
    }
    return connection;
  }

  function written(value, type) {
    if (value === null || value === undefined) return "";
    const kind = String(type);
    if (kind.startsWith("Date")) return new Date(Number(value)).toISOString().slice(0, 10);
    if (kind.startsWith("Timestamp")) return new Date(Number(value)).toISOString().replace("T", " ").slice(0, 19);
    return String(value);
  }

  function shown(answer) {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    const fields = answer.schema.fields;
    const numeric = fields.map((field) => /^(Int|Uint|Float|Decimal)/.test(String(field.type)));
    fields.forEach((field, at) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = field.name;
      if (numeric[at]) cell.className = "number";
      head.append(cell);
    });
    const body = table.createTBody();
    const count = Math.min(answer.numRows, most);
    for (let n = 0; n < count; n += 1) {
      const row = body.insertRow();
      fields.forEach((field, at) => {
        const cell = row.insertCell();
        cell.textContent = written(answer.getChildAt(at).get(n), field.type);
        if (numeric[at]) cell.className = "number";
      });
    }
    const scroll = document.createElement("div");
    scroll.className = "scroll";
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Rows of the answer");
    scroll.append(table);
    result.replaceChildren(scroll);
  }

  async function ask() {
    run.disabled = true;
    status.className = "";
    status.textContent = engine ? "Asking …" : "Loading the engine …";
    const since = performance.now();
    try {
      const connection = await prepared(area.value);
      const answer = await connection.query(area.value);
      shown(answer);
      const cut = answer.numRows > most ? `, the first ${most} shown` : "";
      status.textContent = `${answer.numRows} row${answer.numRows === 1 ? "" : "s"}${cut}, ${Math.round(performance.now() - since)} ms`;
    } catch (error) {
      result.replaceChildren();
      status.className = "warning";
      status.textContent = String(error.message ?? error);
    } finally {
      run.disabled = false;
    }
  }

  if (!location.protocol.startsWith("http")) {
    box.firstElementChild.textContent = "A browser starts the engine only from a web server: gapindex report --serve, or any static host.";
    return;
  }
  const label = document.createElement("label");
  label.append("SQL", area);
  area.rows = 8;
  area.spellcheck = false;
  run.type = "button";
  run.textContent = "Run (Ctrl-Enter)";
  run.addEventListener("click", ask);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask();
  });
  form.className = "sql";
  form.append(label, run);
  status.setAttribute("role", "status");
  const examples = box.querySelectorAll("pre");
  area.value = examples[0].textContent;
  examples.forEach((example) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Use";
    button.setAttribute("aria-label", `Use: ${example.previousElementSibling.textContent}`);
    button.addEventListener("click", () => {
      area.value = example.textContent;
      area.focus();
      ask();
    });
    example.after(button);
  });
  box.firstElementChild.replaceWith(form, status, result);
})();
