// Checks a receipt once more, in the reader's own browser: the path from the entry to the root (RFC 9162, 2.1.3.2), and the signature on it.
// Where the browser has no cryptography, nothing is shown: the page has the server's own check.
(() => {
  const place = document.querySelector("[data-receipt]");
  if (!place || !globalThis.crypto?.subtle) return;
  const told = place.dataset;
  const subtle = crypto.subtle;
  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const unhex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
  const node = async (left, right) => new Uint8Array(await subtle.digest("SHA-256", Uint8Array.of(1, ...left, ...right)));

  const rootOf = async (index, size, leaf, path) => {
    let [at, last, hash] = [index, size - 1n, leaf];
    if (at > last) return null;
    for (const other of path) {
      if (last === 0n) return null;
      if (at & 1n || at === last) {
        hash = await node(other, hash);
        while (!(at & 1n) && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
      } else {
        hash = await node(hash, other);
      }
      [at, last] = [at >> 1n, last >> 1n];
    }
    return last === 0n ? hash : null;
  };

  // Whether the note is signed by the key of the log; null where this browser does not know Ed25519.
  const signed = async (body, lines, key) => {
    const [name, id, ...rest] = key.split("+");
    const material = bytes(rest.join("+"));
    const line = lines.find((one) => one.startsWith(`— ${name} `));
    if (!line || material[0] !== 1) return false;
    const signature = bytes(line.slice(`— ${name} `.length));
    if (!same(signature.slice(0, 4), unhex(id))) return false;
    let imported;
    try {
      imported = await subtle.importKey("raw", material.slice(1), { name: "Ed25519" }, false, ["verify"]);
    } catch {
      return null;
    }
    return subtle.verify({ name: "Ed25519" }, imported, signature.slice(4), new TextEncoder().encode(body));
  };

  const check = async () => {
    const answer = await fetch(told.proof);
    if (!answer.ok) throw new Error(answer.status);
    const [head, body, signatures] = (await answer.text()).split("\n\n");
    const [header, ...lines] = head.split("\n").filter((line) => !line.startsWith("extra "));
    const [origin, size, root] = body.split("\n");
    if (header !== "c2sp.org/tlog-proof@v1" || lines[0] !== `index ${told.index}` || origin !== told.key.split("+")[0]) return told.bad;
    const found = await rootOf(BigInt(told.index), BigInt(size), unhex(told.leaf), lines.slice(1).map(bytes));
    if (!found || !same(found, bytes(root))) return told.bad;
    const isSigned = await signed(`${body}\n`, signatures.split("\n"), told.key);
    return isSigned === null ? told.part : isSigned ? told.good : told.bad;
  };

  check().catch(() => told.unable).then((outcome) => {
    place.textContent = outcome;
    place.hidden = false;
  });
})();
