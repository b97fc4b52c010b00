import type { ITheme } from "@xterm/xterm";

/** Every pair of colours has AA contrast. */
export const LIGHT: ITheme = {
  background: "#ffffff",
  foreground: "#1c2321",
  cursor: "#0b6b57",
  cursorAccent: "#ffffff",
  selectionBackground: "#bfe3d8",
  scrollbarSliderBackground: "#1c232133",
  scrollbarSliderHoverBackground: "#1c232159",
  scrollbarSliderActiveBackground: "#1c232180",
  black: "#1c2321",
  red: "#b3261e",
  green: "#1a6e2e",
  yellow: "#7a5600",
  blue: "#1a56b0",
  magenta: "#8a2c8f",
  cyan: "#00676f",
  white: "#5c6663",
  brightBlack: "#55605c",
  brightRed: "#c5352b",
  brightGreen: "#217a38",
  brightYellow: "#856000",
  brightBlue: "#2463c4",
  brightMagenta: "#9a3aa0",
  brightCyan: "#00747d",
  brightWhite: "#3a4441",
};

export const DARK: ITheme = {
  background: "#101416",
  foreground: "#e1e6e4",
  cursor: "#5fd3b3",
  cursorAccent: "#101416",
  selectionBackground: "#2f5a4e",
  scrollbarSliderBackground: "#e1e6e433",
  scrollbarSliderHoverBackground: "#e1e6e459",
  scrollbarSliderActiveBackground: "#e1e6e480",
  black: "#2c3438",
  red: "#ff8a7a",
  green: "#7fd38c",
  yellow: "#e6c15c",
  blue: "#8ab4ff",
  magenta: "#e0a1e6",
  cyan: "#6fd3dc",
  white: "#c9d0cd",
  brightBlack: "#8a9692",
  brightRed: "#ffab9f",
  brightGreen: "#a2e3ab",
  brightYellow: "#f2d98c",
  brightBlue: "#b1ccff",
  brightMagenta: "#ecc1f0",
  brightCyan: "#9ae4ea",
  brightWhite: "#ffffff",
};

/** Gives the terminal's colours at once and whenever the system's scheme changes, or those of `theme` always. */
export function followColorScheme(apply: (theme: ITheme) => void, theme?: "light" | "dark"): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = (): void => apply((theme ? theme === "dark" : dark.matches) ? DARK : LIGHT);
  dark.addEventListener("change", follow);
  follow();
}
