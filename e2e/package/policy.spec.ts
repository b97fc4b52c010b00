import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Page, expect } from "playwright/test";
import { PAGE, bundlers } from "./bundlers.js";
import { test as base, firstLines } from "./fixtures.js";
import type { Host, Refusal } from "./host.js";
import { eachSourceLess, printedPolicies } from "./policies.js";

/** Where a page has the package from, in the order of docs/npm.md. */
const PLACES = ["its own origin", "its own origin, and assets from another", "another origin"] as const;
type Place = (typeof PLACES)[number];

interface Fixtures {
  /** Shows a page whose host sends `policy` with every file, and hears what it refuses. The origin that it names is `elsewhere`. */
  open: (policy: string, script: string, html?: string) => Promise<Host>;
  /** The origin of the package's files; ends in "/". */
  elsewhere: string;
}

const test = base.extend<Fixtures>({
  elsewhere: async ({ consumer, host }, use) => {
    const { address } = await host(join(consumer.installed, "lib"), { cors: true });
    await use(address);
  },
  open: async ({ page, project, consumer, host, elsewhere }, use) => {
    await cp(join(consumer.installed, "lib"), join(project, "v86-virtiofs"), { recursive: true });
    await use(async (policy, script, html = "") => {
      await writeFile(join(project, "main.js"), script);
      const head = '<!doctype html><title>Page</title><script type="module" src="./main.js"></script>';
      await writeFile(join(project, "index.html"), head + html);
      const sent = policy.replaceAll("https://cdn.example", new URL(elsewhere).origin);
      const headers = { "content-security-policy": `${sent}; report-uri /reports` };
      const site = await host(project, { headers });
      await page.goto(site.address);
      return site;
    });
  },
});

for (const [index, place] of PLACES.entries()) {
  test(`start() works under the printed policy, with the package from ${place}`, async ({ page, open, elsewhere }) => {
    const site = await open((await printedPolicies("npm"))[index]!, await startingFrom(place, elsewhere));
    await expect(page.locator("body")).toHaveText("hello from the page", { timeout: 45_000 });
    expect(await refused(page, site)).toEqual([]);
  });

  test(`<linux-vm> works under the printed policy, with the package from ${place}`, async ({
    page,
    open,
    elsewhere,
  }) => {
    const assets = place === "its own origin, and assets from another" ? `assets="${elsewhere}machine"` : "";
    const script = `import "${place === "another origin" ? elsewhere : "./v86-virtiofs/"}element.js";`;
    // It boots, which the first lines do not; the colour is one that xterm.js makes a style of.
    const html = `<linux-vm memory="160" ${assets} command="printf '\\033[38;2;0;0;128mouT\\n' | tr T t"></linux-vm>`;
    const site = await open((await printedPolicies("npm"))[index]!, script, html);
    const line = page.locator("linux-vm .xterm-rows > div").filter({ hasText: /^out$/ });
    await expect(line).toBeVisible({ timeout: 45_000 });
    await expect(line.locator("span").first()).toHaveCSS("color", "rgb(0, 0, 128)");
    await expect(line.locator("span").first()).toHaveCSS("display", "inline-block");
    expect(await refused(page, site)).toEqual([]);
  });

  test(`each source of the printed policy is needed, with the package from ${place}`, async ({
    page,
    open,
    elsewhere,
  }) => {
    const script = await startingFrom(place, elsewhere);
    for (const { directive, source, rest } of eachSourceLess((await printedPolicies("npm"))[index]!)) {
      await test.step(`without ${source} in ${directive}`, async () => {
        const site = await open(rest, saying(script));
        if (directive === "script-src" && source !== "'wasm-unsafe-eval'") {
          // Without its own scripts, no page can say anything.
          await expect.poll(() => refusals(site)).not.toEqual([]);
        } else {
          const told = source === "'wasm-unsafe-eval'" ? source : `${directive} `;
          await expect(page.locator("output")).toContainText(told);
        }
      });
    }
  });
}

test("<linux-vm> shows what a policy must allow", async ({ page, open }) => {
  const policy = (await printedPolicies("npm"))[0]!.replace(/; connect-src .*/, "");
  await open(policy, 'import "./v86-virtiofs/element.js";', "<linux-vm></linux-vm>");
  await expect(page.locator("linux-vm").getByRole("alert")).toContainText(
    /^Linux did not start: .* a Content-Security-Policy does not allow it\. It needs connect-src http:\/\/localhost:\d+/,
  );
});

test("in Vite's build a machine that boots needs data: in connect-src, and says so", async ({
  page,
  project,
  consumer,
  host,
}) => {
  const script = (await firstLines()).replace("start({", "start({ memory: 160 * 2 ** 20,");
  await writeFile(join(project, "main.js"), saying(script));
  await writeFile(join(project, "index.html"), PAGE);
  const folder = await bundlers.Vite(project, consumer);
  const policy = (await printedPolicies("npm"))[0]!;
  const strict = await host(folder, { headers: { "content-security-policy": policy } });
  await page.goto(strict.address);
  await expect(page.locator("output")).toContainText("It needs connect-src data:");
  const site = await host(folder, { headers: { "content-security-policy": `${policy} data:` } });
  await page.goto(site.address);
  await expect(page.locator("body")).toHaveText("hello from the page", { timeout: 45_000 });
});

test("embed() works under the printed policy", async ({ page, open, baseURL }) => {
  const policy = framing((await printedPolicies("embed"))[0]!, baseURL!);
  const site = await open(policy, embedding(baseURL!), "<iframe></iframe>");
  await expect(page.locator("output")).toHaveText("hello from the folder", { timeout: 45_000 });
  expect(await refused(page, site)).toEqual([]);
});

test("each source of the policy for embed() is needed", async ({ page, open, baseURL }) => {
  const policy = framing((await printedPolicies("embed"))[0]!, baseURL!);
  for (const { directive, rest } of eachSourceLess(policy)) {
    const site = await open(rest, embedding(baseURL!, 2000), "<iframe></iframe>");
    if (directive === "script-src") await expect.poll(() => refusals(site)).not.toEqual([]);
    else await expect(page.locator("output")).toContainText(`${directive} ${origin(baseURL!)}`);
  }
});

/** The first lines of docs/npm.md, for a page that has the package from there. */
async function startingFrom(place: Place, elsewhere: string): Promise<string> {
  const lines = await firstLines();
  const here = lines.replace('"v86-virtiofs"', '"./v86-virtiofs/index.js"');
  if (place === "another origin") return lines.replace('"v86-virtiofs"', `"${elsewhere}index.js"`);
  return place === "its own origin" ? here : here.replace("start({", `start({ assets: "${elsewhere}machine",`);
}

/** A folder of the page's origin, shared into the frame. */
function embedding(frames: string, timeout = 30_000): string {
  return saying(`
    import { embed } from "./v86-virtiofs/embed.js";
    const iframe = document.querySelector("iframe");
    iframe.src = "${new URL("embed.html", frames).href}#load=now&allow=" + location.origin;
    const vm = await embed(iframe, { timeout: ${timeout} });
    const folder = await navigator.storage.getDirectory();
    const file = await folder.getFileHandle("file", { create: true });
    const writable = await file.createWritable();
    await writable.write("from the folder");
    await writable.close();
    const share = await vm.share(folder, { tag: "x" });
    const { stdout } = await vm.exec("echo hello; cat /mnt/x/file");
    say(stdout);`);
}

/** The script, and why it failed in an <output>. */
function saying(script: string): string {
  return `const say = (text) => document.body.append(Object.assign(document.createElement("output"), { textContent: text }));
    addEventListener("unhandledrejection", ({ reason }) => say(reason.message));
    addEventListener("error", ({ message }) => say(message));
    ${script}`;
}

function framing(policy: string, frames: string): string {
  return policy.replace("https://vm.example", origin(frames));
}

function origin(address: string): string {
  return new URL(address).origin;
}

/** What the policies have refused so far, but the icon that the browser asks for by itself. */
function refusals({ refusals: all }: Host): readonly Refusal[] {
  return all.filter((refusal) => !refusal["blocked-uri"].endsWith("/favicon.ico"));
}

/** What they have refused when everything was reported. */
async function refused(page: Page, site: Host): Promise<readonly Refusal[]> {
  await page.evaluate(() => {
    new Image().src = "the-last.png"; // No policy here allows images.
  });
  const isLast = (refusal: Refusal): boolean => refusal["blocked-uri"].endsWith("/the-last.png");
  await expect.poll(() => site.refusals.some(isLast)).toBe(true);
  return refusals(site).filter((refusal) => !isLast(refusal));
}
