import { element } from "../../page/element.js";
import { acceptPages } from "./accept.js";
import { Frame } from "./frame.js";
import { onOwnTab } from "./own-tab.js";
import { readParameters } from "../parameters.js";

const { parameters, errors } = readParameters(location.hash);
const frame = new Frame(parameters);
addEventListener("hashchange", () => location.reload());
if (errors.length > 0) {
  frame.refuse(`This frame's address is wrong. ${errors.join(" ")}`);
} else if (!isSecureContext) {
  frame.refuse("Linux needs https here: the frame's address, and that of every page around it.");
} else {
  acceptPages(parameters.allow, frame);
  onOwnTab(frame);
  element("start", HTMLButtonElement).addEventListener("click", () => void frame.start());
  // What was given up elsewhere goes on at once.
  if (parameters.load === "now" || frame.given) void frame.start();
  else if (parameters.load === "click") frame.offer();
  else void seen().then(() => frame.start());
}

/** Resolves when the frame comes into view; also where the page around it is of another origin (Intersection Observer, §3.2.9). */
function seen(): Promise<void> {
  return new Promise((resolve) => {
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting !== true) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(document.documentElement);
  });
}
