import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { json } from "node:stream/consumers";

/** A static host as anybody has one: it knows the types of what pages are made of, and sends no other headers unless it is told. */
export interface Host {
  /** Ends in "/". */
  readonly address: string;
  /** Names of the files that were asked for. */
  readonly requests: readonly string[];
  /** What browsers posted to `reports`: what the policies of its pages, and of their Workers, refused. */
  readonly refusals: readonly Refusal[];
  close(): Promise<void>;
}

/** "csp-report", Content Security Policy 3, §5.3. */
export interface Refusal {
  readonly "effective-directive": string;
  readonly "blocked-uri": string;
}

interface HostOptions {
  /** Where the folder is: "/a/b/". */
  readonly path?: string;
  /** Whether other origins may read it, as from a CDN. */
  readonly cors?: boolean;
  /** Besides. */
  readonly headers?: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export async function serve(folder: string, { path = "/", cors = false, headers }: HostOptions = {}): Promise<Host> {
  const requests: string[] = [];
  const refusals: Refusal[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, "http://host");
    if (request.method === "POST" && pathname === "/reports") {
      void json(request).then((report) => refusals.push((report as { "csp-report": Refusal })["csp-report"]));
      return void response.writeHead(204).end();
    }
    requests.push(pathname.slice(pathname.lastIndexOf("/") + 1));
    const inside = pathname.startsWith(path) ? pathname.slice(path.length) || "index.html" : "nowhere";
    const type = TYPES[extname(inside)] ?? "application/octet-stream";
    readFile(join(folder, normalize(`/${decodeURIComponent(inside)}`))).then(
      (content) =>
        response
          .writeHead(200, { "content-type": type, ...headers, ...(cors && { "access-control-allow-origin": "*" }) })
          .end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}${path}`,
    requests,
    refusals,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
