"""What runs the app: reading, snapshots, the made-up year."""
