package picture

// What is drawn of a product of which nothing is known.

var parcel = motif{drawing: `<ellipse cx="200" cy="236" rx="104" ry="9" fill="Z"/>` +
	`<path fill="M" d="M112 128h176v106H112z"/><path fill="D" d="M240 128h48v106h-48z"/>` +
	`<path fill="L" d="M102 104h196v32H102z"/><path fill="M" d="M244 104h54v32h-54z"/>` +
	`<path fill="A" d="M186 104h28v130h-28z"/>` +
	`<path fill="none" stroke="A" stroke-width="10" stroke-linejoin="round" d="M200 104c-16-40-62-38-54-10 4 12 30 12 54 10 24 2 50 2 54-10 8-28-38-30-54 10z"/>`}

var abstracts = []motif{
	{drawing: `<ellipse cx="200" cy="236" rx="118" ry="9" fill="Z"/>` +
		`<path fill="M" d="M98 234V150a50 50 0 0 1 100 0v84z"/><path fill="D" d="M168 234V150a50 50 0 0 0-20-40 50 50 0 0 1 50 40v84z"/>` +
		`<circle cx="246" cy="180" r="54" fill="L"/><path fill="A" d="M246 126a54 54 0 0 1 0 108z"/>` +
		`<path fill="P" d="M204 92l34-42 34 42z"/>`},
	{drawing: `<ellipse cx="200" cy="236" rx="112" ry="9" fill="Z"/>` +
		`<path fill="L" d="M104 190h192v44H104z"/><path fill="M" d="M128 146h144v44H128z"/><path fill="D" d="M236 146h36v44h-36z"/>` +
		`<path fill="A" d="M152 146a48 48 0 0 1 96 0z"/><circle cx="200" cy="78" r="20" fill="P"/>`},
	{drawing: `<ellipse cx="200" cy="236" rx="112" ry="9" fill="Z"/>` +
		`<path fill="M" d="M150 234L104 110h92z"/><path fill="D" d="M150 234l22-124h24z"/>` +
		`<path fill="L" d="M196 234V130a46 46 0 0 1 92 0v104z"/><circle cx="242" cy="132" r="24" fill="A"/>` +
		`<path fill="P" d="M196 206h92v28h-92z"/><circle cx="150" cy="86" r="24" fill="A"/>`},
}
