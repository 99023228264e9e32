// Starts the test server of internal/web/webtest/serve and a browser.
import { spawn } from "node:child_process";
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const token = "open-sesame";
export const artefacts = new URL("./artefacts/", import.meta.url).pathname;
mkdirSync(artefacts, { recursive: true });

// serve gives a server that shows a made-up house, and say(command), which
// waits until the house has done it.
export async function serve(...flags) {
  const child = spawn(process.env.HOMING_WEBTEST, flags, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the test server ended");
    return value;
  };
  const url = await next();
  return {
    url,
    async say(command) {
      child.stdin.write(command + "\n");
      const answer = await next();
      if (answer !== "ok") throw new Error(`${command}: ${answer}`);
    },
    stop: () => (child.exitCode !== null ? undefined : new Promise((ended) => { child.on("exit", ended); child.kill("SIGINT"); })),
  };
}

// demo gives the real daemon, in the house of "homing demo --serve": its page, and
// heard(text), which waits until the demo says that in its terminal.
export async function demo(...flags) {
  const child = spawn(process.env.HOMING, ["demo", "--serve", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const waiting = new Set();
  let said = "";
  child.stdout.on("data", (b) => { said += b; for (const look of waiting) look(); });
  const heard = (what) => new Promise((found, failed) => {
    const look = () => {
      const m = said.match(what);
      if (m) { waiting.delete(look); found(m); }
    };
    waiting.add(look);
    child.on("exit", () => failed(new Error(`the demo ended without ${what}: ${said}`)));
    look();
  });
  const [, url] = await heard(/page +(http:\S+)/);
  const [, word] = await heard(/token +(\S+)/);
  const [, settings] = await heard(/settings +(\S+)/);
  await heard(/records are right/);
  return {
    url, word, settings, heard,
    stop: () => (child.exitCode !== null ? undefined : new Promise((ended) => { child.on("exit", ended); child.kill("SIGINT"); })),
  };
}

// elsewhere is a name by which the page is another machine's to a browser, which
// trusts plain http less there.
export const elsewhere = "homing.home.arpa";

export const browser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage", `--host-resolver-rules=MAP ${elsewhere} 127.0.0.1`],
});

// visit opens a page and notes what it must not do: write an error to the
// console, or ask another host for anything.
export async function visit(browser, server, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (m) => { if (["error", "warning"].includes(m.type())) faults.push(`${m.type()}: ${m.text()}`); });
  page.on("pageerror", (e) => faults.push(String(e)));
  page.on("request", (r) => { if (new URL(r.url()).origin !== server.url) faults.push(`asked another host: ${r.url()}`); });
  return { context, page, faults };
}

export async function logIn(page, server, word = token) {
  await page.goto(server.url + "/");
  await page.getByLabel("Token").fill(word);
  await page.getByRole("button", { name: "Log in" }).click();
}

// accessible has axe-core look at all of a page.
export async function accessible(page) {
  await page.evaluate(readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8"));
  for (const d of await page.locator("details").all()) await d.evaluate((e) => { e.open = true; });
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const faults = found.violations.filter((v) => ["serious", "critical", "moderate"].includes(v.impact));
  assert.deepEqual(faults.map((v) => `${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`), []);
}

// fits fails where the page is wider than the window.
export const fits = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is wider than the window");
