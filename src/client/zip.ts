import { makeZip } from "client-zip";
import { encodeName } from "../posix/name.js";
import type { ShareEntry, ShareFile, ZipOptions } from "./types.js";

/** What a zip is made from. */
interface Tree {
  list(path: string): Promise<readonly ShareEntry[]>;
  open(path: string): Promise<ShareFile>;
}

type Chunks = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
/** A zip's times begin here (APPNOTE.TXT 4.4.6, MS-DOS). */
const FIRST_TIME = Date.UTC(1980, 0, 2);

/** The directory at `path` with all that is below it, as a zip that is made while it is read. `first`: its entries. */
export function zipOf(
  tree: Tree,
  path: string,
  first: readonly ShareEntry[],
  options: ZipOptions,
): ReadableStream<Uint8Array> {
  let current: Chunks | undefined;
  const zip = makeZip(entriesOf(first, "")).getReader();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const chunk = await zip.read();
      if (chunk.done) controller.close();
      else controller.enqueue(chunk.value);
    },
    // client-zip lets go of nothing: the file that it is at would stay open.
    cancel: async (reason) => {
      await current?.cancel(reason);
      await zip.cancel(reason);
    },
  });

  async function* entriesOf(entries: readonly ShareEntry[], prefix: string): AsyncGenerator<ZipEntry> {
    for (const { name, kind, modified } of entries) {
      const below = prefix + name;
      const from = path === "" ? below : `${path}/${below}`;
      if (kind === "symlink" || kind === "other") {
        options.onSkipped?.(below, kind);
      } else if (kind === "directory") {
        yield { name: encodeName(`${below}/`), lastModified: timeOf(modified), mode: DIRECTORY_MODE };
        yield* entriesOf(await tree.list(from), `${below}/`);
      } else {
        options.onEntry?.(below);
        const file = await tree.open(from);
        current = file.stream.getReader();
        const { size } = file;
        const lastModified = timeOf(file.modified);
        yield { name: encodeName(below), lastModified, input: chunksOf(current), size, mode: FILE_MODE };
      }
    }
  }
}

interface ZipEntry {
  readonly name: Uint8Array;
  readonly lastModified: Date;
  readonly mode: number;
  readonly input?: AsyncIterable<Uint8Array<ArrayBuffer>>;
  readonly size?: number;
}

async function* chunksOf(reader: Chunks): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) yield chunk.value;
}

function timeOf(modified: number): Date {
  return new Date(Math.max(modified, FIRST_TIME));
}
