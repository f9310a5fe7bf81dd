package picture

var cushion = motif{drawing: `<ellipse cx="200" cy="240" rx="104" ry="9" fill="Z"/>` +
	`<path fill="M" d="M104 52c60 18 130 18 194 0-12 60-12 124 2 188-70-12-130-12-200 0 16-64 16-128 4-188z"/>` +
	`<path fill="D" d="M298 52c-12 60-12 124 2 188-26-5-54-8-82-9 50-40 66-110 80-179z"/>` +
	`<path fill="none" stroke="L" stroke-width="5" stroke-linecap="round" d="M198 150l-48-56M206 150l46-54M198 154l-50 48M206 154l48 46"/><circle cx="202" cy="152" r="11" fill="A"/>` +
	`<g fill="A"><circle cx="103" cy="54" r="9"/><circle cx="299" cy="54" r="9"/><circle cx="101" cy="238" r="9"/><circle cx="299" cy="238" r="9"/></g>`}

var rug = motif{drawing: `<ellipse cx="206" cy="262" rx="150" ry="8" fill="Z"/>` +
	`<path fill="D" d="M40 256L104 104h192l64 152v8H40z"/><path fill="M" d="M40 256L104 104h192l64 152z"/>` +
	`<path fill="L" d="M92 132h216l8 18H84zM66 194h268l8 20H58z"/><path fill="A" d="M80 162h240l4 10H76zM50 232h300l5 12H45z"/>` +
	`<path fill="none" stroke="D" stroke-width="2" d="M98 119h204M82 156h236M70 184h260M56 222h288" opacity=".6"/>` +
	`<path fill="none" stroke="Q" stroke-width="5" stroke-linecap="round" d="M48 258l-4 14M76 258l-3 14M104 258l-2 14M132 258l-1 14M160 258v14M188 258v14M216 258v14M244 258v14M272 258l1 14M300 258l2 14M328 258l3 14M352 258l4 14"/>`}

var basket = motif{drawing: `<ellipse cx="200" cy="238" rx="104" ry="9" fill="Z"/>` +
	`<path fill="P" d="M124 132c0-34 26-44 50-34 20-26 66-20 70 4 24-4 38 12 32 32z"/><path fill="Q" d="M214 92c20-4 30 2 30 10 24-4 38 12 32 32h-60c10-12 10-28-2-42z"/>` +
	`<path fill="none" stroke="X" stroke-width="11" d="M110 152c-26 0-26-40 0-40M290 152c26 0 26-40 0-40"/>` +
	`<path fill="W" d="M100 128h200l-20 106H120z"/><path fill="X" d="M254 128h46l-20 106h-36z" opacity=".6"/>` +
	`<path fill="none" stroke="X" stroke-width="4" d="M106 158h188M111 184h178M116 210h168"/>` +
	`<path fill="none" stroke="Y" stroke-width="9" stroke-dasharray="17 15" d="M108 145h184"/><path fill="none" stroke="Y" stroke-width="9" stroke-dasharray="17 15" d="M126 171h162"/><path fill="none" stroke="Y" stroke-width="9" stroke-dasharray="17 15" d="M116 197h168"/><path fill="none" stroke="Y" stroke-width="9" stroke-dasharray="17 15" d="M134 222h146"/>` +
	`<path fill="X" d="M94 120q0-6 6-6h200q6 0 6 6v10q0 6-6 6H100q-6 0-6-6z"/>`}

var vase = motif{drawing: `<ellipse cx="200" cy="237" rx="62" ry="8" fill="Z"/>` +
	`<path fill="none" stroke="H" stroke-width="4" stroke-linecap="round" d="M198 122C190 90 176 70 158 52M202 122c0-40 6-66 20-92M206 122c8-24 24-42 46-50"/>` +
	`<path fill="G" d="M158 52c-4-20-18-26-30-24 2 18 12 28 30 24zM170 70c-22 8-32 2-38-8 16-8 30-4 38 8zM182 90c2-24 14-32 26-32 2 18-8 30-26 32zM222 30c-2-16 8-26 20-28 4 16-4 26-20 28zM212 58c18-4 30-14 30-26-18-2-28 10-30 26zM206 82c-18-6-22-20-18-32 16 6 22 18 18 32zM252 72c8-16 22-18 32-14-4 16-16 22-32 14zM230 88c16 8 28 4 34-6-14-10-26-6-34 6z"/>` +
	`<path fill="M" d="M176 116h48c0 26 30 44 30 80 0 24-14 38-30 38h-48c-16 0-30-14-30-38 0-36 30-54 30-80z"/><path fill="D" d="M206 116h18c0 26 30 44 30 80 0 24-14 38-30 38h-20c16-8 26-20 26-40 0-34-24-50-24-78z"/>` +
	`<path fill="L" d="M172 110h56v10h-56z"/><path fill="none" stroke="L" stroke-width="6" stroke-linecap="round" d="M160 196c0-16 6-28 14-40"/>`}

var mirror = motif{hung: true, drawing: `<path fill="none" stroke="X" stroke-width="5" d="M150 66l50-46 50 46"/><circle cx="200" cy="20" r="7" fill="K"/>` +
	`<circle cx="206" cy="166" r="106" fill="Z" opacity=".6"/><circle cx="200" cy="160" r="106" fill="O"/><circle cx="200" cy="160" r="97" fill="#d9e6ea"/>` +
	`<path fill="#eef5f6" d="M132 92l40-25 44 184-40 3zM232 70l22 12 24 136-14 14z"/>` +
	`<path fill="#c3d5db" d="M110 198q90-40 180 0a97 97 0 0 1-180 0z" opacity=".7"/>`}

var frame = motif{hung: true, drawing: `<path fill="Z" d="M118 42h176v228H118z" opacity=".7"/>` +
	`<path fill="W" d="M110 34h176v228H110z"/><path fill="X" d="M286 34v228H110l14-14h148V48z"/><path fill="P" d="M124 48h148v200H124z"/>` +
	`<path fill="C" d="M150 80h96v136h-96z"/><circle cx="216" cy="114" r="15" fill="N"/><path fill="L" d="M150 170l34-44 26 34 14-14 22 24v46h-96z"/><path fill="M" d="M150 190q40-26 96 4v22h-96z"/><path fill="D" d="M150 208q50-16 96 0v8h-96z"/>`}
