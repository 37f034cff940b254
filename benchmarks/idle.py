"""A lab that nobody uses: what share of a core do its server, engine and workers take together?"""

from __future__ import annotations

import time

from benchmarks import _lab

SETTLE, SECONDS = 15.0, 30.0


def main() -> None:
    with _lab.opened() as lab:
        time.sleep(SETTLE)
        family = lab.family
        before = [_lab.busy(member) for member in family]
        time.sleep(SECONDS)
        shares = [(_lab.busy(member) - spent) / SECONDS for member, spent in zip(family, before, strict=True)]
        print(f"an idle lab over {SECONDS:g} s: {sum(shares):.2%} of a core in all   target 1 %\n")
        for member, share in zip(family, shares, strict=True):
            print(f"{' '.join(member.cmdline()[1:4]):<60}{share:>9.2%}{member.memory_info().rss / 2**20:>9.0f} MB")


if __name__ == "__main__":
    main()
