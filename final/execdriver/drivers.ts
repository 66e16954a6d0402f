// The exec drivers of this build: one line for each.
//
// - `execDrivers()`: the registry

import { ExecDrivers } from './driver.ts';
import { nativeDriver, type NativeSettings } from './native/native.ts';

export function execDrivers(): ExecDrivers<NativeSettings> {
  const drivers = new ExecDrivers<NativeSettings>();
  drivers.register('native', nativeDriver);
  return drivers;
}
