import { machineLaws } from './machines.js';
import { specify } from './specify.js';

specify('machines', machineLaws);
