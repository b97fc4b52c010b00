import * as Comlink from "comlink";
import { MachineError, type MachineErrorCode } from "../machine/machine-error.js";
import type { ShareFilesApi, UploadEntry } from "../machine/share-files-api.js";
import { takeReports, type UploadReport, UploadResult } from "../machine/upload-list.js";
import { Errno } from "../posix/errno.js";
import { checkName } from "../posix/name.js";
import { connectProcess } from "./process.js";
import type { FileToWrite, Process, WriteAllOptions, WriteFailure } from "./types.js";

type What = readonly [code: MachineErrorCode, words: string];

const NOT_A_FOLDER = "cannot be put there: something on the way to it is not a folder";
const INCOMPLETE: What = ["not-saved", "did not arrive whole, and was not put there"];
/** As `UploadExit` of `machine/share-upload.ts` says it. */
const EXITS: Readonly<Record<number, What>> = {
  5: INCOMPLETE,
  17: ["exists", "is there already"],
  19: ["not-saved", "cannot be put there: the share is not mounted"],
  21: ["is-directory", "is a folder there already"],
};
/** Of the guest's own report, and the messages of busybox for the same. */
const ERRORS: readonly [errno: number, in_: string, what: What][] = [
  [Errno.EROFS, "Read-only file system", ["read-only", "cannot be put there: it can only be read"]],
  [
    Errno.ENOSPC,
    "No space left on device",
    ["full", "does not fit: the disk, or the space that the browser gives this page, is full"],
  ],
  [Errno.ENOTDIR, "File exists", ["not-directory", NOT_A_FOLDER]],
  [Errno.ENOTDIR, "Not a directory", ["not-directory", NOT_A_FOLDER]],
  [Errno.EACCES, "Permission denied", ["not-saved", "cannot be put there: the browser does not allow it"]],
  [Errno.ENAMETOOLONG, "File name too long", ["not-saved", "cannot be put there: the name is too long"]],
];
const RESULTS: ReadonlyMap<number, What> = new Map<number, What>([
  ...ERRORS.map(([errno, , what]) => [errno, what] as const),
  [Errno.EEXIST, EXITS[17]!],
  [Errno.ENODEV, EXITS[19]!],
  [Errno.EISDIR, EXITS[21]!],
  [UploadResult.unreadable, INCOMPLETE],
]);

/** What of the Worker the uploads to one share need. */
export interface UploadTarget {
  readonly tag: string;
  readonly dead: Promise<never>;
  readonly call: <T>(action: (files: Comlink.Remote<ShareFilesApi>) => Promise<T>) => Promise<T>;
}

interface Upload extends UploadEntry {
  readonly content?: Blob;
}

type Settled = Pick<WriteAllOptions, "onProgress" | "signal">;

/** What `Share.writeAll` says. */
export async function uploadAll(
  target: UploadTarget,
  files: Iterable<FileToWrite>,
  { replace = false, onProgress, signal }: WriteAllOptions,
): Promise<readonly WriteFailure[]> {
  signal?.throwIfAborted();
  const failures: WriteFailure[] = [];
  const uploads: Upload[] = [];
  for (const { path, content, replace: replaces = replace } of files) {
    const wrong = nameError(path);
    if (wrong) failures.push({ path, error: wrong });
    else if (content === undefined) uploads.push({ path });
    else {
      const blob = content instanceof Blob ? content : new Blob([content as BlobPart]);
      uploads.push({ path, content: blob, size: blob.size, replace: replaces });
    }
  }
  const rest = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
  if (uploads.length === 0) return failures;
  return [...failures, ...((await uploadTogether(target, uploads, rest)) ?? (await uploadEach(target, uploads, rest)))];
}

/** By one process of the guest; undefined, and nothing done, where it cannot do that. */
async function uploadTogether(
  { tag, dead, call }: UploadTarget,
  uploads: readonly Upload[],
  { onProgress, signal }: Settled,
): Promise<WriteFailure[] | undefined> {
  const { port1, port2 } = new MessageChannel();
  const started = connectProcess(port1, dead, signal ? { signal } : {});
  started.catch(() => undefined); // Told by the race.
  const entries = uploads.map(({ path, size, replace = false }) => ({
    path,
    replace,
    ...(size !== undefined && { size }),
  }));
  const contents = new Blob(uploads.flatMap(({ content }) => content ?? []));
  const asked = call((files) => files.uploadAll({ tag, entries, contents }, Comlink.transfer(port2, [port2])));
  const process = await Promise.race([started, asked.then((taken) => (taken ? started : undefined))]);
  if (!process) {
    port1.close();
    return undefined;
  }

  const results = new Map<number, number>();
  let before = 0;
  const take = ({ index, result, bytes }: UploadReport): void => {
    const upload = uploads[index];
    if (!upload) return; // Of a guest that makes things up.
    if (result <= 0) onProgress?.(before + bytes, upload.path);
    if (result === UploadResult.underWay) return;
    if (result === 0) before += bytes;
    results.set(index, result);
  };
  const [, said] = await Promise.all([takeReports(process.stdout, take), new Response(process.stderr).text(), asked]);
  signal?.throwIfAborted();
  const failures: WriteFailure[] = [];
  for (const [index, upload] of uploads.entries()) {
    const result = results.get(index);
    if (result === 0) continue;
    const cause = result === UploadResult.unreadable ? await readError(upload.content) : said.trim() || undefined;
    // The browser's own reason says more.
    const what = cause instanceof Error ? undefined : RESULTS.get(result ?? -1);
    failures.push({ path: upload.path, error: uploadError(upload.path, what, cause) });
  }
  return failures;
}

/** By a process for each, which gets the bytes as its standard input: what every guest with a shell can do. */
async function uploadEach(
  target: UploadTarget,
  uploads: readonly Upload[],
  { onProgress, signal }: Settled,
): Promise<WriteFailure[]> {
  const failures: WriteFailure[] = [];
  let before = 0;
  for (const { content, ...entry } of uploads) {
    const { path } = entry;
    const error = await uploadOne(target, entry, content, {
      ...(signal && { signal }),
      onProgress: (bytes) => onProgress?.(before + bytes, path),
    });
    if (error) failures.push({ path, error });
    else before += content?.size ?? 0;
  }
  return failures;
}

async function uploadOne(
  { tag, dead, call }: UploadTarget,
  entry: UploadEntry,
  content: Blob | undefined,
  { onProgress, signal }: { readonly onProgress: (bytes: number) => void; readonly signal?: AbortSignal },
): Promise<MachineError | undefined> {
  signal?.throwIfAborted();
  const { port1, port2 } = new MessageChannel();
  const started = connectProcess(port1, dead, signal ? { signal } : {});
  const asked = call((files) => files.upload({ tag, ...entry }, Comlink.transfer(port2, [port2])));
  const process = await Promise.race([started, asked.then(() => started)]);
  const failed = feed(process, content, onProgress).catch((error: unknown) => {
    process.kill();
    return error;
  });
  const [{ exitCode }, said] = await Promise.all([process.exit, new Response(process.stderr).text()]);
  signal?.throwIfAborted();
  if (exitCode === 0) return undefined;
  const message = ERRORS.find(([, text]) => said.includes(text))?.[2];
  return uploadError(entry.path, EXITS[exitCode] ?? message, await failed);
}

async function feed({ stdin }: Process, content: Blob | undefined, onProgress: (bytes: number) => void): Promise<void> {
  if (!content) return stdin.close();
  let sent = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      onProgress((sent += chunk.length));
    },
  });
  // Not closed where the content ends too early: the guest would take that for all of it.
  await content.stream().pipeThrough(counted).pipeTo(stdin, { preventAbort: true });
}

function nameError(path: string): MachineError | undefined {
  try {
    for (const name of path.split("/")) if (name !== "") checkName(name);
    return undefined;
  } catch (error) {
    return new MachineError("not-saved", `“${path}” cannot be a name in Linux.`, { cause: error });
  }
}

/** Why the browser does not give the content: the guest knows only that it did not. */
async function readError(content: Blob | undefined): Promise<unknown> {
  return content?.slice(0, 1).arrayBuffer().then(() => undefined, (error: unknown) => error); // prettier-ignore
}

function uploadError(path: string, what: What | undefined, cause: unknown): MachineError {
  const [code, words] = what ?? ["not-saved", "could not be put there"];
  const why = cause instanceof Error ? `: ${cause.message}` : typeof cause === "string" ? `: ${cause}` : "";
  return new MachineError(code, `“${path}” ${words}${why}.`, { cause });
}
