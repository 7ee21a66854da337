import { modelLaws } from './model.js';
import { specify } from './specify.js';

specify('model', modelLaws);
