// npm run golden: runs a session in real guests and keeps every FUSE request with its reply for src/fuse/golden.test.ts.
import { writeFileSync } from "node:fs";
import { debianRelease } from "../../scripts/debian.mjs";
import { GOLDEN_COMMANDS, goldenServer, type GoldenSession } from "../../src/fuse/testing/golden/session.js";
import { formatExchange, Recorder } from "../../src/fuse/testing/golden/exchange.js";
import { BareMachine } from "../../src/machine/testing/bare-machine.js";
import { builtInImages, shell } from "../../src/machine/testing/node-machine.js";
import { VirtioFs } from "../../src/virtio/virtio-fs.js";
import { stockImages } from "../stock-kernel/stock-images.js";

const FIXTURES = new URL("../../src/fuse/testing/golden/", import.meta.url);

await record("linux-6.12", builtInImages());
if (debianRelease() === "12") await record("linux-6.1", stockImages());
else console.log("linux-6.1 is left as it is: its kernel comes from the packages of Debian 12.");

async function record(name: string, images: Parameters<typeof BareMachine.boot>[0]): Promise<void> {
  const machine = await BareMachine.boot(images);
  try {
    const kernel = (await shell(machine, "uname -r")).trim();
    for (const [profile, exclusive] of Object.entries({ exclusive: true, shared: false })) {
      const recorder = new Recorder(goldenServer(exclusive));
      const slot = machine.plug(new VirtioFs({ tag: "golden", handler: recorder }));
      await shell(machine, "echo 1 > /sys/bus/pci/rescan");
      for (const command of GOLDEN_COMMANDS) await shell(machine, command);
      await shell(machine, "for entry in /sys/bus/virtio/drivers/virtiofs/virtio*; do echo 1 > $entry/../remove; done");
      slot.remove();
      const session: GoldenSession = { kernel, exclusive, exchanges: recorder.exchanges.map(formatExchange) };
      writeFileSync(new URL(`${name}-${profile}.json`, FIXTURES), `${JSON.stringify(session, undefined, 2)}\n`);
      console.log(`${name}-${profile} (${kernel}): ${session.exchanges.length} requests`);
    }
  } finally {
    await machine.stop();
  }
}
