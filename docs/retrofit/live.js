// Cartline's events in a page of your own; nothing else is needed:
//   const stop = listen("wss://shop.example/events/io", "cart_activity", {
//     event(payload, meta) { … },  // something has happened
//     missed() { … },              // load afresh: something may have happened that won't be told
//     state(text) { … },           // "connected", "connecting" or why it is over; for people
//   });
function listen(address, channel, on) {
  let socket, cursor, tries = 0, timer, silence, over = false;

  function connect() {
    on.state("connecting");
    socket = new WebSocket(address);
    socket.onopen = () => socket.send(JSON.stringify(cursor ? { listen: channel, after: cursor } : { listen: channel }));
    socket.onmessage = (message) => { beat(); take(JSON.parse(message.data)); };
    socket.onclose = (end) => { clearTimeout(silence); again(end.code, end.reason); };
    beat();
  }

  // What comes is [kind, payload, meta]. Kinds that aren't known are to be ignored.
  function take([kind, payload, meta]) {
    if (kind === "listening" && payload.channel === channel) {
      if (payload.protocol > 1) { stop(); return on.state("the server has changed: load this page again"); }
      tries = 0;
      on.state("connected");
      if (payload.recovered !== true) on.missed(); // without a cursor, nothing else tells
      cursor = payload.cursor;
    } else if (kind === channel) {
      on.event(payload, meta);
      if (meta && meta.cursor) cursor = meta.cursor; // not before it is dealt with
    } else if (kind === "gap" && payload.channel === channel) {
      if (payload.lost === "activities") cursor = undefined;
      on.missed();
    } else if (kind === "error") {
      on.state(payload.detail);
    }
  }

  // Codes from 3500 on, and a few others, mean that the same would happen again.
  function again(code, reason) {
    if (over) return;
    if (code >= 3500 || [1000, 1002, 1003, 1007, 1008, 1009, 1010].includes(code)) {
      return on.state(reason || `closed with ${code}`);
    }
    on.state("connecting");
    timer = setTimeout(connect, Math.min(30000, 500 * 2 ** tries++) * (0.5 + Math.random() / 2)); // not all at once
  }

  // A connection can be dead without a word: after 20 s of silence it is asked, and has 10 s.
  function beat() {
    clearTimeout(silence);
    silence = setTimeout(() => {
      if (socket.readyState === WebSocket.OPEN) socket.send('{"ping":"beat"}');
      silence = setTimeout(() => { socket.onclose = null; socket.close(); again(1006); }, 10000);
    }, 20000);
  }

  function stop() { over = true; clearTimeout(timer); clearTimeout(silence); socket.close(); }
  connect();
  return stop;
}
