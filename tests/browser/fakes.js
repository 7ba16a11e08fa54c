// Stands in for the browser's sound and speech, and keeps what would have been heard in `window.heard`:
//   {kind: "tone", start, stop, frequency}   seconds on the audio clock; stop is null until it is given
//   {kind: "speak" | "spoken" | "cancel", text}
// `window.fakeVoices = []` before the page asks plays a browser with no voice.
(() => {
  window.heard = [];
  window.fakeVoices ??= [{ name: "Test voice", lang: "en-US", default: true, localService: true, voiceURI: "test" }];

  class Param {
    constructor(value) {
      this.value = value;
    }
  }
  for (const method of ["setValueAtTime", "linearRampToValueAtTime", "exponentialRampToValueAtTime",
    "setTargetAtTime", "setValueCurveAtTime", "cancelScheduledValues", "cancelAndHoldAtTime"]) {
    Param.prototype[method] = function keep(value) {
      if (/^(set|linear|exp)/.test(method) && typeof value === "number") this.value = value;
      return this;
    };
  }

  class Node extends EventTarget {
    constructor(context) {
      super();
      this.context = context;
      this.gain = new Param(1);
      this.frequency = new Param(440);
      this.detune = new Param(0);
    }
    connect(other) {
      return other;
    }
    disconnect() {}
    start(when = 0) {
      this.tone = { kind: "tone", start: Math.max(when, this.context.currentTime), stop: null,
        frequency: this.frequency.value };
      window.heard.push(this.tone);
    }
    stop(when = 0) {
      if (!this.tone) throw new DOMException("stop before start", "InvalidStateError");
      this.tone.stop = Math.max(when, this.context.currentTime);
      clearTimeout(this.ending);
      this.ending = setTimeout(() => this.onended?.(new Event("ended")), (this.tone.stop - this.context.currentTime) * 1000);
    }
  }

  window.AudioContext = class extends EventTarget {
    constructor() {
      super();
      this.state = "suspended";
      this.elapsed = 0;
      this.destination = new Node(this);
      this.sampleRate = 48000;
      if (navigator.userActivation?.hasBeenActive) this.resume();
    }
    get currentTime() {
      return this.elapsed + (this.state === "running" ? (performance.now() - this.since) / 1000 : 0);
    }
    change(state) {
      if (this.state === state) return Promise.resolve();
      this.elapsed = this.currentTime;
      this.since = performance.now();
      this.state = state;
      this.dispatchEvent(new Event("statechange"));
      this.onstatechange?.();
      return Promise.resolve();
    }
    resume() {
      return this.change("running");
    }
    suspend() {
      return this.change("suspended");
    }
    close() {
      return this.change("closed");
    }
    createOscillator() {
      return new Node(this);
    }
    createGain() {
      return new Node(this);
    }
  };

  window.SpeechSynthesisUtterance = class extends EventTarget {
    constructor(text = "") {
      super();
      Object.assign(this, { text, lang: "", voice: null, rate: 1, pitch: 1, volume: 1 });
    }
  };

  const speech = new (class extends EventTarget {
    queue = [];
    paused = false;
    get speaking() {
      return this.queue.length > 0;
    }
    get pending() {
      return this.queue.length > 1;
    }
    getVoices() {
      return window.fakeVoices;
    }
    tell(utterance, type, details = {}) {
      const event = Object.assign(new Event(type), details);
      utterance[`on${type}`]?.(event);
      utterance.dispatchEvent(event);
    }
    speak(utterance) {
      window.heard.push({ kind: "speak", text: utterance.text });
      this.queue.push(utterance);
      if (this.queue.length === 1) this.begin();
    }
    // A quarter of a second a sentence: long enough to be cancelled, short enough for a test.
    begin() {
      const [utterance] = this.queue;
      if (!utterance) return;
      this.tell(utterance, "start");
      this.timer = setTimeout(() => {
        window.heard.push({ kind: "spoken", text: utterance.text });
        this.queue.shift();
        this.tell(utterance, "end");
        this.begin();
      }, 250);
    }
    cancel() {
      clearTimeout(this.timer);
      for (const utterance of this.queue.splice(0)) {
        window.heard.push({ kind: "cancel", text: utterance.text });
        this.tell(utterance, "error", { error: "canceled" });
      }
    }
    pause() {
      this.paused = true;
    }
    resume() {
      this.paused = false;
    }
  })();
  Object.defineProperty(window, "speechSynthesis", { value: speech });
})();
