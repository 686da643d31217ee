// A scanner ends the badge with Enter: it goes on to the PIN and sends nothing. Without it the browser asks for the PIN by itself.
(() => {
  const badge = document.getElementById("badge"), pin = document.getElementById("pin");
  badge?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (!event.isComposing && event.keyCode !== 229 && badge.value.trim()) pin.focus();
  });
})();
