import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program in the project's folder with this terminal; whether it succeeded. */
export function run(program, ...args) {
  const { error, status } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (error) console.error(`${program} could not be started: ${error.message}`);
  return status === 0;
}

/** Runs npm: the one that started this script, which is no program of its own on Windows. */
export function npm(...args) {
  const script = process.env.npm_execpath;
  return script ? run(process.execPath, script, ...args) : run("npm", ...args);
}
