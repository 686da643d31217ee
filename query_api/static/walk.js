// Picking by scanner: each Enter is one scan, answered in place, one after the other and none twice. Without it each is a page.
(() => {
  const form = document.getElementById("scan"), input = document.getElementById("said");
  if (!form) return;
  const scans = [];
  let busy = false, sound;

  // What is good is short and high, what stops is long and low.
  const beep = (kind) => {
    if (!kind) return;
    try {
      sound ??= new AudioContext();
      const tone = sound.createOscillator(), loud = sound.createGain(), now = sound.currentTime;
      const [pitch, long] = kind === "stop" ? [180, 0.5] : [1200, 0.09];
      tone.type = kind === "stop" ? "square" : "sine";
      tone.frequency.value = pitch;
      loud.gain.value = 0.15;
      tone.connect(loud).connect(sound.destination);
      tone.start(now);
      tone.stop(now + long);
    } catch { /* a device without sound shows it all the same */ }
  };

  const lost = (said) => {
    const walk = document.getElementById("walk"), told = document.createElement("div");
    told.className = "say stop";
    told.setAttribute("role", "alert");
    told.append(document.createElement("p"));
    told.firstChild.textContent = walk.dataset.lost;
    walk.prepend(told);
    input.value = said;
    scans.length = 0;
    beep("stop");
  };

  const answer = async (said) => {
    const fields = new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "said"));
    fields.append("said", said);
    const address = `${form.getAttribute("action")}?${fields}`;
    const made = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await made.text(), "text/html"), walk = page.getElementById("walk");
    if (!made.ok || !walk) return location.assign(address);
    document.getElementById("walk").replaceWith(walk);
    form.querySelector("label").textContent = page.querySelector("#scan label").textContent;
    input.inputMode = page.getElementById("said").inputMode;
    history.replaceState(null, "", address);
    beep(walk.dataset.sound);
    if (!document.activeElement || document.activeElement === document.body) input.focus();
  };

  const work = async () => {
    if (busy) return;
    busy = true;
    while (scans.length) {
      const said = scans.shift();
      try { await answer(said); } catch { lost(said); }
    }
    busy = false;
  };

  // A scanner types wherever the focus is: what is typed beside every field is a scan, too.
  document.addEventListener("keydown", (event) => {
    const typed = event.key.length === 1 && event.key !== "/" && !(event.ctrlKey || event.metaKey || event.altKey);
    if (typed && !event.target.matches("input, textarea, select")) input.focus();
  });
  // An input method ends what it converts by Enter: that one sends nothing.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = event.submitter?.name === "said" ? event.submitter.value : input.value.trim();
    input.value = "";
    input.focus();
    if (said) { scans.push(said); work(); }
  });
  const now = document.getElementById("walk");
  if (now.dataset.sound === "stop") beep("stop");
})();
