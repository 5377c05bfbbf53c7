/** What the dashboard adds to the style sheet of the report, whose colours, cards, pills, tables and evidence it uses. */
export const STYLE = `
.is-ok{--tone:var(--pass);--tint:var(--pass-bg)}.is-breached{--tone:var(--fail);--tint:var(--fail-bg)}
.is-pending{--tone:var(--degraded);--tint:var(--degraded-bg)}.is-recovering{--tone:var(--accent);--tint:var(--faint)}.is-waiting{--tone:var(--idle);--tint:var(--idle-bg)}
[hidden]{display:none!important}
.skip{position:absolute;left:-9999px}.skip:focus{left:1rem;top:1rem;z-index:3;background:var(--card);padding:.5rem 1rem;border-radius:8px}
body>.masthead{max-width:1200px;margin:0 auto;padding:1.5rem 1.5rem 0}main{padding-top:0}main:focus{outline:none}
.bar{display:flex;justify-content:space-between;align-items:center;gap:1rem}.brand{text-decoration:none}
.live{display:flex;align-items:center;gap:.5em;font-size:.8125rem;color:var(--muted)}
.lamp{width:.55em;height:.55em;border-radius:50%;background:var(--idle);flex:none}.live.is-live .lamp{background:var(--pass)}
.live.is-reconnecting{color:var(--degraded);font-weight:600}.live.is-reconnecting .lamp{background:none;border:2px solid var(--degraded)}
.environment{color:var(--muted);font-size:.875rem;border:1px solid var(--line);border-radius:6px;padding:0 .5em}
.headline{color:var(--muted);min-height:1.5em}
.toolbar{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem 1.25rem}
.chips{display:flex;flex-wrap:wrap;gap:.4rem;margin-right:auto}
.chip{display:inline-flex;align-items:center;gap:.4em;padding:.2em .75em .2em .5em;border-radius:99px;border:1px solid var(--line);color:var(--ink);font-size:.8125rem;text-decoration:none;white-space:pre}
.chip .icon{color:var(--tone)}.chip:hover{border-color:var(--tone)}.chip[aria-current=true]{background:var(--tint);border-color:var(--tone);color:var(--tone)}
input[type=search]{font:inherit;font-size:.875rem;color:inherit;background:var(--ground);border:1px solid var(--muted);border-radius:8px;padding:.35rem .7rem;width:15rem;max-width:100%}
::placeholder{color:var(--muted);opacity:1}
.found{color:var(--muted);font-size:.875rem}.found:not(:empty){margin-top:.75rem}
.calm{color:var(--muted)}.calm:empty{display:none}section>h2+.calm{margin-top:.5rem}
.probes-card{padding-bottom:.5rem}.probes{margin-top:.5rem}
.probe{position:relative;display:grid;grid-template-columns:minmax(0,1fr) 27rem 5.5rem 9.5rem;column-gap:1.75rem;align-items:start;padding:.85rem 0;border-top:1px solid var(--line)}
.probe:first-child{border-top:0}
.probe h3{margin:0;font-size:.9375rem;line-height:1.35}.probe h3 a{color:inherit;text-decoration:none}.probe h3 a::after{content:"";position:absolute;inset:1px -.9rem;border-radius:8px}
.probe:hover h3 a{color:var(--accent);text-decoration:underline}.probe h3 a:focus-visible{outline:none}.probe h3 a:focus-visible::after{outline:2px solid var(--accent)}
.state{display:flex;flex-wrap:wrap;align-items:center;gap:.1rem .6em;margin-top:.2rem;font-size:.8125rem}.since{color:var(--muted)}
.probe.is-ok .state .pill,.probe.is-waiting .state .pill{background:none;padding:0;font-weight:400}
.description{font-size:.8125rem;color:var(--muted);margin-top:.15rem}
.probe .because{font-size:.8125rem;color:var(--muted);margin-top:.2rem;min-width:0;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}.probe .because:empty{display:none}
.because b{color:var(--tone)}
.p95{text-align:right;white-space:nowrap}.p95 .label{color:var(--muted);font-size:.8125rem}.p95 b{display:block;font-size:1.0625rem;line-height:1.35}
.when{font-size:.8125rem;color:var(--muted);line-height:1.6}.running{display:flex;align-items:center;gap:.5em;color:var(--accent)}.running .lamp{background:var(--accent)}
@media (prefers-reduced-motion:no-preference){.running .lamp{animation:breathe 1.6s ease-in-out infinite}@keyframes breathe{50%{opacity:.25}}}
.strip{position:relative;display:flex;justify-content:flex-end;height:34px;background:linear-gradient(var(--line),var(--line)) 0 20px/100% 1px no-repeat}
.strip:empty{background:none;height:0}
.tick{position:relative;z-index:1;flex:0 0 calc(100%/60);height:34px;--bar:var(--tone)}
.tick::before{content:"";position:absolute;left:12%;right:16%;border-radius:1.5px;background:var(--bar);top:3px;height:16px}
.tick.is-pass::before{opacity:.75}
.tick.is-degraded::before{top:10px;height:19px}
.tick.is-fail::before{top:22px;height:12px}
.tick.is-inconclusive::before{top:17px;height:7px;border-radius:50%;left:0;right:auto;width:7px;background:var(--card);border:1.5px solid var(--bar)}
.tick:is(.is-skipped,.is-late,.is-missed,.is-deferred)::before{top:19px;height:3px;left:25%;right:25%}
.tick:hover,.tick[aria-current=true]{background:var(--faint);border-radius:3px}.tick[aria-current=true]{box-shadow:0 0 0 1px var(--muted)}.tick:hover::before{opacity:1}
.tick:focus-visible{z-index:2;outline-offset:0;border-radius:2px}
.tick:focus-visible::after{content:attr(title);position:absolute;right:0;bottom:calc(100% + 6px);width:max-content;max-width:min(22rem,70vw);padding:.4rem .65rem;border-radius:6px;background:var(--ink);color:var(--ground);font-size:.8125rem;line-height:1.4}
.pager p{display:flex;justify-content:center;gap:1.5rem;padding:.85rem 0;border-top:1px solid var(--line);font-size:.875rem}.pager span{color:var(--muted)}
.failures{margin-top:.35rem}.failures li{border-top:1px solid var(--line)}.failures li:first-child{border-top:0}
.failures details{margin:0}.failures summary{font-weight:400;font-size:.875rem;padding:.6rem 0;display:flex;gap:.6rem;align-items:baseline;list-style:none}
.failures summary::-webkit-details-marker{display:none}.failures summary::before{content:"▸";color:var(--muted);flex:none}.failures details[open]>summary::before{content:"▾"}
.told{display:grid;grid-template-columns:7.5rem minmax(6rem,11rem) 8rem minmax(0,1fr);gap:.2rem 1rem;align-items:baseline;flex:1;min-width:0}.told .at{color:var(--muted)}.told .pill{justify-self:start;align-items:baseline}.told .pill .icon{align-self:center}.detail .told{grid-template-columns:7.5rem 8rem minmax(0,1fr)}.detail .told .name{display:none}
.failures .because{min-width:0;color:var(--ink)}.opened{padding:.25rem 0 1.1rem 1.4rem}.others{color:var(--muted);font-size:.875rem;margin-bottom:.6rem}
.more{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin-bottom:.7rem;font-size:.875rem;color:var(--muted)}
.crumb{font-size:.875rem;margin-top:1.25rem}.crumb+.card{margin-top:.6rem}
.lead .probe-name{font-size:1.5rem}.probe-name:focus{outline:none}.lead .meta{margin-top:.5rem}.lead .state{font-size:.875rem;margin-top:.35rem}.lead .strip{margin-top:1rem}.facts .calm{margin-top:.75rem}
.lead .tick::before{left:max(12%,50% - 5px);right:max(16%,50% - 5px)}
.toolbar h2{margin-right:auto}.probes-card .toolbar h2{margin-right:0}
.toggle{display:inline-flex;align-items:center;gap:.4em;font-size:.875rem;color:var(--muted)}.toggle input{accent-color:var(--accent)}
.chart{margin-top:.75rem;min-height:220px}.uplot{font:inherit}.u-over{cursor:pointer}
.u-legend{text-align:left;margin:.25rem 0 0;font-size:.8125rem;color:var(--muted);width:auto}.u-legend tr{margin-right:1.5rem}.u-legend th,.u-legend td{border:0;min-width:0;padding:.1rem .2rem .1rem 0}.u-legend .u-value{color:var(--ink);font-weight:600}
.u-legend tr:first-child .u-marker,.u-legend tr:last-child .u-marker{display:none}
.uplot .u-select{background:var(--accent);opacity:.12}.u-hz .u-cursor-x,.u-vt .u-cursor-y{border-color:var(--muted)}
.legend .icon{color:var(--tone)}.legend:empty{display:none}
.actions{display:flex;gap:1.25rem;margin-left:auto;font-size:.875rem}.run-head h2{margin-right:.2rem}
.evidence .scroll{margin-top:.6rem}tr[aria-current]>*{background:var(--faint)}.runs{margin-top:.75rem}.runs .because{min-width:14rem;color:var(--muted)}
button{font:inherit;font-size:.875rem;color:var(--accent);background:none;border:1px solid var(--line);border-radius:8px;padding:.35rem .9rem;margin-top:.9rem;cursor:pointer}button:hover{border-color:var(--accent)}
@media (max-width:980px){.probe{grid-template-columns:minmax(0,1fr) auto;row-gap:.45rem}.past{grid-column:1/-1;grid-row:2}.p95 b{display:inline}.when{grid-column:1/-1;display:flex;gap:.2rem 1.2rem;flex-wrap:wrap}}
@media (max-width:640px){body>.masthead{padding:1rem .75rem 0}.told,.detail .told{grid-template-columns:auto minmax(0,1fr);gap:.2rem .7rem}.told .because{grid-column:1/-1}.opened{padding-left:0}input[type=search]{width:100%;font-size:1rem}.actions{margin-left:0;width:100%}.chips{width:100%}.runs :is(th,td):last-child:not(:only-child){display:none}}
`;
