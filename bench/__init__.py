"""Measurements. Each subpackage is one program that prints a table and writes what it found as JSON."""
