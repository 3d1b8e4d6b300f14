"""The tests of Banjie, laid out as the packages that they test."""
