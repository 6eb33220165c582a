// Package sdk holds the tests with the official Azure SDK for Go, unmodified and with the check of the challenge's
// resource on, against a sandbox.
package sdk

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
)

const location = "westeurope"

type identity struct{ id, clientID, objectID string }

// The sandbox that all tests share, and what is set up in it.
var (
	endpoints struct {
		Arm          string
		Login        string
		Ca           string
		Tenant       string
		Subscription string
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
		Env          map[string]string
	}
	transport          *http.Client
	vaultURL           string
	owner, cmk, nobody identity
	ctx                = context.Background()
)

func init() {
	// The sandbox ends with its parent, which to the kernel is the thread that started it.
	runtime.LockOSThread()
}

func TestMain(m *testing.M) {
	status, err := runWithSandbox(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func runWithSandbox(m *testing.M) (status int, err error) {
	bin := os.Getenv("SANDVAULT_BIN")
	if bin == "" {
		bin = filepath.Join("..", "..", "..", "build")
	}
	command := exec.Command(filepath.Join(bin, "sandvault"), "up", "--ephemeral", "--json", "--die-with-parent")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return 0, err
	}
	defer func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if e := command.Wait(); err == nil {
			err = e
		}
	}()
	if err = json.NewDecoder(out).Decode(&endpoints); err == nil {
		err = setUp()
	}
	if err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// setUp makes the transport and, by raw requests, what the tests expect: a vault, and identities with and without rights.
func setUp() error {
	ca, err := os.ReadFile(endpoints.Ca)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	dialer := &net.Dialer{}
	transport = &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		// NAME.vault.localhost is loopback by RFC 6761, but plain glibc looks it up in the DNS, where it is not.
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err == nil && strings.HasSuffix(host, ".localhost") {
				address = net.JoinHostPort("127.0.0.1", port)
			}
			return dialer.DialContext(ctx, network, address)
		},
	}}
	for _, name := range []string{"IDENTITY_ENDPOINT", "IDENTITY_HEADER"} {
		os.Setenv(name, endpoints.Env[name])
	}
	token, err := adminToken()
	if err != nil {
		return err
	}
	if err = put(token, "/resourcegroups/sdkgo", "2021-04-01", map[string]any{"location": location}, nil); err != nil {
		return err
	}
	for name, made := range map[string]*identity{"owner": &owner, "cmk": &cmk, "nobody": &nobody} {
		if *made, err = createIdentity(token, name); err != nil {
			return err
		}
	}
	return createVault(token)
}

func clientOptions() azcore.ClientOptions {
	return azcore.ClientOptions{Transport: transport}
}

// admin is the administrator by client secret. Go refuses the tenant "adfs" against a challenge that names a tenant, so
// it signs in to that tenant, and is told not to ask the public cloud about the authority first.
func admin() (*azidentity.ClientSecretCredential, error) {
	options := &azidentity.ClientSecretCredentialOptions{ClientOptions: clientOptions(), DisableInstanceDiscovery: true}
	options.Cloud = cloud.Configuration{ActiveDirectoryAuthorityHost: endpoints.Login}
	return azidentity.NewClientSecretCredential(endpoints.Tenant, endpoints.ClientID, endpoints.ClientSecret, options)
}

func adminToken() (string, error) {
	var answer struct {
		Token string `json:"access_token"`
	}
	response, err := transport.PostForm(endpoints.Login+"/"+endpoints.Tenant+"/oauth2/v2.0/token", url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {endpoints.ClientID},
		"client_secret": {endpoints.ClientSecret},
		"scope":         {"https://management.azure.com/.default"},
	})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	err = json.NewDecoder(response.Body).Decode(&answer)
	if err == nil && answer.Token == "" {
		err = fmt.Errorf("no token for the administrator: %s", response.Status)
	}
	return answer.Token, err
}

func put(token, path, version string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	address := endpoints.Arm + "/subscriptions/" + endpoints.Subscription + path + "?api-version=" + version
	request, err := http.NewRequest(http.MethodPut, address, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := transport.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err = io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated {
		err = fmt.Errorf("PUT %s: %d %s", path, response.StatusCode, text)
	}
	if err == nil && answer != nil {
		err = json.Unmarshal(text, answer)
	}
	return err
}

func createIdentity(token, name string) (identity, error) {
	var made struct {
		ID         string
		Properties struct{ ClientID, PrincipalID string }
	}
	path := "/resourceGroups/sdkgo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + name
	err := put(token, path, "2023-01-31", map[string]any{"location": location}, &made)
	return identity{made.ID, made.Properties.ClientID, made.Properties.PrincipalID}, err
}

func createVault(token string) error {
	access := func(objectID string, keys ...string) map[string]any {
		return map[string]any{"tenantId": endpoints.Tenant, "objectId": objectID, "permissions": map[string]any{"keys": keys}}
	}
	var made struct{ Properties struct{ VaultURI string } }
	err := put(token, "/resourceGroups/sdkgo/providers/Microsoft.KeyVault/vaults/sdkgo", "2022-07-01", map[string]any{
		"location": location,
		"properties": map[string]any{
			"tenantId":       endpoints.Tenant,
			"sku":            map[string]any{"family": "A", "name": "premium"},
			"accessPolicies": []any{access(owner.objectID, "all", "purge"), access(cmk.objectID, "get", "wrapKey", "unwrapKey")},
		},
	}, &made)
	vaultURL = strings.TrimSuffix(made.Properties.VaultURI, "/")
	return err
}

func managedIdentity(t *testing.T, id azidentity.ManagedIDKind) *azidentity.ManagedIdentityCredential {
	t.Helper()
	credential, err := azidentity.NewManagedIdentityCredential(
		&azidentity.ManagedIdentityCredentialOptions{ClientOptions: clientOptions(), ID: id})
	must(t, err)
	return credential
}

func keysAs(t *testing.T, credential azcore.TokenCredential) *azkeys.Client {
	t.Helper()
	client, err := azkeys.NewClient(vaultURL, credential, &azkeys.ClientOptions{ClientOptions: clientOptions()})
	must(t, err)
	return client
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, what string, got, expected T) {
	t.Helper()
	if got != expected {
		t.Fatalf("%s: got %v, expected %v", what, got, expected)
	}
}

func refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	var response *azcore.ResponseError
	if !errors.As(err, &response) {
		t.Fatalf("expected %d %s, got %v", status, code, err)
	}
	same(t, "status", response.StatusCode, status)
	same(t, "code", response.ErrorCode, code)
}

// subjectOf tells whose token the credential gets for the vaults.
func subjectOf(t *testing.T, credential azcore.TokenCredential) (claims struct{ Oid, Appid string }) {
	t.Helper()
	_, parent, _ := strings.Cut(vaultURL, ".")
	token, err := credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{"https://" + parent + "/.default"}})
	must(t, err)
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Token, ".")[1])
	must(t, err)
	must(t, json.Unmarshal(text, &claims))
	return claims
}

func TestManagedIdentity(t *testing.T) {
	key, err := keysAs(t, managedIdentity(t, azidentity.ClientID(owner.clientID))).CreateKey(ctx, "credentials",
		azkeys.CreateKeyParameters{Kty: to.Ptr(azkeys.KeyTypeRSA)}, nil)
	must(t, err)
	for name, id := range map[string]azidentity.ManagedIDKind{
		"client id":   azidentity.ClientID(cmk.clientID),
		"object id":   azidentity.ObjectID(cmk.objectID),
		"resource id": azidentity.ResourceID(cmk.id),
	} {
		t.Run(name, func(t *testing.T) {
			credential := managedIdentity(t, id)
			same(t, "oid", subjectOf(t, credential).Oid, cmk.objectID)
			client := keysAs(t, credential)
			got, err := client.GetKey(ctx, "credentials", "", nil)
			must(t, err)
			same(t, "kid", *got.Key.KID, *key.Key.KID)
			_, err = client.DeleteKey(ctx, "credentials", nil)
			refused(t, err, http.StatusForbidden, "Forbidden")
		})
	}
	t.Run("system-assigned", func(t *testing.T) {
		credential := managedIdentity(t, nil)
		if oid := subjectOf(t, credential).Oid; oid == "" || slices.Contains([]string{owner.objectID, cmk.objectID}, oid) {
			t.Fatalf("an unexpected caller: %q", oid)
		}
		_, err := keysAs(t, credential).GetKey(ctx, "credentials", "", nil)
		refused(t, err, http.StatusForbidden, "Forbidden")
	})
	t.Run("unknown", func(t *testing.T) {
		credential := managedIdentity(t, azidentity.ClientID("00000000-1111-2222-3333-444444444444"))
		_, err := credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{"https://vault.azure.net/.default"}})
		if err == nil {
			t.Fatal("a token for nobody")
		}
	})
}

func TestClientSecret(t *testing.T) {
	credential, err := admin()
	must(t, err)
	same(t, "appid", subjectOf(t, credential).Appid, endpoints.ClientID)
	// The administrator has no rights in this vault; that the vault says so shows that it took the token.
	_, err = keysAs(t, credential).GetKey(ctx, "credentials", "", nil)
	refused(t, err, http.StatusForbidden, "Forbidden")
}

func TestWrapUnwrap(t *testing.T) {
	maker := keysAs(t, managedIdentity(t, azidentity.ClientID(owner.clientID)))
	user := keysAs(t, managedIdentity(t, azidentity.ClientID(cmk.clientID)))
	dataKey := []byte("a data key of thirty-two bytes..")
	first, err := maker.CreateKey(ctx, "wrap", azkeys.CreateKeyParameters{Kty: to.Ptr(azkeys.KeyTypeRSA)}, nil)
	must(t, err)
	for _, algorithm := range []azkeys.EncryptionAlgorithm{
		azkeys.EncryptionAlgorithmRSA15, azkeys.EncryptionAlgorithmRSAOAEP, azkeys.EncryptionAlgorithmRSAOAEP256,
	} {
		wrapped, err := user.WrapKey(ctx, "wrap", "", azkeys.KeyOperationParameters{Algorithm: &algorithm, Value: dataKey}, nil)
		must(t, err)
		same(t, "kid", *wrapped.KID, *first.Key.KID)
		unwrapped, err := user.UnwrapKey(ctx, wrapped.KID.Name(), wrapped.KID.Version(),
			azkeys.KeyOperationParameters{Algorithm: &algorithm, Value: wrapped.Result}, nil)
		must(t, err)
		same(t, "data key", string(unwrapped.Result), string(dataKey))
	}

	public := &rsa.PublicKey{N: new(big.Int).SetBytes(first.Key.N), E: int(new(big.Int).SetBytes(first.Key.E).Int64())}
	sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public, dataKey, nil)
	must(t, err)
	_, err = maker.CreateKey(ctx, "wrap", azkeys.CreateKeyParameters{Kty: to.Ptr(azkeys.KeyTypeRSA)}, nil)
	must(t, err)
	parameters := azkeys.KeyOperationParameters{Algorithm: to.Ptr(azkeys.EncryptionAlgorithmRSAOAEP256), Value: sealed}
	opened, err := user.UnwrapKey(ctx, "wrap", first.Key.KID.Version(), parameters, nil)
	must(t, err)
	same(t, "data key by the old version", string(opened.Result), string(dataKey))
	_, err = user.UnwrapKey(ctx, "wrap", "", parameters, nil)
	refused(t, err, http.StatusBadRequest, "BadParameter")
	_, err = user.Decrypt(ctx, "wrap", first.Key.KID.Version(), parameters, nil)
	refused(t, err, http.StatusForbidden, "Forbidden")
}

func TestSignVerify(t *testing.T) {
	client := keysAs(t, managedIdentity(t, azidentity.ClientID(owner.clientID)))
	digest := sha256.Sum256([]byte("to be signed"))

	ec, err := client.CreateKey(ctx, "sign-ec", azkeys.CreateKeyParameters{Kty: to.Ptr(azkeys.KeyTypeECHSM)}, nil)
	must(t, err)
	signed, err := client.Sign(ctx, "sign-ec", "",
		azkeys.SignParameters{Algorithm: to.Ptr(azkeys.SignatureAlgorithmES256), Value: digest[:]}, nil)
	must(t, err)
	same(t, "length", len(signed.Result), 64)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, ec.Key.X, ec.Key.Y))
	must(t, err)
	r, s := new(big.Int).SetBytes(signed.Result[:32]), new(big.Int).SetBytes(signed.Result[32:])
	same(t, "verified here", ecdsa.Verify(public, digest[:], r, s), true)

	key, err := client.CreateKey(ctx, "sign-rsa",
		azkeys.CreateKeyParameters{Kty: to.Ptr(azkeys.KeyTypeRSA), KeySize: to.Ptr(int32(3072))}, nil)
	must(t, err)
	signed, err = client.Sign(ctx, "sign-rsa", "",
		azkeys.SignParameters{Algorithm: to.Ptr(azkeys.SignatureAlgorithmPS256), Value: digest[:]}, nil)
	must(t, err)
	modulus := &rsa.PublicKey{N: new(big.Int).SetBytes(key.Key.N), E: 65537}
	must(t, rsa.VerifyPSS(modulus, crypto.SHA256, digest[:], signed.Result, nil))
	for expected, value := range map[bool][]byte{true: digest[:], false: make([]byte, 32)} {
		verified, err := client.Verify(ctx, "sign-rsa", "", azkeys.VerifyParameters{
			Algorithm: to.Ptr(azkeys.SignatureAlgorithmPS256), Digest: value, Signature: signed.Result}, nil)
		must(t, err)
		same(t, "verified in the vault", *verified.Value, expected)
	}
}

func TestLifeOfAKey(t *testing.T) {
	client := keysAs(t, managedIdentity(t, azidentity.ClientID(owner.clientID)))
	create := azkeys.CreateKeyParameters{Kty: to.Ptr(azkeys.KeyTypeEC), Curve: to.Ptr(azkeys.CurveNameP384)}
	var versions []string
	for range 3 {
		key, err := client.CreateKey(ctx, "life", create, nil)
		must(t, err)
		versions = append(versions, key.Key.KID.Version())
	}
	slices.Sort(versions)
	var listed []string
	for pager := client.NewListKeyPropertiesVersionsPager("life", nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		must(t, err)
		for _, properties := range page.Value {
			listed = append(listed, properties.KID.Version())
		}
	}
	slices.Sort(listed)
	same(t, "versions", strings.Join(listed, " "), strings.Join(versions, " "))

	updated, err := client.UpdateKey(ctx, "life", "", azkeys.UpdateKeyParameters{Tags: map[string]*string{"a": to.Ptr("b")}}, nil)
	must(t, err)
	same(t, "tag", *updated.Tags["a"], "b")

	deleted, err := client.DeleteKey(ctx, "life", nil)
	must(t, err)
	same(t, "kid", *deleted.Key.KID, *updated.Key.KID)
	_, err = client.GetKey(ctx, "life", "", nil)
	refused(t, err, http.StatusNotFound, "KeyNotFound")
	_, err = client.CreateKey(ctx, "life", create, nil)
	refused(t, err, http.StatusConflict, "Conflict")
	_, err = client.GetDeletedKey(ctx, "life", nil)
	must(t, err)
	recovered, err := client.RecoverDeletedKey(ctx, "life", nil)
	must(t, err)
	same(t, "kid", *recovered.Key.KID, *updated.Key.KID)

	_, err = client.DeleteKey(ctx, "life", nil)
	must(t, err)
	_, err = client.PurgeDeletedKey(ctx, "life", nil)
	must(t, err)
	_, err = client.GetDeletedKey(ctx, "life", nil)
	refused(t, err, http.StatusNotFound, "KeyNotFound")
}
