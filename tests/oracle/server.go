//go:build tools

package main

// Keeps the API server's own requirements in go.mod and go.sum, so that it is built from the same
// module as the oracle.
import _ "k8s.io/kubernetes/cmd/kube-apiserver"
