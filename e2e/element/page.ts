import "v86-virtiofs/element";
import type { LinuxVmElement } from "v86-virtiofs/element";

declare global {
  /** The first element of the page. */
  var element: LinuxVmElement;
  /** Events of it since {@link record} began, by name and what they say. */
  var seen: unknown[];
  var record: (element: LinuxVmElement) => void;
}

globalThis.seen = [];
globalThis.record = (element) => {
  element.addEventListener("status", ({ detail }) => seen.push(`status ${detail.status}`));
  element.addEventListener("share", ({ detail }) => seen.push(`share ${detail.share.mountPoint}`));
  element.addEventListener("ready", ({ detail }) => seen.push(`ready ${detail.vm === element.vm}`));
  element.addEventListener("error", ({ error, message }) => seen.push(`error ${error.code}: ${message}`));
};
Object.defineProperty(globalThis, "element", { get: () => document.querySelector("linux-vm") });
