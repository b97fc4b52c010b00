import { contentCases } from "./content-cases.js";
import { namespaceCases } from "./namespace-cases.js";
import { oddNameCases } from "./odd-name-cases.js";
import { openNameCases } from "./open-name-cases.js";
import type { StoreCase } from "./store-case.js";

/** What every store that can be written does. */
export const storeCases: readonly StoreCase[] = [...namespaceCases, ...oddNameCases, ...contentCases, ...openNameCases];
