// node scripts/run-typescript.mjs FILE: runs a TypeScript program of this project under Node, which strips types but knows no
// parameter properties.
import { resolve } from "node:path";
import { runnerImport } from "vite";
import { root } from "./npm.mjs";

await runnerImport(resolve(process.argv[2]), { configFile: false, root });
