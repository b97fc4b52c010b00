import { INITRAMFS } from "./guest-command.js";
import type { Command } from "./machine-api.js";
import type { UploadRequest } from "./share-files-api.js";

/** Exit codes of the scripts below. */
export const UploadExit = { exists: 17, isDirectory: 21, notMounted: 19, incomplete: 5 } as const;

/** What is written below an empty mount point would be lost with the machine. */
const ASSERT_MOUNTED = `
devices=$(stat -c %d "$1" "$1/..")
[ "$1" = / ] || [ "\${devices%%[!0-9]*}" != "\${devices##*[!0-9]}" ] || exit ${UploadExit.notMounted}`;

/**
 * Arguments: mount point, directory, name, size, "replace" or nothing. The file has a name of its own until all of it is there,
 * so that it comes whole or not at all, and it is moved only to a name that is free or is to be replaced.
 */
const WRITE_FILE = `${ASSERT_MOUNTED}
[ -d "$1/$2" ] || mkdir -p "$1/$2" || exit 1
cd "$1/$2" || exit 1
target=./$3 temporary=./.upload-$$
taken() { [ -e "$target" ] || [ -L "$target" ]; }
refuse_taken() {
  if [ -d "$target" ] && [ ! -L "$target" ]; then exit ${UploadExit.isDirectory}; fi
  if [ "$5" != replace ] && taken; then exit ${UploadExit.exists}; fi
}
refuse_taken "$@"
trap '[ ! -e "$temporary" ] || rm "$temporary"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$temporary" || exit 1
[ "$(stat -c %s "$temporary")" = "$4" ] || exit ${UploadExit.incomplete}
refuse_taken "$@"
mv -f "$temporary" "$target"
`;

const MAKE_DIRECTORY = `${ASSERT_MOUNTED}
if [ ! -d "$1/$2" ] && { [ -e "$1/$2" ] || [ -L "$1/$2" ]; }; then exit ${UploadExit.exists}; fi
[ -d "$1/$2" ] || mkdir -p "$1/$2"
`;

/** The guest's part of an upload to the share at `mountPoint`. It takes the file's bytes from its standard input. */
export function uploadCommand(request: UploadRequest, mountPoint: string, rootIsShared: boolean): Command {
  const { path, size, replace } = request;
  const names = path.split("/").filter((name) => name !== "");
  const name = size === undefined ? "" : names.pop();
  const directory = names.join("/");
  const script =
    size === undefined
      ? [MAKE_DIRECTORY, "upload", mountPoint, directory]
      : [WRITE_FILE, "upload", mountPoint, directory, name ?? "", String(size), replace ? "replace" : ""];
  // Our own shell and programs: a root of the visitor's may lack them.
  const shell = rootIsShared ? [`${INITRAMFS}/bin/busybox`, "sh"] : ["/bin/sh"];
  return { argv: [...shell, "-c", ...script], cwd: "/", env: {} };
}
