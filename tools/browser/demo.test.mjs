// The real daemon in a real browser: what it shows of a name that fails, and its
// settings, which are changed. "make browser" runs it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { accessible, artefacts, browser as launch, demo, fits, visit } from "./harness.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const views = [320, 768, 1280].flatMap((width) => ["light", "dark"].map((colorScheme) => ({ width, colorScheme })));
const shot = (page, name) => page.screenshot({ path: `${artefacts}demo-${name}.png`, fullPage: true });
const heading = (page, text) => page.getByRole("heading", { level: 1, name: text }).waitFor({ timeout: 60_000 });

// go opens an address. A daemon that takes new settings over listens anew, so that
// nobody is let in for a moment.
async function go(page, url) {
  for (let tries = 0; ; tries++) {
    try {
      return await page.goto(url);
    } catch (e) {
      if (tries > 40 || !/ERR_CONNECTION|ERR_EMPTY_RESPONSE/.test(String(e))) throw e;
      await page.waitForTimeout(250);
    }
  }
}
const serious = (faults) => faults.filter((f) => !/ERR_CONNECTION|ERR_EMPTY_RESPONSE/.test(f));

// at opens the page of a daemon and logs in. Nothing of it may write an error to
// the console or ask another host.
async function at(server, options, act) {
  const { context, page, faults } = await visit(browser, server, options);
  try {
    await go(page, server.url + "/login");
    await page.getByLabel("Token").fill(server.word);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await act(page, faults);
    assert.deepEqual(serious(faults), []);
  } finally {
    await context.close();
  }
}

// A name whose zone the account does not have is added, read, and removed again.
test("settings are changed and what fails is read, on the real daemon", { timeout: 900_000 }, async (t) => {
  const server = await demo("--scenes", "none");
  const before = readFileSync(server.settings, "utf8");
  try {
    for (const { width, colorScheme } of views) {
      await t.test(`${width} pixels, ${colorScheme}`, () => at(server, { viewport: { width, height: 900 }, colorScheme }, async (page, faults) => {
        const name = `far-${width}-${colorScheme}.example.edu`;
        const look = async (what) => {
          await fits(page);
          await accessible(page);
          await shot(page, `${what}-${width}-${colorScheme}`);
        };
        await heading(page, "All 17 records point home.");
        await look("good");
        await go(page, server.url + "/settings");
        await page.getByText("All active settings, as YAML").waitFor();
        await look("settings");
        await page.getByRole("link", { name: "schedule", exact: true }).click();
        await page.getByLabel("every").fill("sometimes");
        await page.getByRole("button", { name: "Review" }).click();
        await page.getByRole("alert").first().waitFor();
        await look("wrong");
        assert.ok(serious(faults.splice(0)).every((f) => f.includes("422"))); // the browser notes the status
        assert.ok(!readFileSync(server.settings, "utf8").includes("sometimes"), "what is wrong was saved");

        await page.getByRole("link", { name: "records", exact: true }).click();
        await page.getByRole("link", { name: "Add one" }).click();
        await page.getByLabel("name", { exact: true }).fill(name);
        await page.getByRole("button", { name: "Review" }).click();
        await page.getByText(`+   - {name: ${name}`).or(page.getByText(name).first()).first().waitFor();
        assert.ok(!readFileSync(server.settings, "utf8").includes(name), "it is saved before it was reviewed");
        await look("review");
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved to").waitFor();
        assert.ok(readFileSync(server.settings, "utf8").includes(name), "it was not saved");

        await go(page, server.url + "/");
        await heading(page, /The state of 2 of 19 records is not known|2 of 19 records are not right/);
        await page.getByText(name).first().waitFor();
        await look("failing");
        await page.getByRole("link", { name: /Only failing/ }).click();
        await page.getByRole("link", { name, exact: true }).first().waitFor();
        assert.equal(await page.getByRole("link", { name: "home.example.com", exact: true }).count(), 0);
        await look("only-failing");
        await go(page, `${server.url}/record?name=${name}`);
        await page.getByRole("heading", { level: 1, name }).waitFor();
        await look("record");
        await go(page, server.url + "/plan");
        await page.getByText("Nothing would be changed, but there are problems.").waitFor();
        await look("plan");
        await go(page, server.url + "/events?kind=homing");
        await page.getByText("records[9].name").first().waitFor(); // who changed which setting
        await look("events");

        await go(page, server.url + "/settings?at=records");
        await page.getByRole("link", { name }).click();
        await page.getByRole("button", { name: "Remove records[9]" }).click();
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved to").waitFor();
        assert.equal(readFileSync(server.settings, "utf8"), before, "something else was changed");
        await go(page, server.url + "/");
        await heading(page, "All 17 records point home.");
      }));
    }
  } finally {
    await server.stop();
  }
  assert.ok(!existsSync(server.settings), "the demo leaves its settings behind");
});

test("the keyboard alone changes a setting, on the real daemon", { timeout: 120_000 }, async () => {
  const server = await demo("--scenes", "none", "--host", "route53");
  const { context, page, faults } = await visit(browser, server);
  // to presses Tab until something has the focus
  const to = async (role, name) => {
    const target = page.getByRole(role, { name, exact: true }).first();
    await target.waitFor();
    for (let i = 0; i < 200; i++) {
      if (await target.evaluate((e) => e === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`no Tab leads to the ${role} ${name}`);
  };
  try {
    await go(page, server.url + "/login");
    await to("textbox", "Token");
    await page.keyboard.type(server.word);
    await page.keyboard.press("Enter");
    await heading(page, "All 17 records point home.");
    await to("link", "Settings");
    await page.keyboard.press("Enter");
    await page.getByText("All active settings, as YAML").waitFor();
    await to("link", "schedule");
    await page.keyboard.press("Enter");
    await to("textbox", "every");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("@every 3s");
    await page.keyboard.press("Enter");
    await to("button", "Save");
    await page.keyboard.press("Enter");
    await page.getByText("Saved to").waitFor();
    assert.match(readFileSync(server.settings, "utf8"), /every: "?@every 3s"?/);
    await accessible(page);
    assert.deepEqual(serious(faults), []);
  } finally {
    await context.close();
    await server.stop();
  }
});

test("a scene shows on the page by itself, while it happens", { timeout: 120_000 }, async () => {
  const server = await demo("--scenes", "cname");
  const { context, page, faults } = await visit(browser, server, { viewport: { width: 1280, height: 900 } });
  try {
    await go(page, server.url + "/");
    await heading(page, "All 17 records point home.");
    await server.heard(/somebody puts a CNAME/);
    await heading(page, "2 of 17 records are not right.");
    await page.getByText("there is a CNAME to old-nas.example.net at this name").first().waitFor();
    await shot(page, "cname");
    await server.heard(/somebody deletes the CNAME/);
    await heading(page, "All 17 records point home.");
    assert.deepEqual(serious(faults), []);
  } finally {
    await context.close();
    await server.stop();
  }
});
