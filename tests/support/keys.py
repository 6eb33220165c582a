"""Keys and arithmetic that owe nothing to the daemons: DER by hand, the rest by the openssl command.

A JWK here is a dict as the service writes it (base64url members). Digests are bytes, ready made.
"""

import hashlib
import hmac
import json
import secrets
import subprocess
import tempfile
from pathlib import Path

from sandbox import b64u, unb64u

CURVES = {  # name: (object identifier, openssl's name, coordinate length)
    "P-256": ("2a8648ce3d030107", "prime256v1", 32),
    "P-384": ("2b81040022", "secp384r1", 48),
    "P-521": ("2b81040023", "secp521r1", 66),
    "P-256K": ("2b8104000a", "secp256k1", 32),
}
HASHES = {"256": "sha256", "384": "sha384", "512": "sha512"}


def openssl(*args, data=b""):
    """Runs openssl; its output, or CalledProcessError."""
    return subprocess.run(["openssl", *args], input=data, capture_output=True, timeout=60, check=True).stdout


# ---- DER ----


def tlv(tag, *contents):
    body = b"".join(contents)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def der_int(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def read_tlv(data):
    """(tag, content, rest)"""
    tag, n, at = data[0], data[1], 2
    if n & 0x80:
        at = 2 + (n & 0x7F)
        n = int.from_bytes(data[2:at], "big")
    return tag, data[at : at + n], data[at + n :]


def read_all(data):
    items = []
    while data:
        tag, content, data = read_tlv(data)
        items.append((tag, content))
    return items


def pem(label, der):
    text = b64u(der).replace("-", "+").replace("_", "/")
    text += "=" * (-len(text) % 4)
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def number(text):
    return int.from_bytes(unb64u(text), "big")


def public_pem(jwk):
    """SubjectPublicKeyInfo of a JWK's public half."""
    if jwk["kty"].startswith("RSA"):
        algorithm = tlv(0x30, tlv(6, bytes.fromhex("2a864886f70d010101")), tlv(5))
        key = tlv(0x30, der_int(number(jwk["n"])), der_int(number(jwk["e"])))
    else:
        oid, _, _ = CURVES[jwk["crv"]]
        algorithm = tlv(0x30, tlv(6, bytes.fromhex("2a8648ce3d0201")), tlv(6, bytes.fromhex(oid)))
        key = b"\x04" + unb64u(jwk["x"]) + unb64u(jwk["y"])
    return pem("PUBLIC KEY", tlv(0x30, algorithm, tlv(3, b"\0", key)))


# ---- private keys ----


def new_rsa(bits=2048):
    """(private JWK, PEM) of a fresh RSA key."""
    text = openssl("genrsa", "-traditional", str(bits))
    return rsa_jwk(openssl("rsa", "-traditional", "-outform", "DER", data=text)), text


def rsa_jwk(der):
    """The JWK of an RSAPrivateKey."""
    numbers = [c for _, c in read_all(read_tlv(der)[1])][1:]
    names = ("n", "e", "d", "p", "q", "dp", "dq", "qi")
    return {"kty": "RSA", **{k: b64u(v.lstrip(b"\0")) for k, v in zip(names, numbers)}}


def new_ec(crv="P-256"):
    """(private JWK, PEM) of a fresh EC key."""
    _, name, size = CURVES[crv]
    text = openssl("ecparam", "-name", name, "-genkey", "-noout")
    items = read_all(read_tlv(openssl("ec", "-outform", "DER", data=text))[1])
    d = items[1][1].rjust(size, b"\0")
    point = read_tlv(next(c for t, c in items if t == 0xA1))[1][2:]
    return {"kty": "EC", "crv": crv, "x": b64u(point[:size]), "y": b64u(point[size:]), "d": b64u(d)}, text


# ---- operations ----

OAEP = {"RSA-OAEP": "sha1", "RSA-OAEP-256": "sha256"}


def _padding(alg):
    if alg == "RSA1_5":
        return ["-pkeyopt", "rsa_padding_mode:pkcs1"]
    return ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", f"rsa_oaep_md:{OAEP[alg]}",
            "-pkeyopt", f"rsa_mgf1_md:{OAEP[alg]}"]


def _signing(alg):
    if alg == "RSNULL":
        return ["-pkeyopt", "rsa_padding_mode:pkcs1"]
    digest = ["-pkeyopt", "digest:" + HASHES[alg[2:5]]]
    if alg.startswith("RS"):
        return ["-pkeyopt", "rsa_padding_mode:pkcs1", *digest]
    if alg.startswith("PS"):
        return ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest", *digest]
    return []


class _Files:
    """Scratch files for one openssl call."""

    def __init__(self, **contents):
        self.contents = contents

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="sandvault-test-")
        paths = []
        for name, data in self.contents.items():
            path = Path(self.directory.name) / name
            path.write_bytes(data)
            paths.append(str(path))
        return paths

    def __exit__(self, *_):
        self.directory.cleanup()


def encrypt(jwk, alg, plain):
    with _Files(key=public_pem(jwk), data=plain) as (key, data):
        return openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", key, "-in", data, *_padding(alg))


def decrypt(private_pem, alg, cipher):
    with _Files(key=private_pem, data=cipher) as (key, data):
        return openssl("pkeyutl", "-decrypt", "-inkey", key, "-in", data, *_padding(alg))


def sign(private_pem, alg, digest):
    """Signature as the service writes it: r and s side by side for EC."""
    with _Files(key=private_pem, data=digest) as (key, data):
        made = openssl("pkeyutl", "-sign", "-inkey", key, "-in", data, *_signing(alg))
    if not alg.startswith("ES"):
        return made
    size = 66 if alg == "ES512" else 48 if alg == "ES384" else 32
    r, s = (c.lstrip(b"\0").rjust(size, b"\0") for _, c in read_all(read_tlv(made)[1]))
    return r + s


def verifies(jwk, alg, digest, signature):
    if alg.startswith("ES"):
        half = len(signature) // 2
        r, s = (int.from_bytes(signature[i : i + half], "big") for i in (0, half))
        signature = tlv(0x30, der_int(r), der_int(s))
    with _Files(key=public_pem(jwk), data=digest, signature=signature) as (key, data, sig):
        try:
            openssl("pkeyutl", "-verify", "-pubin", "-inkey", key, "-in", data, "-sigfile", sig, *_signing(alg))
        except subprocess.CalledProcessError:
            return False
        return True


def digest_for(alg, data=b"what is signed"):
    """A digest of the length that the algorithm wants."""
    if alg == "RSNULL":
        return hashlib.sha256(data).digest()
    return hashlib.new(HASHES[alg[2:5]], data).digest()


# ---- tokens made elsewhere ----


def jwt(header, claims, signer):
    """A compact JWS; signer: bytes to be signed → signature."""
    text = b64u(json.dumps(header).encode()) + "." + b64u(json.dumps(claims).encode())
    return text + "." + b64u(signer(text.encode()))


def rs256_signer(private_pem):
    return lambda data: sign(private_pem, "RS256", hashlib.sha256(data).digest())


def hs256_signer(secret):
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def random_bytes(n):
    return secrets.token_bytes(n)
