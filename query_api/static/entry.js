// Order entry: what the check button shows comes by itself as fields lose focus, and suggestions while an article is typed.
(() => {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const longest = 20000; // characters of a paste that is checked by itself; the button checks any
  let asked = 0, waiting = 0;
  const typed = () => {
    const data = new FormData(form);
    // What we filled in and nobody changed is asked for again: it belonged to the article that stood there before.
    for (const field of form.elements) if (field.dataset.filled && field.dataset.filled === field.value) data.set(field.name, "");
    return new URLSearchParams(data);
  };
  const show = (page) => {
    for (const old of document.querySelectorAll("[data-checked]")) {
      const now = page.getElementById(old.id);
      if (now && old.innerHTML !== now.innerHTML && !old.contains(document.activeElement)) old.innerHTML = now.innerHTML;
    }
    for (const field of form.querySelectorAll(".line input")) {
      const now = page.getElementById(field.id);
      if (!now || field.value === now.value || (field.value && field.dataset.filled !== field.value)) continue;
      field.dataset.filled = field.value = now.value;
      if (field === document.activeElement) field.select(); // who goes on typing replaces it
    }
  };
  const check = async () => {
    if (form.elements.pasted.value.length > longest) return;
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: typed(), headers: { accept: "text/html" } });
      if (answer.ok && mine === asked) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* the button checks as well */ }
  };
  const soon = (ms) => { clearTimeout(waiting); waiting = setTimeout(check, ms); };
  form.addEventListener("change", () => soon(0));
  form.addEventListener("input", (event) => { if (event.target.list) soon(400); });
})();
