"""Claims against a plain reading of the text over the integers, for honest values and for residues of a cheat.

Whatever satisfies the claims of a statement without an equality must satisfy the text, with every value read as the
signed integer that it is a residue of; small integers that satisfy the text must satisfy the claims. LEDGER_SEED and
LEDGER_STATEMENTS choose the statements and how many.
"""

import os
import random
import re
import unittest

from . import statement as st
from .suite import STD
from .test_vectors import proofs

SEED = int(os.environ.get("LEDGER_SEED", "1"))
STATEMENTS = int(os.environ.get("LEDGER_STATEMENTS", "400"))
N = STD.curve.n
NAMES = "abcdef"


class Writer(proofs.Writer):
    """Integers only, and `given` a few intervals, which are kept."""

    def number(self):
        return self.pick("0", "1", "1", "2", "3", "7", "100", "255")

    def range(self):
        low = next(self.octets) % 11 - 5
        return self.pick("8", "9", "16", f"[{low}, {low + self.pick(0, 1, 5, 255, 256, 300)}]")

    def statement(self):
        self.given = {name: self.pick((-128, 127), (-5, 5), (0, 10), (-32768, 32767))
                      for name in NAMES if next(self.octets) % 2}
        self.relations = [self.relation() for _ in range(self.pick(1, 1, 2))]
        text = " and ".join(self.relations)
        if self.given:
            text += " given " + ", ".join(f"{name} in [{lo}, {hi}]" for name, (lo, hi) in self.given.items())
        return text


def evaluate(text, values):
    """The value of an expression, with Python's own grammar for it."""
    text = re.sub(r"sum\((.)\.\.(.)\)", lambda m: "(" + "+".join(NAMES[NAMES.index(m[1]):NAMES.index(m[2]) + 1]) + ")", text)
    return eval(text, {}, values)


def is_equality(relation):
    return " rem " not in relation and re.search("(?<![<>])=", relation)


def reads_true(relation, values):
    if " in " in relation:
        x, _, inside = relation.partition(" in ")
        if inside[0] == "[":
            lo, hi = map(int, inside[1:-1].split(","))
        else:
            lo, hi = -(1 << int(inside) - 1), (1 << int(inside) - 1) - 1
        return lo <= evaluate(x, values) <= hi
    if " rem " in relation:
        a, b, q, r = (evaluate(x, values) for x in re.split(" / | = | rem ", relation))
        return b != 0 and a == b * q + r and abs(r) < abs(b) and (r == 0 or (r < 0) == (a < 0))
    x, op, y = re.split("(<=|>=|<>|<|>|=)", relation)
    x, y = evaluate(x, values), evaluate(y, values)
    return {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "=": x == y, "<>": x != y}[op]


class Claims:
    """The claims of a statement for some residues."""

    def __init__(self, s, residues):
        self.s, self.v = s, [r % N for r in residues]
        for h in s.helpers:
            x = self.value(h.x)
            self.v.append(x * self.value(h.y) % N if h.kind == st.PRODUCT
                          else pow(x, -1, N) if x and h.kind == st.INVERSE
                          else 0 if h.kind == st.INVERSE else 1 if x < N // 2 else N - 1)

    def value(self, x):
        return (x.constant + sum(k * self.v[i] for i, k in x.terms.items())) % N

    def unsatisfied(self, rng):
        """(form, what would satisfy it) of every claim that does not hold."""
        bad = [(x, 0) for x in self.s.zeros if self.value(x)]
        for c in self.s.products:
            product = self.value(c.x) * self.value(c.y) % N
            if product != self.value(c.p):
                bad.append((c.p, product))
        return bad + [(r.of, rng.randrange(min(1 << r.bits, 300))) for r in self.s.ranges if self.value(r.of) >> r.bits]


def residue(rng):
    """What an honest owner commits to, or a cheat."""
    small, big = rng.randrange(-9, 10), rng.randrange(N)
    return rng.choice((small, small, rng.randrange(-300, 300), small * pow(rng.choice((2, 3, 100)), -1, N), big + small,
                       (N - 1) // 2 + small, rng.choice((1 << 63, -1 << 63, 1 << 64)) + small))


def satisfying(s, residues, rng):
    """Residues changed, a few times, to where one more claim holds."""
    for _ in range(10):
        claims = Claims(s, residues)
        bad = claims.unsatisfied(rng)
        if not bad:
            break
        x, wanted = rng.choice(bad)
        own = [i for i in x.terms if i < s.nvars]
        if own:
            i = rng.choice(own)
            residues[i] = (residues[i] + (wanted - claims.value(x)) * pow(x.terms[i], -1, N)) % N
        else:
            i = rng.randrange(s.nvars)
            residues[i] = residue(rng)
    return residues


class Meaning(unittest.TestCase):
    def one(self, w, s, rng, honest):
        residues = [rng.randrange(-4, 5) if honest else residue(rng) for _ in range(s.nvars)]
        if not honest:
            residues = satisfying(s, residues, rng)
        integers = [(r + N // 2) % N - N // 2 for r in residues]
        values = dict(zip(NAMES, integers + [0] * len(NAMES)))
        if any(not lo <= values[name] <= hi for name, (lo, hi) in w.given.items()):
            return 0
        text = all(reads_true(r, values) for r in w.relations)
        claims = not Claims(s, residues).unsatisfied(rng)
        if honest:
            self.assertEqual(claims, text, (s.text, integers))
        elif claims and not any(map(is_equality, w.relations)):
            self.assertTrue(text, (s.text, integers))
        return claims

    def test_claims_mean_what_the_text_says(self):
        done, number, satisfied = 0, 0, 0
        while done < STATEMENTS:
            number += 1
            w = Writer(f"meaning {SEED} {number}")
            try:
                s = st.parse(w.statement())
            except st.StatementError:
                continue
            done += 1
            rng = random.Random(f"{SEED} {number}")
            for trial in range(20):
                with self.subTest(seed=SEED, number=number, trial=trial):
                    satisfied += self.one(w, s, rng, trial < 6)
        self.assertGreater(satisfied, STATEMENTS)

    def test_operands_of_a_division_are_integers(self):
        """2 a is 7, and 100 d is 1, for no integers a and d."""
        half, hundredth = 7 * pow(2, -1, N), pow(100, -1, N)
        for text, residues in (("(2 * a) / b = c rem d", (half, 2, 3, 1)), ("a / (2 * b) = c rem d", (7, half, 1, 0)),
                               ("numeric(6,2): a * 1.00 / b = c rem d * 1.00", (7 * hundredth, 3, 2, hundredth)),
                               ("(a + b) / c = d rem e", (half, half, 2, 3, 1))):
            self.assertTrue(Claims(st.parse(text), residues).unsatisfied(random.Random(1)), text)


if __name__ == "__main__":
    unittest.main()
