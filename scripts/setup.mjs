import { installBrowsers, installPackages } from "./install.mjs";

installPackages();
await installBrowsers();
