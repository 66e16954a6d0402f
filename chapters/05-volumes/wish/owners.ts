// Who owns the files of a mount: as on disk, and as seen.
//
// - `readOwners(text, asked)`: `1000-0-1#…`: uid and gid 1000 on disk are seen as 0
//
// Only this mount shows them so; the files stay as they are, and what is created
// through it gets the owner on disk. Source: mount_setattr(2), MOUNT_ATTR_IDMAP.

import { parseIdMap } from '@slipway/namespaces';
import type { IdMap } from '@slipway/namespaces/container/id-map.ts';
import { refuse } from './mount-request.ts';

/** @throws UsageError if the text is no list of DISK-SEEN-COUNT */
export function readOwners(text: string, asked: string): readonly IdMap[] {
  return text.split('#').map(range => {
    if (!/^\d+-\d+-\d+$/.test(range)) {
      refuse(
        asked,
        `idmap wants DISK-SEEN-COUNT, as in 1000-0-1, not ${range || 'nothing'}`,
      );
    }
    try {
      return parseIdMap(range.replaceAll('-', ':'));
    } catch (error) {
      return refuse(asked, error instanceof Error ? error.message : String(error));
    }
  });
}
