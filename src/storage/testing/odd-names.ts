/** Names that Linux allows, and that one store or another does not take as they are. All differ; some in case or form only. */
export const ODD_NAMES: readonly string[] = [
  ["a:b", "a*b", 'a"b', "a<b>c", "a|b", "what?", "a\\b", "\\", ":"],
  ["con", "CON", "con.txt", "nul.txt", "aux", "com1", "lpt9.x", "clock$", "conin$", "desktop.ini", "Thumbs.db"],
  ["foo.lnk", "x.url", "x.scf", "x.{645FF040}", "x", "x.crswap", "x.1.crswap", "x.crswap.crswap", ".crswap"],
  ["end.", "end..", "end ", "end. ", " start", ". start", "~", "~x", "x~", "...", "..x", ".~", " ", "\u3000"],
  ["tab\tnewline\n", "\x01", "\x7f", "\x80", "a\u200db", "\ufeffx", "\u202ex", "\uffff", "\ufdd0x", "\u{1fffe}"],
  ["\uf03a", "\uf03a:", ":\uf03a", "\uf000", "\uf02f", "\uf0ff", "\uf02e", "\uf02e\uf02e", "\uf0ef\uf080\uf0ba"],
  ["\udcff", "a\udc80b", "\udced\udca0\udc80", "\udcef\udc80", "\udcef\udc80:", "é\udce9"],
  ["Case", "case", "CASE", "cASE", "Über", "über", "é", "e\u0301", "É", "\u212b", "\u00c5", "a\u030a"],
  [".v86-virtiofs", ".V86-VIRTIOFS", "%41", "A", "\uf041"],
].flat();
