/** A map with its title at its left. */
import type { ComponentChildren } from 'preact';
import type { Side } from '../worker/messages.js';
import type { HeatMapOf } from './map.js';

export const Row = ({ map, side = 'a', children }: { readonly map: HeatMapOf; readonly side?: Side; readonly children: ComponentChildren }) => (
  <div class="row" data-map={side === 'a' ? map.title : undefined}>
    <div class="row-title">
      <strong>{map.title}</strong>
      <span>{map.note}</span>
    </div>
    {children}
  </div>
);
