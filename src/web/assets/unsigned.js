// Text that was typed in this browser before anybody had signed in. It may be somebody else's. So it isn't put into the page of
// the person who signs in next: that person is asked first.

import { Notice } from "./notice.js";

const SAID = "Something was typed here in this browser while nobody was signed in. If it was you, you can go on with it.";

/** Offers the draft `unsigned` and all that it carries before the element `place`. `take(draft)` puts one into the page. */
export function offerUnsigned(place, unsigned, take) {
  const found = unsigned.read();
  const keep = left => {
    if (left) unsigned.keep(left);
    else unsigned.dropOwn();
  };
  if (found) offerEach(place, SAID, found, { take, keep });
}

/**
 * Offers a draft, and then one after the other those that it carries as `older`. `take(draft)` puts one into the page, and
 * `keep(left)` is called with those that are still to be decided about, or null.
 */
export function offerEach(place, text, found, { take, keep }) {
  const notice = new Notice(place, "note");
  let offered = found;
  const next = () => {
    offered = offered.older ?? null;
    keep(offered);
    if (!offered) notice.hide();
  };
  notice.show(text, [
    { label: "Use it", act: () => { take(offered); next(); } },
    { label: "Drop it", act: next },
  ]);
}
