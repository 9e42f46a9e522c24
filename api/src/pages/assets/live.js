// Checks a document while it is written: after a pause the server is asked, one request at a time, and what it says of the newest text is shown.
// A problem that is chosen leads to its line. Nothing here is needed: the form checks when it is sent.
(() => {
  const place = document.querySelector("[data-live]");
  const form = place?.closest("form");
  const area = form?.elements.document;
  if (!area) return;
  const told = place.dataset;
  const [status, panel] = place.children;
  const PAUSE_MS = 700;
  const ANSWER_MS = 40_000;

  // Where a JSON pointer leads in a text that may be broken: the furthest place on the way there.
  const locate = (text, pointer) => {
    const wanted = pointer.split("/").slice(1).map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const way = [];
    let [found, depth] = [0, 0];
    const meet = (at) => {
      const fits = way.length > depth && way.length <= wanted.length && way.every((one, n) => String(one.key) === wanted[n]);
      if (fits) [found, depth] = [at, way.length];
    };
    for (const { 0: token, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g)) {
      const inner = way.at(-1);
      if (inner && !inner.list && inner.key === null && token.startsWith('"')) {
        try { inner.key = JSON.parse(token); } catch { inner.key = token; }
        meet(index);
      } else if (token === ",") {
        if (inner) inner.key = inner.list ? inner.key + 1 : null;
      } else if (token === "}" || token === "]") {
        way.pop();
      } else if (token !== ":") {
        if (inner?.list) meet(index);
        if (token === "{") way.push({ list: false, key: null });
        if (token === "[") way.push({ list: true, key: 0 });
      }
      if (depth === wanted.length) break;
    }
    return found;
  };

  const lead = (pointer) => {
    const text = area.value;
    const at = locate(text, pointer);
    const from = text.lastIndexOf("\n", at - 1) + 1;
    const to = text.indexOf("\n", at);
    for (let around = area.parentElement; around; around = around.parentElement) if (around.tagName === "DETAILS") around.open = true;
    area.focus();
    area.setSelectionRange(from, to < 0 ? text.length : to);
    // Long lines are broken, so the share of the text is nearer than the number of the line.
    area.scrollTop = (area.scrollHeight * from) / Math.max(text.length, 1) - area.clientHeight / 3;
  };

  // Pointers become buttons.
  const choosable = (within) => {
    for (const code of within.querySelectorAll(".problems code[data-pointer]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link";
      button.dataset.pointer = code.dataset.pointer;
      button.title = told.go;
      button.addEventListener("click", () => lead(code.dataset.pointer));
      code.replaceWith(button);
      button.append(code);
    }
  };

  const say = (sentence) => {
    if (status.textContent !== sentence) status.textContent = sentence;
  };
  // What a thing in the panel is known by, from one answer to the next.
  const name = (one) => one.dataset.pointer ?? one.getAttribute("href") ?? one.getAttribute("class");
  const fill = (...nodes) => {
    const held = panel.contains(document.activeElement) ? document.activeElement : null;
    panel.replaceChildren(...nodes);
    panel.hidden = nodes.length === 0;
    choosable(panel);
    if (!held) return;
    // Whoever was in it stays with the same thing, and from a problem that is gone comes to the text; nobody else is moved.
    const same = [...panel.querySelectorAll("button, a, [tabindex]")].find((one) => name(one) === name(held));
    (same ?? ("pointer" in held.dataset ? area : null))?.focus();
  };
  const show = (html) => {
    const answer = new DOMParser().parseFromString(html, "text/html");
    const sentence = answer.querySelector("[data-said]");
    if (!sentence) throw new Error("no answer");
    sentence.remove();
    fill(...answer.body.childNodes);
    say(sentence.textContent);
  };

  const asking = () => new URLSearchParams({ kind: form.elements.kind?.value ?? told.kind, document: area.value }).toString();
  let [waits, busy, last] = [0, false, asking()];
  const ask = async () => {
    const body = asking();
    if (busy || body === last) return;
    last = body;
    if (new Blob([area.value]).size > Number(told.max)) {
      fill();
      return say(told.long);
    }
    busy = true;
    panel.setAttribute("aria-busy", "true");
    try {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const answer = await fetch("/documents/check", { method: "POST", headers, body, redirect: "error", signal: AbortSignal.timeout(ANSWER_MS) });
      const html = await answer.text();
      if (!answer.ok) throw new Error(answer.status);
      // What is said of an older text is not shown: its lines may have moved. Should that text come back, it is asked about again.
      if (asking() === body) show(html);
      else last = "";
    } catch {
      last = "";
      fill();
      say(told.unable);
    }
    busy = false;
    panel.removeAttribute("aria-busy");
    if (asking() !== body) later();
  };
  const later = () => {
    clearTimeout(waits);
    waits = setTimeout(ask, PAUSE_MS);
  };

  form.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  form.addEventListener("compositionend", later);
  choosable(document);
})();
