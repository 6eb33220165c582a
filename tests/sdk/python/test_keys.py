"""KeyClient: create, import, get, list, update."""

from datetime import datetime, timedelta, timezone

import pytest
from azure.keyvault.keys import ApiVersion, JsonWebKey, KeyClient
from cryptography.hazmat.primitives.asymmetric import ec, rsa

RSA_OPS = {"encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"}
EC_OPS = {"sign", "verify"}
CURVES = {
    "P-256": (ec.SECP256R1, 32),
    "P-384": (ec.SECP384R1, 48),
    "P-521": (ec.SECP521R1, 66),
    "P-256K": (ec.SECP256K1, 32),
}


def number(n, size=None):
    return n.to_bytes(size or (n.bit_length() + 7) // 8, "big")


def rsa_jwk(bits):
    """A key made here, as the SDK's type with all private members."""
    k = rsa.generate_private_key(65537, bits).private_numbers()
    return JsonWebKey(
        kty="RSA", key_ops=sorted(RSA_OPS), n=number(k.public_numbers.n), e=number(k.public_numbers.e), d=number(k.d),
        p=number(k.p), q=number(k.q), dp=number(k.dmp1), dq=number(k.dmq1), qi=number(k.iqmp))


def ec_jwk(crv):
    curve, size = CURVES[crv]
    k = ec.generate_private_key(curve()).private_numbers()
    return JsonWebKey(kty="EC", key_ops=["sign", "verify"], crv=crv, x=number(k.public_numbers.x, size),
                      y=number(k.public_numbers.y, size), d=number(k.private_value, size))


def assert_is_private(jwk):
    assert not any(getattr(jwk, member) for member in ("d", "p", "q", "dp", "dq", "qi"))


# One key of 4096 bits is enough: making it takes long.
@pytest.mark.parametrize("bits, hsm", [(2048, False), (3072, False), (4096, False), (2048, True), (3072, True)])
def test_create_rsa(client, name, bits, hsm):
    key = client.create_rsa_key(name, size=bits, hardware_protected=hsm)
    assert key.key_type == ("RSA-HSM" if hsm else "RSA")
    assert len(key.key.n) * 8 == bits and key.key.e == b"\x01\x00\x01"
    assert set(key.key_operations) == RSA_OPS
    assert key.id == f"{client.vault_url}/keys/{name}/{key.properties.version}"
    assert_is_private(key.key)


@pytest.mark.parametrize("hsm", [False, True], ids=["software", "hsm"])
@pytest.mark.parametrize("crv", CURVES)
def test_create_ec(client, name, crv, hsm):
    key = client.create_ec_key(name, curve=crv, hardware_protected=hsm)
    assert key.key_type == ("EC-HSM" if hsm else "EC") and key.key.crv == crv
    assert (len(key.key.x), len(key.key.y)) == (CURVES[crv][1],) * 2
    assert set(key.key_operations) == EC_OPS
    assert_is_private(key.key)


@pytest.mark.parametrize("kty, default", [("RSA", 2048), ("EC", "P-256")])
def test_create_takes_defaults(client, name, kty, default):
    key = client.create_key(name, kty)
    assert (len(key.key.n) * 8 if kty == "RSA" else key.key.crv) == default
    properties = key.properties
    assert properties.enabled and properties.not_before is None and properties.expires_on is None
    assert properties.created_on == properties.updated_on
    assert abs(properties.created_on - datetime.now(timezone.utc)) < timedelta(minutes=1)
    assert properties.recovery_level == "Recoverable+Purgeable" and properties.recoverable_days == 90
    assert properties.exportable is False and properties.managed is None and properties.tags in (None, {})


def test_create_takes_properties(client, name):
    begin, end = (datetime(year, 2, 3, 4, 5, 6, tzinfo=timezone.utc) for year in (2020, 2090))
    key = client.create_rsa_key(name, key_operations=["wrapKey", "unwrapKey"], enabled=False, not_before=begin,
                                expires_on=end, tags={"who": "tests", "größe": "2048 ✓"})
    for got in (key, client.get_key(name)):
        assert got.key_operations == ["wrapKey", "unwrapKey"]
        assert (got.properties.not_before, got.properties.expires_on) == (begin, end)
        assert got.properties.enabled is False
        assert got.properties.tags == {"who": "tests", "größe": "2048 ✓"}


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_import_rsa(client, name, bits):
    jwk = rsa_jwk(bits)
    key = client.import_key(name, jwk)
    assert (key.key.n, key.key.e) == (jwk.n, jwk.e) and set(key.key_operations) == RSA_OPS
    assert_is_private(key.key)
    assert client.get_key(name).key.n == jwk.n


@pytest.mark.parametrize("crv", CURVES)
def test_import_ec(client, name, crv):
    jwk = ec_jwk(crv)
    key = client.import_key(name, jwk, hardware_protected=True, tags={"from": "outside"})
    assert (key.key_type, key.key.crv, key.key.x, key.key.y) == ("EC-HSM", crv, jwk.x, jwk.y)
    assert key.properties.tags == {"from": "outside"}
    assert_is_private(key.key)


def test_get_latest_and_versions(client, name):
    versions = [client.create_ec_key(name) for _ in range(3)]
    assert len({key.properties.version for key in versions}) == 3
    assert client.get_key(name).id == versions[-1].id
    for key in versions:
        got = client.get_key(name, key.properties.version)
        assert (got.id, got.key.x, got.key.y) == (key.id, key.key.x, key.key.y)


def test_list_versions(client, name):
    keys = [client.create_ec_key(name, tags={"n": str(n)}) for n in range(4)]
    expected = {key.id: key.properties.tags for key in keys}
    assert {p.id: p.tags for p in client.list_properties_of_key_versions(name)} == expected
    pages = [[p.id for p in page] for page in
             client.list_properties_of_key_versions(name, max_page_size=1).by_page()]
    assert sorted(id for page in pages for id in page) == sorted(expected)
    assert all(len(page) <= 1 for page in pages)


def test_list_versions_of_unknown_key_is_empty(client, name):
    assert list(client.list_properties_of_key_versions(name)) == []


def test_list_keys_in_pages(world, admin):
    vault = KeyClient(world.new_vault("sdkpythonlist").url, admin)
    assert list(vault.list_properties_of_keys()) == []
    names = [f"key-{n:02}" for n in range(28)]  # more than a page has at most
    for key_name in names:
        vault.create_ec_key(key_name, tags={"name": key_name})
    listed = list(vault.list_properties_of_keys())
    assert [p.name for p in listed] == names
    assert all(p.tags == {"name": p.name} and p.version is None and p.enabled for p in listed)
    pages = [[p.name for p in page] for page in vault.list_properties_of_keys(max_page_size=5).by_page()]
    assert [n for page in pages for n in page] == names
    assert max(map(len, pages)) == 5


def test_update(client, name):
    old = client.create_rsa_key(name, tags={"a": "1", "b": "2"})
    new = client.create_rsa_key(name, tags={"c": "3"})
    end = datetime(2091, 1, 1, tzinfo=timezone.utc)
    changed = client.update_key_properties(name, tags={"d": "4"}, expires_on=end, key_operations=["sign"])
    assert (changed.id, changed.key.n) == (new.id, new.key.n)
    assert changed.properties.tags == {"d": "4"} and changed.properties.expires_on == end
    assert changed.key_operations == ["sign"]
    assert changed.properties.created_on == new.properties.created_on <= changed.properties.updated_on

    changed = client.update_key_properties(name, old.properties.version, enabled=False)
    assert changed.id == old.id and changed.properties.enabled is False
    assert changed.properties.tags == {"a": "1", "b": "2"} and set(changed.key_operations) == RSA_OPS
    assert client.get_key(name).properties.enabled is True


@pytest.mark.parametrize("version", list(ApiVersion), ids=lambda v: v.value)
def test_every_api_version_of_the_sdk(world, admin, name, version):
    with KeyClient(world.vault.url, admin, api_version=version) as vault:
        key = vault.create_ec_key(name, tags={"v": version.value})
        assert vault.get_key(name).id == key.id
        assert name in [p.name for p in vault.list_properties_of_keys()]
        crypto = vault.get_cryptography_client(name)
        assert crypto.verify("ES256", b"d" * 32, crypto.sign("ES256", b"d" * 32).signature).is_valid
