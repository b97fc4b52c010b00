import type * as Comlink from "comlink";
import type { FileToWrite, WriteAllOptions, WriteFailure } from "../../client/types.js";
import { uploadAll, type UploadTarget } from "../../client/uploads.js";
import type { ShareFiles } from "../share-files.js";
import type { ShareFilesApi } from "../share-files-api.js";

/** What the page does for `share.writeAll`; not `together`: with a guest that cannot do it by one process. */
export function putFiles(
  files: ShareFiles,
  tag: string,
  entries: readonly FileToWrite[],
  options: WriteAllOptions = {},
  together = true,
): Promise<readonly WriteFailure[]> {
  const remote = {
    upload: files.upload.bind(files),
    uploadAll: together ? files.uploadAll.bind(files) : () => Promise.resolve(false),
  } as unknown as Comlink.Remote<ShareFilesApi>;
  const call: UploadTarget["call"] = (action) => action(remote);
  return uploadAll({ tag, dead: new Promise(() => undefined), call }, entries, options);
}
