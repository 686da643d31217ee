// Several rows of a board: one box for all that are shown, and how many are selected. Without it, boxes are ticked one by one.
(() => {
  const bar = document.getElementById("several");
  if (!bar) return;
  const tools = bar.querySelector(".all"), all = tools.querySelector("input"), count = tools.querySelector("output");
  const boxes = () => [...bar.elements].filter((it) => it.name === "order");
  const show = () => {
    const shown = boxes(), chosen = shown.filter((it) => it.checked).length;
    const told = count.dataset.word.replace("0", chosen.toLocaleString(document.documentElement.lang));
    if (count.textContent !== told) count.textContent = told;
    all.checked = chosen > 0 && chosen === shown.length;
    all.indeterminate = chosen > 0 && chosen < shown.length;
  };
  all.addEventListener("change", () => { for (const it of boxes()) it.checked = all.checked; show(); });
  document.addEventListener("change", (event) => { if (event.target.name === "order") show(); });
  new MutationObserver(show).observe(document.getElementById("main"), { childList: true, subtree: true });
  tools.hidden = false;
  show();
})();
