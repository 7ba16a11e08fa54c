// What is heard: tones on the audio clock, speech by the browser. Each may be missing.
import { CHANNEL } from "./clock.js";

const SLIP = 0.004; // seconds by which the audio clock may slip before a tone is put there anew

const WAITING = "Sound is waiting for a click in the timer.";

const NOTES = [392, 440, 493.9, 587.3, 659.3, 784]; // G major pentatonic and its octave: calm in any order

/** A short motif of its own for each interval, so that positions are told apart with closed eyes. */
export function motif(kind, index, interval) {
  if (kind === "tick") return [[880, 0, 0.06, 0.12]];
  if (kind === "bell") return [[196, 0, 5, 0.3], [392, 0, 4, 0.2], [588, 0.02, 3, 0.1], [784, 0.04, 2, 0.06]];
  const first = NOTES[index % NOTES.length];
  const second = NOTES[(index * 2 + 2) % NOTES.length];
  const tones = [[first, 0, 0.9, 0.22]];
  return interval?.kind === "move" ? tones : [...tones, [second, 0.22, 1.2, 0.22]];
}

/** Sentences, so that no utterance runs long and a pause cuts little. */
export const sentences = (text) => text.match(/[^.!?:;]+[.!?:;]*/g)?.map((s) => s.trim()).filter(Boolean) ?? [];

export class Sound {
  /** `level(name)` is the volume of "voice", "bells" or "ticks", 0 where it is off; `note` tells the person what is missing. */
  constructor({ level, note, intervals, onAwake, scope = globalThis }) {
    Object.assign(this, { level, note, intervals, onAwake, scope });
    this.muted = false;
    this.context = null;
    this.waking = false;
    this.playing = new Set();
  }

  /** Browsers give sound only in answer to a click or a key: called in each of them. */
  unlock() {
    const Context = this.scope.AudioContext ?? this.scope.webkitAudioContext;
    if (!this.context && Context) {
      try {
        this.context = new Context();
      } catch {
        this.context = null;
      }
    }
    if (!this.context) return this.note("audio", "This browser gives no sound: voice and text go on.");
    if (this.context.state === "running") return this.note("audio", "");
    // A context takes a moment to wake. Tones may be handed to it in that moment, but not for longer:
    // a context that stays asleep would play them all in a burst when it wakes at last.
    this.waking = true;
    clearTimeout(this.nap);
    this.nap = setTimeout(() => {
      this.waking = false;
      if (this.context?.state === "running") return;
      this.cancel("bells");
      this.cancel("ticks");
      this.note("audio", WAITING);
    }, 500);
    const awake = () => (this.note("audio", ""), this.onAwake?.());
    this.context.resume?.().then(awake, () => {});
  }

  /** Sound a cue so many seconds from now; returns when that is on the audio clock, or null if it can't be heard. */
  tone(cue, seconds, index) {
    const channel = CHANNEL[cue.kind];
    const level = this.muted ? 0 : this.level(channel);
    if (!level || !this.context || (this.context.state !== "running" && !this.waking)) return null;
    const begin = this.place(seconds);
    const tones = cue.kind === "breath" ? [] : motif(cue.kind, index, this.intervals[index]);
    for (const [hertz, after, length, volume] of tones) {
      this.play({ channel, hertz, begin, at: begin + after, length, volume: volume * level, attack: 0.015 });
    }
    // A breath is a soft low note that swells for as long as it is drawn, and falls for as long as it is let go.
    if (cue.kind === "breath") {
      const inward = cue.phase === "in", attack = cue.seconds * (inward ? 0.9 : 0.1);
      this.play({ channel, hertz: inward ? 147 : 110, begin, at: begin, length: cue.seconds, volume: 0.1 * level, attack });
    }
    return begin;
  }

  /** Where on the audio clock something is to be put that is to be heard so many seconds from now. */
  place(seconds) {
    // What is put there comes out a little later; where the browser tells by how much, it is put there earlier.
    const { currentTime } = this.context, stamp = this.stamp();
    const late = stamp ? currentTime - stamp.contextTime - (performance.now() - stamp.performanceTime) / 1000 : 0;
    return Math.max(currentTime, currentTime + seconds - Math.min(0.5, Math.max(0, late)));
  }

  /** On a busy machine the audio clock slips: put a tone that is near anew, if it would now come late or early. */
  shift(begin, seconds) {
    const place = this.place(seconds);
    if (Math.abs(place - begin) < SLIP) return begin;
    for (const entry of [...this.playing].filter((each) => each.begin === begin)) {
      this.silence(entry);
      this.play({ ...entry, begin: place, at: place + (entry.at - begin) });
    }
    return place;
  }

  play({ channel, hertz, begin, at, length, volume, attack }) {
    const oscillator = this.context.createOscillator();
    const gain = this.context.createGain();
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(volume, at + attack);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + length);
    oscillator.connect(gain).connect(this.context.destination);
    oscillator.start(at);
    oscillator.stop(at + length + 0.05);
    const entry = { channel, hertz, begin, at, length, volume, attack, oscillator, gain };
    this.playing.add(entry);
    oscillator.onended = () => this.playing.delete(entry);
  }

  /** When a tone came out, in seconds since 1970, by what the audio clock shows of itself. */
  heardAt(begin) {
    const stamp = this.stamp();
    return stamp && (performance.timeOrigin + stamp.performanceTime) / 1000 + begin - stamp.contextTime;
  }

  /** A moment of what comes out, on the audio clock and on the page's; null where the browser can't tell. */
  stamp() {
    const stamp = this.context?.getOutputTimestamp?.();
    return stamp?.performanceTime ? stamp : null;
  }

  /** Speak a text; false where the voice is off. */
  say(text) {
    const volume = this.muted ? 0 : this.level("voice");
    if (!volume) return false;
    const speech = this.scope.speechSynthesis;
    if (!speech || !this.scope.SpeechSynthesisUtterance) {
      return this.note("voice", "This browser has no voice: sounds and text go on.");
    }
    speech.cancel();
    for (const sentence of sentences(text)) {
      const utterance = new this.scope.SpeechSynthesisUtterance(sentence);
      utterance.lang = "en";
      utterance.rate = 0.9;
      utterance.volume = volume;
      utterance.onstart = () => this.note("voice", "");
      utterance.onerror = (event) => {
        if (event.error === "not-allowed") this.note("voice", WAITING);
        else if (!["interrupted", "canceled"].includes(event.error)) this.noVoice();
      };
      speech.speak(utterance);
    }
    if (!speech.getVoices().length) {
      // Voices load late; only silence after a while means that there are none.
      clearTimeout(this.wait);
      this.wait = setTimeout(() => speech.getVoices().length || this.noVoice(), 2000);
    }
  }

  noVoice() {
    this.note("voice", "No voice is available in this browser: sounds and text go on.");
  }

  /** Silence what sounds and what was scheduled: all of it, one channel, or only what is still to come. */
  cancel(channel = null, later = false) {
    if (!later && (channel ?? "voice") === "voice") this.scope.speechSynthesis?.cancel();
    for (const entry of this.playing) {
      if ((channel && entry.channel !== channel) || (later && entry.at <= this.context.currentTime)) continue;
      this.silence(entry);
    }
  }

  silence(entry) {
    this.playing.delete(entry);
    try {
      entry.gain.gain.cancelScheduledValues(0);
      entry.gain.gain.value = 0;
      entry.oscillator.stop();
    } catch {
      // It had not begun, or was over.
    }
  }

  close() {
    clearTimeout(this.wait);
    clearTimeout(this.nap);
    this.cancel();
    this.context?.close?.();
    this.context = null;
  }
}
