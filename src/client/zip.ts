import { makeZip } from "client-zip";
import { MachineError, type MachineErrorCode } from "../machine/machine-error.js";
import { encodeName } from "../posix/name.js";
import type { ShareEntry, ShareFile, ZipOptions } from "./types.js";

/** What a zip is made from. */
interface Tree {
  list(path: string): Promise<readonly ShareEntry[]>;
  open(path: string): Promise<ShareFile>;
}

type Chunks = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

const GONE: readonly MachineErrorCode[] = ["not-found", "is-directory", "not-directory"];
const TRIES = 3;
const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
/** A zip's times begin here (APPNOTE.TXT 4.4.6, MS-DOS). */
const FIRST_TIME = Date.UTC(1980, 0, 2);

/**
 * The directory at `path` with all that is below it, as a zip that is made while it is read. `first`: its entries. What is removed
 * or renamed before its turn comes is left out.
 */
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

  /** Undefined for what is not there any more, or is a directory where a file was, or the other way round. */
  async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof MachineError) || !GONE.includes(error.code)) throw error;
      await tree.list(path); // Throws where all of it is gone, as of a share that was removed: no zip may end short then.
      return undefined;
    }
  }

  /** Opens a file, once more where it was changed before its first bytes were read: a small one is as it was at one moment. */
  async function begin(from: string, tries = TRIES): Promise<Begun> {
    const file = await tree.open(from);
    const rest = (current = file.stream.getReader());
    try {
      return { file, first: await rest.read(), rest };
    } catch (error) {
      if (tries === 1 || !(error instanceof MachineError) || error.code !== "not-readable") throw error;
      return begin(from, tries - 1);
    }
  }

  async function* entriesOf(entries: readonly ShareEntry[], prefix: string): AsyncGenerator<ZipEntry> {
    for (const { name, kind, modified } of entries) {
      const below = prefix + name;
      const from = path === "" ? below : `${path}/${below}`;
      if (kind === "symlink" || kind === "other") {
        options.onSkipped?.(below, kind);
      } else if (kind === "directory") {
        yield { name: encodeName(`${below}/`), lastModified: timeOf(modified), mode: DIRECTORY_MODE };
        yield* entriesOf((await ifThere(tree.list(from))) ?? [], `${below}/`);
      } else {
        const begun = await ifThere(begin(from));
        if (begun === undefined) continue;
        options.onEntry?.(below);
        const { size, modified } = begun.file;
        yield {
          name: encodeName(below),
          lastModified: timeOf(modified),
          input: chunksOf(begun),
          size,
          mode: FILE_MODE,
        };
      }
    }
  }
}

interface Begun {
  readonly file: ShareFile;
  readonly first: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
  readonly rest: Chunks;
}

interface ZipEntry {
  readonly name: Uint8Array;
  readonly lastModified: Date;
  readonly mode: number;
  readonly input?: AsyncIterable<Uint8Array<ArrayBuffer>>;
  readonly size?: number;
}

async function* chunksOf({ first, rest }: Begun): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let chunk = first; !chunk.done; chunk = await rest.read()) yield chunk.value;
}

function timeOf(modified: number): Date {
  return new Date(Math.max(modified, FIRST_TIME));
}
