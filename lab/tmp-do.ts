import { chromium } from 'playwright';
import fs from 'fs';
const b = await chromium.connectOverCDP('http://localhost:9444');
const p = b.contexts()[0].pages().find(x=>x.url().includes('4599'))!;
const errs:string[]=[];p.on('console',m=>{if(m.type()==='error'||m.type()==='warning')errs.push(m.text())});p.on('pageerror',e=>errs.push(String(e)));
p.setDefaultTimeout(5000);
const text=()=>p.evaluate(()=>document.body.innerText);
const shot=(n:string,full=false)=>p.screenshot({path:`/tmp/${n}.png`,fullPage:full});
const btn=(n:string,i=0)=>p.getByRole('button',{name:n,exact:true}).nth(i).click();
const AF=Object.getPrototypeOf(async()=>{}).constructor;
await p.setViewportSize({width:Number(process.argv[2]??1440),height:Number(process.argv[3]??900)});
try{ await new AF('p','text','shot','btn','log',fs.readFileSync(0,'utf8'))(p,text,shot,btn,console.log);}catch(e){console.log('ERR',String(e).slice(0,800))}
if(errs.length)console.log('ERRS',errs);
process.exit(0);
