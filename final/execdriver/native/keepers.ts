// Keepers for who starts next: one waits already, if the driver keeps one ready.
//
// - `Keepers`: `.take()`: one that has no place yet; `.close()`: the one that waits ends
//
// One that waits ends with our connection, also if we are killed.

import { prepareKeeper, type WaitingKeeper } from '@slipway/native';
import { Spare } from '../../engine/spare.ts';

export class Keepers {
  readonly #spare: Spare<Promise<WaitingKeeper | undefined>> | undefined;
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(keepsOneReady: boolean) {
    const drop = (spare: Promise<WaitingKeeper | undefined>): void => {
      this.#leaving = spare.then(keeper => keeper?.bye());
    };
    // Whoever needs it will hear why there is none.
    const make = () => prepareKeeper().catch(() => undefined);
    if (keepsOneReady) this.#spare = new Spare({ make, drop });
  }

  /** The caller's from now on. @throws SyscallError */
  async take(): Promise<WaitingKeeper> {
    const spare = await this.#spare?.take();
    // Somebody may have ended it while it waited.
    return spare?.isOpen === true ? spare : prepareKeeper();
  }

  async close(): Promise<void> {
    this.#spare?.[Symbol.dispose]();
    await this.#leaving;
  }
}
