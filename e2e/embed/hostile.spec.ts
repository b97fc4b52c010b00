import { expect } from "playwright/test";
import { KEY } from "../../src/embed/protocol.js";
import { test, withPort } from "./fixtures.js";

test("a page that is not in the list is refused, and both are told", async ({ show, page, site }) => {
  const [vm] = await show(["load=click&allow=https://docs.example"]);
  const why = await page.evaluate(() =>
    globalThis.embed(document.querySelector("iframe")!).catch(({ code, message }) => [code, message]),
  );
  expect(why).toEqual(["not-allowed", expect.stringContaining(`add allow=${site.origin} to its address`)]);
  await expect(vm!.frame.getByText(`${site.origin} asked to control this machine and was refused.`)).toBeVisible();
  await expect(vm!.startButton).toBeVisible();
});

test("a page that sends what is no call gets an error or nothing, and the machine goes on", async ({
  show,
  page,
  site,
  frameOrigin,
}) => {
  const [vm] = await show([`load=now&allow=${site.origin}`]);
  await vm!.waitForText("~ #");
  const answers = await page.evaluate(
    async ([key, origin]) => {
      const { port1, port2 } = new MessageChannel();
      const heard: { type: string; id?: number; code?: string }[] = [];
      const last = new Promise<void>((resolve) => {
        port1.onmessage = ({ data }) => {
          heard.push({ type: data.type, id: data.id, code: data.code });
          if (data.id === 999_999) resolve();
        };
      });
      document.querySelector("iframe")!.contentWindow!.postMessage({ [key]: "connect" }, origin, [port2]);
      const call = (id: unknown, name: unknown, parameters: unknown): void =>
        port1.postMessage({ type: "call", id, call: name, parameters });
      for (const noise of [null, 1, "x", [], {}, { type: "__proto__" }, { type: "call" }]) port1.postMessage(noise);
      call(1, "start", []);
      call(2, "constructor", []);
      call(3, "__proto__", []);
      call(4, "hasOwnProperty", ["start"]);
      call(5, "share", [{ kind: "directory", handle: {} }, {}]);
      call(6, "share", [{ opfs: "a", files: {} }, {}]);
      call(7, "list", [{ toString: 1 }, ""]);
      call(8, "spawn", ["true", { env: { A: 1 } }, new Blob()]);
      call(9, "flush", "files");
      call(10, "list", ["__proto__", "../../.."]);
      call(-1, "stop", []);
      for (let id = 1000; id < 3000; id++) call(id, "list", ["none", ""]);
      call(999_999, "start", []);
      await last;
      return heard.filter(({ id }) => id === undefined || id < 1000);
    },
    [KEY, frameOrigin] as const,
  );
  const refused = (id: number) => ({ type: "error", id, code: "not-allowed" });
  expect(answers[0]).toEqual({ type: "accepted" });
  const calls = answers.filter(({ id }) => id !== undefined && id > 1);
  expect(calls.toSorted((a, b) => a.id! - b.id!)).toEqual([
    ...[2, 3, 4, 5, 6, 7, 8, 9].map(refused),
    { type: "error", id: 10, code: expect.stringMatching(/stopped|bad-tag/) },
  ]);
  expect(await vm!.run("echo goes on")).toBe("goes on\n");
});

test("a page that floods a process loses the process, not the machine", async ({ show, page, site, frameOrigin }) => {
  const [vm] = await show([`load=now&allow=${site.origin}`]);
  await vm!.waitForText("~ #");
  const heard = await page.evaluate(
    async ([key, origin]) => {
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise<(id: number) => Promise<unknown>>((resolve) => {
        const settled = new Map<number, (value: unknown) => void>();
        port1.onmessage = ({ data }) => {
          if (data.type === "accepted") resolve((id) => new Promise((done) => settled.set(id, done)));
          else settled.get(data.id)?.(data.type);
        };
      });
      document.querySelector("iframe")!.contentWindow!.postMessage({ [key]: "connect" }, origin, [port2]);
      const wait = await answer;
      const started = wait(1);
      port1.postMessage({ type: "call", id: 1, call: "start", parameters: [] });
      await started;
      const process = new MessageChannel();
      const ended = new Promise((resolve) => {
        process.port1.onmessage = ({ data }) => {
          if (data.type === "exit") resolve(data.status);
          if (data.type !== "started") return;
          for (let sent = 0; sent < 64; sent++)
            process.port1.postMessage({ type: "input", bytes: new Uint8Array(65_536) });
        };
      });
      port1.postMessage({ type: "call", id: 2, call: "spawn", parameters: ["sleep 1000", {}, process.port2] }, [
        process.port2,
      ]);
      return ended;
    },
    [KEY, frameOrigin] as const,
  );
  expect(heard).toBe(15); // SIGTERM
  expect(await vm!.run("echo goes on")).toBe("goes on\n");
});

test("a frame inside the frame's page, or another window, is not heard", async ({ show, page, site, frameOrigin }) => {
  const [vm] = await show([`load=click&allow=${site.origin}`]);
  await expect(vm!.startButton).toBeVisible();
  const heard = await page.evaluate(
    async ([key, origin]) => {
      const other = document.createElement("iframe");
      document.body.append(other);
      const { port1, port2 } = new MessageChannel();
      const answers: unknown[] = [];
      port1.onmessage = ({ data }) => answers.push(data);
      // From a window of the allowed origin that is not the frame's parent.
      const script = other.contentDocument!.createElement("script");
      script.textContent = `window.send = (port) => parent.frames[0].postMessage({ "${key}": "connect" }, "${origin}", [port])`;
      other.contentDocument!.body.append(script);
      (other.contentWindow as unknown as { send(port: MessagePort): void }).send(port2);
      const vm = globalThis.embed(document.querySelector("iframe")!);
      await vm; // Asked later, and answered.
      return answers;
    },
    [KEY, frameOrigin] as const,
  );
  expect(heard).toEqual([]);
});

/** What a frame that pretends to be ours does with its port. */
const HOSTILE = {
  "never answers": "",
  "says nothing after it accepted": `port.postMessage({ type: "accepted" })`,
  "answers what nobody asked": `port.postMessage({ type: "accepted" }); port.postMessage({ type: "result", id: 77, value: [] })`,
  "answers with other than shares": `port.postMessage({ type: "accepted" }); port.onmessage = ({ data }) =>
      data.type === "call" && port.postMessage({ type: "result", id: data.id, value: [{ tag: { toString: 1 } }] })`,
  "answers null": `port.postMessage({ type: "accepted" }); port.postMessage(null)`,
  "answers something else": `port.postMessage({ type: "accepted" }); port.postMessage({ type: "constructor" })`,
  "gives a process that floods": `port.postMessage({ type: "accepted" }); port.onmessage = ({ data }) => {
      if (data.call === "start") port.postMessage({ type: "result", id: data.id, value: [] });
      if (data.call !== "spawn") return;
      const process = data.parameters[2];
      process.postMessage({ type: "started", pid: 1 });
      for (let i = 0; i < 100; i++) process.postMessage({ type: "output", stream: 1, bytes: new Uint8Array(65536) });
    }`,
  "gives a process that lies": `port.postMessage({ type: "accepted" }); port.onmessage = ({ data }) => {
      if (data.call === "start") port.postMessage({ type: "result", id: data.id, value: [] });
      if (data.call === "spawn") data.parameters[2].postMessage({ type: "output", stream: 1, bytes: { length: 1e9 } });
    }`,
} as const;

for (const [what, script] of Object.entries(HOSTILE)) {
  test(`a frame that ${what} is given up`, async ({ page, showHostile }) => {
    await showHostile(withPort(script));
    const error = await page.evaluate(async () => {
      try {
        const vm = await globalThis.embed(document.querySelector("iframe")!, { timeout: 1500 });
        await vm.exec("true");
        return ["resolved"];
      } catch (error) {
        const { name, code } = error as { name: string; code: string };
        return [name, code];
      }
    });
    expect(error).toEqual(["MachineError", expect.stringMatching(/^(stopped|not-allowed|internal)$/)]);
  });
}
