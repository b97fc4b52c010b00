import type { RecordLog, Store } from "../storage/store.js";
import { PARKING_RECORD, Records } from "./records.js";

/** What could not be ended, in words for the visitor. */
export type TellProblem = (problem: string) => void;

/** The records of a store that nobody uses yet, with what was cut off ended. */
export async function openRecords(log: RecordLog, store: Store, tell: TellProblem = () => {}): Promise<Records> {
  const records = await Records.open(log);
  if (await isCutOff(records, store)) {
    const { endIntents } = await import("./end-intents.js");
    await endIntents(records, store, tell);
  }
  await records.flush();
  return records;
}

/** A tab was killed at the visit before. */
async function isCutOff(records: Records, { parking }: Store): Promise<boolean> {
  if (records.intents.length > 0 || records.in(PARKING_RECORD).size > 0) return true;
  return parking !== undefined && (await parking.list()).length > 0;
}
