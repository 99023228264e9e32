// The page in a real browser. "make browser" runs it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, artefacts, browser as launch, elsewhere, fits, logIn, serve, token, visit } from "./harness.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

// at opens a house in a browser and closes both afterwards. Nothing of it may
// write an error to the console or ask another host.
function at(what, { flags = [], options = {}, path = "/", open = true, host = "127.0.0.1" }, act) {
  test(what, { timeout: 60_000 }, async () => {
    const server = await serve(...flags);
    server.url = server.url.replace("127.0.0.1", host);
    const { context, page, faults } = await visit(browser, server, options);
    try {
      if (open && !flags.includes("-public")) {
        await logIn(page, server);
        await page.getByRole("heading", { level: 1 }).waitFor();
      }
      if (open && (path !== "/" || flags.includes("-public"))) await page.goto(server.url + path);
      await act({ server, page, context, faults });
      assert.deepEqual(faults, []);
    } finally {
      await context.close();
      await server.stop();
    }
  });
}

const verdict = (page) => page.getByRole("heading", { level: 1 });
const live = (page) => page.getByText("live", { exact: true }).waitFor();
const shot = (page, name) => page.screenshot({ path: `${artefacts}${name}.png`, fullPage: true });

// settled waits until the page says so; never for a time.
const settled = (page, sentence) => page.waitForFunction((s) => document.querySelector("h1")?.textContent === s, sentence);

at("the first paint says how it stands", {}, async ({ page }) => {
  assert.equal(await verdict(page).textContent(), "All 18 records point home.");
  assert.match(await page.title(), /^All 18 records point home/);
  await page.getByText("84.17.46.2").first().waitFor();
  await page.getByText("All 3 sources agree.").first().waitFor();
  await live(page);
  await shot(page, "good");
  await accessible(page);
});

at("a change of the address shows by itself, and is announced", {}, async ({ page, server }) => {
  await live(page);
  await page.locator("#votes-IPv4 summary").click();
  await page.locator("#votes-IPv6 summary").focus();
  await server.say("move 84.17.50.9");
  await page.locator(".address", { hasText: "84.17.50.9" }).waitFor();
  await page.locator("td.v", { hasText: "84.17.50.9" }).first().waitFor();
  await page.getByText(/A home\.example\.org.* 84\.17\.46\.2 → 84\.17\.50\.9/).first().waitFor();
  assert.ok(await page.locator("#votes-IPv4").evaluate((d) => d.open), "what was open is closed");
  assert.equal(await page.evaluate(() => document.activeElement.closest("[id]").id), "votes-IPv6", "the focus is lost");
  await server.say("refuse vpn.example.com");
  await server.say("move 84.17.50.10");
  await settled(page, "1 of 18 records is not right.");
  assert.equal(await page.locator("#announce").textContent(), "1 of 18 records is not right.");
  await server.say("lie 203.0.113.9");
  await server.say("lose 6");
  await page.getByText("2 of 3 sources agree; 1 disagrees.").waitFor();
  await page.getByText("delete the other record of this name in Cloudflare's dashboard").first().waitFor();
  await shot(page, "failing");
  await accessible(page);
});

at("what is not known is shown apart from what is wrong", { options: { colorScheme: "dark" } }, async ({ page, server }) => {
  await live(page);
  await server.say("lose 4");
  await settled(page, "The IPv4 address of this network is not known; its records stay unchanged.");
  assert.match(await page.locator("#verdict-part").getAttribute("class"), /doubtful/);
  await shot(page, "unknown-dark");
  await accessible(page);
});

at("only the token logs in", { open: false }, async ({ page, server, context, faults }) => {
  await page.goto(server.url + "/");
  assert.equal(new URL(page.url()).pathname, "/login");
  await shot(page, "login");
  await accessible(page);
  await logIn(page, server, "wrong");
  await page.getByText("That is not the token.").waitFor();
  assert.deepEqual(faults.splice(0).map((f) => f.includes("403")), [true]); // the browser notes the status
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await verdict(page).getByText("All 18 records point home.").waitFor();
  const [cookie] = await context.cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Strict");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Token").waitFor();
  await page.goto(server.url + "/");
  assert.equal(new URL(page.url()).pathname, "/login");
});

at("the button syncs and tells how it went", {}, async ({ page, server }) => {
  await live(page);
  const button = page.locator("#sync button");
  await button.click();
  await page.getByText("Syncing…").waitFor();
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await shot(page, "syncing");
  await page.getByText("Done: everything was right already.").waitFor();
  assert.equal(await button.getAttribute("aria-disabled"), "false");
  const list = { zones: [{ done: [{ ok: true }, { ok: false }] }], lists: [{ done: [{ ok: true }, { ok: true }] }], outcome: "changed" };
  await page.route("**/api/v1/sync?wait=true", (r) => r.fulfill({ json: list }), { times: 1 }); // the house has no lists
  await button.press("Enter");
  await page.getByText("Done: 1 record and 2 list items changed.").waitFor();
  await server.say("refuse nas.example.net");
  await server.say("move 84.17.50.77");
  await button.press("Enter");
  await page.getByText("Done, and something is not as it should be.").waitFor();
});

at("it works without a script, and then refreshes itself", { options: { javaScriptEnabled: false } }, async ({ page, server }) => {
  assert.equal(await page.locator('meta[http-equiv="refresh"]').getAttribute("content"), "60");
  await server.say("move 84.17.50.9");
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.locator(".address", { hasText: "84.17.50.9" }).waitFor();
  await page.getByRole("searchbox").fill("vpn");
  await page.getByRole("button", { name: "Find" }).click();
  await page.locator("th", { hasText: "vpn.example.com" }).waitFor();
  assert.equal(await page.locator("th", { hasText: "nas.example.net" }).count(), 0);
  await page.getByRole("link", { name: "7 days" }).click();
  await page.getByRole("link", { name: "7 days" }).and(page.locator("[aria-current]")).waitFor();
});

for (const span of ["24h", "7d", "90d"]) {
  at(`the time line of ${span} is drawn, in the dark too`, { path: `/?span=${span}`, options: { colorScheme: "dark" } }, async ({ page }) => {
    assert.ok(await page.locator("#timeline-part rect.s").count() > 1);
    assert.ok(await page.locator("#timeline-part .d circle").count() > 1);
    const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).every((c) => c < 60));
    assert.ok(dark, "the page is light in the dark");
    await page.locator("#timeline-part").screenshot({ path: `${artefacts}timeline-${span}.png` });
    await shot(page, `dark-${span}`);
    await accessible(page);
  });
}

for (const colorScheme of ["light", "dark"]) {
  at(`a phone of 360 pixels, ${colorScheme}`, { options: { viewport: { width: 360, height: 740 }, colorScheme } }, async ({ page, server }) => {
    await live(page);
    await server.say("refuse vpn.example.com");
    await server.say("move 84.17.50.9");
    await settled(page, "1 of 18 records is not right.");
    await fits(page);
    await shot(page, `phone-${colorScheme}`);
    await accessible(page);
    await fits(page);
  });
}

// a tablet upright, and the widths at which the table changes its form
for (const width of [705, 768, 897, 1024]) {
  at(`neither names nor addresses are broken at ${width} pixels`, { options: { viewport: { width, height: 1000 } } }, async ({ page }) => {
    await live(page);
    await fits(page);
    const broken = await page.evaluate(() => [...document.querySelectorAll(".records tbody th, .records .v")].filter((cell) => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return text.getBoundingClientRect().height > 1.9 * parseFloat(getComputedStyle(cell).fontSize);
    }).map((cell) => cell.textContent));
    assert.deepEqual(broken, []);
    await shot(page, `width-${width}`);
  });
}

at("a setting with a long value leaves room for its name", {}, async ({ page }) => {
  await page.locator("#settings-list > summary").click();
  const broken = await page.evaluate(() => [...document.querySelectorAll("#settings-list th code, #settings-list td:last-child")].filter((cell) => {
    const text = document.createRange();
    text.selectNodeContents(cell);
    return text.getBoundingClientRect().height > 2 * parseFloat(getComputedStyle(cell).fontSize);
  }).map((cell) => cell.textContent));
  assert.deepEqual(broken, []);
  await page.locator("#settings-list").screenshot({ path: `${artefacts}settings.png` });
});

at("before the first round it says that it looks", { flags: ["-rounds", "0"] }, async ({ page, server }) => {
  assert.equal(await verdict(page).textContent(), "The first check is running.");
  await live(page);
  await shot(page, "loading");
  await accessible(page);
  await server.say("round");
  await settled(page, "All 18 records point home.");
  await page.locator("td.v", { hasText: "84.17.46.2" }).first().waitFor();
});

at("without names it says what to do", { flags: ["-names", "0"] }, async ({ page }) => {
  await page.getByText("Tell homing what to keep").waitFor();
  await shot(page, "empty");
  await accessible(page);
});

at("who may only read has no button", { flags: ["-public"] }, async ({ page, server }) => {
  assert.equal(await page.getByRole("button", { name: "Sync now" }).count(), 0);
  await page.getByRole("link", { name: "Log in" }).waitFor();
  await live(page);
  await server.say("move 84.17.50.9");
  await page.locator(".address", { hasText: "84.17.50.9" }).waitFor();
});

at("2,000 names are light, quick, and can be searched", { flags: ["-names", "2000"], path: "/login" }, async ({ page, server }) => {
  const sizes = [];
  page.on("response", async (r) => { sizes.push((await r.request().sizes().catch(() => ({ responseBodySize: 0 }))).responseBodySize); });
  const painted = await (async () => {
    await page.goto(server.url + "/");
    return page.evaluate(() => new Promise((done) => {
      new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime)).observe({ type: "largest-contentful-paint", buffered: true });
    }));
  })();
  const weight = sizes.reduce((a, b) => a + b, 0);
  console.log(`2,000 names: ${Math.round(weight / 1000)} kB compressed, shown after ${Math.round(painted)} ms`);
  assert.ok(weight > 5_000 && weight < 100_000, `${weight} bytes`);
  assert.ok(painted < 1000, `shown after ${painted} ms`);
  await shot(page, "many");
  await page.getByRole("searchbox").fill("photos-17.");
  await page.getByText("1 name", { exact: true }).waitFor();
  assert.ok(await page.locator("th", { hasText: "photos-17." }).isVisible());
  await shot(page, "many-found");
  await live(page);
  await server.say("move 84.17.50.9");
  await page.locator("td.v:visible", { hasText: "84.17.50.9" }).first().waitFor();
  assert.equal(await page.locator("tbody:not([hidden]) th[scope=rowgroup]").count(), 1, "what was searched for is lost");
});

at("everything can be reached with the keyboard", {}, async ({ page }) => {
  const reached = new Set();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  for (let i = 0; i < 40; i++) {
    reached.add(await page.evaluate(() => document.activeElement.textContent.trim().slice(0, 20)));
    await page.keyboard.press("Tab");
  }
  for (const what of ["Log out", "Sync now", "7 days", "The same as a table", "Find"]) assert.ok(reached.has(what), `${what} is not reached`);
});

at("it says when the server is gone, and comes back with it", { timezoneId: "Asia/Kathmandu" }, async ({ page, server, faults }) => {
  await live(page);
  await server.stop();
  await page.getByText("reconnecting", { exact: true }).waitFor();
  await page.getByText(/^No word from homing since \d/).waitFor();
  const since = page.locator("#gone-since"); // in the time of the page, which is UTC, and not of the browser
  assert.equal(await since.textContent(), (await since.getAttribute("datetime")).slice(11, 16));
  assert.match(await page.evaluate(() => getComputedStyle(document.querySelector(".hero")).filter), /grayscale/, "the page is not greyed");
  await shot(page, "gone");
  await accessible(page);
  const again = await serve("-listen", new URL(server.url).host, "-names", "3");
  try {
    await live(page);
    await settled(page, "All 6 records point home.");
    assert.ok(await page.locator("#gone").isHidden(), "it is said to be gone");
  } finally {
    await again.stop();
  }
  assert.ok(faults.every((f) => /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|Failed to fetch/.test(f)), faults.join("\n"));
  faults.length = 0; // the browser notes a connection that broke
});

for (const width of [320, 768, 1280]) {
  for (const colorScheme of ["light", "dark"]) {
    at(`all pages at ${width} pixels, ${colorScheme}`, { options: { viewport: { width, height: 900 }, colorScheme } }, async ({ page, server }) => {
      await server.say("refuse vpn.example.com");
      await server.say("move 84.17.50.9");
      await page.goto(server.url + "/");
      await page.getByText("Needs attention").waitFor();
      if (width <= 768) assert.ok(await page.locator(".records thead").first().isHidden(), "it is a table, and no cards");
      if (width === 320) assert.match(await page.evaluate(() => getComputedStyle(document.querySelector(".records td.v"), "::before").content), /Published/);
      for (const [path, name] of [["/", "first"], ["/record?name=vpn.example.com", "record"], ["/events", "events"], ["/plan", "plan"], ["/?failing=1", "failing"]]) {
        await page.goto(server.url + path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await fits(page);
        await shot(page, `${name}-${width}-${colorScheme}`);
        await accessible(page);
        await fits(page);
      }
    });
  }
}

at("errors lead to their records, and only those that fail can be shown", { options: { javaScriptEnabled: false } }, async ({ page, server }) => {
  await server.say("refuse vpn.example.com");
  await server.say("move 84.17.50.9");
  await page.goto(server.url + "/");
  await page.getByRole("link", { name: "Only failing (1)" }).click();
  assert.deepEqual(await page.locator(".records th[scope=rowgroup]").allTextContents(), ["vpn.example.com"]);
  await page.locator(".troubles").getByRole("link", { name: "vpn.example.com" }).first().click();
  await page.getByRole("heading", { level: 1, name: "vpn.example.com" }).waitFor();
  await page.getByText("should be 84.17.50.9").waitFor();
  await page.getByRole("link", { name: "All records" }).click();
  await page.getByRole("button", { name: "Plan: what would change?" }).click();
  await page.getByText(/would be made\./).waitFor();
  await page.goto(server.url + "/");
  await page.getByRole("link", { name: "All of it, with filters" }).click();
  await page.getByLabel("What", { exact: true }).selectOption("records");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  assert.equal(new URL(page.url()).searchParams.get("kind"), "records");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  assert.equal((await download).suggestedFilename(), "homing-events.csv");
});

at("dark and light are switched without a script", { options: { javaScriptEnabled: false, colorScheme: "light" } }, async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
  assert.ok((await background())[0] > 200);
  const choose = async (name) => {
    await page.getByRole("button", { name }).click();
    await page.locator("button[aria-pressed=true]", { hasText: name }).waitFor(); // the page comes anew
  };
  await choose("Dark");
  assert.ok((await background())[0] < 60, "it is not dark");
  await choose("Auto");
  assert.ok((await background())[0] > 200);
});

at("it is served below a path", { flags: ["-base", "/tools/homing"], open: false }, async ({ page, server }) => {
  await page.goto(server.url + "/tools/homing");
  assert.equal(new URL(page.url()).pathname, "/tools/homing/login");
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await verdict(page).getByText("All 18 records point home.").waitFor();
  assert.equal(new URL(page.url()).pathname, "/tools/homing/");
  await live(page);
  await server.say("move 84.17.50.9");
  await page.locator(".address", { hasText: "84.17.50.9" }).waitFor();
  await page.locator("#sync button").click();
  await page.getByText("Done: everything was right already.").waitFor();
});

for (const width of [320, 768, 1280]) {
  for (const colorScheme of ["light", "dark"]) {
    at(`settings are changed at ${width} pixels, ${colorScheme}, without a script`, { flags: ["-edit"], options: { javaScriptEnabled: false, viewport: { width, height: 900 }, colorScheme } }, async ({ page, faults }) => {
      const look = async (name) => {
        await fits(page);
        await shot(page, `settings-${name}-${width}-${colorScheme}`);
      };
      await page.getByRole("link", { name: "Settings", exact: true }).click();
      await page.getByText("All active settings, as YAML").waitFor();
      await look("first");
      await page.getByRole("link", { name: "schedule", exact: true }).click();
      await page.getByLabel("every").fill("sometimes");
      await page.getByRole("button", { name: "Review" }).click();
      await page.getByRole("alert").getByText("cron wants 5 fields").waitFor();
      assert.deepEqual(faults.splice(0).map((f) => f.includes("422")), [true]); // the browser notes the status
      assert.equal(await page.getByLabel("every").inputValue(), "sometimes");
      await look("wrong");
      await page.getByLabel("every").fill("@every 1m");
      await page.getByLabel("on_start").selectOption("false");
      await page.getByRole("button", { name: "Review" }).click();
      await page.getByText("+ schedule.every").waitFor();
      await page.getByRole("heading", { name: "What the next round would do then" }).waitFor();
      await look("review");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved to /config/homing.yaml.").waitFor();
      await page.getByRole("link", { name: "records", exact: true }).click();
      await page.getByRole("link", { name: "Add one" }).click();
      await page.getByLabel("name").fill("new.example.com");
      await page.getByRole("group", { name: "types" }).getByLabel("AAAA", { exact: true }).check();
      await look("record");
      await page.getByRole("button", { name: "Review" }).click();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("link", { name: "records", exact: true }).click();
      await page.getByRole("link", { name: "new.example.com" }).click();
      await page.getByRole("button", { name: "Remove records[2]" }).click();
      await page.getByText("- records[2]").waitFor();
      await page.getByRole("link", { name: "Leave it" }).click();
      await page.getByRole("link", { name: "accounts", exact: true }).click();
      await page.getByLabel("Its name").fill("accounts.home");
      await page.getByLabel("Its DNS host").selectOption("powerdns");
      await page.getByRole("button", { name: "Go on" }).click();
      assert.equal(await page.getByLabel("provider").inputValue(), "powerdns");
      await page.getByLabel("token").fill("canary");
      await look("account");
      await page.getByRole("button", { name: "Review" }).click();
      assert.ok(!(await page.content()).includes("canary"), "the secret is in the page");
    });
    at(`settings are accessible at ${width} pixels, ${colorScheme}`, { flags: ["-edit"], options: { viewport: { width, height: 900 }, colorScheme } }, async ({ page, server, faults }) => {
      for (const path of ["", "?at=schedule", "?at=notify", "?at=records", "?at=records[1]", "?at=accounts", "?at=accounts.default"]) {
        await page.goto(server.url + "/settings" + path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await fits(page);
        await accessible(page);
      }
      await page.goto(server.url + "/settings?at=schedule");
      await page.getByLabel("every").fill("sometimes");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await accessible(page);
      faults.length = 0; // the browser notes the status 422
      await page.getByLabel("every").fill("@every 2m");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Save" }).waitFor();
      await accessible(page);
    });
  }
}

for (const width of [320, 768, 1280]) {
  for (const colorScheme of ["light", "dark"]) {
    at(`who is told is tried at ${width} pixels, ${colorScheme}, without a script`, { flags: ["-edit"], path: "/settings?at=notify", options: { javaScriptEnabled: false, viewport: { width, height: 900 }, colorScheme } }, async ({ page, faults }) => {
      const told = page.getByRole("region", { name: "Who is told" });
      await told.getByText("ntfy: nothing was sent yet").waitFor();
      await told.getByText("There is no test of it").waitFor();
      assert.equal(await told.getByRole("button").count(), 2);
      await page.getByRole("button", { name: "Send a test to ntfy" }).click();
      await page.getByRole("status").getByText("The test was delivered to ntfy.").waitFor();
      await told.getByText(/ntfy: delivered at \d\d:\d\d/).waitFor();
      await page.getByRole("button", { name: "Send a test to discord" }).click();
      await page.getByRole("alert").getByText("The test did not reach discord.").waitFor();
      await told.getByText(/discord: not delivered at .*: Discord says Unknown Webhook \(HTTP 404\); make a new webhook/).waitFor();
      await fits(page);
      await shot(page, `settings-told-${width}-${colorScheme}`);
      const events = page.getByRole("group", { name: "events" });
      await events.getByLabel("failed").check();
      await events.getByLabel("recovered").check();
      await page.getByRole("button", { name: "Review" }).click();
      await page.getByText("+ notify.events").waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved to /config/homing.yaml.").waitFor();
      await page.getByRole("link", { name: "notify", exact: true }).click();
      assert.deepEqual(await Promise.all(["changed", "failed", "recovered"].map((e) => events.getByLabel(e).isChecked())), [false, true, true]);
      assert.deepEqual(faults, []);
    });
  }
}

at("who is told is accessible, and is tried with the keyboard", { flags: ["-edit"], path: "/settings?at=notify" }, async ({ page }) => {
  await accessible(page);
  await page.getByRole("button", { name: "Send a test to discord" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("The test did not reach discord.").waitFor();
  await accessible(page);
});

at("what variables set can be moved into the file, and both are shown", { flags: ["-edit"], path: "/settings" }, async ({ page }) => {
  await page.getByRole("button", { name: "Write what variables set into the file" }).click();
  await page.getByText("+ log: {level: info}").waitFor();
  await page.getByText("HOMING_LOG_LEVEL", { exact: true }).waitFor();
  await accessible(page);
});

at("without serve.edit no page leads to settings", { path: "/" }, async ({ page }) => {
  assert.equal(await page.getByRole("link", { name: "Settings", exact: true }).count(), 0);
});

// There a browser sends no Sec-Fetch-Site, and a form the Origin alone.
for (const javaScriptEnabled of [true, false]) {
  at(`by plain http from another machine every form works, ${javaScriptEnabled ? "with" : "without"} scripts`, { host: elsewhere, options: { javaScriptEnabled }, flags: ["-edit"] }, async ({ page }) => {
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.getByRole("button", { name: "Sync now", disabled: false }).waitFor();
    await page.getByRole("button", { name: "Dark" }).click();
    await page.goto(new URL("/settings?at=notify", page.url()).href);
    await page.getByRole("button", { name: "Send a test to ntfy" }).click();
    await page.getByRole("status").getByText("The test was delivered to ntfy.").waitFor();
    await page.goto(new URL("/", page.url()).href);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
  });
}
