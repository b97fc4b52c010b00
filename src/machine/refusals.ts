/** Browsers tell of a refusal when they have rejected the request: in the same task, or soon after. */
const AFTER_MS = 100;
/** "\0asm", version 1: the smallest module. */
const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** What a Content-Security-Policy did not let this Worker ask for: addresses, or schemes that are not http. */
const refused = new Set<string>();
(globalThis as Partial<typeof globalThis>).addEventListener?.("securitypolicyviolation", ({ blockedURI }) =>
  refused.add(blockedURI),
);

/** Whether a Content-Security-Policy is why `url` could not be fetched. */
export async function isRefused({ href, protocol }: URL): Promise<boolean> {
  const known = (): boolean => refused.has(href) || refused.has(protocol.slice(0, -1));
  if (!known()) await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
  return known();
}

/** Whether a Content-Security-Policy keeps this Worker from compiling WebAssembly; browsers word that each in their own way. */
export function refusesWasm(): boolean {
  try {
    void new WebAssembly.Module(MODULE);
    return false;
  } catch (error) {
    return error instanceof WebAssembly.CompileError;
  }
}
