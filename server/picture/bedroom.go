package picture

var blanket = motif{drawing: `<ellipse cx="200" cy="240" rx="124" ry="9" fill="Z"/>` +
	`<path fill="D" d="M90 196h214q16 0 16 20t-16 20H90z"/><path fill="M" d="M90 196h206q14 0 14 20t-14 20H90a20 20 0 0 1 0-40z"/>` +
	`<path fill="D" d="M90 156h214q16 0 16 20t-16 20H90z"/><path fill="L" d="M90 156h206q14 0 14 20t-14 20H90a20 20 0 0 1 0-40z"/>` +
	`<path fill="D" d="M90 116h214q16 0 16 20t-16 20H90z"/><path fill="M" d="M90 116h206q14 0 14 20t-14 20H90a20 20 0 0 1 0-40z"/>` +
	`<path fill="M" d="M140 116h92v92h-92z"/><path fill="P" d="M140 140h92v10h-92zM140 158h92v6h-92z" opacity=".85"/><path fill="A" d="M140 174h92v8h-92z"/><path fill="none" stroke="D" stroke-width="2" d="M140 118v90M232 118v90"/>` +
	`<path fill="none" stroke="L" stroke-width="5" stroke-linecap="round" d="M146 210v14M158 210v16M170 210v14M182 210v16M194 210v14M206 210v16M218 210v14M228 210v16"/>`}

var pillow = motif{drawing: `<ellipse cx="200" cy="238" rx="128" ry="9" fill="Z"/>` +
	`<path fill="D" d="M78 112c30 10 200 14 254-6 8 34 4 90 2 122-60 12-190 12-254 4-10-34-12-86-2-120z" transform="translate(4 4)"/>` +
	`<path fill="M" d="M74 108c40 12 200 14 254-6-10 40-10 90 2 126-60 6-190 8-256 2 12-40 12-84 0-122z"/>` +
	`<path fill="D" d="M328 102c-10 40-10 90 2 126-30 4-70 6-110 6 60-20 80-80 108-132z" opacity=".6"/>` +
	`<path fill="none" stroke="D" stroke-width="4" stroke-linecap="round" d="M86 122q20 10 34 28M88 220q18-8 28-22M314 118q-16 10-24 24"/>` +
	`<path fill="none" stroke="A" stroke-width="4" d="M100 121c60 8 146 8 206 0" opacity=".7"/>` +
	`<path fill="P" d="M206 88c-10-30 20-56 52-58-2 30-20 56-52 58z"/><path fill="none" stroke="Z" stroke-width="3" stroke-linecap="round" d="M198 98c8-22 24-42 46-56"/>`}

var sheets = motif{drawing: `<ellipse cx="200" cy="238" rx="122" ry="9" fill="Z"/>` +
	`<path fill="D" d="M88 182h224v52H88z"/><path fill="M" d="M84 182h220q14 0 14 26t-14 26H84z"/><path fill="L" d="M84 205h230v4H84z"/>` +
	`<path fill="Q" d="M96 136h212v46H96z"/><path fill="P" d="M92 136h208q14 0 14 23t-14 23H92z"/><path fill="Q" d="M92 157h220v4H92z"/>` +
	`<path fill="D" d="M110 104h186v32H110z"/><path fill="L" d="M106 104h182q12 0 12 16t-12 16H106z"/><path fill="M" d="M106 118h192v4H106z"/>` +
	`<path fill="A" d="M188 100h24v136h-24z"/><path fill="none" stroke="A" stroke-width="9" stroke-linejoin="round" d="M200 102c-14-32-52-26-44-6 4 10 26 8 44 6 18 2 40 4 44-6 8-20-30-26-44 6z"/>`}

var alarm = motif{drawing: `<ellipse cx="200" cy="238" rx="76" ry="8" fill="Z"/>` +
	`<path fill="none" stroke="D" stroke-width="12" stroke-linecap="round" d="M150 214l-16 20M250 214l16 20"/><path fill="none" stroke="T" stroke-width="7" stroke-linecap="round" d="M200 66V50M186 48h28"/>` +
	`<path fill="O" d="M122 100a34 34 0 0 1 54-36zM278 100a34 34 0 0 0-54-36z"/>` +
	`<circle cx="200" cy="148" r="86" fill="D"/><circle cx="196" cy="146" r="82" fill="M"/><circle cx="198" cy="148" r="66" fill="P"/>` +
	`<path fill="none" stroke="K" stroke-width="5" stroke-linecap="round" d="M198 92v8M198 196v8M142 148h8M246 148h8"/><path fill="none" stroke="K" stroke-width="7" stroke-linecap="round" d="M198 148v-36M198 148l26 18"/><path fill="none" stroke="A" stroke-width="4" stroke-linecap="round" d="M198 148l-22 30"/><circle cx="198" cy="148" r="7" fill="K"/>`}

var slippers = motif{drawing: `<ellipse cx="200" cy="240" rx="136" ry="9" fill="Z"/>` +
	`<path fill="X" d="M118 194h194q30 0 34 22 0 8-10 8H126q-10 0-10-12z"/><path fill="D" d="M118 196c-2-30-2-50 12-54 20 14 40 20 70 12 30 14 60 20 104 28 26 4 42 14 42 28H126z"/>` +
	`<path fill="X" d="M62 216h190q34 0 38 20 0 6-10 6H72q-12 0-12-12z"/><path fill="M" d="M62 220c-4-32-2-58 12-62 20 18 44 24 76 14 28 16 58 22 98 30 26 4 44 16 42 30H72q-8 0-10-12z"/>` +
	`<path fill="L" d="M74 158c20 18 44 24 76 14l8 5c-30 16-64 10-88-8z"/><path fill="none" stroke="L" stroke-width="4" stroke-dasharray="7 6" d="M76 220c70 6 130 4 200 4"/><path fill="A" d="M196 200l14-14 16 6-10 16z"/>`}
