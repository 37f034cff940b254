"""Vectors to look at under the microscope: one file for each kind, discovered by the registry."""
