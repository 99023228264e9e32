// The set-up page in a real browser, on the real daemon. internal/cli starts both in a
// network of its own ("make browser" runs it) and says in the environment where the page
// is, and which code and which token are good. Each test needs a daemon of its own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { artefacts, browser as launch, visit } from "./harness.mjs";

const { HOMING_SETUP_URL: url, HOMING_SETUP_CODE: code, HOMING_SETUP_TOKEN: token, HOMING_SETUP_NAME: name } = process.env;
const server = { url };

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

// steps opens the page in a browser and closes it afterwards. The page may write no
// error to the console but the statuses that are expected, and ask no other host.
function steps(what, options, expected, act) {
  test(what, { timeout: 120_000 }, async () => {
    const { context, page, faults } = await visit(browser, server, options);
    try {
      await page.goto(url + "/");
      await act({ page, context });
      assert.deepEqual(faults.filter((f) => !expected.some((e) => f.includes(e))), []);
    } finally {
      await context.close();
    }
  });
}

async function accessible(page) {
  await page.evaluate(readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8"));
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  assert.deepEqual(found.violations.map((v) => `${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`), []);
}

// looked takes the page at each width, dark and light, and holds each against the rules.
async function looked(page, shot) {
  for (const width of [1280, 768, 320]) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${shot} is wider than ${width} px`);
      await accessible(page);
      await page.screenshot({ path: `${artefacts}setup-${shot}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
}

const heading = (page, text) => page.getByRole("heading", { level: 1, name: text }).waitFor();
const press = (page, button) => page.getByRole("button", { name: button }).click();

steps("look", {}, ["403", "422"], async ({ page }) => {
  await heading(page, "Set homing up");
  assert.equal(await page.getByLabel("One-time code").getAttribute("autocomplete"), "one-time-code");
  await looked(page, "1-code");
  await page.getByLabel("One-time code").fill("AAAA-AAAA");
  await press(page, "Go on");
  await page.getByRole("alert").getByText("That is not the code. You can try it 4 more times.").waitFor();
  await looked(page, "1-code-wrong");
  await page.getByLabel("One-time code").fill(code);
  await press(page, "Go on");

  await heading(page, "Your DNS host");
  await looked(page, "2-host");
  await page.getByLabel("Where is the DNS of your names?").selectOption("dyndns2");
  await press(page, "Choose this one");
  await page.getByLabel("Service").waitFor();
  await page.getByLabel("Where is the DNS of your names?").selectOption("rfc2136");
  await press(page, "Choose this one");
  await page.getByText("cannot be set up here").waitFor();
  await looked(page, "2-host-by-hand");
  await page.getByLabel("Where is the DNS of your names?").selectOption("cloudflare");
  await press(page, "Choose this one");
  await page.getByLabel("Token").fill("a-token-that-nobody-knows-abcdefghijklmno");
  await press(page, "Check it");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Token").inputValue(), "", "a secret came back");
  await looked(page, "2-host-wrong");
  await page.getByLabel("Token").fill(token);
  await press(page, "Check it");

  await heading(page, "Names to keep");
  await page.getByRole("status").getByText("example.org").waitFor();
  await looked(page, "3-names");
  await page.getByLabel("Names", { exact: true }).fill("home.elsewhere.net");
  await press(page, "Review");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Names", { exact: true }).inputValue(), "home.elsewhere.net");
  await looked(page, "3-names-wrong");
  await page.getByLabel("Names", { exact: true }).fill(name);
  await press(page, "Review");

  await heading(page, "Save and start");
  await looked(page, "4-review");
  await page.getByRole("link", { name: "Change it" }).click();
  await heading(page, "Names to keep");
  assert.equal(await page.getByLabel("Names", { exact: true }).inputValue(), name);
  await page.getByRole("navigation", { name: "Steps" }).getByRole("link", { name: "DNS host" }).click();
  await page.getByText("It was typed before and is kept").waitFor();
  assert.ok(!(await page.content()).includes(token), "a secret came back");
  await page.getByRole("navigation", { name: "Steps" }).getByRole("link", { name: "Review" }).click();
  await press(page, "Save and start");
  await heading(page, /point/);
  await page.getByRole("heading", { level: 1, name: "Both records point home." }).waitFor();
  await page.getByRole("link", { name: "Settings" }).click();
  await heading(page, "Settings");
});

steps("keyboard", {}, [], async ({ page, context }) => {
  const keys = page.keyboard;
  // to brings the focus to a control with nothing but the tabulator
  const to = async (locator) => {
    for (let i = 0; i < 40; i++) {
      if (await locator.evaluate((e) => e === document.activeElement)) return;
      await keys.press("Tab");
    }
    assert.fail("the tabulator never comes there");
  };
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  await page.evaluate((text) => navigator.clipboard.writeText(text), code);
  await to(page.getByLabel("One-time code"));
  await keys.press("Control+V"); // a code can be pasted
  assert.equal(await page.getByLabel("One-time code").inputValue(), code);
  await keys.press("Enter");
  await heading(page, "Your DNS host");
  await to(page.getByLabel("Token"));
  await keys.type(token);
  await keys.press("Enter");
  await heading(page, "Names to keep");
  await to(page.getByLabel("Names", { exact: true }));
  await keys.type(name);
  await to(page.getByRole("checkbox", { name: /IPv6/ }));
  await keys.press("Space");
  await to(page.getByRole("button", { name: "Review" }));
  await keys.press("Enter");
  await heading(page, "Save and start");
  await to(page.getByRole("button", { name: "Save and start" }));
  await keys.press("Enter");
  await page.getByRole("heading", { level: 1, name: "The record points home." }).waitFor();
});

steps("without script", { javaScriptEnabled: false }, [], async ({ page }) => {
  await page.getByLabel("One-time code").fill(code.toLowerCase());
  await press(page, "Go on");
  await page.getByLabel("Token").fill(token);
  await press(page, "Check it");
  await page.getByLabel("Names", { exact: true }).fill(name);
  await press(page, "Review");
  await press(page, "Dark");
  await heading(page, "Save and start");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await press(page, "Save and start");
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.getByRole("heading", { level: 1, name: "Both records point home." }).waitFor();
});
