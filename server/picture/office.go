package picture

var notebook = motif{drawing: `<ellipse cx="204" cy="252" rx="104" ry="8" fill="Z"/><g transform="rotate(-7 200 150)">` +
	`<path fill="D" d="M122 48h160q14 0 14 14v182q0 12-14 12H122z"/><path fill="P" d="M122 54h166v194H122z"/>` +
	`<path fill="M" d="M116 44h158q14 0 14 14v178q0 14-14 14H116q-8 0-8-8V52q0-8 8-8z"/><path fill="D" d="M108 52q0-8 8-8h16v206h-16q-8 0-8-8z"/>` +
	`<g fill="L"><circle cx="166" cy="92" r="3"/><circle cx="188" cy="92" r="3"/><circle cx="210" cy="92" r="3"/><circle cx="232" cy="92" r="3"/><circle cx="166" cy="114" r="3"/><circle cx="188" cy="114" r="3"/><circle cx="210" cy="114" r="3"/><circle cx="232" cy="114" r="3"/><circle cx="166" cy="136" r="3"/><circle cx="188" cy="136" r="3"/><circle cx="210" cy="136" r="3"/><circle cx="232" cy="136" r="3"/></g>` +
	`<path fill="A" d="M262 44h9v206h-9zM216 250h14v28l-7-8-7 8z"/></g>`}

var pen = motif{hung: true, drawing: `<path fill="none" stroke="A" stroke-width="5" stroke-linecap="round" d="M66 250c30-40 44 20 70-10s34 20 62-4"/>` +
	`<g transform="rotate(-40 200 150)"><path fill="Z" d="M62 168h270v14H62z" opacity=".6"/>` +
	`<path fill="K" d="M40 152l40-12v24z"/><path fill="T" d="M76 140l26-6v36l-26-6z"/>` +
	`<path fill="O" d="M102 132h128v40H102z"/><path fill="N" d="M102 138h128v10H102z"/><path fill="T" d="M226 130h12v44h-12z"/>` +
	`<path fill="O" d="M238 130h104q14 0 14 22t-14 22H238z"/><path fill="N" d="M238 138h112v9H238z"/><path fill="#b97a28" d="M102 162h128v10H102zM238 163h114q-4 11-10 11H238z"/>` +
	`<path fill="T" d="M262 122h84q6 0 6 6v6h-90z"/></g>`}

var clock = motif{hung: true, drawing: `<circle cx="207" cy="158" r="108" fill="Z" opacity=".6"/><circle cx="200" cy="150" r="108" fill="D"/><circle cx="198" cy="148" r="104" fill="M"/><circle cx="200" cy="150" r="90" fill="P"/>` +
	`<path fill="none" stroke="K" stroke-width="7" stroke-linecap="round" d="M200 72v12M200 216v12M122 150h12M266 150h12"/><path fill="none" stroke="T" stroke-width="5" stroke-linecap="round" d="M239 82l-4 8M161 82l4 8M268 111l-7 4M132 111l7 4M268 189l-7-4M132 189l7-4M239 218l-4-8M161 218l4-8"/>` +
	`<path fill="none" stroke="K" stroke-width="9" stroke-linecap="round" d="M200 150l-38-26"/><path fill="none" stroke="K" stroke-width="7" stroke-linecap="round" d="M200 150l34-52"/><path fill="none" stroke="A" stroke-width="3" stroke-linecap="round" d="M192 132l30 70"/><circle cx="200" cy="150" r="9" fill="A"/>`}

var pencilPot = motif{drawing: `<ellipse cx="200" cy="237" rx="76" ry="8" fill="Z"/>` +
	`<path fill="N" d="M152 60l18-4 22 84h-22z"/><path fill="Y" d="M152 60l4-22 14 18z"/><path fill="K" d="M154 47l2-9 6 8z"/>` +
	`<path fill="A" d="M188 44h20v96h-20z"/><path fill="Y" d="M188 44l10-24 10 24z"/><path fill="K" d="M194 30l4-10 4 10z"/>` +
	`<path fill="G" d="M228 70l18 5-20 70h-18z"/><path fill="Y" d="M228 70l15-17 3 22z"/><path fill="K" d="M238 58l5-5 1 8z"/>` +
	`` +
	`<path fill="M" d="M140 124h120v96q0 14-14 14h-92q-14 0-14-14z"/><path fill="D" d="M232 124h28v96q0 14-14 14h-22q8-4 8-14z"/>` +
	`<path fill="L" d="M140 180h120v12H140z" opacity=".7"/><path fill="none" stroke="L" stroke-width="6" stroke-linecap="round" d="M154 140v28"/><path fill="L" d="M136 118h128v10H136z"/>`}

var scissors = motif{hung: true, drawing: `<g transform="rotate(24 200 150)">` +
	`<path fill="S" d="M176 22q-12 60 16 140l16 6z"/><path fill="U" d="M226 22q12 60-16 140l-16 6z"/><path fill="T" d="M226 22q12 60-16 140l-7 3z"/>` +
	`<path fill="none" stroke="M" stroke-width="15" stroke-linecap="round" d="M204 160l-20 34M196 160l20 34"/>` +
	`<ellipse cx="166" cy="228" rx="26" ry="38" transform="rotate(22 166 228)" fill="none" stroke="M" stroke-width="15"/><ellipse cx="234" cy="228" rx="26" ry="38" transform="rotate(-22 234 228)" fill="none" stroke="D" stroke-width="15"/>` +
	`<circle cx="200" cy="160" r="9" fill="K"/><circle cx="198" cy="158" r="3" fill="U"/></g>`}
