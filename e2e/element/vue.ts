import { createApp, ref } from "vue";
import "v86-virtiofs/element";

const app = createApp({
  setup() {
    const [status, share, large, shown] = [ref("idle"), ref(""), ref(false), ref(true)];
    const shares = [{ source: { files: { "hello.txt": "from Vue" } }, tag: "docs" }];
    return { status, share, large, shown, shares };
  },
  template: `
    <output>{{ status }}{{ share }}</output>
    <button @click="large = !large">Large</button>
    <button @click="shown = !shown">Show</button>
    <linux-vm
      v-if="shown"
      share="opfs:vue"
      :shares="shares"
      command="cat /mnt/docs/hello.txt"
      loading="click"
      :font-size="large ? 20 : 13"
      :readonly="large"
      @status="status = $event.detail.status"
      @share="share += ' ' + $event.detail.share.mountPoint"
    >
      <strong slot="poster">A poster</strong>
    </linux-vm>`,
});
app.config.compilerOptions.isCustomElement = (tag) => tag === "linux-vm";
app.mount("#app");
