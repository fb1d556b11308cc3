# tests/differential/
