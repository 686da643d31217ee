// A board that stays true while somebody works on it. The server names orders that moved (query_api/board_feed.py); only
// rows that this page shows or has room for are fetched, at most twice a second. While somebody is among the rows nothing
// moves: what changed changes where it stands, what left is struck out, what came waits behind a button.
(() => {
  const at = (id) => document.getElementById(id);
  const news = at("news"), state = at("state"), show = at("show"), rows = at("rows");
  if (!rows || !window.EventSource) return;
  const PAUSE = 500, DEAD = 1000, REST = 2000, PATIENCE = 5000, RETRY = 3000, LONGEST_RETRY = 60000, SILENCE = 40000;
  const MOST = 100;                  // rows that are asked for one by one; for more the page is read again
  const CONTROLS = "a, button, input, select, summary";
  const arrived = new Map();         // rows that came and are not shown yet, by order
  const asked = new Set();           // orders whose rows are to be fetched
  let everything = false;            // whether the whole page is to be read again
  let underway = null;               // says of an order whether its row is being fetched
  let timer = 0, fetched = -PAUSE;
  let touched = -REST, showing = false;

  // Rows.
  const placeOf = (row) => row.dataset.place;
  const rowOf = (order) => rows.querySelector(`tr[data-order="${CSS.escape(order)}"]`);
  const isGone = (row) => row.classList.contains("gone");
  const isWithin = (place) => place > rows.dataset.after && (!rows.dataset.upto || place <= rows.dataset.upto);
  const gist = (cell) => cell.className + cell.innerHTML.replace(/(<time[^>]*>)[^<]*/g, "$1");  // time alone is no change

  const change = (row, cell, now) => {
    const controls = [...cell.querySelectorAll(CONTROLS)], focus = controls.indexOf(document.activeElement);
    const checked = controls.map((it) => it.checked), differs = gist(cell) !== gist(now);
    cell.className = now.className;
    cell.replaceChildren(...now.childNodes);
    const renewed = [...cell.querySelectorAll(CONTROLS)];
    renewed.forEach((it, n) => { if (it.type === "checkbox") it.checked = Boolean(checked[n]); });
    if (focus >= 0) (renewed[focus] || row.querySelector(CONTROLS))?.focus({ preventScroll: true });
    if (!differs) return;
    const since = cell.dataset.changed = String(performance.now());
    setTimeout(() => { if (cell.dataset.changed === since) delete cell.dataset.changed; }, DEAD);
  };
  const update = (row, now) => {
    row.classList.remove("gone");
    row.dataset.place = now.dataset.place;
    [...now.cells].forEach((cell, n) => { if (row.cells[n].innerHTML !== cell.innerHTML) change(row, row.cells[n], cell); });
  };
  const leave = (row) => {
    row.classList.add("gone");
    row.querySelector("th").dataset.gone = rows.dataset.gone;
  };
  const put = (order, now) => {      // `now`: the row as the server shows it, or nothing
    const row = rowOf(order);
    if (row && now) update(row, now);
    else if (row) leave(row);
    else if (now && isWithin(placeOf(now))) arrived.set(order, now);
    else arrived.delete(order);
  };

  // When rows may move.
  const somebodyIsThere = () => {
    const selection = document.getSelection();
    const there = rows.matches(":hover") || rows.contains(document.activeElement) || rows.querySelector("input:checked")
      || rows.getBoundingClientRect().top < 0
      || (selection && !selection.isCollapsed && selection.getRangeAt(0).intersectsNode(rows));
    if (there) touched = performance.now();
    return performance.now() - touched < REST;
  };
  const waiting = () => {
    const staying = [...rows.rows].filter((row) => !isGone(row) && isWithin(placeOf(row)));
    const moved = staying.filter((row, n) => n && placeOf(row) < placeOf(staying[n - 1]));
    return arrived.size + rows.rows.length - staying.length + moved.length;
  };
  const arrange = () => {            // whether rows left
    const before = [...rows.rows], staying = before.filter((row) => !isGone(row) && isWithin(placeOf(row)));
    const sorted = [...staying, ...arrived.values()].sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
    before.filter((row) => !staying.includes(row)).forEach((row) => row.remove());
    sorted.forEach((row, n) => { if (rows.rows[n] !== row) rows.insertBefore(row, rows.rows[n] || null); });
    arrived.clear();
    rows.parentElement.hidden = !sorted.length;
    at("empty").hidden = Boolean(sorted.length);
    return staying.length < before.length;
  };
  const settle = (fresh) => {        // `fresh`: the whole page was just read
    const count = waiting();
    show.hidden = !count || showing || !somebodyIsThere();
    if (!show.hidden) show.textContent = count === 1 ? show.dataset.one : show.dataset.many.replace("{count}", count);
    else if (count) {
      const left = arrange() && rows.dataset.upto;                       // others come up from the next page
      if (!fresh && (left || rows.rows.length > 2 * rows.dataset.limit)) everything = true;
    }
    if (!everything) showing = false;
    ask();
  };
  show.addEventListener("click", () => {
    showing = true;
    rows.parentElement.focus({ preventScroll: true });
    settle(false);
  });
  rows.addEventListener("click", (event) => {
    if (!event.target.closest("[data-changed], .gone") || !event.target.closest("a.button, button")) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  for (const kind of ["pointerleave", "focusout"]) rows.addEventListener(kind, () => { touched = performance.now(); });

  // Reading.
  const counts = (of) => document.querySelectorAll("[data-count]").forEach((it) => { it.textContent = of(it.dataset.count); });
  const fromPage = (page) => {
    const now = page.getElementById("rows"), more = at("more");
    Object.assign(rows.dataset, { after: now.dataset.after, upto: now.dataset.upto });
    const found = new Map([...now.rows].map((row) => [row.dataset.order, row]));
    for (const order of arrived.keys()) if (!found.has(order)) arrived.delete(order);
    for (const row of rows.rows) if (!found.has(row.dataset.order) && isWithin(placeOf(row))) leave(row);
    for (const [order, row] of found) put(order, row);
    counts((queue) => page.querySelector(`[data-count="${CSS.escape(queue)}"]`).textContent);
    if (!more.contains(document.activeElement)) more.replaceChildren(...page.getElementById("more").childNodes);
  };
  const fromRows = (page, orders) => {
    const found = new Map([...page.querySelectorAll("#rows tr")].map((row) => [row.dataset.order, row]));
    for (const order of orders) put(order, found.get(order));
  };
  const ask = () => {
    if (timer || underway || document.hidden || !(everything || asked.size)) return;
    timer = setTimeout(read, Math.max(trouble.rows ? RETRY : 0, fetched + PAUSE - performance.now()));
  };
  const read = async () => {
    const whole = everything || asked.size > MOST, orders = [...asked], link = rows.dataset.link;
    const wanted = new URLSearchParams(orders.map((order) => ["order", order]));
    const url = whole ? location.href : link + (link.includes("?") ? "&" : "?") + wanted;
    underway = whole ? () => true : (order) => orders.includes(order);
    timer = 0; everything = false; fetched = performance.now(); asked.clear();
    rows.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { headers: { accept: "text/html", "x-unattended": "yes" }, cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (whole) fromPage(page); else fromRows(page, orders);
      at("fresh").replaceChildren(...page.getElementById("fresh").childNodes);
      underway = null;
      is("rows", false);
      settle(whole);
    } catch {
      underway = null; everything = true;
      is("rows", true);
      ask();
    }
    rows.removeAttribute("aria-busy");
  };

  // Whether all this is true.
  const trouble = { stream: true, rows: false };
  let source, heard, tries = 0, lost = Date.now();
  const say = () => {
    const late = lost && Date.now() - lost > PATIENCE;
    if (lost && !late) return;
    const zone = { timeZone: news.dataset.zone, hour: "2-digit", minute: "2-digit", hour12: false };
    const words = late ? state.dataset.lost.replace("{time}", new Date(lost).toLocaleTimeString("en-GB", zone)) : state.dataset.live;
    if (state.textContent !== words) state.textContent = words;
    news.classList.toggle("lost", Boolean(late));
  };
  const is = (what, wrong) => {
    trouble[what] = wrong;
    lost = trouble.stream || trouble.rows ? lost || Date.now() : 0;
    say();
  };
  const heed = {
    open: () => { tries = 0; },
    alive: () => {},
    anew: () => { everything = true; ask(); },
    changed: (message) => {
      const { orders, queues, total } = JSON.parse(message.data);
      for (const [order, place] of Object.entries(orders)) {
        if (underway?.(order)) asked.add(order);    // what comes may be older than this news
        else if (place === null) { asked.delete(order); put(order, null); }
        else if (rowOf(order) || arrived.has(order) || isWithin(place)) asked.add(order);
      }
      if (queues) counts((queue) => (queue ? queues[queue] : total).toLocaleString("en"));
      settle(false);
    },
  };
  const connect = () => {
    source?.close();
    source = new EventSource(document.body.dataset.follow);
    heard = Date.now();
    for (const [kind, act] of Object.entries(heed)) {
      source.addEventListener(kind, (message) => { heard = Date.now(); is("stream", false); act(message); });
    }
    source.addEventListener("error", (event) => {
      is("stream", true);
      if (event.target.readyState === EventSource.CLOSED) setTimeout(connect, Math.min(RETRY * 2 ** tries++, LONGEST_RETRY));
    });
  };
  setInterval(() => {
    say();
    if (!show.hidden) settle(false);
    if (source.readyState === EventSource.OPEN && Date.now() - heard > SILENCE) { is("stream", true); connect(); }
  }, 1000);
  document.addEventListener("visibilitychange", ask);
  rows.parentElement.tabIndex = -1;
  news.hidden = false;
  connect();
})();
