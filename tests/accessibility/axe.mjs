// Opens pages in headless Chromium and runs axe-core over them.
// usage: node axe.mjs axe.min.js PAGE…
//
// Chromium is spoken to over a pipe (--remote-debugging-pipe), so no port is opened and no library is needed.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [axeFile, ...pages] = process.argv.slice(2);
const axe = readFileSync(axeFile, "utf8");
const profile = mkdtempSync(join(tmpdir(), "axe-"));
const browser = spawn("chromium", [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage", `--user-data-dir=${profile}`,
  "--remote-debugging-pipe", "about:blank",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const [, , , input, output] = browser.stdio;

let next = 0;
let rest = "";
const waiting = new Map();
const listeners = new Set();
output.setEncoding("utf8");
output.on("data", (chunk) => {
  const messages = (rest + chunk).split("\0");
  rest = messages.pop();
  for (const text of messages) {
    const message = JSON.parse(text);
    if (message.id) {
      const { done, failed } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) failed(new Error(message.error.message));
      else done(message.result);
    } else {
      for (const listener of listeners) listener(message);
    }
  }
});
const send = (method, params = {}, sessionId) => new Promise((done, failed) => {
  next += 1;
  const timer = setTimeout(() => failed(new Error(`${method}: no answer within two minutes`)), 120_000);
  waiting.set(next, { done: (result) => { clearTimeout(timer); done(result); }, failed });
  input.write(JSON.stringify({ id: next, method, params, sessionId }) + "\0");
});

// A page in one form: what axe finds, and what it asked the network for.
const check = async (page, scheme, width) => {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  const asked = [];
  let loaded;
  const ready = new Promise((done) => { loaded = done; });
  const listener = (message) => {
    if (message.sessionId !== sessionId) return;
    if (message.method === "Network.requestWillBeSent") asked.push(message.params.request.url);
    if (message.method === "Page.loadEventFired") loaded();
  };
  listeners.add(listener);
  await call("Page.enable");
  await call("Network.enable");
  await call("Page.setBypassCSP", { enabled: false });
  await call("Emulation.setDeviceMetricsOverride", { width, height: 1000, deviceScaleFactor: 1, mobile: false });
  await call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  await call("Page.navigate", { url: pathToFileURL(resolve(page)).href });
  await ready;
  const evaluate = async (expression) => {
    const answer = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? "script failed");
    return answer.result.value;
  };
  await evaluate(axe + "; 0");
  // Everything that can be opened is open: hidden content is not checked.
  await evaluate('document.querySelectorAll("details").forEach((one, i) => { one.open = i < 10; }); 0');
  await evaluate('const cell = document.querySelector(".matrix td a"); if (cell) location.hash = cell.hash; 0');
  const found = await evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then((result) => result.violations.map((one) => ({ id: one.id, ' +
    "impact: one.impact, help: one.help, count: one.nodes.length, first: one.nodes[0].html.slice(0, 160) })))");
  listeners.delete(listener);
  await send("Target.closeTarget", { targetId });
  const outside = asked.filter((url) => !url.startsWith("file:") && !url.startsWith("about:"));
  return { found, outside };
};

// Ends the browser. Resolves when its process is gone, or after ten seconds.
const ended = () => new Promise((done) => {
  if (browser.exitCode !== null || browser.signalCode !== null) return done();
  const timer = setTimeout(done, 10_000);
  browser.once("exit", () => { clearTimeout(timer); done(); });
  browser.kill("SIGKILL");
});

// The browser's children outlive it for a moment and still write into the profile: what they leave behind
// is rubbish in the temporary directory, and says nothing about the pages.
const removeProfile = () => {
  try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  } catch (error) {
    console.error(`note: ${profile} could not be removed: ${error.message}`);
  }
};

let failed = false;
try {
  for (const page of pages)
    for (const [scheme, width] of [["light", 1400], ["dark", 420]]) {
      const { found, outside } = await check(page, scheme, width);
      const bad = found.filter((one) => one.impact === "serious" || one.impact === "critical");
      failed = failed || bad.length > 0 || outside.length > 0;
      console.log(`${bad.length === 0 && outside.length === 0 ? "ok  " : "FAIL"} ${page} (${scheme}, ${width} px)`);
      for (const one of found) console.log(`     ${one.impact} ${one.id} x${one.count}: ${one.help}\n       ${one.first}`);
      for (const url of outside) console.log(`     asks the network for ${url}`);
    }
  await send("Browser.close").catch(() => {});
} finally {
  await ended();
  removeProfile();
}
process.exit(failed ? 1 : 0);
