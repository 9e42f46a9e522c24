// Nothing here is needed: every page works without it.
(() => {
  // Ask before a form that was begun is left.
  let begun = false;
  for (const form of document.querySelectorAll("form[data-guard]")) {
    form.addEventListener("input", () => { begun = true; });
    form.addEventListener("submit", () => { begun = false; });
  }
  addEventListener("beforeunload", (event) => { if (begun) event.preventDefault(); });
  // A second click while the first is under way does nothing; the key in the form would catch it anyway.
  for (const form of document.querySelectorAll("form[method=post]:not([data-download])")) {
    let sent = false;
    form.addEventListener("submit", (event) => { if (sent) event.preventDefault(); sent = true; });
    addEventListener("pageshow", () => { sent = false; });
  }
  // A diagram begins where the case stands.
  for (const box of document.querySelectorAll(".diagram")) {
    const at = box.querySelector(".problem:not(.sub-process), .active:not(.sub-process)");
    if (!at) continue;
    const [outer, inner] = [box.getBoundingClientRect(), at.getBoundingClientRect()];
    box.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
    box.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  }
  // Buttons that print are shown only where they can.
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();
