# tests/exim/
