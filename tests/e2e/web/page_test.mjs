// The page in a real browser: node page_test.mjs PERCH [PICTURES]
// Pictures of what was seen are written to the folder PICTURES, for people. Skipped, saying so, without a browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [perch, pictures] = process.argv.slice(2);
const kWaitMs = 30_000;  // for what could take long on a busy machine

function skip(why) {
  console.log(`[skipped] ${why}`);
  process.exit(0);
}

const browserProgram = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!browserProgram) skip("Chromium is not installed; scripts/setup does it");
const playwright = await import("playwright-core").catch(() => skip("playwright-core is not installed; scripts/setup does it"));

const folder = mkdtempSync(join(tmpdir(), "perch-page-"));
const config = join(folder, "perch.toml");

/** Grids of 4 × 4 cells at these temperatures, one after the other. */
function recording(...temperatures) {
  const cells = temperatures.flatMap((celsius) => Array.from({ length: 16 }, (_, i) => celsius + (i === 5 ? 7.25 : 0)));
  return Buffer.from(new Float32Array(cells).buffer);
}

function camera(name, path) {
  return `
[[camera]]
name   = "${name}"
every  = "100ms"
source = { kind = "thermal-file", path = "${path}", rows = 4, cols = 4, fps = 10, loop = true }
  [[camera.task]]
  name     = "heat"
  analysis = { kind = "hottest" }
`;
}

/** A perch edge on this configuration, once it listens. */
async function startEdge() {
  const edge = spawn(perch, ["edge", "-c", config, "--data", join(folder, "data")], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const url = await new Promise((resolve, reject) => {
    edge.on("exit", (status) => reject(new Error(`perch edge ended with ${status}:\n${log}`)));
    edge.stderr.on("data", (text) => {
      log += text;
      const found = /event=http.listening url=(\S+)/.exec(log);
      if (found) resolve(found[1]);
    });
  });
  return { url, log: () => log, stop: (signal) => new Promise((resolve) => { edge.removeAllListeners("exit"); edge.on("exit", resolve); edge.kill(signal); }) };
}

const setCameras = (port, text) => writeFileSync(config, `device = "shed"\nlisten = "127.0.0.1:${port}"\n${text}`);

let edge, browser;
try {
  mkdirSync(join(folder, "warm"));
  setCameras(0, "");
  edge = await startEdge();  // to get a free port, which is then kept
  const port = new URL(edge.url).port;
  await edge.stop("SIGTERM");
  setCameras(port, "");
  edge = await startEdge();
  browser = await playwright.chromium.launch({
    executablePath: browserProgram,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.setDefaultTimeout(kWaitMs);
  const complaints = [], requests = new Set();
  let hear = () => {};  // each message of /api/live
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => hear(String(payload))));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => { if (/Content Security Policy/.test(message.text())) complaints.push(message.text()); });
  page.on("request", (request) => requests.add(new URL(request.url()).host));
  const shoot = async (name) => { if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true }); };

  await page.goto(edge.url);
  await page.getByText("No cameras yet").waitFor();
  await page.locator("#link[data-state=live]").waitFor();
  await shoot("empty");
  console.log("without cameras it says what to do");

  // The worst order: what the page asks about the new camera is answered before it sees anything, and comes after the word
  // that it does.
  const told = new Promise((resolve) => hear = (text) => { if (/"type":"health".*"health":"live"/.test(text)) resolve(); });
  await page.route("**/api/cameras", async (route) => {
    const answer = await route.fetch();
    assert.notEqual((await answer.json()).cameras[0].health.health, "live");
    writeFileSync(join(folder, "warm", "1.raw"), recording(21, 22, 23));
    await told;
    await route.fulfill({ response: answer });
  }, { times: 1 });
  setCameras(port, camera("boiler", join(folder, "warm")));
  const card = page.locator("[data-camera=boiler]");
  await card.waitFor();
  await page.getByText("No cameras yet").waitFor({ state: "hidden" });
  await card.locator("dd", { hasText: /^(28|29|30)\.[0-9]+°C$/ }).first().waitFor();
  await card.locator(".health", { hasText: "live" }).waitFor();
  await card.locator("canvas[data-seq]:not([data-seq=''])").waitFor();
  const drawn = await card.locator("canvas").evaluate((canvas) => {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(pixels).size;
  });
  assert.ok(drawn > 10, `the picture has ${drawn} different values`);
  const before = Number(await card.locator("canvas").getAttribute("data-seq"));
  await card.locator(`canvas:not([data-seq="${before}"])`).waitFor();
  await shoot("live");
  console.log("a new camera appears by itself, with its picture and its values in their unit, and goes on");

  const health = card.locator(".status");
  await edge.stop("SIGKILL");
  await page.locator("#link[data-state=gone]").waitFor();
  await page.getByText(/Perch has not answered since/).waitFor();
  await health.filter({ hasText: "unknown" }).waitFor();
  assert.equal(await card.locator("dd").first().innerText(), "unknown");
  assert.equal(await card.locator("dd").count(), 1);
  await shoot("gone");
  console.log("when the daemon is gone nothing is shown as if it still held");

  edge = await startEdge();
  await page.locator("#link[data-state=live]").waitFor();
  await card.locator("dd", { hasText: "°C" }).first().waitFor();
  await page.getByText(/Perch has not answered since/).waitFor({ state: "hidden" });
  console.log("it connects again by itself");

  const notice = page.locator("#problem");
  setCameras(port, camera("boiler", join(folder, "warm")) + "  colour = 1\n");
  await notice.getByText(/The changed configuration is not at work: .*colour/).waitFor();
  await page.reload();
  await notice.getByText(/The changed configuration is not at work: .*colour/).waitFor();
  setCameras(port, camera("boiler", join(folder, "warm")) + "# better\n");
  await notice.waitFor({ state: "hidden" });
  await card.locator("dd", { hasText: "°C" }).first().waitFor();
  console.log("a change that is refused is told while it is, and no longer");

  writeFileSync(join(folder, "bus.csv"), "Seconds,speed\n" + Array.from({ length: 50 }, (_, i) => `${i / 10},${40 + i}\n`).join(""));
  setCameras(port, camera("boiler", join(folder, "warm")) + `
[[camera]]
name   = "bus"
every  = "0s"
source = { kind = "telemetry", path = "${join(folder, "bus.csv")}", time = "Seconds", timing = "times", loop = true }
  [[camera.task]]
  name     = "drive"
  analysis = { kind = "record" }
`);
  const bus = page.locator("[data-camera=bus]");
  await bus.locator("dd", { hasText: /^[4-8][0-9]/ }).first().waitFor();
  await bus.locator(".view").waitFor({ state: "hidden" });
  assert.ok(await card.locator(".view").isVisible());
  await shoot("telemetry");
  setCameras(port, camera("boiler", join(folder, "warm")));
  await bus.waitFor({ state: "detached" });
  console.log("what gives values and no pictures has no empty place for one");

  await page.keyboard.press("o");
  assert.equal(await page.locator("#overlay").isChecked(), false);
  await card.getByRole("button", { name: "enlarge" }).press("Enter");
  await page.locator(".card.wide").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".card:not(.wide)").waitFor();
  setCameras(port, ["attic", "boiler", "cellar", "den"].map((name) => camera(name, join(folder, "warm"))).join(""));
  await page.setViewportSize({ width: 1900, height: 900 });
  const cellar = page.locator("[data-camera=cellar]");
  await cellar.locator("canvas[data-seq]:not([data-seq=''])").waitFor();
  await page.locator("[data-camera=den] canvas[data-seq]:not([data-seq=''])").waitFor();
  const place = () => cellar.evaluate((card) => ({ top: card.getBoundingClientRect().top, inPage: card.offsetTop }));
  const small = await place();
  await cellar.getByRole("button", { name: "enlarge" }).click();
  const wide = await place();
  assert.ok(wide.inPage > small.inPage + 100, "it is in a row of its own");
  assert.ok(Math.abs(wide.top - small.top) < 2, `an enlarged card jumped by ${wide.top - small.top} px`);
  await cellar.getByRole("button", { name: "shrink" }).click();
  const again = await place();
  assert.ok(Math.abs(again.top - small.top) < 2, `a shrunk card jumped by ${again.top - small.top} px`);
  console.log("a card that is enlarged stays where it was looked at");

  await page.setViewportSize({ width: 360, height: 740 });
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overhang <= 0, `${overhang} px wider than a phone`);
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot("phone");
  console.log("keys work, and a phone is wide enough");

  assert.deepEqual(complaints, []);
  assert.deepEqual([...requests], [new URL(edge.url).host]);
  console.log("it asks nobody else");
} catch (error) {
  const page = browser?.contexts()[0]?.pages()[0];
  console.log(`The page says:\n${await page?.locator("body").innerText().catch(String)}\n\nThe daemon's log:\n${edge?.log()}`);
  if (pictures) await page?.screenshot({ path: join(pictures, "failed.png") });
  throw error;
} finally {
  await browser?.close();
  await edge?.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
