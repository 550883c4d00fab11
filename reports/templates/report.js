"use strict";
(() => {
  // What is filtered stands in the fragment of the address, so that a view can be sent around: #severity=error&rule=lease-conflict
  // for the findings, #options.compared=differs for another section. A fragment without "=" names an element, as usual.
  const FIRST = "findings";
  const places = new Map([...document.querySelectorAll(".filtered[data-key]")].map((place) => [place.dataset.key, place]));
  const sections = new Map();

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const slug = (text) => text.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-");

  function fragment() {
    const found = new Map();
    if (!location.hash.includes("=")) return found;
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const [key, field] = name.includes(".") ? name.split(".", 2) : [FIRST, name];
      if (!found.has(key)) found.set(key, new Map());
      found.get(key).set(field, value);
    }
    return found;
  }

  function keepInFragment() {
    const parts = [];
    for (const section of sections.values()) {
      for (const [field, control] of section.controls) {
        if (control.value === control.initial) continue;
        const name = section.key === FIRST ? field : `${section.key}.${field}`;
        parts.push(`${name}=${encodeURIComponent(control.value)}`);
      }
    }
    history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : " ");
  }

  function addCopyButtons(place) {
    for (const code of place.querySelectorAll("code.copy")) {
      const button = make("button", { type: "button", className: "copy-it", textContent: "copy" });
      button.setAttribute("aria-label", `copy ${code.textContent}`);
      button.addEventListener("click", () => {
        getSelection().selectAllChildren(code);
        button.textContent = document.execCommand("copy") ? "copied" : "press Ctrl+C";
        setTimeout(() => { button.textContent = "copy"; }, 2000);
      });
      code.after(button);
    }
  }

  // What waits is text until somebody looks at it: a browser makes 400,000 elements in seconds, not at once.
  function wake(place) {
    for (const waiting of place.querySelectorAll("noscript.waiting")) {
      const content = make("template", { innerHTML: waiting.textContent }).content;
      addCopyButtons(content);
      waiting.replaceWith(content);
    }
  }

  function sectionOf(key) {
    const place = places.get(key);
    if (place && !sections.has(key)) {
      wake(place.querySelector("details.long") || document.createElement("p"));
      sections.set(key, new Section(place));
    }
    return sections.get(key);
  }

  class Section {
    constructor(place) {
      this.key = place.dataset.key;
      this.items = [...place.querySelectorAll("tbody > tr, .item")].filter((item) => !item.parentElement.closest(".item"));
      this.long = place.querySelector("details.long");
      this.controls = new Map();
      this.texts = null;
      const bar = make("form", { className: "controls" });
      bar.addEventListener("submit", (event) => event.preventDefault());
      const headings = [...place.querySelectorAll("thead > tr:last-child > th")];
      for (const index of place.dataset.choices.split(" ").filter(Boolean)) this.addChoice(bar, headings[index], Number(index));
      const search = make("input", { type: "search", autocomplete: "off", spellcheck: false });
      this.add(bar, "text", "Search", search, "");
      this.shown = bar.appendChild(make("output"));
      place.prepend(bar);
      this.apply(false);
    }

    addChoice(bar, heading, index) {
      const values = new Set(this.items.map((row) => row.cells[index].textContent));
      const select = make("select", {}, make("option", { value: "", textContent: "all" }));
      const same = (heading.dataset.same || "").split(",").filter((word) => word && values.has(word));
      if (same.length && same.length < values.size) select.append(make("option", { value: "differences", textContent: "differences" }));
      for (const value of values) if (value) select.append(make("option", { value, textContent: value }));
      const initial = same.length && same.length < values.size ? "differences" : "";
      const control = this.add(bar, slug(heading.textContent), heading.textContent, select, initial);
      control.accepts = (row, value) => {
        const text = row.cells[index].textContent;
        return value === "differences" ? !same.includes(text) : text === value;
      };
    }

    add(bar, field, label, input, initial) {
      input.value = initial;
      input.initial = initial;
      bar.append(make("label", {}, label, input));
      input.addEventListener("input", () => { this.apply(true); keepInFragment(); });
      this.controls.set(field, input);
      return input;
    }

    set(values) {
      for (const [field, control] of this.controls) control.value = values.has(field) ? values.get(field) : control.initial;
      this.apply(true);
    }

    apply(isAsked) {
      const text = this.controls.get("text").value.trim().toLowerCase();
      if (text && !this.texts) this.texts = this.items.map((item) => (item.querySelector("summary") || item).textContent.toLowerCase());
      const chosen = [...this.controls.values()].filter((control) => control.accepts && control.value);
      let count = 0;
      this.items.forEach((item, number) => {
        const fits = chosen.every((control) => control.accepts(item, control.value)) && (!text || this.texts[number].includes(text));
        if (item.hidden === fits) item.hidden = !fits;
        count += fits;
      });
      this.shown.value = `${count.toLocaleString("en")} of ${this.items.length.toLocaleString("en")} shown`;
      if (isAsked && this.long) this.long.open = true;
    }
  }

  // Address maps. A run is a letter, which says what its addresses are, and how many there are.
  const LINE = matchMedia("(max-width: 48rem)").matches ? 32 : 64, CELL = 10, GUTTER = 64;
  const KINDS = ["outside", "free", "excluded", "reserved", "leased", "declined", "conflict"];
  const POOLS = ["outside the range", "free", "excluded"];
  const data = JSON.parse(document.getElementById("data").textContent);
  const dotted = (number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
  const span = (first, length) => (length === 1 ? dotted(first) : `${dotted(first)} - ${dotted(first + length - 1)}`);

  function* runs(text, first) {
    for (const [, letter, digits] of text.matchAll(/([A-Za-j])(\d*)/g)) {
      const code = letter < "a" ? letter.charCodeAt(0) - 65 : letter.charCodeAt(0) - 71;
      const length = Number(digits || 1);
      yield { first, length, code };
      first += length;
    }
  }

  function meaning(code) {
    const pool = code % 3, holder = Math.floor(code / 3) % 3, isReserved = Math.floor(code / 9) % 2 === 1;
    const words = [];
    if (code >= 18) words.push("conflict");
    if (isReserved) words.push(holder ? "reserved, in use" : "reserved");
    else if (holder) words.push(holder === 1 ? "leased" : "declined");
    if (pool !== 1 || !words.length) words.push(POOLS[pool]);
    const kind = code >= 18 ? "conflict" : isReserved ? "reserved" : ["", "leased", "declined"][holder] || KINDS[pool];
    return { kind, words: words.join(", ") };
  }

  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const rect = (x, y, width, height, kind, title) =>
    svg("rect", { x, y, width, height, class: kind }, ...(title ? [svg("title", {}, title)] : []));

  // Up to a /24, a cell for each address; up to a /20, a line for each /24 with runs drawn as one; beyond, a cell for each block.
  function cells(picture, found, first, size) {
    const line = size <= 256 ? LINE : 256, unit = (LINE * CELL) / line, step = size <= 256 ? 1 : line;
    for (const run of found) {
      const { kind, words } = meaning(run.code);
      for (let at = run.first; at < run.first + run.length; ) {
        const place = at - first, rest = Math.min(run.first + run.length - at, step, line - (place % line));
        const width = rest * unit - (size <= 256 ? 1 : 0);
        const title = size <= 256 ? dotted(at) : span(run.first, run.length);
        picture.append(rect(GUTTER + (place % line) * unit, Math.floor(place / line) * (CELL + 1), width, CELL, kind, `${title}: ${words}`));
        at += rest;
      }
    }
    return { lines: Math.ceil(size / line), line };
  }

  function blocks(picture, found, first, size) {
    const block = Math.max(256, size / 1024), tallies = Array.from({ length: size / block }, () => new Map());
    for (const run of found) {
      for (let at = run.first; at < run.first + run.length; ) {
        const number = Math.floor((at - first) / block), rest = Math.min(run.first + run.length, first + (number + 1) * block) - at;
        const { kind, words } = meaning(run.code), tally = tallies[number];
        tally.set(words, { kind, count: rest + (tally.get(words) || { count: 0 }).count });
        at += rest;
      }
    }
    tallies.forEach((tally, number) => {
      const text = [...tally].map(([words, { count }]) => `${count} ${words}`).join("; ");
      const cell = svg("g", {}, svg("title", {}, `${span(first + number * block, block)}: ${text}`));
      let top = Math.floor(number / LINE) * (CELL + 1);
      for (const { kind, count } of [...tally.values()].sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind))) {
        const height = (count / block) * CELL;
        cell.append(rect(GUTTER + (number % LINE) * CELL, top, CELL - 1, height, kind));
        top += height;
      }
      picture.append(cell);
    });
    return { lines: Math.ceil(tallies.length / LINE), line: LINE * block };
  }

  function drawRow(name, text, first, size) {
    if (!text) return make("figure", {}, make("figcaption", {}, make("b", { textContent: name }), ": the scope is not there"));
    const found = [...runs(text, first)], counts = new Map();
    for (const run of found) {
      const { words } = meaning(run.code);
      counts.set(words, (counts.get(words) || 0) + run.length);
    }
    const summary = [...counts].map(([words, count]) => `${count.toLocaleString("en")} ${words}`).join("; ");
    const picture = svg("svg", { role: "img", "aria-label": `${name}: ${summary}` });
    const { lines, line } = (size <= 4096 ? cells : blocks)(picture, found, first, size);
    for (let number = 0; number < lines; number++) {
      picture.append(svg("text", { x: 0, y: number * (CELL + 1) + 8 }, dotted(first + number * line)));
    }
    picture.setAttribute("viewBox", `0 0 ${GUTTER + LINE * CELL} ${lines * (CELL + 1)}`);
    const list = make("details", {}, make("summary", { textContent: "as text" }));
    list.addEventListener("toggle", () => {
      if (list.children.length > 1) return;
      list.append(make("ul", { className: "as-text" }, ...found.map((run) => make("li", { textContent: `${span(run.first, run.length)}: ${meaning(run.code).words}` }))));
    });
    return make("figure", {}, make("figcaption", {}, make("b", { textContent: name }), " ", make("span", { textContent: summary })), picture, list);
  }

  function draw(scope) {
    const place = scope.querySelector(".map");
    if (place.children.length) return;
    wake(scope);
    const [first, size, rows] = data.maps[scope.dataset.map];
    place.append(...rows.map((text, number) => drawRow(data.rows[number], text, first, size)));
  }

  document.addEventListener("toggle", ({ target }) => {
    if (!target.open) return;
    if (target.classList.contains("long") && target.parentElement.dataset.key) sectionOf(target.parentElement.dataset.key);
    if (target.classList.contains("scope")) draw(target);
  }, true);

  // On paper nobody can open anything; but what would take hundreds of pages stays closed.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.long:not([open])")].filter((long) => long.dataset.rows <= 1000);
    const scopes = [...document.querySelectorAll("details.scope:not([open]):not([hidden])")];
    if (scopes.length <= 20) opened.push(...scopes);
    for (const details of opened) {
      details.open = true;
      wake(details);
      if (details.classList.contains("scope")) draw(details);
    }
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });

  function follow() {
    const wanted = fragment();
    for (const [key, values] of wanted) {
      const section = sectionOf(key);
      if (section) { section.set(values); places.get(key).scrollIntoView(); }
    }
    const target = wanted.size ? null : document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.matches("details")) target.open = true;
  }

  addCopyButtons(document);
  for (const [key, place] of places) if (!place.querySelector("details.long noscript")) sectionOf(key);
  addEventListener("hashchange", follow);
  follow();
})();
