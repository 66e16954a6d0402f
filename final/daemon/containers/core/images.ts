// Images as the containers use them.

import type { StoredImage } from '../../../libcontainer/layers.ts';

export interface Images {
  /** By reference, id, or the beginning of one. @throws INVALID, NOT_FOUND `No such image: …` */
  find(reference: string): StoredImage;

  /** Ids of those that commit or build made from it. */
  childrenOf(id: string): readonly string[];

  /** The same for a new container; the default image is made first where that is meant. */
  obtain(reference: string): Promise<StoredImage>;
}
