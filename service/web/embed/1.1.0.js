// <wegwijzer-vragenlijst>: shows Wegwijzer in a frame that the site around it cannot look into. EUPL-1.2
(() => {
  "use strict";
  const NAME = "wegwijzer-vragenlijst";
  const PAGES = { nl: "insluiten/vragen", en: "embed/questions" };
  const TITLES = { nl: "Wegwijzer: waar kunt u terecht?", en: "Wegwijzer: where can you turn?" };
  const OPTIONS = { organisatie: "organisation", onderwerp: "concern", thema: "theme" };
  const SANDBOX = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals allow-top-navigation-by-user-activation";
  const PATIENCE = 8000;
  const LEAST = 320, MOST = 2000;
  const FAR = "100000px"; // however far down the page: what counts is that it is displayed
  const home = new URL("../../", document.currentScript.src);

  class Questionnaire extends HTMLElement {
    static observedAttributes = ["taal", "titel", ...Object.keys(OPTIONS)];
    #instead = document.createElement("slot");
    #frame = null;
    #timer = 0;
    // Nobody waits for what is not displayed: a tab, an accordion or a <details> may be opened much later, or again.
    #sight = new IntersectionObserver((seen) => this.#displayed(seen[seen.length - 1].isIntersecting), { rootMargin: FAR });

    constructor() {
      super();
      const shadow = this.attachShadow({ mode: "open" });
      shadow.append(this.#instead);
      if ("adoptedStyleSheets" in shadow) {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(":host { display: block }");
        shadow.adoptedStyleSheets = [sheet];
      }
    }

    connectedCallback() {
      this.#stop();
      this.#sight.observe(this);
    }

    #displayed(now) {
      clearTimeout(this.#timer);
      if (!now || !this.isConnected) {
        return;
      }
      if (!this.#frame) {
        this.#begin();
      }
      if (!this.#instead.hidden) {
        this.#timer = setTimeout(() => this.#stop(), PATIENCE);
      }
    }

    #begin() {
      const language = this.getAttribute("taal") === "en" ? "en" : "nl";
      const address = new URL(PAGES[language], home);
      for (const [name, option] of Object.entries(OPTIONS)) {
        if (this.hasAttribute(name)) {
          address.searchParams.set(option, this.getAttribute(name));
        }
      }
      const frame = (this.#frame = document.createElement("iframe"));
      frame.title = this.getAttribute("titel") || TITLES[language];
      frame.lang = language;
      frame.setAttribute("sandbox", SANDBOX);
      frame.referrerPolicy = "no-referrer";
      frame.src = address;
      Object.assign(frame.style, { border: "0", display: "block", height: "0", visibility: "hidden", width: "100%" });
      addEventListener("message", this);
      this.shadowRoot.append(frame);
    }

    disconnectedCallback() {
      this.#sight.unobserve(this);
      this.#stop();
    }

    // With moveBefore() the frame, and what somebody answered in it, moves along.
    connectedMoveCallback() {}

    attributeChangedCallback() {
      if (this.#frame) {
        this.#stop();
        this.#displayed(true);
      }
    }

    handleEvent({ source, origin, data }) {
      const ours = source === this.#frame.contentWindow && origin === "null" && data && data.wegwijzer === 1;
      if (!ours || data.type !== "height" || !Number.isInteger(data.px) || data.px < LEAST || data.px > MOST) {
        return;
      }
      clearTimeout(this.#timer);
      this.#instead.hidden = true;
      const { style } = this.#frame;
      style.visibility = "visible";
      style.height = `${data.px}px`;
      style.height = `min(${data.px}px, 100vh)`; // higher, and the way out would be out of sight
    }

    #stop() {
      clearTimeout(this.#timer);
      removeEventListener("message", this);
      this.#frame?.remove();
      this.#frame = null;
      this.#instead.hidden = false;
    }
  }

  if (!customElements.get(NAME)) {
    customElements.define(NAME, Questionnaire);
  }
})();
