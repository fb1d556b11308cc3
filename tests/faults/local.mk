# tests/faults/
