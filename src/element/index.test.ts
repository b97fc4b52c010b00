import { expect, it } from "vitest";

it("can be imported where there is no DOM, as when a page is rendered on a server", async () => {
  expect("customElements" in globalThis).toBe(false);
  const { LinuxVmElement } = await import("./index.js");
  expect(LinuxVmElement.observedAttributes).toContain("font-size");
});
