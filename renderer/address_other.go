//go:build !linux

package main

func boundAddresses(uint64) {}
