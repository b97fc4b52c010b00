/** Where the program is put in the guest: on a file system of Linux's own, so that a share under test does not run its test. */
export const PROGRAM = "/tmp/posix-cases";

/** The shell's command that brings the program from the share `tag` to {@link PROGRAM}. */
export const installFrom = (tag: string): string => `cp /mnt/${tag}/posix-cases ${PROGRAM} && chmod 755 ${PROGRAM}`;

/** The cases that failed, each "name: why", from what the program printed (TAP). */
export function failedCases(tap: string): string[] {
  const lines = tap.split("\n");
  const planned = Number(/^1\.\.(\d+)$/.exec(lines[0] ?? "")?.[1]);
  const results = lines.filter((line) => /^(not )?ok /.test(line));
  const failed = lines.flatMap((line, index) =>
    line.startsWith("not ok ") ? [`${line.replace(/^not ok \d+ - /, "")} ${lines[index + 1]}`] : [],
  );
  if (!(planned > 0) || results.length !== planned) failed.push(`${results.length} of ${planned} cases came to an end`);
  return failed;
}
