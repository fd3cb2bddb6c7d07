"""Tray, popover and windows: shows snapshots and sends requests, computes nothing of usage."""
