/** Runs in the page: visible texts with less than 4.5 to 1 against what is painted behind them (WCAG 2.2, 1.4.3). */
export function lowContrast(): string[] {
  const painter = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const channels = (color: string): number[] => {
    painter.clearRect(0, 0, 1, 1);
    painter.fillStyle = color;
    painter.fillRect(0, 0, 1, 1);
    return [...painter.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color: string): number => {
    const [red, green, blue] = channels(color)
      .slice(0, 3)
      .map((channel) => channel / 255)
      .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const ground = (start: Element): string => {
    for (let at: Element | null = start; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (channels(backgroundColor)[3] === 255) return backgroundColor;
    }
    return "white";
  };
  const poor: string[] = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement: element, nodeValue: text } = texts.currentNode;
    if (!element?.checkVisibility() || !text?.trim() || element.closest(".xterm, script, noscript")) continue;
    const pair = [luminance(getComputedStyle(element).color), luminance(ground(element))].toSorted((a, b) => b - a);
    const ratio = (pair[0]! + 0.05) / (pair[1]! + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} “${text.trim()}”`);
  }
  return poor;
}
