"""The member list as the MEMBER and KEY entries of the log make it: docs/format.md sections 4 and 5."""

from . import block as blocks
from . import curves
from .codec import FormatError

FIELDS = {1: "sign_key", 2: "encrypt_key", 3: "tls_key"}


class Members:
    def __init__(self, suite, chain_id, add):
        self.suite, self.chain_id, self.add = suite, chain_id, add
        self.list = {}              # index -> ListedMember
        self.sign_keys = set()      # every (name, sign key) there was

    def solo(self):
        return len(self.list) <= 1

    def hash(self):
        return blocks.members_hash(self.suite.hash, self.list.values())

    def member(self, body, tx, leaf):
        known = body.member in self.list
        if known == (body.action == 1) or body.suite != self.suite.number:
            self.add("member", ledger_tx=tx, leaf=leaf)
        if body.action == 3:
            self.list.pop(body.member, None)
            return
        old = self.list.get(body.member, blocks.ListedMember(body.member, "", 0))
        if body.action == 1:
            old = blocks.ListedMember(body.member, "", 0)
        self._set(old._replace(name=body.name, weight=body.weight))

    def key(self, body, tx, leaf):
        m = self.list.get(body.member)
        field = FIELDS[body.usage]
        try:
            if m is None:
                raise FormatError("a key of no member")
            curves.spki_decode(self.suite.curve, body.spki)
            old = getattr(m, field)
            if old and not self.suite.verify(old, body.approved(self.chain_id), body.approval):
                raise FormatError("the key that is replaced did not approve")
            if not old and body.approval:
                raise FormatError("a first key with an approval")
        except FormatError as e:
            self.add("key", str(e), ledger_tx=tx, leaf=leaf)
        if m is not None:
            self._set(m._replace(**{field: body.spki}))

    def _set(self, m):
        self.list[m.index] = m
        if m.sign_key:
            self.sign_keys.add((m.name, m.sign_key))
