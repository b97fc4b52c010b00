import { Errno, FsError, ReadOnlyStore, type ReadOnlyFile } from "v86-virtiofs/storage";

/** A file of the listing: its path ("src/main.c"), and how many bytes it has. */
interface Listed {
  readonly path: string;
  readonly size: number;
}

/**
 * A read-only tree on a web server, such as a repository's: a JSON list of files, whose contents are beside it and fetched when the
 * guest reads them, in parts where the server knows ranges. `onError` is told what the guest sees as EIO.
 */
export async function httpTree(listing: URL, onError: (error: Error) => void = console.error): Promise<ReadOnlyStore> {
  const files = (await (await fetchOk(listing)).json()) as Listed[];
  const root: Directory = new Map();
  for (const { path, size } of files) {
    const names = path.split("/");
    const name = names.pop()!;
    const url = new URL([...names, name].map(encodeURIComponent).join("/"), listing);
    names.reduce(inside, root).set(name, remoteFile(url, size, onError));
  }
  return new ReadOnlyStore(root);
}

type Directory = Map<string, ReadOnlyFile | Directory>;

/** The directory of that name, made where there is none. */
function inside(directory: Directory, name: string): Directory {
  const found = directory.get(name) ?? (new Map() as Directory);
  if (!(found instanceof Map)) throw new Error(`${name} is a file and a directory`);
  directory.set(name, found);
  return found;
}

function remoteFile(url: URL, size: number, onError: (error: Error) => void): ReadOnlyFile {
  let whole: Uint8Array | undefined; // from a server that knows no ranges
  return {
    size,
    async read(offset, length) {
      try {
        if (whole) return whole.subarray(offset, offset + length);
        const response = await fetchOk(url, { headers: { range: `bytes=${offset}-${offset + length - 1}` } });
        const bytes = new Uint8Array(await response.arrayBuffer());
        if (response.status === 206) return bytes;
        whole = bytes;
        return whole.subarray(offset, offset + length);
      } catch (cause) {
        const error = new FsError(Errno.EIO, `${url}: ${(cause as Error).message}`, { cause });
        onError(error);
        throw error;
      }
    },
  };
}

async function fetchOk(url: URL, options?: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response;
}
