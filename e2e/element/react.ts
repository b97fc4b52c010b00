import { type JSX, createElement, useState } from "react";
import { createRoot } from "react-dom/client";
import type { LinuxVmElement, LinuxVmProps } from "v86-virtiofs/element";
import "v86-virtiofs/element";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "linux-vm": Omit<DetailedHTMLProps<HTMLAttributes<LinuxVmElement>, LinuxVmElement>, keyof LinuxVmProps> &
        LinuxVmProps;
    }
  }
}

const SHARES = [{ source: { files: { "hello.txt": "from React" } }, tag: "docs" }];

function App(): JSX.Element {
  const [status, setStatus] = useState("idle");
  const [share, setShare] = useState("");
  const [large, setLarge] = useState(false);
  const [shown, setShown] = useState(true);
  const vm: JSX.IntrinsicElements["linux-vm"] = {
    share: "opfs:react",
    shares: SHARES,
    command: "cat /mnt/docs/hello.txt",
    loading: "click",
    fontSize: large ? 20 : 13,
    readOnly: large,
    onstatus: (event) => setStatus(event.detail.status),
    onshare: (event) => setShare((before) => `${before} ${event.detail.share.mountPoint}`),
  };
  return createElement(
    "div",
    null,
    createElement("output", null, `${status}${share}`),
    createElement("button", { onClick: () => setLarge(!large) }, "Large"),
    createElement("button", { onClick: () => setShown(!shown) }, "Show"),
    shown && createElement("linux-vm", vm, createElement("strong", { slot: "poster" }, "A poster")),
  );
}

createRoot(document.getElementById("app")!).render(createElement(App));
