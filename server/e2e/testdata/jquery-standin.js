// What the page of the second article uses of jQuery, and no more.
"use strict";

window.$ = (what) => {
  const elements = typeof what === "string" ? [...document.querySelectorAll(what)] : [what];
  const self = {
    on(type, handler) {
      for (const e of elements) {
        e.addEventListener(type, (event) => handler({ originalEvent: event }));
      }
      return self;
    },
    append(...nodes) {
      for (const e of elements) {
        e.append(...nodes);
      }
      return self;
    },
    val(text) {
      if (text === undefined) {
        return elements[0]?.value;
      }
      for (const e of elements) {
        e.value = text;
      }
      return self;
    },
    ready(handler) {
      document.addEventListener("DOMContentLoaded", () => handler());
      return self;
    },
  };
  return self;
};
