// A Vite plugin: gives the built pages the strictest Content-Security-Policy that they work under. docs/security.md explains it.
import { createHash } from "node:crypto";

/** For tests and development on this computer; elsewhere only https. */
const WEB = ["https:", "http://localhost:*", "http://127.0.0.1:*"];

/** What each page may do beyond loading its own scripts. */
const PAGES = {
  "/index.html": { "connect-src": ["'self'"], "img-src": ["'self'", "data:"] },
  // The archive and the poster that the frame's address names.
  "/embed.html": { "connect-src": ["'self'", ...WEB], "img-src": ["'self'", "data:", ...WEB] },
};

/** @returns {import("vite").Plugin} */
export function contentSecurity() {
  return {
    name: "content-security",
    apply: "build",
    enforce: "post",
    transformIndexHtml: {
      order: "post",
      handler(html, { path }) {
        const page = PAGES[path];
        if (!page) return [];
        const content = policy(page, hashesOf(html));
        return [{ tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content }, injectTo: "head-prepend" }];
      },
    },
  };
}

function policy(page, hashes) {
  const directives = {
    "default-src": ["'none'"],
    // WebAssembly runs in the Worker only, which some browsers give the page's policy.
    "script-src": ["'self'", "'wasm-unsafe-eval'", ...hashes],
    "worker-src": ["'self'"],
    "style-src": ["'self'"],
    ...page,
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(" ")}`)
    .join("; ");
}

/** Of the scripts that stand in the page itself. */
function hashesOf(html) {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)];
  return inline.map(([, code]) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`);
}
