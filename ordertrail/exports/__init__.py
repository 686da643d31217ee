"""Readers of foreign exports, one file each, shared by import, rehearsal and sample."""
