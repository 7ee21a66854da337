import { runLaws } from './runs.js';
import { specify } from './specify.js';

specify('runs', runLaws);
