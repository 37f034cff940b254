// A view takes the place that the page gives it, and goes on there when the page is drawn anew.

/** @import { Component, View } from "./types.js" */

const LINGER = 250; // ms between an unmount and the end of a view: a remount in that time takes it over

/**
 * What a component's script calls: shows a component in its parent, by the view there or a new one; gives the clean-up of this mount.
 * @template Data
 * @param {(parent: HTMLElement) => View<Data>} made
 */
export function mounting(made) {
  /** @type {WeakMap<HTMLElement, { view: View<Data>, mounts: number }>} */
  const held = new WeakMap();
  return (/** @type {Component<Data>} */ component) => {
    const parent = component.parentElement;
    const place = held.get(parent) ?? { view: made(parent), mounts: 0 };
    held.set(parent, place);
    place.view.update(component);
    const mine = (place.mounts += 1);
    return () => {
      setTimeout(() => {
        if (mine !== place.mounts) return; // another mount has taken it over
        if (held.get(parent) === place) held.delete(parent);
        place.view.dispose();
      }, LINGER);
    };
  };
}
