import { memoryLaws } from './memory.js';
import { specify } from './specify.js';

specify('memory', memoryLaws);
