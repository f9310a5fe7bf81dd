package picture

var deskLamp = motif{drawing: `<ellipse cx="176" cy="236" rx="80" ry="8" fill="Z"/>` +
	`<path fill="N" opacity=".45" d="M226 120l-26 106h160l-56-140z"/>` +
	`<path fill="none" stroke="T" stroke-width="8" stroke-linejoin="round" d="M172 226l-54-74 100-72"/>` +
	`<circle cx="118" cy="152" r="10" fill="K"/><circle cx="172" cy="222" r="9" fill="K"/>` +
	`<path fill="D" d="M120 234q0-16 20-16h64q20 0 20 16z"/>` +
	`<path fill="M" d="M204 62l36-18q10-4 16 6l54 38-88 48-24-58q-2-12 6-16z"/><path fill="D" d="M256 50l54 38-44 24-26-68q10-4 16 6z"/>` +
	`<path fill="N" d="M222 136l88-48c10 18-6 36-26 46s-50 14-62 2z"/>`}

var clipLight = motif{hung: true, drawing: `<path fill="N" opacity=".45" d="M150 122l-96 178h246l-92-190z"/>` +
	`<path fill="W" d="M236 178h164v20H236z"/><path fill="X" d="M236 198h164v8H236z"/>` +
	`<path fill="M" d="M292 92h18v86h-18zM318 84h18v94h-18zM340 98h22v80h-22z"/><path fill="A" d="M292 108h18v10h-18zM318 150h18v12h-18z"/><path fill="P" d="M340 112h22v8h-22z"/>` +
	`<path fill="none" stroke="K" stroke-width="8" stroke-linecap="round" d="M256 176c14-70-10-110-56-96"/>` +
	`<path fill="K" d="M240 164h32v54h-32z"/><path fill="T" d="M246 206h36v10h-36z"/>` +
	`<path fill="D" d="M186 66l22 18-6 12-28-18z"/><path fill="M" d="M140 120c4-30 18-46 44-44 22 6 30 24 26 54-14 10-54 4-70-10z"/>` +
	`<ellipse cx="174" cy="125" rx="36" ry="9" transform="rotate(9 174 125)" fill="N"/>`}

var candles = motif{drawing: `<ellipse cx="200" cy="236" rx="104" ry="9" fill="Z"/>` +
	`<circle cx="200" cy="74" r="44" fill="N" opacity=".3"/><circle cx="138" cy="112" r="38" fill="N" opacity=".3"/><circle cx="262" cy="128" r="36" fill="N" opacity=".3"/>` +
	`<path fill="none" stroke="K" stroke-width="3" d="M200 104V88M138 142v-14M262 160v-14"/>` +
	`<path fill="O" d="M200 48c14 18 16 30 12 38-5 9-19 9-24 0-4-8-2-20 12-38zM138 92c11 14 13 24 9 31-4 7-14 7-18 0-4-7-2-17 9-31zM262 110c11 14 13 24 9 31-4 7-14 7-18 0-4-7-2-17 9-31z"/>` +
	`<path fill="N" d="M200 66c7 9 8 15 6 20-3 5-9 5-12 0-2-5-1-11 6-20z"/>` +
	`<path fill="M" d="M176 104h48v130h-48zM114 142h48v92h-48zM238 160h48v74h-48z"/><path fill="D" d="M208 104h16v130h-16zM146 142h16v92h-16zM270 160h16v74h-16z"/>` +
	`<path fill="L" d="M176 104h48v8q-6 18-12 4-8-6-14 6-8 22-22-6zM114 142h48v8q-8 14-16 2-10 20-32 0zM238 160h48v8q-14 18-22 2-12 16-26 0z"/>`}

var pendant = motif{hung: true, drawing: `<path fill="N" opacity=".4" d="M104 182L40 300h320l-64-118z"/>` +
	`<path fill="none" stroke="K" stroke-width="4" d="M200 0v84"/><path fill="K" d="M188 78h24v20h-24z"/>` +
	`<circle cx="200" cy="186" r="24" fill="P"/><path fill="M" d="M96 182c0-56 44-88 104-88s104 32 104 88z"/>` +
	`<path fill="D" d="M232 98c42 10 72 40 72 84h-46c4-36-6-64-26-84z"/><path fill="none" stroke="L" stroke-width="7" stroke-linecap="round" d="M116 168c4-28 20-44 42-52"/>` +
	`<path fill="P" d="M96 180h208v8H96z"/>`}

var lantern = motif{drawing: `<ellipse cx="200" cy="236" rx="72" ry="8" fill="Z"/>` +
	`<circle cx="200" cy="148" r="84" fill="N" opacity=".28"/>` +
	`<path fill="none" stroke="T" stroke-width="6" d="M142 200C110 60 170 26 200 26s90 34 58 174"/>` +
	`<path fill="none" stroke="D" stroke-width="9" d="M148 206V108M252 206V108"/>` +
	`<path fill="C" d="M172 96h56c26 26 26 70 4 100h-64c-22-30-22-74 4-100z"/>` +
	`<path fill="O" d="M200 122c20 26 22 42 16 54-7 12-25 12-32 0-6-12-4-28 16-54z"/><path fill="N" d="M200 146c10 14 11 22 8 28-4 6-12 6-16 0-3-6-2-14 8-28z"/>` +
	`<path fill="D" d="M160 96l12-26h56l12 26z"/><path fill="M" d="M178 70l6-18h32l6 18zM144 92h112v10H144z"/>` +
	`<path fill="M" d="M156 196h88l10 14v24H146v-24z"/><path fill="D" d="M214 196h30l10 14v24h-38z"/><circle cx="166" cy="220" r="6" fill="A"/>`}

var floorLamp = motif{drawing: `<ellipse cx="200" cy="256" rx="92" ry="8" fill="Z"/>` +
	`<path fill="N" opacity=".35" d="M138 122L88 226h224l-50-104z"/>` +
	`<path fill="none" stroke="X" stroke-width="9" stroke-linecap="round" d="M200 128v126"/>` +
	`<path fill="none" stroke="W" stroke-width="9" stroke-linecap="round" d="M196 128l-54 128M204 128l54 128"/><path fill="K" d="M186 116h28v20h-28z"/>` +
	`<path fill="P" d="M152 28h96l26 96H126z"/><path fill="Q" d="M220 28h28l26 96h-40z"/><path fill="D" d="M128 116h144l2 8H126zM152 28h96l2 6H150z"/>` +
	`<path fill="M" d="M316 236h36l-5 28h-26z"/><path fill="G" d="M334 238c-2-30-16-36-22-34 0 18 8 28 22 34zM334 238c0-36 12-46 22-46 0 24-8 38-22 46z"/>`}
