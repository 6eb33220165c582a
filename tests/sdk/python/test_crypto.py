"""CryptographyClient: every algorithm the SDK offers for RSA and EC, in the vault and against the SDK's own arithmetic.

Keys are made here and imported, so that both sides hold the whole key: `local` computes with the SDK alone, `remote`
has no permission to read the key and thus no way but the vault, `hybrid` is the ordinary client, which does public-key
arithmetic by itself and leaves the rest to the vault.
"""

import hashlib
import itertools

import pytest
from azure.keyvault.keys.crypto import (
    CryptographyClient, EncryptionAlgorithm, KeyWrapAlgorithm, SignatureAlgorithm)
from test_keys import ec_jwk, rsa_jwk

BITS = [2048, 3072, 4096]
PADDING_BYTES = {"RSA1_5": 11, "RSA-OAEP": 42, "RSA-OAEP-256": 66}
RSA_SIGN = ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"]
PATHS = list(itertools.permutations(["local", "remote", "hybrid"], 2))  # who does it, who undoes it
EC_SIGN = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "ES256K": "P-256K"}


def test_tables_are_complete():
    """No algorithm of the SDK is forgotten: those not named here are for symmetric keys."""
    def asymmetric(names):
        return {a.value for a in names if not a.value.startswith(("A1", "A2", "HS", "CKM_"))}

    assert asymmetric(EncryptionAlgorithm) == asymmetric(KeyWrapAlgorithm) == set(PADDING_BYTES)
    assert asymmetric(SignatureAlgorithm) == {*RSA_SIGN, *EC_SIGN}


class Clients:
    def __init__(self, client, admin, blind, name, jwk):
        self.key = client.import_key(name, jwk)
        self.local = CryptographyClient.from_jwk(jwk)
        self.public = CryptographyClient.from_jwk(self.key.key)
        self.remote = CryptographyClient(self.key.id, blind)
        self.hybrid = CryptographyClient(self.key, admin)


@pytest.fixture(scope="module")
def clients(client, admin, blind):
    made = {}

    def get(kind):
        if kind not in made:
            jwk = rsa_jwk(kind) if isinstance(kind, int) else ec_jwk(kind)
            made[kind] = Clients(client, admin, blind, f"crypto-{kind}", jwk)
        return made[kind]

    return get


def digest(algorithm, text=b"to be signed"):
    return hashlib.new("sha" + algorithm[2:5], text).digest()


@pytest.mark.parametrize("algorithm", PADDING_BYTES)
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("where, back", PATHS)
def test_encrypt_decrypt(clients, bits, algorithm, where, back):
    c = clients(bits)
    for text in (b"x", b"plaintext with \x00 in it", b"p" * (bits // 8 - PADDING_BYTES[algorithm])):
        sealed = getattr(c, where).encrypt(EncryptionAlgorithm(algorithm), text)
        assert len(sealed.ciphertext) == bits // 8
        opened = getattr(c, back).decrypt(EncryptionAlgorithm(algorithm), sealed.ciphertext)
        assert opened.plaintext == text


@pytest.mark.parametrize("algorithm", PADDING_BYTES)
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("where, back", PATHS)
def test_wrap_unwrap(clients, bits, algorithm, where, back):
    c = clients(bits)
    data_key = bytes(range(32))
    wrapped = getattr(c, where).wrap_key(KeyWrapAlgorithm(algorithm), data_key)
    assert len(wrapped.encrypted_key) == bits // 8
    assert getattr(c, back).unwrap_key(KeyWrapAlgorithm(algorithm), wrapped.encrypted_key).key == data_key


@pytest.mark.parametrize("algorithm", RSA_SIGN)
@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("where", ["local", "remote", "hybrid"])
def test_rsa_sign_verify(clients, bits, algorithm, where):
    assert_signs(clients(bits), algorithm, where, bits // 8)


@pytest.mark.parametrize("algorithm", EC_SIGN)
@pytest.mark.parametrize("where", ["local", "remote", "hybrid"])
def test_ec_sign_verify(clients, algorithm, where):
    c = clients(EC_SIGN[algorithm])
    assert_signs(c, algorithm, where, 2 * len(c.key.key.x))


def assert_signs(c, algorithm, where, length):
    algorithm = SignatureAlgorithm(algorithm)
    signature = getattr(c, where).sign(algorithm, digest(algorithm)).signature
    assert len(signature) == length
    broken = signature[:-1] + bytes([signature[-1] ^ 1])
    for verifier in (c.local, c.public, c.remote, c.hybrid):
        assert verifier.verify(algorithm, digest(algorithm), signature).is_valid
        assert not verifier.verify(algorithm, digest(algorithm, b"something else"), signature).is_valid
        assert not verifier.verify(algorithm, digest(algorithm), broken).is_valid


@pytest.mark.parametrize("hsm", [False, True], ids=["software", "hsm"])
@pytest.mark.parametrize("kind", [2048, *EC_SIGN.values()])
def test_keys_made_in_the_vault(client, blind, name, kind, hsm):
    """Sign in the vault, verify with nothing but the public part it gave out."""
    if kind == 2048:
        key, algorithm = client.create_rsa_key(name, size=kind, hardware_protected=hsm), "PS256"
    else:
        key = client.create_ec_key(name, curve=kind, hardware_protected=hsm)
        algorithm = next(a for a, crv in EC_SIGN.items() if crv == kind)
    algorithm = SignatureAlgorithm(algorithm)
    signed = CryptographyClient(key.id, blind).sign(algorithm, digest(algorithm))
    assert signed.key_id == key.id
    assert CryptographyClient.from_jwk(key.key).verify(algorithm, digest(algorithm), signed.signature).is_valid


def test_old_version_still_unwraps(client, admin, name):
    """A key's new version leaves what was wrapped with the old one readable, by the old one's identifier alone."""
    old = client.create_rsa_key(name)
    wrapped = client.get_cryptography_client(name).wrap_key(KeyWrapAlgorithm.rsa_oaep_256, b"k" * 32)
    assert wrapped.key_id == old.id
    new = client.create_rsa_key(name)
    by_id = CryptographyClient(wrapped.key_id, admin)
    unwrapped = by_id.unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key)
    assert (unwrapped.key, unwrapped.key_id) == (b"k" * 32, old.id)
    fresh = client.get_cryptography_client(name).wrap_key(KeyWrapAlgorithm.rsa_oaep_256, b"k" * 32)
    assert fresh.key_id == new.id
    versioned = client.get_cryptography_client(name, key_version=old.properties.version)
    assert versioned.unwrap_key(KeyWrapAlgorithm.rsa_oaep_256, wrapped.encrypted_key).key == b"k" * 32


def test_remote_key_id_without_version(client, blind, name):
    """A caller that may not read the key and names no version gets the latest."""
    client.create_rsa_key(name)
    client.create_rsa_key(name)
    crypto = CryptographyClient(f"{client.vault_url}/keys/{name}", blind)
    wrapped = crypto.wrap_key(KeyWrapAlgorithm.rsa_oaep, b"k" * 16)
    assert crypto.unwrap_key(KeyWrapAlgorithm.rsa_oaep, wrapped.encrypted_key).key == b"k" * 16
    latest = CryptographyClient(client.get_key(name).id, blind)
    assert latest.unwrap_key(KeyWrapAlgorithm.rsa_oaep, wrapped.encrypted_key).key == b"k" * 16


def test_private_key_interface(client, name):
    """The vault's key behind the cryptography package's own RSA interface."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    client.create_rsa_key(name)
    private = client.get_cryptography_client(name).create_rsa_private_key()
    signature = private.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
    private.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    assert private.decrypt(private.public_key().encrypt(b"text", oaep), oaep) == b"text"
