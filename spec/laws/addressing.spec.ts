import { addressingLaws } from './addressing.js';
import { specify } from './specify.js';

specify('addressing', addressingLaws);
