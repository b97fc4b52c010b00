/** The serial port of a machine: an `Emulator` has it. */
export interface Serial {
  onSerial: (text: string) => void;
  sendSerial(text: string): void;
}

/** Types on the serial port and reads it, as a person would. */
export class SerialTerminal {
  #text = "";
  #changed = () => {};

  constructor(private readonly machine: Serial) {
    machine.onSerial = (text) => {
      this.#text += text;
      this.#changed();
    };
  }

  /** Runs a command line and returns what it printed. */
  async run(command: string): Promise<string> {
    // Marks in two parts, so that the echo of what is typed is not taken for them.
    this.machine.sendSerial(`echo BEG"IN"; ${command}; echo E"ND"\n`);
    await this.until("BEGIN\r\n");
    return (await this.until("END\r\n")).replaceAll("\r", "");
  }

  async until(mark: string): Promise<string> {
    while (!this.#text.includes(mark)) await new Promise<void>((resolve) => (this.#changed = resolve));
    const end = this.#text.indexOf(mark);
    const text = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + mark.length);
    return text;
  }
}
