import { optimiserLaws } from './optimiser.js';
import { specify } from './specify.js';

specify('optimiser', optimiserLaws);
