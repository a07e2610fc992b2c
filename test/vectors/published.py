"""Vectors that others published, retyped from the documents named, and checked by test_vectors.py."""

from pyverify.vec import group

# FIPS 180-4 examples (NIST CSRC, SHA256.pdf) and GM/T 0004-2012 annex A
HASHES = (
    ("FIPS 180-4 example 1", "std", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("FIPS 180-4 example 2", "std", b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ("FIPS 180-4, empty message", "std", b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("GM/T 0004-2012 A.1", "gm", b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    ("GM/T 0004-2012 A.2", "gm", b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
)

# RFC 6979 A.2.5 (P-256 with SHA-256)
RFC6979_KEY = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
RFC6979_POINT = ("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                 "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
ECDSA = (
    ("sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"),
    ("test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
     "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"),
)

# GM/T 0003.5-2012 annex A.2, the same as GB/T 32918.5-2017
SM2 = dict(
    private="3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8",
    x="09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
    y="ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
    id=b"1234567812345678",
    za="b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3",
    message=b"message digest",
    k="59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21",
    r="f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
    s="b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")

# The eight leaves and roots of the reference tests of Certificate Transparency (RFC 6962 section 2.1,
# google/certificate-transparency, merkle tree tests)
CT_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
# inclusion (index, size) and consistency (old, new) proofs of the same tests
CT_INCLUSION = (
    (0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
           "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
           "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
    (5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
           "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
           "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    (2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (1, 5, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
           "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
           "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"))
CT_CONSISTENCY = (
    (1, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
           "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
           "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
    (6, 8, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
           "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
           "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    (2, 5, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
           "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"))


def groups():
    for source, suite, message, digest in HASHES:
        yield group("hash", suite=suite, source=source, message=message, digest=digest)
    for message, r, s in ECDSA:
        yield group("published-signature", suite="std", source="RFC 6979 A.2.5", private=RFC6979_KEY,
                    point=RFC6979_POINT, message=message.encode(), r=r, s=s)
    yield group("published-signature", suite="gm", source="GM/T 0003.5-2012 A.2", private=SM2["private"],
                point=SM2["x"] + SM2["y"], message=SM2["message"], id=SM2["id"], za=SM2["za"], k=SM2["k"],
                r=SM2["r"], s=SM2["s"])
    source = "RFC 6962 2.1, reference tests of certificate-transparency"
    for size, root in enumerate(CT_ROOTS):
        yield group("published-tree", suite="std", source=source, size=size, root=root,
                    **{f"input{i}": CT_LEAVES[i] for i in range(size)})
    for index, size, path in CT_INCLUSION:
        yield group("published-inclusion", suite="std", source=source, size=size, index=index, input=CT_LEAVES[index],
                    path=path, root=CT_ROOTS[size])
    for old, new, path in CT_CONSISTENCY:
        yield group("published-consistency", suite="std", source=source, old_size=old, new_size=new,
                    old_root=CT_ROOTS[old], new_root=CT_ROOTS[new], path=path)
