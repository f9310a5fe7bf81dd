package picture

var wateringCan = motif{drawing: `<ellipse cx="196" cy="237" rx="92" ry="8" fill="Z"/>` +
	`<path fill="D" d="M244 196L318 96l14 10-76 112z"/><path fill="O" d="M306 84l38 30-10 14-38-30z"/><path fill="N" d="M306 84l38 30-4 6-38-30z"/>` +
	`<path fill="none" stroke="#8fc0cf" stroke-width="4" stroke-linecap="round" d="M346 134l6 16M334 140l2 20M354 116l14 12M352 170l2 12"/>` +
	`<path fill="none" stroke="D" stroke-width="12" d="M142 144C90 130 84 206 138 210"/><path fill="none" stroke="D" stroke-width="10" d="M150 122c10-50 84-50 94 0"/>` +
	`<path fill="M" d="M138 122h118l10 104q0 8-8 8H136q-8 0-8-8z"/><path fill="D" d="M224 122h32l10 104q0 8-8 8h-26q8-50-8-112z"/>` +
	`<ellipse cx="197" cy="122" rx="59" ry="12" fill="L"/><ellipse cx="197" cy="123" rx="49" ry="8" fill="J"/><path fill="L" d="M134 160h128l1 8H133zM130 206h134v7H130z" opacity=".8"/>`}

var trowel = motif{hung: true, drawing: `<g transform="rotate(38 200 150)"><path fill="Z" d="M182 150q0 70 30 110 30-40 30-110z" opacity=".6"/>` +
	`<path fill="S" d="M168 150q0-14 14-14h36q14 0 14 14c0 60-14 94-32 116-18-22-32-56-32-116z"/><path fill="T" d="M202 136h16q14 0 14 14c0 60-14 94-30 114 6-40 8-80 0-128z"/><path fill="none" stroke="U" stroke-width="5" stroke-linecap="round" d="M182 156c0 30 4 50 10 66"/>` +
	`<path fill="none" stroke="K" stroke-width="10" d="M200 142V108"/><path fill="W" d="M184 104q-4-60 4-84 2-8 12-8t12 8q8 24 4 84z"/><path fill="X" d="M204 12q6 1 8 8 8 24 4 84h-14q6-50 2-92z"/><path fill="O" d="M182 98h36v14h-36z"/></g>` +
	`<path fill="G" d="M318 300c-6-40-30-52-50-50 4 30 24 46 50 50zM320 300c-2-50 20-72 48-76 2 40-16 66-48 76z"/>`}

var plant = motif{drawing: `<ellipse cx="200" cy="240" rx="76" ry="8" fill="Z"/>` +
	`<path fill="none" stroke="H" stroke-width="5" d="M200 150V90M200 150q-20-40-50-54M200 150q18-44 54-52"/>` +
	`<path fill="G" d="M200 100c-26-20-26-54 0-76 26 22 26 56 0 76z"/><path fill="H" d="M200 24c26 22 26 56 0 76z"/><path fill="G" d="M158 104c-34 4-56-16-58-44 32-2 56 14 58 44zM246 102c0-32 22-50 54-48-2 30-22 50-54 48z"/><path fill="H" d="M158 104c-18-22-34-34-58-44 32-2 56 14 58 44zM246 102c14-22 30-36 54-48-2 30-22 50-54 48z"/><path fill="G" d="M196 148c-30 12-58 0-66-22 26-12 56-4 66 22z"/><path fill="H" d="M206 148c6-26 34-38 62-26-6 24-34 36-62 26z"/>` +
	`<path fill="M" d="M142 152h116l-12 76H154z"/><path fill="D" d="M226 152h32l-12 76h-28z"/><path fill="L" d="M134 138h132v22H134z"/><path fill="M" d="M230 138h36v22h-36z"/><path fill="D" d="M144 226h112l-6 12H150z"/>`}

var planter = motif{drawing: `<ellipse cx="200" cy="240" rx="124" ry="9" fill="Z"/>` +
	`<path fill="none" stroke="H" stroke-width="5" stroke-linecap="round" d="M132 166v-50M126 166l-16-36M138 166l18-40M268 166V92M258 166l-14-58M278 166l14-58"/>` +
	`<g fill="G"><circle cx="132" cy="106" r="18"/><circle cx="106" cy="124" r="15"/><circle cx="158" cy="120" r="16"/><circle cx="122" cy="138" r="14"/></g><g fill="H"><circle cx="146" cy="138" r="14"/><circle cx="118" cy="112" r="9"/></g>` +
	`<path fill="H" d="M200 166c-30-14-34-42-24-62 18 12 28 34 24 62z"/><path fill="G" d="M200 166c-8-40 6-68 22-80 14 26 6 60-22 80z"/>` +
	`<path fill="none" stroke="G" stroke-width="7" stroke-linecap="round" d="M268 96l-10-10M268 96l10-10M268 116l-14-10M268 116l14-10M268 136l-14-10M268 136l14-10M244 112l-8-8M246 126l-12-4M292 112l8-8M290 126l12-4"/>` +
	`<path fill="S" d="M84 162h232l-14 68H98z"/><path fill="T" d="M268 162h48l-14 68h-44z" opacity=".7"/><path fill="U" d="M78 154h244v14H78z"/><path fill="none" stroke="T" stroke-width="3" d="M92 188h216M96 208h208"/><path fill="T" d="M90 230h220l-4 8H94z"/>`}

var birdHouse = motif{hung: true, drawing: `<path fill="none" stroke="X" stroke-width="14" stroke-linecap="round" d="M0 52C80 34 130 60 200 40S330 20 400 34"/><path fill="G" d="M70 44c-4-24 10-36 28-38 2 22-8 36-28 38zM318 32c4 22 18 30 34 28 0-20-12-30-34-28z"/><path fill="none" stroke="K" stroke-width="4" d="M200 40v32"/>` +
	`<path fill="Z" d="M148 128l62-48 58 48v146H148z" opacity=".6"/><path fill="Y" d="M140 128l60-52 60 52v138H140z"/><path fill="W" d="M236 108l24 20v138h-30z"/>` +
	`<path fill="none" stroke="W" stroke-width="3" d="M142 164h88M142 200h88M142 236h88"/><path fill="D" d="M200 58l84 72-10 12-74-62-74 62-10-12z"/><path fill="M" d="M200 58l84 72-5 6-79-66-79 66-5-6z"/>` +
	`<circle cx="192" cy="166" r="25" fill="X"/><circle cx="192" cy="166" r="20" fill="J"/>` +
	`<path fill="M" d="M172 182c0-24 40-28 42-2-6 8-36 10-42 2z"/><circle cx="196" cy="168" r="3" fill="J"/><path fill="N" d="M206 172l14 3-14 4z"/><path fill="none" stroke="X" stroke-width="7" stroke-linecap="round" d="M192 206v-2M178 206h30"/>`}
