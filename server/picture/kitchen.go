package picture

var mug = motif{drawing: `<ellipse cx="204" cy="236" rx="82" ry="9" fill="Z"/>` +
	`<path fill="none" stroke="D" stroke-width="14" d="M248 140h14a28 28 0 0 1 0 56h-14"/>` +
	`<path fill="M" d="M134 112h120v92a30 30 0 0 1-30 30h-60a30 30 0 0 1-30-30z"/>` +
	`<path fill="D" d="M228 112h26v92a30 30 0 0 1-30 30h-18c14-4 22-16 22-30z"/>` +
	`<path fill="none" stroke="L" stroke-width="7" stroke-linecap="round" d="M150 136v56"/>` +
	`<ellipse cx="194" cy="112" rx="60" ry="12" fill="L"/><ellipse cx="194" cy="113" rx="51" ry="8" fill="#5a3d2b"/>` +
	`<path fill="none" stroke="P" stroke-width="5" stroke-linecap="round" d="M178 88c-9-12 9-18 0-32M208 88c-9-12 9-18 0-32"/>`}

var teapot = motif{drawing: `<ellipse cx="200" cy="236" rx="100" ry="9" fill="Z"/>` +
	`<path fill="D" d="M262 196c28-6 28-46 46-58l20 8c-16 16-12 62-58 78z"/>` +
	`<path fill="none" stroke="D" stroke-width="9" d="M136 132C136 44 264 44 264 132"/>` +
	`<path fill="M" d="M112 184c0-40 34-64 88-64s88 24 88 64c0 30-28 50-56 50h-64c-28 0-56-20-56-50z"/>` +
	`<path fill="D" d="M236 125c32 8 52 29 52 59 0 30-28 50-56 50h-26c30-10 48-54 30-109z"/>` +
	`<path fill="none" stroke="L" stroke-width="7" stroke-linecap="round" d="M130 186c2-18 12-30 28-38"/>` +
	`<path fill="D" d="M158 124c0-16 18-22 42-22s42 6 42 22z"/><path fill="L" d="M158 122h84v6h-84z"/><circle cx="200" cy="95" r="9" fill="A"/>`}

var board = motif{drawing: `<ellipse cx="200" cy="238" rx="112" ry="8" fill="Z"/>` +
	`<path fill="X" d="M150 238V100q0-18 18-18h12V60q0-16 20-16t20 16v22h20q18 0 18 18v138z"/>` +
	`<path fill="W" d="M142 236V98q0-18 18-18h12V58q0-16 20-16t20 16v22h20q18 0 18 18v138z"/>` +
	`<circle cx="192" cy="62" r="8" fill="F"/>` +
	`<path fill="none" stroke="X" stroke-width="3" d="M162 108v118M178 96v132M208 92v70q0 12-6 18M224 110v116"/>` +
	`<circle cx="286" cy="214" r="23" fill="#d7614c"/><path fill="#b94a39" d="M296 193a23 23 0 0 1-20 42 23 23 0 0 0 20-42z"/><path fill="none" stroke="H" stroke-width="5" stroke-linecap="round" d="M286 192q0-10 8-14M286 192l-10-5M286 192l11-2"/>` +
	`<path fill="G" d="M72 236q2-34 36-38 10 30-36 38z"/><path fill="H" d="M72 236q16-20 36-38-4 32-36 38z"/>`}

var knife = motif{hung: true, drawing: `<g transform="rotate(-28 200 150)">` +
	`<path fill="Z" d="M60 172h178q-60 34-178 0zM238 158h106q12 12 0 24H238z"/>` +
	`<path fill="U" d="M48 158C80 128 150 126 236 128v40c-70 12-130 8-188-10z"/>` +
	`<path fill="S" d="M48 158c60 2 130 0 188-8v18c-70 12-130 8-188-10z"/>` +
	`<path fill="T" d="M232 126h14v44h-14z"/><path fill="W" d="M246 130c40-4 70-2 94 2 12 4 12 34 0 36-14 2-26-6-44-4-20 2-34 4-50 2z"/>` +
	`<path fill="X" d="M246 154c40-4 70 4 100-4 0 10-2 17-6 18-14 2-26-6-44-4-20 2-34 4-50 2z"/>` +
	`<circle cx="266" cy="148" r="5" fill="O"/><circle cx="296" cy="147" r="5" fill="O"/><circle cx="326" cy="149" r="5" fill="O"/></g>`}

var bowl = motif{drawing: `<ellipse cx="200" cy="236" rx="80" ry="8" fill="Z"/>` +
	`<path fill="D" d="M160 220h80l6 14h-92z"/>` +
	`<path fill="M" d="M96 146h208c0 52-44 80-104 80S96 198 96 146z"/>` +
	`<path fill="D" d="M258 146h46c0 52-44 80-104 80 36-8 58-40 58-80z"/>` +
	`<path fill="none" stroke="P" stroke-width="5" d="M105 178q95 26 190 0" opacity=".55"/>` +
	`<ellipse cx="200" cy="146" rx="104" ry="20" fill="L"/><ellipse cx="200" cy="148" rx="92" ry="14" fill="D"/>` +
	`<path fill="G" d="M150 148q6-46 40-54 14 34-10 60z"/><path fill="H" d="M184 154q-2-46 34-66 24 30 4 68z"/><circle cx="232" cy="136" r="18" fill="#d7614c"/><circle cx="164" cy="140" r="12" fill="N"/>` +
	`<path fill="D" d="M108 148q92 26 184 0-4 14-92 14t-92-14z"/>`}

var pan = motif{drawing: `<ellipse cx="180" cy="236" rx="110" ry="9" fill="Z"/>` +
	`<path fill="J" d="M270 178l98-22q10 0 10 10t-8 12l-98 22z"/><circle cx="364" cy="168" r="4" fill="V"/>` +
	`<path fill="M" d="M66 174h216c0 30-14 60-40 60H106c-26 0-40-30-40-60z"/>` +
	`<path fill="D" d="M236 174h46c0 30-14 60-40 60h-34c18-6 28-30 28-60z"/>` +
	`<ellipse cx="174" cy="174" rx="108" ry="25" fill="L"/><ellipse cx="174" cy="176" rx="98" ry="20" fill="J"/>` +
	`<path fill="P" d="M112 176c4-16 34-14 48-18 20-6 48 0 62 8 14 10-2 22-24 22-30 4-88 6-86-12z"/><ellipse cx="168" cy="172" rx="24" ry="11" fill="O"/><ellipse cx="166" cy="169" rx="22" ry="10" fill="N"/>` +
	`<path fill="none" stroke="P" stroke-width="5" stroke-linecap="round" d="M140 134c-9-12 9-18 0-32M174 128c-9-12 9-18 0-32M208 134c-9-12 9-18 0-32"/>`}

var mill = motif{drawing: `<ellipse cx="196" cy="236" rx="58" ry="8" fill="Z"/>` +
	`<path fill="W" d="M156 234v-16c0-14 18-22 18-46s-14-30-14-50h68c0 20-14 26-14 50s18 32 18 46v16z"/>` +
	`<path fill="X" d="M204 122h24c0 20-14 26-14 50s18 32 18 46v16h-30c4-30-6-34-6-62s8-30 8-50z"/>` +
	`<path fill="Y" d="M152 222h84v6h-84z"/><path fill="T" d="M160 112h68v10h-68z"/>` +
	`<path fill="W" d="M160 112c-8-34 10-56 34-56s42 22 34 56z"/><path fill="X" d="M204 57c18 6 30 26 24 55h-24c8-18 8-38 0-55z"/>` +
	`<circle cx="194" cy="48" r="11" fill="T"/><circle cx="191" cy="45" r="4" fill="U"/>` +
	`<g fill="K"><circle cx="262" cy="234" r="6"/><circle cx="280" cy="240" r="5"/><circle cx="274" cy="228" r="4"/><circle cx="124" cy="238" r="5"/></g>`}

var carafe = motif{drawing: `<ellipse cx="190" cy="236" rx="76" ry="8" fill="Z"/>` +
	`<path fill="C" d="M168 72h44c0 60 44 70 44 124 0 24-16 38-36 38h-60c-20 0-36-14-36-38 0-54 44-64 44-124z"/>` +
	`<path fill="#a9cfd8" d="M131 176q60-16 118 0c4 8 7 12 7 20 0 24-16 38-36 38h-60c-20 0-36-14-36-38 0-8 3-12 7-20z"/>` +
	`<ellipse cx="190" cy="176" rx="59" ry="9" fill="#c3e0e6"/><path fill="none" stroke="P" stroke-width="6" stroke-linecap="round" d="M142 194c0-8 2-12 6-20M180 92c-2 20-8 32-14 42"/>` +
	`<circle cx="190" cy="58" r="24" fill="W"/><path fill="X" d="M200 36a24 24 0 0 1-18 45 24 24 0 0 0 18-45z"/>` +
	`<path fill="C" d="M272 178h48l-6 56h-36z"/><path fill="#a9cfd8" d="M274 200h44l-4 34h-36z"/>`}

var jar = motif{drawing: `<ellipse cx="200" cy="236" rx="96" ry="9" fill="Z"/>` +
	`<path fill="C" d="M128 106q0-12 12-12h80q12 0 12 12v114q0 14-14 14h-76q-14 0-14-14z"/>` +
	`<path fill="O" d="M134 150h92v66q0 12-12 12h-68q-12 0-12-12z"/><path fill="N" d="M134 150q20-16 46-8t46 6v28q-30 12-48 0t-44-2z"/>` +
	`<path fill="none" stroke="P" stroke-width="6" stroke-linecap="round" d="M142 116v72"/>` +
	`<path fill="W" d="M136 66h88l-6 30h-76z"/><path fill="X" d="M196 66h28l-6 30h-24z"/>` +
	`<path fill="C" d="M246 166q0-10 10-10h44q10 0 10 10v56q0 12-12 12h-40q-12 0-12-12z"/><path fill="G" d="M251 188h54v32q0 9-9 9h-36q-9 0-9-9z"/><path fill="W" d="M252 136h52l-4 21h-44z"/>`}
