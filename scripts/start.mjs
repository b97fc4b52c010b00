// README's first command: installs what is missing, builds the page and serves it; arguments go to `vite preview`.
import { installPackages } from "./install.mjs";
import { npm } from "./npm.mjs";

installPackages();
const served = npm("run", "build") && npm("run", "preview", "--", ...process.argv.slice(2));
process.exitCode = served ? 0 : 1;
