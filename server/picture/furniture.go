package picture

var chair = motif{drawing: `<ellipse cx="200" cy="260" rx="92" ry="8" fill="Z"/>` +
	`<path fill="X" d="M146 168h12v84h-12zM246 168h12v84h-12z"/><path fill="X" d="M158 214h88v7h-88z"/>` +
	`<path fill="W" d="M134 40q0-6 7-6t7 6l6 122h-14zM256 40q0-6 7-6t7 6l-6 122h-14z" transform="translate(-1)"/>` +
	`<path fill="W" d="M138 46q62-16 126 0v22q-62-14-124 0zM142 92q60-12 120 0v14q-60-10-119 0z"/>` +
	`<path fill="W" d="M116 172h14l-4 88h-12zM270 172h14l2 88h-12z"/>` +
	`<path fill="Y" d="M140 154h120l26 20H114z"/><path fill="none" stroke="W" stroke-width="3" d="M134 159h132M127 165h146M164 154l-10 20M188 154l-4 20M212 154l4 20M236 154l10 20"/><path fill="W" d="M112 172h176v12H112z"/>`}

var shelf = motif{hung: true, drawing: `<path fill="Z" d="M70 134h272v8H70zM70 234h272v8H70z" opacity=".7"/>` +
	`<path fill="W" d="M60 120h280v12H60zM60 220h280v12H60z"/><path fill="X" d="M60 130h280v4H60zM60 230h280v4H60z"/>` +
	`<path fill="none" stroke="K" stroke-width="6" d="M96 96v56l22-20M304 96v56l-22-20M96 196v56l22-20M304 196v56l-22-20" opacity=".9"/>` +
	`<path fill="M" d="M128 62h18v58h-18zM166 70h16v50h-16z"/><path fill="A" d="M148 54h16v66h-16z"/><path fill="D" d="M186 120l18-56 15 5-17 51z"/>` +
	`<path fill="L" d="M242 92h38l-6 28h-26z"/><path fill="G" d="M260 92c-22-8-24-26-20-36 16 6 24 18 20 36zM262 92c-4-24 8-40 24-42 4 20-4 36-24 42z"/>` +
	`<path fill="L" d="M140 180h46v28q0 12-12 12h-22q-12 0-12-12z"/><path fill="M" d="M204 206h70v14h-70zM210 192h60v14h-60z"/><path fill="P" d="M204 211h52v4h-52z"/>`}

var stool = motif{drawing: `<ellipse cx="200" cy="258" rx="92" ry="8" fill="Z"/>` +
	`<path fill="X" d="M192 134h16v112h-16z"/><path fill="W" d="M138 128h18l-22 130h-16zM244 128h18l20 130h-16z"/><path fill="X" d="M136 204h128v8H136z"/>` +
	`<path fill="X" d="M106 118h188v8q0 14-22 14H128q-22 0-22-14z"/><ellipse cx="200" cy="118" rx="94" ry="18" fill="Y"/><ellipse cx="200" cy="118" rx="66" ry="11" fill="none" stroke="W" stroke-width="3"/><ellipse cx="200" cy="118" rx="34" ry="5" fill="none" stroke="W" stroke-width="3"/>`}

var table = motif{drawing: `<ellipse cx="200" cy="262" rx="94" ry="9" fill="Z"/>` +
	`<path fill="none" stroke="K" stroke-width="9" stroke-linecap="round" stroke-linejoin="round" d="M200 140v112M142 258q58-14 116 0"/>` +
	`<path fill="D" d="M86 126h228v6q0 12-20 12H106q-20 0-20-12z"/><ellipse cx="200" cy="126" rx="114" ry="17" fill="M"/><ellipse cx="200" cy="124" rx="104" ry="13" fill="L" opacity=".5"/>` +
	`<path fill="P" d="M148 84h46v22q0 14-14 14h-18q-14 0-14-14z"/><path fill="none" stroke="Q" stroke-width="6" d="M194 92h6q8 0 8 8t-8 8h-8"/>` +
	`<path fill="D" d="M222 108h62v12h-62z"/><path fill="A" d="M228 97h52v11h-52z"/><path fill="P" d="M222 112h46v4h-46z"/>`}

var rack = motif{hung: true, drawing: `<path fill="Z" d="M54 108h300v10H54z" opacity=".7"/><path fill="W" d="M46 78h308v32H46z"/><path fill="X" d="M46 104h308v6H46z"/>` +
	`<path fill="M" d="M108 108c-22 22-28 60-30 132h74c0-70-6-112-28-132z"/><path fill="D" d="M124 108c22 20 28 62 28 132h-26c2-60 0-110-12-132z"/><path fill="none" stroke="A" stroke-width="5" d="M90 168h22M116 112v126"/>` +
	`<path fill="L" d="M246 152h56l8 74q0 8-8 8h-56q-8 0-8-8z"/><path fill="none" stroke="D" stroke-width="6" d="M258 154c-4-44 36-44 32 0"/>` +
	`<g fill="Y"><circle cx="72" cy="94" r="11"/><circle cx="116" cy="102" r="11"/><circle cx="200" cy="94" r="11"/><circle cx="274" cy="104" r="11"/><circle cx="328" cy="94" r="11"/></g><g fill="X"><circle cx="72" cy="94" r="5"/><circle cx="200" cy="94" r="5"/><circle cx="328" cy="94" r="5"/></g>`}
