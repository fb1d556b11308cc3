# tests/boot/
