package main

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"sync"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

// certificate has the fields that templates read of sprig's own.
type certificate struct {
	Cert string
	Key  string
}

// cryptography is what sprig makes keys and certificates with, fixed: never for use anywhere.
func (o *observer) cryptography() template.FuncMap {
	return template.FuncMap{
		"genPrivateKey": func(kind string) string { return o.privateKey(kind) },
		"genCA": func(name string, days int) (certificate, error) {
			return o.signed("genCA", subject{name: name, days: days, authority: true}, nil, "")
		},
		"genCAWithKey": func(name string, days int, key string) (certificate, error) {
			return o.signed("genCAWithKey", subject{name: name, days: days, authority: true}, nil, key)
		},
		"genSelfSignedCert": func(name string, ips, hosts []any, days int) (certificate, error) {
			return o.signed("genSelfSignedCert", subject{name, ips, hosts, days, false}, nil, "")
		},
		"genSelfSignedCertWithKey": func(
			name string, ips, hosts []any, days int, key string,
		) (certificate, error) {
			return o.signed("genSelfSignedCertWithKey", subject{name, ips, hosts, days, false}, nil, key)
		},
		"genSignedCert": func(
			name string, ips, hosts []any, days int, authority certificate,
		) (certificate, error) {
			return o.signed("genSignedCert", subject{name, ips, hosts, days, false}, &authority, "")
		},
		"genSignedCertWithKey": func(
			name string, ips, hosts []any, days int, authority certificate, key string,
		) (certificate, error) {
			return o.signed("genSignedCertWithKey", subject{name, ips, hosts, days, false}, &authority, key)
		},
		"buildCustomCert": customCertificate,
		"bcrypt":          func(text string) string { return o.hashed("bcrypt", text) },
		"htpasswd": func(user, password string) string {
			return user + ":" + o.hashed("htpasswd", user, password)
		},
		"encryptAES": o.encryptAES,
	}
}

// hashed has the form of a bcrypt hash, salt included, of which no password is known.
func (o *observer) hashed(function string, arguments ...any) string {
	raw := o.stream(function, arguments...).bytes(40)
	encoding := base64.NewEncoding("./" + letters + digits).WithPadding(base64.NoPadding)
	return "$2a$10$" + encoding.EncodeToString(raw)[:53]
}

func (o *observer) encryptAES(password, text string) (string, error) {
	key := sha256.Sum256([]byte(password))
	block, err := aes.NewCipher(append([]byte(nil), key[:]...))
	if err != nil {
		return "", err
	}
	start := o.stream("encryptAES", password, text).bytes(aes.BlockSize)
	padding := aes.BlockSize - len(text)%aes.BlockSize
	padded := []byte(text)
	for range padding {
		padded = append(padded, byte(padding))
	}
	cipher.NewCBCEncrypter(block, start).CryptBlocks(padded, padded)
	return base64.StdEncoding.EncodeToString(append(start, padded...)), nil
}

func (o *observer) privateKey(kind string) string {
	switch kind {
	case "", "rsa":
		o.generate("genPrivateKey")
		return pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(fixedRSA()))
	case "ecdsa":
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), o.stream("genPrivateKey", kind).bytes(32))
		if err != nil {
			return fmt.Sprintf("failed to generate private key: %s", err)
		}
		raw, err := x509.MarshalECPrivateKey(key)
		if err != nil {
			return fmt.Sprintf("failed to generate private key: %s", err)
		}
		return pemText("EC PRIVATE KEY", raw)
	case "ed25519":
		seed := o.stream("genPrivateKey", kind).bytes(ed25519.SeedSize)
		raw, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed))
		if err != nil {
			return fmt.Sprintf("failed to generate private key: %s", err)
		}
		return pemText("PRIVATE KEY", raw)
	}
	// DSA, which nobody uses, and what sprig does not know.
	o.generate("genPrivateKey")
	return sprig.TxtFuncMap()["genPrivateKey"].(func(string) string)(kind)
}

// fixedRSA is one key for all: made from a fixed stream, since crypto/rsa heeds none. How far behind
// what the stream gives the primes are was found once: finding them takes a third of a second.
var fixedRSA = sync.OnceValue(func() *rsa.PrivateKey {
	source := newStream("the renderer's own RSA key, which protects nothing")
	first, second := candidate(source, firstPrime), candidate(source, secondPrime)
	one := big.NewInt(1)
	order := new(big.Int).Mul(new(big.Int).Sub(first, one), new(big.Int).Sub(second, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(first, second), E: 65537},
		D:         new(big.Int).ModInverse(big.NewInt(65537), order),
		Primes:    []*big.Int{first, second},
	}
	key.Precompute()
	return key
})

const (
	firstPrime  = 16
	secondPrime = 2556
)

// candidate is an odd number of 1024 bits, and `beyond` more.
func candidate(source *stream, beyond int64) *big.Int {
	raw := source.bytes(128)
	raw[0] |= 0xC0
	raw[len(raw)-1] |= 1
	return new(big.Int).Add(new(big.Int).SetBytes(raw), big.NewInt(beyond))
}

type subject struct {
	name      string
	ips       []any
	hosts     []any
	days      int
	authority bool
}

// signed makes a certificate by `issuer`, or by itself; with the key `given`, or with the fixed one.
func (o *observer) signed(
	function string, of subject, issuer *certificate, given string,
) (made certificate, err error) {
	source := o.stream(function, of)
	wanted, err := of.template(new(big.Int).SetBytes(source.bytes(15)))
	if err != nil {
		return made, err
	}
	var key crypto.Signer = fixedRSA()
	made.Key = pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(fixedRSA()))
	if given != "" {
		if key, err = parseKey(given); err != nil {
			return made, fmt.Errorf("parsing private key: %w", err)
		}
		made.Key = given
	}
	parent, signer := wanted, key
	if issuer != nil {
		if parent, signer, err = issuer.parsed(); err != nil {
			return made, err
		}
	}
	raw, err := x509.CreateCertificate(source, wanted, parent, key.Public(), signer)
	if err != nil {
		return made, fmt.Errorf("error creating certificate: %w", err)
	}
	made.Cert = pemText("CERTIFICATE", raw)
	return made, nil
}

func (s subject) template(serial *big.Int) (*x509.Certificate, error) {
	wanted := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: s.name},
		NotBefore:             fixedNow,
		NotAfter:              fixedNow.Add(24 * time.Hour * time.Duration(s.days)),
		KeyUsage:              x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
	}
	wanted.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	if s.authority {
		wanted.KeyUsage |= x509.KeyUsageCertSign
		wanted.IsCA = true
	}
	for _, one := range s.ips {
		text, ok := one.(string)
		if !ok {
			return nil, fmt.Errorf("error parsing ip: %v is not a string", one)
		}
		parsed := net.ParseIP(text)
		if parsed == nil {
			return nil, fmt.Errorf("error parsing ip: %s", text)
		}
		wanted.IPAddresses = append(wanted.IPAddresses, parsed)
	}
	for _, one := range s.hosts {
		text, ok := one.(string)
		if !ok {
			return nil, fmt.Errorf("error processing alternate dns name: %v is not a string", one)
		}
		wanted.DNSNames = append(wanted.DNSNames, text)
	}
	return wanted, nil
}

func (c certificate) parsed() (*x509.Certificate, crypto.Signer, error) {
	block, _ := pem.Decode([]byte(c.Cert))
	if block == nil {
		return nil, nil, errors.New("unable to decode certificate")
	}
	parent, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, nil, fmt.Errorf("error parsing certificate: %w", err)
	}
	key, err := parseKey(c.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("error parsing private key: %w", err)
	}
	return parent, key, nil
}

func parseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM data in input")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key cannot sign")
	}
	return signer, nil
}

func customCertificate(certText, keyText string) (certificate, error) {
	cert, err := base64.StdEncoding.DecodeString(certText)
	if err != nil {
		return certificate{}, errors.New("unable to decode base64 certificate")
	}
	key, err := base64.StdEncoding.DecodeString(keyText)
	if err != nil {
		return certificate{}, errors.New("unable to decode base64 private key")
	}
	made := certificate{string(cert), string(key)}
	if _, _, err := made.parsed(); err != nil {
		return certificate{}, err
	}
	return made, nil
}

func pemText(kind string, raw []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}))
}
