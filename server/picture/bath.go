package picture

var towels = motif{drawing: `<ellipse cx="200" cy="237" rx="120" ry="9" fill="Z"/>` +
	`<path fill="D" d="M92 188h206q14 0 14 23t-14 23H92z"/><path fill="M" d="M92 188h196q12 0 12 23t-12 23H92a23 23 0 0 1 0-46z"/><path fill="L" d="M92 200h206v5H92zM92 214h206v5H92z" opacity=".7"/>` +
	`<path fill="Q" d="M102 144h194q12 0 12 22t-12 22H102z"/><path fill="P" d="M102 144h184q12 0 12 22t-12 22H102a22 22 0 0 1 0-44z"/><path fill="A" d="M84 162h214v6H82z"/>` +
	`<path fill="D" d="M96 104h200q12 0 12 20t-12 20H96z"/><path fill="L" d="M96 104h190q12 0 12 20t-12 20H96a20 20 0 0 1 0-40z"/><path fill="M" d="M78 118h220v5H77z"/>` +
	`<path fill="G" d="M200 104c-40-6-54-26-52-40 26 2 44 14 52 40z"/><path fill="H" d="M200 104c-4-36 10-58 30-62 6 28-6 48-30 62z"/>`}

var towelOnRail = motif{hung: true, drawing: `<path fill="F" d="M140 74h136v196H140z" opacity=".8"/><path fill="T" d="M88 66h224v10H88z"/><circle cx="92" cy="71" r="12" fill="S"/><circle cx="308" cy="71" r="12" fill="S"/>` +
	`<path fill="D" d="M226 62h40v152h-40z"/><path fill="M" d="M132 70q0-10 12-10h106q12 0 12 10v178H132z"/>` +
	`<path fill="D" d="M236 60h14q12 0 12 10v178h-26z" opacity=".55"/>` +
	`<path fill="L" d="M132 186h130v10H132zM132 204h130v18H132z"/><path fill="none" stroke="L" stroke-width="6" stroke-dasharray="5 6" d="M134 252h128"/>` +
	`<path fill="none" stroke="D" stroke-width="4" stroke-linecap="round" d="M160 84v80M196 84v92"/>`}

var soap = motif{drawing: `<ellipse cx="200" cy="238" rx="116" ry="8" fill="Z"/>` +
	`<path fill="W" d="M96 208h208v14H96z"/><path fill="X" d="M96 222h208v6H96zM116 228h24v8h-24zM260 228h24v8h-24z"/>` +
	`<path fill="M" d="M116 158q0-22 22-22h124q22 0 22 22v28q0 22-22 22H138q-22 0-22-22z"/><path fill="D" d="M246 136h16q22 0 22 22v28q0 22-22 22h-16q18-4 18-22v-28q0-18-18-22z"/>` +
	`<ellipse cx="192" cy="172" rx="46" ry="22" fill="none" stroke="L" stroke-width="5"/><path fill="L" d="M176 178q4-20 32-16-4 22-32 16z"/>` +
	`<g fill="P"><circle cx="140" cy="124" r="16"/><circle cx="166" cy="112" r="11"/><circle cx="124" cy="104" r="8"/><circle cx="272" cy="116" r="13"/><circle cx="292" cy="96" r="7"/><circle cx="150" cy="82" r="6"/></g>` +
	`<g fill="F"><circle cx="136" cy="120" r="4"/><circle cx="164" cy="109" r="3"/><circle cx="268" cy="112" r="4"/></g>`}

var brush = motif{hung: true, drawing: `<g transform="rotate(-32 200 150)"><path fill="Z" d="M40 162h210v14H40z" opacity=".6"/>` +
	`<path fill="none" stroke="W" stroke-width="16" stroke-linecap="round" d="M44 150h190"/><path fill="none" stroke="Y" stroke-width="4" stroke-linecap="round" d="M54 146h150"/><circle cx="46" cy="150" r="4" fill="F"/>` +
	`<path fill="Q" d="M226 158h124l-8 46H236z"/><path fill="none" stroke="P" stroke-width="5" d="M242 160l4 42M260 160l2 42M278 160v42M296 160v42M314 160l-2 42M332 160l-4 42"/>` +
	`<path fill="W" d="M214 150c0-20 20-26 72-26s74 10 74 26-22 18-74 18-72 0-72-18z"/><path fill="X" d="M214 152c40 8 110 6 146-2 0 16-22 18-74 18s-72 2-72-16z"/></g>`}

var mat = motif{drawing: `<ellipse cx="190" cy="260" rx="150" ry="9" fill="Z"/>` +
	`<path fill="D" d="M104 160h192l56 94q4 10-8 10H56q-12 0-8-10z"/><path fill="M" d="M104 154h192l56 94q4 10-8 10H56q-12 0-8-10z"/>` +
	`<path fill="none" stroke="L" stroke-width="5" d="M116 168h168l44 76H72z"/>` +
	`<g fill="D"><circle cx="140" cy="190" r="3"/><circle cx="176" cy="220" r="4"/><circle cx="220" cy="186" r="3"/><circle cx="256" cy="224" r="4"/><circle cx="120" cy="226" r="3"/><circle cx="280" cy="204" r="3"/><circle cx="196" cy="200" r="2"/></g>` +
	`` +
	`<g transform="translate(0 42)"><path fill="A" d="M166 66q22 0 22 34l-4 44q-4 22-20 22t-18-22l-4-44q2-34 24-34zM234 66q-22 0-22 34l4 44q4 22 20 22t18-22l4-44q-2-34-24-34z" /><path fill="P" d="M144 114q20-24 43 0l-3 36q-4 20-20 20t-17-20zM213 114q20-24 43 0l-3 36q-4 20-20 20t-17-20z"/></g>`}

var dispenser = motif{drawing: `<ellipse cx="200" cy="236" rx="70" ry="8" fill="Z"/>` +
	`<path fill="none" stroke="T" stroke-width="10" stroke-linejoin="round" d="M200 100V66h-44v14"/><path fill="S" d="M180 58h54v14h-54zM182 88h36v20h-36z"/>` +
	`<path fill="#8a5a34" d="M148 134q0-26 30-26h44q30 0 30 26v86q0 14-14 14h-76q-14 0-14-14z"/><path fill="#6e4526" d="M222 108q30 0 30 26v86q0 14-14 14h-22q12-2 12-14v-86q0-20-22-26z"/>` +
	`<path fill="none" stroke="#b5855b" stroke-width="6" stroke-linecap="round" d="M160 138v72"/>` +
	`<path fill="P" d="M166 152h68v52h-68z"/><path fill="G" d="M200 192c-16-6-20-16-18-28 14 4 20 14 18 28z"/><path fill="H" d="M200 192c-2-16 4-26 16-30 4 14-4 24-16 30z"/>`}
