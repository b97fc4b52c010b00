import { expect, test } from "./fixtures.js";

/** Property, attribute, a value, the attribute's text for it, and what the property is without the attribute. */
const REFLECTED = [
  ["share", "share", "opfs:demo", "opfs:demo", ""],
  ["command", "command", "ls -l", "ls -l", ""],
  ["loading", "loading", "click", "click", "lazy"],
  ["theme", "theme", "dark", "dark", "auto"],
  ["fontSize", "font-size", 18, "18", 0],
  ["memory", "memory", 256, "256", 128],
  ["assets", "assets", "/machine/", "/machine/", ""],
  ["readOnly", "readonly", true, "", false],
  ["screenReader", "screen-reader", true, "", false],
  ["label", "label", "Exercise 1", "Exercise 1", ""],
] as const;

/** Attribute texts that mean nothing, and what the properties say then. */
const MEANINGLESS = [
  ["loading", "loading", "soon", "lazy"],
  ["theme", "theme", "pink", "auto"],
  ["fontSize", "font-size", "large", 0],
  ["memory", "memory", "-1", 128],
] as const;

for (const [property, attribute, value, text, absent] of REFLECTED) {
  test(`${property} and ${attribute} are in step`, async ({ page }) => {
    const seen = await page.evaluate(
      ([property, attribute, value, text]) => {
        const set = document.createElement("linux-vm");
        const before = set[property];
        Reflect.set(set, property, value);
        const reflected = set.getAttribute(attribute);
        Reflect.set(set, property, undefined);
        const parsed = document.createElement("linux-vm");
        parsed.setAttribute(attribute, text);
        return [before, reflected, set.hasAttribute(attribute), parsed[property]];
      },
      [property, attribute, value, text] as const,
    );
    expect(seen).toEqual([absent, text, false, value]);
  });
}

for (const [property, attribute, text, value] of MEANINGLESS) {
  test(`${attribute}="${text}" is the default`, async ({ page }) => {
    const read = await page.evaluate(
      ([property, attribute, text]) => {
        const element = document.createElement("linux-vm");
        element.setAttribute(attribute, text);
        return element[property];
      },
      [property, attribute, text] as const,
    );
    expect(read).toBe(value);
  });
}

test("properties that were set before the definition count", async ({ page, context, baseURL }) => {
  expect(baseURL).toBeDefined();
  const early = await context.newPage();
  await early.addInitScript(() => {
    const made = document.createElement("linux-vm");
    made.setAttribute("loading", "click");
    Object.assign(made, { fontSize: 21, shares: [{ source: { opfs: "early" } }], readOnly: true, label: "Early" });
    addEventListener("DOMContentLoaded", () => document.body.append(made));
  });
  await early.goto(baseURL!);
  const seen = await early.evaluate(async () => {
    await customElements.whenDefined("linux-vm");
    const { element } = globalThis;
    return [element.getAttribute("font-size"), element.shares, element.hasAttribute("readonly"), element.label];
  });
  expect(seen).toEqual(["21", [{ source: { opfs: "early" } }], true, "Early"]);
  await expect(early.getByRole("group", { name: "Early" })).toBeVisible();
  await early.close();
  await page.close();
});

test("its name comes from label, aria-label, or is Linux", async ({ page }) => {
  await page.evaluate(() => (document.querySelector("#here")!.innerHTML = `<linux-vm loading="click"></linux-vm>`));
  await expect(page.getByRole("group", { name: "Linux", exact: true })).toBeVisible();
  await page.evaluate(() => element.setAttribute("aria-label", "A shell"));
  await expect(page.getByRole("group", { name: "A shell" })).toBeVisible();
  await page.evaluate(() => (element.label = "Exercise 2"));
  await expect(page.getByRole("group", { name: "Exercise 2" })).toBeVisible();
});
