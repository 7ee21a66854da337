import { operationLaws } from './operations.js';
import { specify } from './specify.js';

specify('operations', operationLaws);
