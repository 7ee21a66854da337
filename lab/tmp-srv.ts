import { chromium } from 'playwright';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--remote-debugging-port=9444'] });
console.log('up'); 
process.on('SIGTERM', async()=>{await b.close();process.exit(0)});
setTimeout(async()=>{await b.close();process.exit(0)}, 16*60000);
