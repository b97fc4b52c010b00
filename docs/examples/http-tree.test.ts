import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attachVirtioFs, type VirtioFsDevice } from "v86-virtiofs/device";
import { shareFileSystem } from "v86-virtiofs/storage";
import { guestOptions, plainV86, serialOf } from "../../src/device/testing/plain-v86.js";
import { httpTree } from "./http-tree.js";

const NUMBERS = Array.from({ length: 60_000 }, (_, i) => `${i + 1}\n`).join("");
const FILES: Record<string, string> = {
  "README.md": "# Read me\n",
  "src/ä #1.c": "int main;\n",
  "src/deep/numbers": NUMBERS,
};

const emulator = plainV86({ ...guestOptions(), autostart: true });
const shell = serialOf(emulator);

beforeAll(() => shell.until("# "), 60_000);
afterAll(() => emulator.destroy());

describe.each([true, false])("a tree over fetch, from a server with ranges: %s", (ranges) => {
  const requests: string[] = [];
  const errors: Error[] = [];
  const server = createServer(answer);
  let device: VirtioFsDevice;

  function answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(url.slice(1));
    const text = path === "files.json" ? LISTING : FILES[path];
    requests.push(`${path} ${headers.range ?? ""}`);
    if (text === undefined) return void response.writeHead(404).end();
    const range = ranges && /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "");
    if (!range) return void response.end(text);
    response.writeHead(206).end(Buffer.from(text).subarray(Number(range[1]), Number(range[2]) + 1));
  }

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const store = await httpTree(new URL(`http://127.0.0.1:${port}/files.json`), (error) => errors.push(error));
    device = attachVirtioFs(emulator, { tag: "tree", fileSystem: shareFileSystem(store) });
    await shell.run(device.commands.mount("/mnt/tree", true));
  });

  afterAll(async () => {
    await shell.run(`cd /; ${device.commands.release("/mnt/tree")}`);
    await device.detach();
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
  });

  it("shows every name and size, and fetches no content for that", async () => {
    expect(await shell.run("cd /mnt/tree; find . -type f -exec stat -c '%n %s' {} + | sort")).toBe(
      `./README.md 10\n./src/deep/numbers ${NUMBERS.length}\n./src/gone 5\n./src/ä #1.c 10\n`,
    );
    expect(requests).toEqual(["files.json "]);
  });

  it("reads contents, in parts where the server has ranges", async () => {
    expect(await shell.run("cat README.md src/*.c")).toBe("# Read me\nint main;\n");
    expect(await shell.run("tail -n 1 src/deep/numbers; wc -l < src/deep/numbers; md5sum < src/deep/numbers")).toBe(
      `60000\n60000\n${md5(NUMBERS)}  -\n`,
    );
    const parts = requests.filter((request) => request.startsWith("src/deep/numbers"));
    expect(parts.every((part) => /bytes=\d+-\d+$/.test(part))).toBe(true);
    if (ranges) expect(parts.length).toBeGreaterThan(1);
  });

  it("tells what the network refuses, which is EIO for the guest, and takes no changes", async () => {
    expect(await shell.run("cat src/gone 2>&1")).toContain("Input/output error");
    expect(errors.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^EIO: http:.*\/src\/gone: the server answered 404$/),
    );
    expect(await shell.run("(echo x > README.md) 2>&1; rm -f README.md 2>&1; mkdir new 2>&1")).toMatch(
      /(Read-only file system[^]*){3}/,
    );
  });
});

const LISTING = JSON.stringify([
  ...Object.entries(FILES).map(([path, text]) => ({ path, size: Buffer.byteLength(text) })),
  { path: "src/gone", size: 5 },
]);

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
