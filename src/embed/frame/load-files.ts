import type { Progress } from "../../client/index.js";
import { MOST_FILES, safePath } from "./paths.js";
import { readTar } from "./tar.js";

const MIB = 2 ** 20;
const MOST_FETCHED = 64 * MIB;
/** Bounds of what is unpacked. */
const MOST_BYTES = 256 * MIB;
/** Files of a list that are fetched at once: what browsers allow a host over HTTP/1.1. */
const MOST_AT_ONCE = 6;

type Bytes = Uint8Array<ArrayBuffer>;

/** Fetches an archive or a JSON list of addresses, without cookies, and gives each file's content by its path. */
export async function loadFiles(url: URL, onProgress: (progress: Progress) => void): Promise<Map<string, Bytes>> {
  const count = (loaded: number, total: number): void => onProgress({ phase: "Downloading the files", loaded, total });
  const fetched = await download(url, atMost(MOST_FETCHED), count);
  const found = await unpack(url, fetched, count);
  if (found.size > MOST_FILES) throw tooLarge(url);
  return found;
}

async function unpack(
  url: URL,
  fetched: Bytes,
  count: (loaded: number, total: number) => void,
): Promise<Map<string, Bytes>> {
  // By its first bytes: an address says little of what is there.
  if (fetched[0] === 0x50 && fetched[1] === 0x4b) return unzip(url, fetched);
  if (fetched[0] === 0x1f && fetched[1] === 0x8b) return readTar(await gunzip(url, fetched), () => tooLarge(url));
  if (new TextDecoder().decode(fetched.subarray(257, 262)) === "ustar") return readTar(fetched, () => tooLarge(url));
  return listed(url, fetched, count);
}

async function unzip(url: URL, fetched: Bytes): Promise<Map<string, Bytes>> {
  const { unzipSync } = await import("fflate");
  let bytes = 0;
  let files = 0;
  const unpacked = unzipSync(fetched, {
    filter: ({ name, originalSize }) => {
      if (name.endsWith("/")) return false;
      // The size that a zip states is all that is unpacked of the file.
      bytes += originalSize;
      if (bytes > MOST_BYTES || ++files > MOST_FILES) throw tooLarge(url);
      return true;
    },
  });
  return new Map(Object.entries(unpacked).map(([name, content]) => [safePath(name), content]));
}

async function gunzip(url: URL, fetched: Bytes): Promise<Bytes> {
  const unpacked = new Blob([fetched]).stream().pipeThrough(new DecompressionStream("gzip"));
  return collect(unpacked, atMost(MOST_BYTES), () => tooLarge(url));
}

/** `{"src/main.c": "https://…"}`; addresses are relative to the list's. */
async function listed(
  url: URL,
  fetched: Bytes,
  count: (loaded: number, total: number) => void,
): Promise<Map<string, Bytes>> {
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder().decode(fetched));
  } catch (error) {
    throw new Error(`${url.href} is no zip, tar.gz, tar or JSON list of files.`, { cause: error });
  }
  const entries = typeof list === "object" && list !== null && !Array.isArray(list) ? Object.entries(list) : [];
  if (entries.length === 0 || !entries.every(([, address]) => typeof address === "string")) {
    throw new Error(`${url.href} is not a list of the form {"path": "address"}.`);
  }
  if (entries.length > MOST_FILES) throw tooLarge(url);
  const found = new Map((entries as [string, string][]).map(([path]) => [safePath(path), new Uint8Array()]));
  let left = MOST_FETCHED;
  let loaded = 0;
  const next = entries[Symbol.iterator]() as Iterator<[string, string]>;
  let failed = false;
  const take = (bytes: number): boolean => !failed && (left -= bytes) >= 0;
  const fetchOn = async (): Promise<void> => {
    for (let entry = next.next(); !entry.done && take(0); entry = next.next()) {
      const [path, address] = entry.value;
      found.set(safePath(path), await download(new URL(address, url), take, () => {}));
      count(++loaded, entries.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, entries.length) }, fetchOn));
  } finally {
    failed = true; // What is on its way ends too.
  }
  return found;
}

/** Whether a download, or all of them, may have so many bytes more. */
type Take = (bytes: number) => boolean;

function atMost(most: number): Take {
  return (bytes) => (most -= bytes) >= 0;
}

async function download(url: URL, take: Take, count: (loaded: number, total: number) => void): Promise<Bytes> {
  if (url.protocol !== "https:" && url.protocol !== "http:") throw new Error(`${url.href} is not on the web.`);
  let response: Response;
  try {
    response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer" });
  } catch (error) {
    const why = "the host cannot be reached, or does not allow it by CORS (Access-Control-Allow-Origin)";
    throw new Error(`${url.href} could not be fetched: ${why}.`, { cause: error });
  }
  if (!response.ok || !response.body) throw new Error(`${url.href}: the host answered ${response.status}.`);
  const stated = Number(response.headers.get("content-length") ?? 0);
  // What is counted is unpacked, what is stated is not.
  const total = stated > 0 && !response.headers.has("content-encoding") ? stated : 0;
  if (total > MOST_FETCHED) {
    await response.body.cancel();
    throw tooLarge(url);
  }
  return collect(
    response.body,
    take,
    () => tooLarge(url),
    (loaded) => count(loaded, total),
  );
}

async function collect(
  stream: ReadableStream<Bytes>,
  take: Take,
  tooMuch: () => Error,
  count: (bytes: number) => void = () => {},
): Promise<Bytes> {
  const parts: Bytes[] = [];
  let bytes = 0;
  const reader = stream.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    bytes += chunk.value.length;
    if (!take(chunk.value.length)) {
      await reader.cancel();
      throw tooMuch();
    }
    parts.push(chunk.value);
    count(bytes);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function tooLarge(url: URL): Error {
  return new Error(`${url.href} is too large: at most 64 MiB are fetched, and 256 MiB and 20,000 files unpacked.`);
}
