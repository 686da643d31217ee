// Follows a page: whenever the server tells of a newer position, the part marked #live is fetched again.
(() => {
  const url = document.body.dataset.follow;
  if (!url || !window.EventSource) return;
  let busy = false, again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html", "x-unattended": "yes" }, cache: "no-store" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const id of ["live", "fresh"]) {
          const old = document.getElementById(id), now = page.getElementById(id);
          if (!old || !now || old.innerHTML === now.innerHTML || old.contains(document.activeElement) || old.querySelector("input:checked")) continue;
          const open = [...old.querySelectorAll("details")].map((it) => it.open);
          old.replaceWith(document.adoptNode(now));
          [...now.querySelectorAll("details")].forEach((it, n) => { if (open[n]) it.open = true; });
        }
      }
    } catch { /* the next message tries again */ }
    busy = false;
    if (again) { again = false; setTimeout(refresh, 500); }
  };
  new EventSource(url).addEventListener("moved", refresh);
})();
