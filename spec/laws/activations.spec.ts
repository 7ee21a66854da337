import { activationLaws } from './activations.js';
import { specify } from './specify.js';

specify('activations', activationLaws);
