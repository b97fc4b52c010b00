import * as Comlink from "comlink";
import { MachineError } from "./machine-error.js";

/** Comlink posts an Error's name, message and stack only: this adds the code. Called once on each side. */
export function registerErrorTransfer(): void {
  const plain = Comlink.transferHandlers.get("throw");
  if (!plain) return;
  Comlink.transferHandlers.set("throw", {
    ...plain,
    serialize(thrown) {
      const [serialized, transfer] = plain.serialize(thrown);
      const { value } = thrown as { value: unknown };
      if (value instanceof MachineError) Object.assign((serialized as { value: object }).value, { code: value.code });
      return [serialized, transfer];
    },
  });
}
