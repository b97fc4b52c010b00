/** The style sheet of the shadow root. Every pair of text and ground has AA contrast (4.5), control edges 3. */
export const STYLE = `
:host {
  --_background: var(--linux-vm-background, light-dark(#ffffff, #101416));
  --_color: var(--linux-vm-color, light-dark(#1c2321, #e1e6e4));
  --_chrome: var(--linux-vm-chrome-background, light-dark(#f4f5f3, #1a1f22));
  --_chrome-color: var(--linux-vm-chrome-color, light-dark(#1c2321, #e4e9e7));
  --_quiet: var(--linux-vm-quiet-color, light-dark(#55605c, #a3afab));
  --_edge: var(--linux-vm-edge-color, light-dark(#7b8682, #76837e));
  --_accent: var(--linux-vm-accent-color, light-dark(#0b6b57, #5fd3b3));
  --_on-accent: var(--linux-vm-on-accent-color, light-dark(#ffffff, #06231b));
  --_focus: var(--linux-vm-focus-color, light-dark(#0b57d0, #8ab4ff));
  display: block;
  block-size: 24rem;
  color-scheme: light dark;
}
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
p { margin: 0; }
.frame {
  display: flex;
  flex-direction: column;
  block-size: 100%;
  border: 1px solid var(--_edge);
  border-radius: var(--linux-vm-radius, 8px);
  overflow: hidden;
  background: var(--_chrome);
  color: var(--_chrome-color);
  font: 0.875rem/1.5 system-ui, sans-serif;
  font: var(--linux-vm-chrome-font, 0.875rem/1.5 system-ui, sans-serif);
}
.screen {
  position: relative;
  flex: 1;
  min-block-size: 0;
  padding: 0.4rem 0.3rem 0.3rem 0.6rem;
  background: var(--_background);
  color: var(--_color);
}
.screen:has(textarea:focus-visible) { box-shadow: inset 0 0 0 2px var(--_focus); }
.terminal {
  block-size: 100%;
  background: var(--_background);
  color: var(--_color);
  font-family: var(--linux-vm-font-family, ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace);
  font-size: var(--linux-vm-font-size, 14px);
}
.xterm .xterm-viewport { background-color: transparent !important; }
.cover {
  position: absolute;
  z-index: 10;
  inset: 0;
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: safe center;
  overflow: auto;
  background: var(--_background);
}
slot[name="poster"]::slotted(*) { flex: 0 1 auto; min-block-size: 0; max-inline-size: 100%; object-fit: contain; }
.panel {
  display: flex;
  flex-wrap: wrap;
  gap: 0.4rem 0.8rem;
  align-items: center;
  justify-content: center;
  min-inline-size: 0;
  padding: 0.5rem 0.8rem;
  border-radius: 8px;
  background: var(--_background);
}
.heading:empty, .amount:empty, .frame .error:has(.message:empty) { display: none; }
.heading { font-weight: 600; }
slot[name="toolbar"]::slotted(*) { margin: 0.3rem; }
.message { flex: 1 1 12rem; }
.amount, .hint, .status { color: var(--_quiet); }
.amount { font-variant-numeric: tabular-nums; }
.progress { inline-size: min(20rem, 100%); block-size: 0.5rem; accent-color: var(--_accent); }
.button, .keys button {
  min-block-size: 2.25rem;
  padding: 0.25rem 0.85rem;
  border: 1px solid var(--_accent);
  border-radius: 7px;
  background: var(--_accent);
  color: var(--_on-accent);
  font: inherit;
  font-weight: 550;
  cursor: pointer;
}
:focus-visible { outline: 2px solid var(--_focus); outline-offset: 2px; }
.xterm :focus-visible { outline: none; }
[data-status="ready"] .cover,
[data-status="starting"] .button,
.frame:not([data-status="starting"]) .progress { display: none; }
[data-status="starting"] .panel { flex-direction: column; }
/* What the terminal last said stays readable. */
:is([data-status="stopped"], [data-status="failed"]) .cover { inset: auto 0 0; }
:is([data-status="stopped"], [data-status="failed"]) .cover slot { display: none; }
.error {
  display: flex;
  flex-wrap: wrap;
  gap: 0.2rem 1rem;
  align-items: center;
  padding: 0.4rem 0.8rem;
  background: light-dark(#fdebe7, #3a211d);
  color: light-dark(#9b2010, #ffab9b);
  overflow-wrap: anywhere;
  overflow-y: auto;
  max-block-size: 40%;
}
.dismiss {
  min-block-size: 1.75rem;
  border: 1px solid currentcolor;
  border-radius: 7px;
  background: none;
  color: inherit;
  font: inherit;
  cursor: pointer;
}
.frame:not([data-status="failed"]) slot[name="error"] { display: none; }
.footer {
  display: flex;
  flex-wrap: wrap;
  gap: 0 1rem;
  align-items: center;
  padding: 0.15rem 0.6rem;
  font-size: 0.8125rem;
}
.choice { display: flex; gap: 0.4rem; align-items: center; min-block-size: 1.5rem; cursor: pointer; }
.checkbox { margin: 0; accent-color: var(--_accent); }
.frame:not([data-status="ready"]) :is(.choice, .hint) { display: none; }
.keys { display: none; gap: 0.35rem; padding: 0.35rem; }
.keys button {
  flex: 1;
  min-inline-size: 0;
  min-block-size: 2.75rem;
  padding: 0;
  border-color: var(--_edge);
  background: var(--_chrome);
  color: var(--_chrome-color);
  touch-action: manipulation;
}
.keys button[aria-pressed="true"] { background: var(--_accent); color: var(--_on-accent); }
@media (any-pointer: coarse) { [data-status="ready"] .keys { display: flex; } }
@media (hover: none) and (pointer: coarse) { .hint { display: none; } }
:host([readonly]) :is(.hint, .keys) { display: none !important; }
@media (prefers-reduced-motion: reduce) { .progress:indeterminate { visibility: hidden; } }
`;
